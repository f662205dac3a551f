"""What a report says is refused where it cannot be, and asked about where it is odd."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.target_kinds import kind_by_measure
from workflow.domain.results.figures import Aggregation, Figure
from workflow.domain.results.plausible import (
    PROGRESS,
    AskedFigure,
    Oddity,
    OddKind,
    Told,
    cannot_be,
    explained,
    look_at,
    odd_about,
)
from workflow.domain.results.record import Reported

LEVEL, FLOW = Aggregation.LAST, Aggregation.SUM


def a_target(
    expected: str = "17",
    measure: str = "lớp",
    *,
    comparison: Comparison = Comparison.AT_LEAST,
    aggregation: Aggregation = FLOW,
    before: str = "0",
    last: str | None = None,
    is_total: bool = False,
    words: str = "",
) -> AskedFigure:
    """A target as a form asks for it."""
    figure = Figure(
        "chỉ tiêu",
        Decimal(expected),
        None,
        measure,
        comparison=comparison,
        aggregation=aggregation,
        before=Decimal(before),
        kind=kind_by_measure(measure, is_rank=comparison is Comparison.RANK),
    )
    return AskedFigure(figure, None if last is None else Decimal(last), is_total, words)


def _kinds(asked: AskedFigure, value: str, *, is_done: bool = False) -> set[OddKind]:
    return {kind for kind, _ in odd_about(asked, Decimal(value), is_done=is_done)}


@pytest.mark.parametrize(
    ("asked", "value", "told"),
    [
        (a_target(), "-3", "không thể âm"),
        (a_target("5", "tỷ đồng", words="thu ngân sách"), "-1", "không thể âm"),
        (a_target(), "2.5", "phải là số nguyên"),
        (a_target("2000", "học viên"), "27800000000", "đơn vị khác"),
        (a_target("98", "%", aggregation=LEVEL, words="98% hồ sơ đúng hạn"), "101", "không thể quá 100%"),
        (a_target("3", "", comparison=Comparison.RANK, aggregation=LEVEL), "0", "Không có thứ hạng"),
        (a_target("3", "", comparison=Comparison.RANK, aggregation=LEVEL), "2.5", "phải là số nguyên"),
    ],
)
def test_the_impossible_is_refused_with_what_is_wrong_and_the_cure(
    asked: AskedFigure, value: str, told: str
) -> None:
    error = cannot_be(asked, Decimal(value))
    assert error is not None
    assert told in error.what
    assert error.cure


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (a_target("12", "%", aggregation=LEVEL, words="tốc độ tăng trưởng 12%"), "-2"),
        (a_target("100", "%", aggregation=LEVEL, words="thu ngân sách đạt 100% dự toán"), "112"),
        (a_target("5.5", "tỷ đồng"), "2.75"),
        (a_target("120", "điểm", aggregation=LEVEL), "99.5"),
        (a_target("2", "lần/tháng", aggregation=LEVEL), "1.5"),
        (a_target("0", "vụ", comparison=Comparison.EXACTLY), "3"),
    ],
)
def test_what_can_be_is_taken(asked: AskedFigure, value: str) -> None:
    assert cannot_be(asked, Decimal(value)) is None


@pytest.mark.parametrize(
    ("asked", "value", "kind"),
    [
        (a_target(aggregation=LEVEL, last="10", is_total=True), "9", OddKind.TOTAL_FELL),
        (a_target(aggregation=LEVEL, last="10"), "3", OddKind.FAR_FROM_LAST),
        (a_target(aggregation=LEVEL, last="10"), "31", OddKind.FAR_FROM_LAST),
        (a_target("500", "hồ sơ", last="10"), "101", OddKind.FAR_FROM_LAST),
        (a_target(), "52", OddKind.FAR_ABOVE_PLAN),
        (a_target(before="10", last="10"), "42", OddKind.FAR_ABOVE_PLAN),
        (a_target("27800", "triệu đồng"), "27.8", OddKind.FAR_BELOW_PLAN),
        (a_target("90", "%", aggregation=LEVEL, words="mức bao phủ"), "101", OddKind.OVER_100),
    ],
)
def test_the_odd_asks_for_a_reason(asked: AskedFigure, value: str, kind: OddKind) -> None:
    assert cannot_be(asked, Decimal(value)) is None
    assert _kinds(asked, value) == {kind}


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (a_target(aggregation=LEVEL, last="10", is_total=True), "10"),
        (a_target(aggregation=LEVEL, last="10"), "9"),
        (a_target("500", "hồ sơ", last="200"), "5"),
        (a_target(before="10", last="10"), "7"),
        (a_target("5", "vụ", comparison=Comparison.AT_MOST), "0"),
        (a_target("3", "", comparison=Comparison.RANK, aggregation=LEVEL, last="2"), "12"),
    ],
)
def test_what_is_ordinary_asks_for_nothing(asked: AskedFigure, value: str) -> None:
    assert not _kinds(asked, value)


def test_done_beside_a_target_at_17_percent_says_so_and_the_year_so_far_counts() -> None:
    cameras = a_target("120", "camera")
    ((kind, words),) = odd_about(cameras, Decimal(20), is_done=True)
    assert kind is OddKind.DONE_AND_MISSED
    assert "16,7%" in words
    assert "20 camera trên kế hoạch 120 camera" in words
    assert not _kinds(a_target("120", "camera", before="100"), "20", is_done=True)


@pytest.mark.parametrize(
    "told", [Told(100), Told(60, Reported.DONE), Told(100, Reported.DONE, values={}, has_evidence=False)]
)
def test_done_without_evidence_is_asked_about_once(told: Told) -> None:
    assert [one.kind for one in look_at({}, None, told).odd] == [OddKind.NO_EVIDENCE]
    assert not look_at({}, None, replace(told, has_evidence=True)).odd


def test_progress_below_last_periods_is_asked_about() -> None:
    assert [one.kind for one in look_at({}, 60, Told(40)).odd] == [OddKind.PROGRESS_FELL]
    assert not look_at({}, 60, Told(60)).odd


def test_a_reason_is_for_all_that_is_odd_at_its_place_and_must_say_something() -> None:
    odd = look_at({}, 100, Told(60, Reported.DONE)).odd
    assert len(odd) == 2
    assert all(one.reason == "Chờ ký." for one in explained(odd, {PROGRESS: "Chờ ký."}))
    assert not any(one.reason for one in explained(odd, {PROGRESS: " - . "}))


def test_what_was_asked_is_read_back_from_the_record_as_it_was_said() -> None:
    odd = explained(look_at({7: a_target("120", "camera")}, 80, Told(100, values={7: Decimal(20)})).odd, {})
    assert odd
    assert tuple(Oddity.from_json(one.as_json()) for one in odd) == odd


values = st.decimals(min_value=-10_000, max_value=10**9, places=2)
expecteds = st.decimals(min_value=-100, max_value=10**7, places=2)
targets = st.builds(
    lambda expected, measure, comparison, aggregation, before, last, is_total, words: AskedFigure(
        Figure(
            "chỉ tiêu",
            expected,
            None,
            measure,
            comparison=comparison,
            aggregation=aggregation,
            before=before if aggregation is FLOW else Decimal(0),
            kind=kind_by_measure(measure, is_rank=comparison is Comparison.RANK),
        ),
        last,
        is_total and aggregation is LEVEL,
        words,
    ),
    expected=expecteds,
    measure=st.sampled_from(["lớp", "học viên", "%", "tỷ đồng", "triệu đồng", "km", "lần/năm", "điểm", ""]),
    comparison=st.sampled_from(Comparison),
    aggregation=st.sampled_from([FLOW, LEVEL]),
    before=st.decimals(min_value=0, max_value=10**6, places=2),
    last=st.none() | st.decimals(min_value=0, max_value=10**7, places=2),
    is_total=st.booleans(),
    words=st.sampled_from(["", "tỷ lệ hồ sơ đúng hạn", "tốc độ tăng", "98% hộ", "so với dự toán"]),
)


@given(targets)
def test_what_the_plan_itself_expects_is_never_refused(asked: AskedFigure) -> None:
    assert cannot_be(asked, asked.figure.expected) is None


@given(targets)
def test_the_plans_value_is_never_odd_for_being_far_from_the_plan(asked: AskedFigure) -> None:
    alone = replace(asked, figure=replace(asked.figure, before=Decimal(0)), last=None)
    assert not odd_about(alone, alone.figure.expected, is_done=False)


@given(targets, values, st.decimals(min_value=1, max_value=1000, places=0))
def test_more_of_a_figure_that_is_too_large_is_too_large(
    asked: AskedFigure, value: Decimal, times: Decimal
) -> None:
    plan = asked.figure.expected
    if value <= max(plan, Decimal(1)):
        return
    larger = value * times

    def severity(one: Decimal) -> int:
        error = cannot_be(asked, one)
        is_size = error is not None and ("đơn vị khác" in error.what or "100%" in error.what)
        kinds = {kind for kind, _ in odd_about(asked, one, is_done=False)}
        return 2 if is_size else int(bool(kinds & {OddKind.FAR_ABOVE_PLAN, OddKind.OVER_100}))

    whole = value == value.to_integral_value()
    if whole or cannot_be(asked, larger) is None:
        assert severity(value) <= severity(larger)


@given(
    st.dictionaries(st.integers(1, 9), st.tuples(targets, values), max_size=5),
    st.none() | st.integers(0, 100),
    st.integers(0, 100),
    st.randoms(),
)
def test_the_order_in_which_targets_are_looked_at_changes_nothing(
    asked: dict[int, tuple[AskedFigure, Decimal]], last: int | None, progress: int, dice: object
) -> None:
    told = Told(progress, values={target: value for target, (_, value) in asked.items()})
    mixed = list(asked)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    one = look_at({target: asked[target][0] for target in asked}, last, told)
    other = look_at({target: asked[target][0] for target in mixed}, last, told)
    assert {place: error.told for place, error in one.impossible.items()} == {
        place: error.told for place, error in other.impossible.items()
    }
    assert sorted(one.odd, key=repr) == sorted(other.odd, key=repr)


@given(targets, values)
def test_a_value_is_either_refused_or_asked_about_never_both(asked: AskedFigure, value: Decimal) -> None:
    found = look_at({1: asked}, None, Told(40, values={1: value}))
    assert not (found.impossible and found.odd)


@given(targets, values)
def test_a_reason_lets_everything_pass_that_is_not_impossible(asked: AskedFigure, value: Decimal) -> None:
    odd = look_at({1: asked}, 50, Told(100, values={1: value})).odd
    reasons = {one.place: "Đã đối chiếu." for one in odd}
    assert all(one.reason for one in explained(odd, reasons))
