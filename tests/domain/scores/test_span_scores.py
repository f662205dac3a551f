"""The points of a half-year or year evaluated from closed periods: the mean of the totals a unit was told, or
the criteria over all its reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.scores.test_scoring import READY, an_entry
from tests.reports.quarter import UNITS, a_record
from workflow.domain.cycles.cycle import Stage
from workflow.domain.periods.period import Span
from workflow.domain.results.record import CycleRecord
from workflow.domain.results.spans import once
from workflow.domain.scores.score_entries import EntryKind
from workflow.domain.scores.score_lines import ScoreLine, UnitScore
from workflow.domain.scores.scoring import score
from workflow.domain.scores.scoring_rules import ScoringRules, SpanScore
from workflow.domain.scores.scoring_schema import scoring_faults
from workflow.domain.scores.span_scores import PeriodScores, mean_scores

RULES = replace(READY, ties=("bao-cao",))


def a_score(unit: str, total: str, *, rank: int | None = 1, reporting: str = "10") -> UnitScore:
    """A unit's kept score of a period."""
    points = Decimal(total)
    criterion = next(one for one in RULES.criteria if one.code == "bao-cao")
    line = ScoreLine(criterion, Decimal(reporting), criterion.maximum, ())
    return UnitScore(
        UNITS[unit], (line,), points, Decimal(100), points, points, grade="Tốt", rank=rank, ranked=2
    )


def a_period(code: str, *scores: UnitScore, scale: str = "100") -> PeriodScores:
    """A closed period with those scores."""
    span = Span.parse(code)
    return PeriodScores(span, str(span.label), Decimal(scale), scores)


def totals(found: Sequence[UnitScore]) -> dict[str, Decimal]:
    return {one.unit.name: one.total for one in found}


def test_a_unit_can_be_told_the_mean_of_its_quarters() -> None:
    (one,) = mean_scores(
        [a_period("2026-Q2", a_score("ubnd", "95")), a_period("2026-Q1", a_score("ubnd", "92"))], (), RULES
    )
    assert one.total == Decimal("93.50")
    assert [reason.text for reason in one.lines[0].reasons] == [
        "Quý I/2026: 92 điểm (hạng 1/2, Tốt).",
        "Quý II/2026: 95 điểm (hạng 1/2, Tốt).",
        "Bình quân 02 kỳ: 93,5 điểm.",
    ]


hundredths = st.integers(0, 11_000).map(lambda n: Decimal(n) / 100)


@given(st.lists(hundredths, min_size=1, max_size=4), st.permutations(range(4)))
def test_the_total_is_the_mean_of_the_totals_in_whatever_order_they_come(
    given_: list[Decimal], order: list[int]
) -> None:
    periods = [a_period(f"2026-Q{n}", a_score("ubnd", str(total))) for n, total in enumerate(given_, 1)]
    shuffled = [periods[place] for place in order if place < len(periods)]
    (one,) = mean_scores(shuffled, (), RULES)
    assert one.total == (sum(given_) / len(given_)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert min(given_) <= one.total <= max(given_)


def test_a_quarter_stands_for_its_months_where_the_unit_was_ranked_in_it() -> None:
    months = [a_period(f"2026-M0{n}", a_score("ubnd", "60"), a_score("ca", "70", rank=2)) for n in (1, 2, 3)]
    found = mean_scores([*months, a_period("2026-Q1", a_score("ubnd", "90"))], (), RULES)
    assert totals(found) == {UNITS["ubnd"].name: Decimal(90), UNITS["ca"].name: Decimal(70)}
    assert "đã nằm trong kỳ dài hơn" in found[0].lines[0].reasons[0].text


def test_a_period_in_which_the_unit_was_not_ranked_is_named_and_not_counted_as_nothing() -> None:
    periods = [
        a_period("2026-Q1", a_score("ubnd", "0", rank=None)),
        a_period("2026-Q2", a_score("ubnd", "80")),
    ]
    (one,) = mean_scores(periods, (), RULES)
    assert one.total == Decimal(80)
    assert "không xếp hạng nên không tính" in one.lines[0].reasons[0].text


def test_a_unit_ranked_in_no_period_is_not_ranked_over_the_span() -> None:
    (one,) = mean_scores([a_period("2026-Q1", a_score("ubnd", "0", rank=None))], (), RULES)
    assert (one.rank, one.grade, one.rank_reason) == (None, "", "Không được xếp hạng trong kỳ nào.")


def test_totals_on_another_scale_are_converted() -> None:
    periods = [
        a_period("2026-Q1", a_score("ubnd", "40"), scale="50"),
        a_period("2026-Q2", a_score("ubnd", "90")),
    ]
    (one,) = mean_scores(periods, (), RULES)
    assert one.total == Decimal(85)
    assert "trên thang 50, quy đổi 80" in one.lines[0].reasons[0].text


def test_equal_means_are_ranked_by_the_mean_share_of_the_criterion_that_breaks_ties() -> None:
    periods = [
        a_period("2026-Q1", a_score("ubnd", "90", reporting="4"), a_score("ca", "80", reporting="10")),
        a_period("2026-Q2", a_score("ubnd", "80", reporting="4"), a_score("ca", "90", reporting="8")),
    ]
    first, second = mean_scores(periods, (), RULES)
    assert (first.unit.name, first.rank) == (UNITS["ca"].name, 1)
    assert (second.unit.name, second.rank) == (UNITS["ubnd"].name, 2)


def test_a_bonus_entered_for_the_span_comes_on_top_of_the_mean() -> None:
    entry = an_entry(1, "ubnd", (EntryKind.EXTRA, "thanh-tich"))
    (one,) = mean_scores([a_period("2026-Q1", a_score("ubnd", "80"))], (), RULES, [entry])
    assert one.total == one.converted + one.extras[0].points > Decimal(80)


def test_from_records_a_report_late_in_one_quarter_is_late_and_the_item_counts_once() -> None:
    def quarter(n: int, **changes: object) -> CycleRecord:
        return a_record(item_id=7, cycle_id=n, span=Span.parse(f"2026-Q{n}"), **changes)

    late, good = quarter(1, days_late=30, stage=Stage.APPROVED), quarter(2)
    (whole,) = score([late, good], RULES, (), once([late, good]))
    lines = {line.criterion.code: line for line in whole.lines}
    assert 0 < lines["bao-cao"].share < 1
    (alone,) = score([good], RULES)
    deadline = next(line for line in alone.lines if line.criterion.code == "tien-do")
    assert lines["tien-do"].points == deadline.points


def test_a_rules_file_chooses_between_the_two_and_names_no_third() -> None:
    body = {"name": "x", "version": "1", "groups": _GROUPS, "spans": {"score": "from-records"}}
    assert ScoringRules.from_dict(body).span_score is SpanScore.FROM_RECORDS
    assert ScoringRules.from_dict({**body, "spans": {}}).span_score is SpanScore.MEAN
    (fault,) = scoring_faults({**body, "spans": {"score": "median"}})
    assert "median" in str(fault.what)


_GROUPS = [
    {
        "title": "Chung",
        "criteria": [
            {
                "code": "a",
                "title": "A",
                "maximum": 10,
                "measure": "quality",
                "per_objection": 1,
                "per_return": 1,
                "per_missing": 1,
            }
        ],
    }
]
