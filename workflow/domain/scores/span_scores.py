"""The scores of an evaluated half-year or year as the mean of its periods' totals, with each period's part.

The other way, from the records of the periods, is `workflow.domain.scores.scoring`'s own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from workflow.domain.periods.period import Span
from workflow.domain.results.record import CycleRecord, UnitRef, plan_order
from workflow.domain.results.spans import outermost
from workflow.domain.scores.measures import PointReason
from workflow.domain.scores.ranking import ranked, shares_of
from workflow.domain.scores.score_entries import ScoreEntry, counted
from workflow.domain.scores.score_lines import ScoreLine, UnitScore
from workflow.domain.scores.scoring import with_extras
from workflow.domain.scores.scoring_rules import Criterion, LeadShare, PeriodMean, ScoringRules
from workflow.domain.vietnamese import alphabetical, count, number

MEAN = "spans"
"""The code of the one line of such a score."""


@dataclass(frozen=True, slots=True)
class PeriodScores:
    """The kept scores of a closed period; `scale` are all the points its rules had."""

    span: Span
    label: str
    scale: Decimal
    scores: Sequence[UnitScore]


@dataclass(frozen=True, slots=True)
class _Part:
    """A unit's score in one period."""

    of: PeriodScores
    score: UnitScore

    def total_on(self, scale: Decimal) -> Fraction:
        """The total, on the evaluated period's scale where the rules had another one."""
        total = Fraction(self.score.total)
        return (
            total
            if self.of.scale in (scale, Decimal(0))
            else total * Fraction(scale) / Fraction(self.of.scale)
        )


def mean_scores(
    periods: Sequence[PeriodScores],
    records: Sequence[CycleRecord],
    rules: ScoringRules,
    entries: Sequence[ScoreEntry] = (),
) -> tuple[UnitScore, ...]:
    """Each unit's mean of the totals of the periods in which it was ranked, each period alike; a longer one
    stands for those inside it. Bonuses and deductions entered for the evaluated period itself come on top;
    `records` are the items' of the span, for what was missed. Best first within each cluster."""
    parts: dict[int, list[_Part]] = {}
    units: dict[int, UnitRef] = {}
    for period in sorted(periods, key=lambda one: (one.span.last_day, one.span.first_day)):
        for score in period.scores:
            parts.setdefault(score.unit.id, []).append(_Part(period, score))
            units[score.unit.id] = score.unit
    about: dict[int, list[ScoreEntry]] = {}
    for entry in counted(entries, rules.council):
        about.setdefault(entry.unit.id, []).append(entry)
        units.setdefault(entry.unit.id, entry.unit)
    missed = _missed(records, rules)
    clusters: dict[str, list[UnitScore]] = {}
    shares: dict[int, Mapping[str, Fraction]] = {}
    for unit_id, unit in units.items():
        own = parts.get(unit_id, [])
        taken = _taken(own)
        line = _line(own, taken, rules)
        extras, total = with_extras(line.points, about.get(unit_id, ()), rules)
        shares[unit_id] = _mean_shares(taken)
        one = UnitScore(
            unit,
            (line,),
            line.points,
            line.maximum,
            line.points,
            total,
            extras,
            missed=missed.get(unit_id, ()),
        )
        clusters.setdefault(unit.cluster, []).append(one)
    return tuple(
        replace(one, rank_reason="Không được xếp hạng trong kỳ nào.") if not one.maximum else one
        for cluster in sorted(clusters, key=alphabetical)
        for one in ranked(clusters[cluster], rules, shares)
    )


def _taken(parts: Iterable[_Part]) -> list[_Part]:
    """The parts that count, in the order of their periods."""
    fit = [one for one in parts if one.score.rank is not None]
    days: list[tuple[date, date, _Part]] = [(one.of.span.first_day, one.of.span.last_day, one) for one in fit]
    return outermost(days)


def _line(parts: Sequence[_Part], taken: Sequence[_Part], rules: ScoringRules) -> ScoreLine:
    reasons = [_reason(one, taken, rules) for one in parts]
    points = rules.rounded(Fraction(0))
    if taken:
        totals = [one.total_on(rules.maximum) for one in taken]
        points = rules.rounded(sum(totals, Fraction(0)) / len(totals))
        reasons.append(PointReason(f"Bình quân {count(len(taken))} kỳ: {number(points, rules.places)} điểm."))
    criterion = Criterion(MEAN, "Bình quân điểm các kỳ", "", rules.maximum, PeriodMean(len(taken)))
    return ScoreLine(criterion, points, rules.maximum if taken else Decimal(0), tuple(reasons))


def _reason(one: _Part, taken: Sequence[_Part], rules: ScoringRules) -> PointReason:
    score = one.score
    text = f"{one.of.label}: {number(score.total, rules.places)} điểm"
    if score.rank is None:
        return PointReason(f"{text}, không xếp hạng nên không tính.")
    if one not in taken:
        return PointReason(f"{text}, đã nằm trong kỳ dài hơn nên không tính.")
    if one.of.scale not in (rules.maximum, Decimal(0)):
        on_scale = number(rules.rounded(one.total_on(rules.maximum)), rules.places)
        text += f" trên thang {number(one.of.scale)}, quy đổi {on_scale}"
    grade = f", {score.grade}" if score.grade else ""
    return PointReason(f"{text} (hạng {score.rank}/{score.ranked}{grade}).")


def _mean_shares(taken: Sequence[_Part]) -> dict[str, Fraction]:
    """The mean share of each criterion's points, over the periods in which it applied."""
    found: dict[str, list[Fraction]] = {}
    for one in taken:
        for code, share in shares_of(one.score).items():
            found.setdefault(code, []).append(share)
    return {code: sum(values, Fraction(0)) / len(values) for code, values in found.items()}


def _missed(records: Iterable[CycleRecord], rules: ScoringRules) -> dict[int, tuple[str, ...]]:
    """The critical items each unit missed over the span, by unit."""
    found: dict[int, dict[str, None]] = {}
    for record in sorted(records, key=plan_order):
        if rules.critical.is_missed(record):
            for unit in record.leads if rules.leads is LeadShare.ALL else record.leads[:1]:
                found.setdefault(unit.id, {})[record.code] = None
    return {unit: tuple(codes) for unit, codes in found.items()}
