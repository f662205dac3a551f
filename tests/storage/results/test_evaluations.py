"""A half-year evaluated from two closed quarters, on both databases: nobody is asked about an item again, its
figures and points are those of the quarters, and it says when those have changed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.reports.two_quarters import (
    ENDED,
    REPORT_DAY,
    TwoQuarters,
    a_half_played,
    close,
    first_quarter_changes,
)
from workflow.domain.errors import Conflict, TiendoError
from workflow.domain.periods.days_off import DayChange, DayKind
from workflow.domain.periods.period import Span
from workflow.domain.results.comparing import Grouping
from workflow.storage import Store
from workflow.storage.canonical import plain
from workflow.storage.opening.opening import open_period
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.results.closing import close_period, evaluate_again
from workflow.storage.results.comparing import compare
from workflow.storage.results.evaluations import NewEvaluation, changed_since, evaluate
from workflow.storage.results.figures import figures
from workflow.storage.results.kept_rows import differences
from workflow.storage.results.lock_checks import check_lock
from workflow.storage.results.unit_summaries import answer, summaries_asked, summaries_of
from workflow.storage.sweeps.days_off import change_days
from workflow.storage.sweeps.schedule_keeping import close_and_announce, keep_schedule
from workflow.storage.tables import cycles, duties, kept_records, outbox, periods

HALF = Span.parse("2026-H1")


def a_half(found: TwoQuarters, **wanted: Any) -> int:
    with found.store.begin() as tx:
        new = NewEvaluation(REPORT_DAY, **wanted)
        return evaluate(tx, found.first.plan_id, HALF, new, ENDED)


def a_closed_half(found: TwoQuarters, **wanted: Any) -> int:
    half = a_half(found, **wanted)
    with found.store.begin() as tx:
        close_and_announce(tx, half, ENDED)
    return half


def kept(found: TwoQuarters, period_id: int, kind: str) -> Any:
    with found.store.reading() as tx:
        return figures(tx, period_id, kind, ENDED).body


def count(store: Store, table: Any) -> int:
    with store.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def test_evaluating_asks_nobody_about_an_item_and_mails_nobody(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path)
    before = [count(store, table) for table in (cycles, duties, outbox, kept_records)]
    a_closed_half(found)
    assert [count(store, table) for table in (cycles, duties, outbox, kept_records)] == before


def test_items_figures_and_points_are_recounted_by_hand_from_the_quarters(
    store: Store, tmp_path: Path
) -> None:
    """By the words of docs/rollups.md and docs/scoring.md, with code that shares none of the product's."""
    found = a_half_played(store, tmp_path)
    half = a_closed_half(found)
    quarters = [kept(found, one.period_id, "records") for one in (found.first, found.second)]
    records = kept(found, half, "records")
    assert [one["item_id"] for one in records] == [one["item_id"] for one in quarters[0]]
    for place, one in enumerate(records):
        first, second = quarters[0][place], quarters[1][place]
        assert second["stage"] == "approved", "the later approved report decides"
        assert (one["stage"], one["reported"], one["text"]) == (
            second["stage"],
            second["reported"],
            second["text"],
        )
        days = [report["done_on"] for report in (first, second) if report["done_on"]]
        assert one["done_on"] == min(days, default=None)
        for figure, early, late in zip(one["figures"], first["figures"], second["figures"], strict=True):
            if figure["measure"] == "%":
                assert figure["reached"] == late["reached"]
            else:
                reached = Decimal(early["reached"]) + Decimal(late["reached"])
                assert Decimal(figure["reached"]) == reached
                assert Decimal(figure["before"]) == 0
    assert records[0]["status"] == "done-on-time"
    points: dict[str, list[Decimal]] = {}
    for one in (found.first, found.second):
        for score in kept(found, one.period_id, "scores"):
            if score["rank"] is not None:
                points.setdefault(score["unit"]["name"], []).append(Decimal(score["total"]))
    means = {
        unit: (sum(totals) / len(totals)).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        for unit, totals in points.items()
    }
    scores = kept(found, half, "scores")
    assert len(means) == 2
    assert {one["unit"]["name"]: Decimal(one["total"]) for one in scores if one["rank"]} == means
    ranked = sorted(means, key=lambda unit: -means[unit])
    assert [one["unit"]["name"] for one in scores if one["rank"]] == ranked


def test_each_point_says_from_which_quarter_it_came(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path)
    half = a_closed_half(found)
    (ubnd,) = [one for one in kept(found, half, "scores") if one["unit"]["name"] == "UBND phường"]
    (line,) = ubnd["lines"]
    said = [reason["text"] for reason in line["reasons"]]
    assert said[0].startswith("Quý I/2026: ")
    assert said[1].startswith("Quý II/2026: ")
    assert said[2].startswith("Bình quân 02 kỳ: ")


def test_the_half_years_figures_are_those_of_the_rollup_page(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path)
    with store.reading() as tx:
        before = compare(tx, found.first.organisation_id, HALF, Grouping.UNIT, ENDED)
    half = a_closed_half(found)
    with store.reading() as tx:
        after = compare(tx, found.first.organisation_id, HALF, Grouping.UNIT, ENDED)
        assert differences(tx) == (2, [])
    assert before is not None
    assert after is not None
    assert after.now.rollup == before.now.rollup
    assert kept(found, half, "rollup") == plain(before.now.rollup.items)


def test_a_missing_quarter_is_refused_by_name_and_said_where_the_office_insists(
    store: Store, tmp_path: Path
) -> None:
    found = a_half_played(store, tmp_path, with_second=False)
    with pytest.raises(Conflict) as refused:
        a_half(found)
    assert "Quý II/2026 (đang mở, chưa khóa)" in str(refused.value.where)
    half = a_half(found, because="Hướng dẫn yêu cầu báo cáo sớm")
    with store.reading() as tx:
        made = period_of(tx, half).evaluation
    assert made is not None
    assert [one.code for one in made.sources] == ["2026-Q1"]
    assert [one.code for one in made.lacking] == ["2026-Q2"]


def test_a_quarter_closed_before_the_half_year_is_closed_is_counted(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path, with_second=False)
    half = a_half(found, because="Báo cáo sớm")
    close(found.second, ENDED)
    with store.begin() as tx:
        close_period(tx, half, ENDED)
        made = period_of(tx, half).evaluation
    assert made is not None
    assert [one.code for one in made.sources] == ["2026-Q1", "2026-Q2"]
    assert made.lacking == ()


def test_nothing_closed_is_nothing_to_evaluate(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path)
    with pytest.raises(Conflict, match="chưa có kỳ nào đã khóa"), store.begin() as tx:
        evaluate(tx, found.first.plan_id, Span.parse("2026-H2"), NewEvaluation(date(2026, 12, 1)), ENDED)


@pytest.mark.parametrize(
    "wanted",
    [
        NewEvaluation(date(2026, 6, 30)),
        NewEvaluation(REPORT_DAY, "Đánh giá?"),
        NewEvaluation(REPORT_DAY, "Đánh giá?", date(2026, 7, 6)),
    ],
    ids=["a report day that has passed", "no day to answer by", "answers after the report"],
)
def test_days_that_cannot_be_are_refused(sqlite_store: Store, tmp_path: Path, wanted: NewEvaluation) -> None:
    found = a_half_played(sqlite_store, tmp_path)
    with pytest.raises(TiendoError), sqlite_store.begin() as tx:
        evaluate(tx, found.first.plan_id, HALF, wanted, ENDED)


def test_an_evaluated_half_year_is_opened_for_reports_by_nobody(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path)
    half = a_half(found)
    with store.reading() as tx:
        rules_id = tx.scalar(select(periods.c.rules_id).where(periods.c.id == half))
    with pytest.raises(Conflict, match="đã được đánh giá"), store.begin() as tx:
        open_period(tx, found.first.plan_id, HALF, rules_id or 0, ENDED)
    with store.begin() as tx:
        keep_schedule(tx, found.first.plan_id, ENDED + timedelta(days=30))
    assert count(store, cycles) == 6


def test_the_lock_holds_and_the_year_is_not_made_of_the_half(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path)
    half = a_closed_half(found)
    with store.reading() as tx:
        assert check_lock(tx, found.files, half).faults == ()
        assert check_facts(tx)[1] == []
    with store.begin() as tx:
        new = NewEvaluation(date(2026, 12, 5), because="Thử")
        year = evaluate(tx, found.first.plan_id, Span.parse("2026"), new, ENDED)
        made = period_of(tx, year).evaluation
    assert made is not None
    assert [one.code for one in made.sources] == ["2026-Q1", "2026-Q2"]


def test_a_corrected_quarter_is_said_and_counted_only_when_the_office_does(
    store: Store, tmp_path: Path
) -> None:
    found = a_half_played(store, tmp_path)
    half = a_closed_half(found)
    later = ENDED + timedelta(days=2)
    before = kept(found, half, "scores")
    first_quarter_changes(found, later)
    with store.reading() as tx:
        (change,) = changed_since(tx, period_of(tx, half), later)
        assert (change.label, change.counted, change.version) == ("Quý I/2026", 1, 2)
    assert kept(found, half, "scores") == before
    with store.begin() as tx:
        assert evaluate_again(tx, half, later) == 2
        assert changed_since(tx, period_of(tx, half), later) == ()
        assert check_lock(tx, found.files, half).faults == ()
    assert kept(found, half, "scores") != before


def test_a_units_answer_is_a_fact_the_last_one_counts_and_silence_is_nothing(
    store: Store, tmp_path: Path
) -> None:
    found = a_half_played(store, tmp_path)
    without = kept(found, a_closed_half(found), "scores")
    with store.begin() as tx:
        wanted = NewEvaluation(date(2026, 12, 5), "Tự đánh giá cả năm?", date(2026, 7, 3), "Thử")
        year = evaluate(tx, found.first.plan_id, Span.parse("2026"), wanted, ENDED)
    ubnd = found.first.units["ubnd"]
    for text in ("Hoàn thành tốt.", "Hoàn thành rất tốt."):
        with store.begin() as tx:
            answer(tx, found.first.person("ubnd"), year, ubnd, text, ENDED)
    with pytest.raises(Conflict, match="1 đơn vị còn trong hạn"), store.begin() as tx:
        close_period(tx, year, ENDED)
    with store.begin() as tx:
        close_period(tx, year, ENDED + timedelta(days=4))
        assert [(one.unit, one.text) for one in summaries_of(tx, year)] == [
            ("UBND phường", "Hoàn thành rất tốt.")
        ]
        assert check_lock(tx, found.files, year).faults == ()
        assert check_facts(tx)[1] == []
    assert [one["total"] for one in kept(found, year, "scores")] == [one["total"] for one in without]
    with pytest.raises(Conflict), store.begin() as tx:
        answer(tx, found.first.person("mttq"), year, found.first.units["mttq"], "Muộn", ENDED)


def test_the_last_day_for_answers_moves_off_a_day_off_entered_later(store: Store, tmp_path: Path) -> None:
    found = a_half_played(store, tmp_path)
    half = a_half(found, question="Tự đánh giá?", answer_by=date(2026, 7, 2))
    with store.begin() as tx:
        storm = [DayChange(date(2026, 7, 2), DayKind.OFF, "Bão")]
        change_days(tx, found.first.organisation_id, storm, ENDED)
        until = summaries_asked(tx, found.first.person("ubnd"), watched_period(tx, half, ENDED))[0].until
    assert until == date(2026, 7, 3)
