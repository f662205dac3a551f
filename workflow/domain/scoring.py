"""Emulation scores: each unit's points line by line with the reasons, its grade, its rank in its cluster.

Figures come from `ScoringRules` only, settings the customer confirms; how a line is measured is
`workflow.domain.measures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from workflow.domain.measures import Reason, is_counted, measured
from workflow.domain.record import CycleRecord, UnitRef, Word
from workflow.domain.scoring_rules import Criterion, LeadShare, NotApplicable, ScoringRules
from workflow.domain.vietnamese import alphabetical, number


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion's points (0 to `maximum`) with the reasons. `maximum` is 0 where it was left out."""

    criterion: Criterion
    points: Decimal
    maximum: Decimal
    reasons: tuple[Reason, ...]

    @property
    def share(self) -> Fraction:
        """The points over their maximum, 0 to 1; 0 where left out."""
        return Fraction(self.points) / Fraction(self.maximum) if self.maximum else Fraction(0)


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit's score. `points` are the sum of the lines' points, `maximum` of their maxima.

    `converted` is `points` over the applicable maximum, on the scale of all criteria: what grades and
    ranks look at. `rank` counts from 1 within `unit.cluster`, equal units share one; None and an empty
    `grade` mean not ranked, `rank_reason` says why, or what broke a tie.
    """

    unit: UnitRef
    lines: tuple[Line, ...]
    points: Decimal
    maximum: Decimal
    converted: Decimal
    grade: str = ""
    rank: int | None = None
    ranked: int = 0
    """How many units are ranked in the cluster."""
    rank_reason: str = ""


def score(records: Sequence[CycleRecord], rules: ScoringRules) -> tuple[UnitScore, ...]:
    """The score of every unit that leads or coordinates, best first within each cluster.

    Only approved and lapsed cycles count. Units that are not ranked come last.
    """
    led: dict[UnitRef, list[CycleRecord]] = {}
    asked: dict[UnitRef, list[tuple[CycleRecord, Word]]] = {}
    for record in filter(is_counted, records):
        for unit in record.leads if rules.leads is LeadShare.ALL else record.leads[:1]:
            led.setdefault(unit, []).append(record)
        for word in record.words:
            asked.setdefault(word.unit, []).append((record, word))
    clusters: dict[str, list[UnitScore]] = {}
    for unit in led | asked:
        one = _scored(unit, led.get(unit, []), asked.get(unit, []), rules)
        clusters.setdefault(unit.cluster, []).append(one)
    return tuple(
        one for cluster in sorted(clusters, key=alphabetical) for one in _ranked(clusters[cluster], rules)
    )


def _scored(
    unit: UnitRef,
    led: Sequence[CycleRecord],
    asked: Sequence[tuple[CycleRecord, Word]],
    rules: ScoringRules,
) -> UnitScore:
    lines = []
    for criterion in rules.criteria:
        finding = measured(criterion, led, asked, rules)
        lines.append(_line(criterion, finding.points, finding.reasons, rules))
    points = sum((line.points for line in lines), Decimal(0))
    maximum = sum((line.maximum for line in lines), Decimal(0))
    share = Fraction(points) / Fraction(maximum) if maximum else Fraction(0)
    converted = rules.rounded(share * Fraction(rules.maximum))
    return UnitScore(unit, tuple(lines), points, maximum, converted)


def _line(
    criterion: Criterion, points: Fraction | None, reasons: tuple[Reason, ...], rules: ScoringRules
) -> Line:
    if points is not None:
        return Line(criterion, rules.rounded(points), criterion.maximum, reasons)
    if rules.not_applicable is NotApplicable.MAXIMUM:
        said = Reason(f"Không phát sinh nội dung để đánh giá, tính điểm tối đa {number(criterion.maximum)}.")
        return Line(
            criterion, rules.rounded(Fraction(criterion.maximum)), criterion.maximum, (*reasons, said)
        )
    said = Reason("Không phát sinh nội dung để đánh giá, không tính vào điểm tối đa.")
    return Line(criterion, rules.rounded(Fraction(0)), Decimal(0), (*reasons, said))


def _ranked(scores: Sequence[UnitScore], rules: ScoringRules) -> list[UnitScore]:
    """One cluster's scores with grades and ranks: 1, 2, 2, 4 where two are equal to the last criterion."""
    fit = [one for one in scores if one.maximum and one.maximum >= rules.least_applicable]
    fit.sort(key=lambda one: (*(-value for value in _strength(one, rules)), *_name(one)))
    found: list[UnitScore] = []
    for place, one in enumerate(fit, 1):
        before = found[-1] if found else None
        is_equal = before is not None and _strength(before, rules) == _strength(one, rules)
        found.append(
            replace(
                one,
                grade=rules.grade(one.converted),
                rank=before.rank if before and is_equal else place,
                ranked=len(fit),
                rank_reason=_tie(before, one, rules) if before else "",
            )
        )
    unfit = sorted((one for one in scores if one not in fit), key=_name)
    return found + [
        replace(
            one,
            ranked=len(fit),
            rank_reason=f"Chỉ có {number(one.maximum)} điểm tối đa áp dụng trong kỳ, dưới mức "
            f"{number(rules.least_applicable)} điểm để xếp loại.",
        )
        for one in unfit
    ]


def _strength(one: UnitScore, rules: ScoringRules) -> tuple[Fraction, ...]:
    shares = {line.criterion.code: line.share for line in one.lines}
    return (Fraction(one.converted), *(shares[code] for code in rules.ties))


def _tie(before: UnitScore, one: UnitScore, rules: ScoringRules) -> str:
    if before.converted != one.converted:
        return ""
    titles = {criterion.code: criterion.title for criterion in rules.criteria}
    _, *theirs = _strength(before, rules)
    _, *own = _strength(one, rules)
    for code, better, worse in zip(rules.ties, theirs, own, strict=True):
        if better != worse:
            return f"Bằng điểm với {before.unit.name}, xếp sau vì thấp hơn ở tiêu chí “{titles[code]}”."
    return f"Bằng điểm với {before.unit.name} ở mọi tiêu chí phân hạng, đồng hạng {before.rank}."


def _name(one: UnitScore) -> tuple[object, int]:
    return alphabetical(one.unit.name), one.unit.id
