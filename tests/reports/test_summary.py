"""The few lines that tell a period's result in a mail, on the terminal and to webhooks."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.reports.quarter import a_report
from workflow.i18n import said
from workflow.reports.period_reports import summary


def test_the_counts_of_a_summary_make_up_all_its_items() -> None:
    first = summary(a_report())[0]
    total, *counts = (int(one) for one in re.findall(r"\d+", first))
    assert total == sum(counts)


def test_units_that_share_the_first_place_are_told_in_one_line() -> None:
    report = a_report()
    cluster = replace(report.clusters[0], name="")
    best = replace(cluster.rows[0], rank="1", unit="Hội A", total="97,00", grade="Tốt")
    report = replace(report, clusters=(replace(cluster, rows=(best, replace(best, unit="Hội B"))),))
    last = summary(report)[-1]
    assert last == "Dẫn đầu: Hội A và Hội B, 97,00 điểm (Tốt)."
    assert said(last, "en") == "First: Hội A and Hội B, 97,00 points (Tốt)."
