"""A unit's score as values: its lines, its bonus and deduction, its grade and rank."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from workflow.domain.results.record import UnitRef
from workflow.domain.scores.measures import PointReason
from workflow.domain.scores.scoring_rules import Criterion


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One criterion's points (0 to `maximum`) with the reasons. `maximum` is 0 where it was left out."""

    criterion: Criterion
    points: Decimal
    maximum: Decimal
    reasons: tuple[PointReason, ...]

    @property
    def share(self) -> Fraction:
        """The points over their maximum, 0 to 1; 0 where left out."""
        return Fraction(self.points) / Fraction(self.maximum) if self.maximum else Fraction(0)


@dataclass(frozen=True, slots=True)
class ExtraLine:
    """One kind of bonus or deduction: signed points, never beyond the kind's cap, with the reasons."""

    code: str
    title: str
    points: Decimal
    reasons: tuple[PointReason, ...]


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit's score. `points` are the sum of the lines' points, `maximum` of their maxima.

    `converted` is `points` over the applicable maximum, on the scale of all criteria; `total` adds the
    `extras` to it, at least 0: what grades and ranks look at. `grade_reason` says why a grade that the points
    would have given was not. `rank` counts from 1 within `unit.cluster`, equal units share one; None and an
    empty `grade` mean not ranked, `rank_reason` says why, or what broke a tie.
    """

    unit: UnitRef
    lines: tuple[ScoreLine, ...]
    points: Decimal
    maximum: Decimal
    converted: Decimal
    total: Decimal
    extras: tuple[ExtraLine, ...] = ()
    grade: str = ""
    grade_reason: str = ""
    rank: int | None = None
    ranked: int = 0
    """How many units are ranked in the cluster."""
    rank_reason: str = ""
    missed: tuple[str, ...] = ()
    """The codes of the critical items the unit missed."""
