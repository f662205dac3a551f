"""What a report says about an item is what its facts say: done only where its targets are, sent back by who
sent it back, due on its own day; and every sentence can be made again from the facts it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from tests.domain.results.records import any_records
from tests.reports.quarter import QUARTER, a_done_record, a_quarter, a_record
from workflow.domain.plans.plan import Comparison, Every
from workflow.domain.results.figures import Aggregation, Figure
from workflow.domain.results.record import CycleRecord, Reported, Status
from workflow.domain.results.rollup import rollup, tally
from workflow.domain.results.sentences import FactSentence
from workflow.domain.results.spans import as_one
from workflow.reports import narrative
from workflow.reports.context import start_text, status_text, total_row

CAMERAS = Figure("camera", Decimal(120), Decimal(20), "chiếc", aggregation=Aggregation.SUM)


def test_an_item_reported_done_with_its_target_missed_is_not_done_on_time() -> None:
    record = a_done_record("I.1.1", figures=(CAMERAS,), due=date(2026, 11, 30))
    assert record.status is Status.DONE_SHORT
    assert tally([record]).done == 0


def test_past_its_deadline_it_is_overdue_whatever_its_unit_calls_it() -> None:
    record = a_done_record("I.1.1", figures=(CAMERAS,))
    assert (record.due, record.status) == (date(2026, 2, 28), Status.OVERDUE)
    (line,) = narrative.shortfalls([record])
    assert "đơn vị báo hoàn thành, chỉ tiêu chưa đạt (camera: 20/120 chiếc)" in line
    assert "100%" not in line


def test_where_the_rule_takes_the_units_word_both_stand_beside_each_other() -> None:
    record = a_done_record("I.1.1", figures=(CAMERAS,), is_word_enough=True)
    assert record.status is Status.DONE_ON_TIME
    assert status_text(record) == "Hoàn thành đúng hạn theo đơn vị báo; chỉ tiêu chưa đạt"
    assert "camera: 20/120" in narrative.shortfalls([record])[0]


def test_done_late_by_the_units_word_is_not_called_done_without_the_missed_target() -> None:
    late = date(2026, 3, 10)
    record = a_done_record("I.1.1", figures=(CAMERAS,), is_word_enough=True, done_on=late)
    assert record.status is Status.DONE_LATE
    (line,) = narrative.shortfalls([record])
    assert "đơn vị báo hoàn thành, chỉ tiêu chưa đạt (camera: 20/120 chiếc), và đã quá hạn" in line


def test_more_time_for_one_item_is_not_printed_as_the_periods_last_day() -> None:
    usual, given_more = a_record("I.1.1"), a_record("I.1.2", report_due_on=date(2026, 3, 25))
    records = [usual, replace(usual, cycle_id=2, code="I.1.3"), given_more]
    (line, *_) = narrative.discipline(rollup(records), records)
    assert "Hạn báo cáo của kỳ là ngày 16/03/2026" in line


def test_what_is_done_by_the_units_word_alone_is_named_with_its_missed_target_in_its_section() -> None:
    by_word = a_done_record("I.1.1", figures=(CAMERAS,), is_word_enough=True)
    line = narrative.of_section([by_word, a_done_record("I.1.2")])
    assert "Đã hoàn thành: Nội dung I.1.2 (I.1.2)." in line
    assert "Tính hoàn thành theo đơn vị báo, chỉ tiêu chưa đạt: Nội dung I.1.1 (I.1.1)." in line


def test_reached_targets_leave_it_done() -> None:
    reached = replace(CAMERAS, reached=Decimal(90), before=Decimal(30))
    assert a_done_record("I.1.1", figures=(reached,)).status is Status.DONE_ON_TIME


def test_a_target_without_a_figure_is_not_taken_as_reached() -> None:
    record = a_done_record("I.1.1", figures=(replace(CAMERAS, reached=None),), due=date(2026, 11, 30))
    assert record.status is Status.DONE_SHORT
    assert record.contradiction == "camera: chưa rõ/120 chiếc"


def test_a_report_that_missed_its_targets_is_no_day_on_which_the_item_was_done() -> None:
    short = a_done_record("I.1.1", figures=(CAMERAS,), due=date(2026, 2, 28), done_on=date(2026, 2, 1))
    later = replace(
        short,
        span=QUARTER.following,
        as_of=date(2026, 6, 25),
        done_on=date(2026, 6, 1),
        figures=(replace(CAMERAS, reached=Decimal(100), before=Decimal(20)),),
    )
    assert as_one([short, later]).done_on == date(2026, 6, 1)


def test_in_tables_it_counts_as_under_way() -> None:
    record = a_done_record("I.1.1", figures=(CAMERAS,), due=date(2026, 11, 30))
    row = total_row("", "", 1, tally([record]))
    assert (row.done_on_time, row.under_way, row.total) == (0, 1, 1)


def test_items_of_the_next_period_are_named_with_their_own_deadlines() -> None:
    (line, *_) = narrative.next_work([a_record("I.1.1", content="Ra quân", due=date(2026, 5, 15))], QUARTER)
    assert "15/05/2026" in line
    assert "30/06/2026" not in line


@pytest.mark.parametrize(
    ("said", "start", "due", "shown"),
    [
        ("Trước 15/12", None, date(2026, 12, 14), ""),
        ("15/12/2026", date(2026, 12, 15), date(2026, 12, 15), ""),
        ("Thường xuyên", None, None, ""),
        ("Quý II", date(2026, 4, 1), date(2026, 6, 30), "Quý II"),
    ],
)
def test_a_lone_time_column_that_names_a_deadline_is_no_beginning(
    said: str, start: date | None, due: date | None, shown: str
) -> None:
    record = a_record(start_text=said, deadline_text=said, start=start, due=due)
    assert start_text(record) == shown


def _passages(records: list[CycleRecord]) -> dict[str, tuple[str, ...]]:
    found = rollup(records)
    makers: dict[str, Callable[[], Iterable[str]]] = {
        "discipline": lambda: narrative.discipline(found, records),
        "overview": lambda: narrative.overview(found, QUARTER, records),
        "shortfalls": lambda: narrative.shortfalls(records),
        "difficulties": lambda: narrative.difficulties(records),
        "next_work": lambda: narrative.next_work(records, QUARTER),
        "proposals": lambda: narrative.proposals(records),
        "section": lambda: [narrative.of_section(records)],
    }
    return {name: tuple(made()) for name, made in makers.items()}


def _made_again(records: list[CycleRecord]) -> None:
    for name, lines in _passages(records).items():
        for line in lines:
            assert isinstance(line, FactSentence), (name, line)
            named = [record for record in records if record.cycle_id in line.cycle_ids]
            assert str(line) in _passages(named)[name], (name, line)


def test_each_sentence_of_a_quarter_is_made_again_from_the_facts_it_names() -> None:
    records = [one for one in a_quarter() if one.status is not Status.WITHDRAWN]
    _made_again(records)


@given(any_records)
def test_each_sentence_is_made_again_from_the_facts_it_names(records: list[CycleRecord]) -> None:
    _made_again([one for one in records if one.status is not Status.WITHDRAWN])


def test_regular_work_reported_done_for_its_round_is_no_contradiction_in_the_report() -> None:
    record = a_done_record("I.1.1", figures=(CAMERAS,), due=None, cadence=Every.QUARTER)
    assert (record.status, record.reported) == (Status.ONGOING, Reported.DONE)
    assert narrative.shortfalls([record]) == ("Không có nội dung quá hạn hoặc thiếu báo cáo.",)


def test_a_limit_kept_is_no_missed_target() -> None:
    fires = Figure("vụ cháy", Decimal(3), Decimal(0), "vụ", Comparison.AT_MOST, Aggregation.SUM)
    assert a_done_record("I.1.1", figures=(fires,)).status is Status.DONE_ON_TIME
