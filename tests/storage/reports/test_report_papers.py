"""What stands on an organisation's reports, and the period before them; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from tests.builders import NOW, a_plan, an_open_period, submitted
from workflow.domain.periods.period import Span
from workflow.domain.results.rollup import tally
from workflow.domain.rules.routing_rules import Rules
from workflow.reports.issuing import template_of
from workflow.reports.period_reports import heading_of, period_report
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.files import Files
from workflow.storage.opening.opening import open_period
from workflow.storage.reports.letterheads import letterhead_of, set_letterhead
from workflow.storage.results.closing import close_period
from workflow.storage.results.figures import whole_of_previous
from workflow.storage.results.records import load_records
from workflow.storage.rules import save_rules
from workflow.storage.tables import audit

LATER = NOW + timedelta(days=31)


def test_a_letterhead_stands_on_the_report_and_each_change_in_the_audit_log(store: Store) -> None:
    opened = an_open_period(store)
    with store.begin() as tx:
        set_letterhead(tx, opened.organisation_id, NOW, superior="Đảng bộ thành phố", place="Hòa Xuân Đông")
        set_letterhead(tx, opened.organisation_id, NOW, signs_as="PHÓ BÍ THƯ")
    with store.reading() as tx:
        heading = heading_of(tx, opened.period_id)
        assert (heading.superior, heading.place) == ("Đảng bộ thành phố", "Hòa Xuân Đông")
        assert (heading.signs_for, heading.signs_as) == ("T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ")
        told = tx.scalars(select(audit.c.details).where(audit.c.verb == "letterhead")).all()
        assert [one.get("signs_as") for one in told] == [None, "PHÓ BÍ THƯ"]
        assert verify(tx)[1] == []


def test_an_offices_template_is_kept_by_content_until_it_is_put_away(store: Store, tmp_path: Path) -> None:
    opened = an_open_period(store)
    files = Files(f"file://{tmp_path}/files")
    with store.begin() as tx:
        set_letterhead(tx, opened.organisation_id, NOW, template=files.put(b"docx"))
        assert template_of(tx, files, opened.organisation_id) == b"docx"
        set_letterhead(tx, opened.organisation_id, NOW, template="")
        assert template_of(tx, files, opened.organisation_id) is None
        assert letterhead_of(tx, opened.organisation_id).template == ""


def test_a_report_is_held_against_the_kept_figures_of_the_period_just_before(store: Store) -> None:
    opened = an_open_period(store, plan=a_plan(2))
    submitted(opened, opened.cycles[0])
    with store.begin() as tx:
        assert whole_of_previous(tx, opened.period_id) is None
        close_period(tx, opened.period_id, LATER, is_early=True)
        rules_id = save_rules(tx, opened.organisation_id, Rules(), {}, LATER)
        second = open_period(tx, opened.plan_id, Span.parse("2026-Q2"), rules_id, LATER)
    with store.reading() as tx:
        records = load_records(tx, opened.period_id, LATER.date())
        assert whole_of_previous(tx, second) == tally(records)
        assert period_report(tx, second, LATER).overview[-1].startswith("So với quý I/2026: ")
