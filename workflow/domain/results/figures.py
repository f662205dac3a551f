"""A target compared with the value reached, and how its values over several periods are aggregated.

How a target adds up follows from its kind; a rules file may say otherwise (`[figures]`). Which periods'
values are taken is `workflow.domain.results.spans`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.rules.routing_rules import Counts, FigureRule, Rates
from workflow.domain.vietnamese import number, quantity
from workflow.domain.words import Words


class Aggregation(StrEnum):
    """How the values of disjoint periods, in chronological order, are aggregated."""

    SUM = "sum"
    """Counts of what was done in each period."""
    LAST = "last"
    """Rates, stocks, ranks, and counts cumulative from the start of the year: the last period's value."""
    MEAN = "mean"
    """Rates over all periods: by weight where every period has one, else each period alike."""
    HIGHEST = "highest"
    LOWEST = "lowest"

    @property
    def label(self) -> Words:
        """The aggregation in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    Aggregation.SUM: Words("cộng các kỳ"),
    Aggregation.LAST: Words("số của kỳ cuối"),
    Aggregation.MEAN: Words("bình quân các kỳ"),
    Aggregation.HIGHEST: Words("kỳ cao nhất"),
    Aggregation.LOWEST: Words("kỳ thấp nhất"),
}
_NEARLY = Fraction(99, 100)
"""The most that a target with a strict limit is met as long as it is not reached."""


def figure_label(text: str, scope: str) -> str:
    """What a target is of, where the plan says it: `Hồ sơ giải quyết đúng hạn`; else as printed."""
    return scope[:1].upper() + scope[1:] if scope else text


@dataclass(frozen=True, slots=True)
class Figure:
    """A target and the value the approved report gives, both in `measure` (its unit of measure).

    `weight` is what the value weighs in a mean over periods or organisations. `before` is what earlier
    periods of the year add to a value that adds up: the target is the year's.
    """

    text: str
    expected: Decimal
    reached: Decimal | None = None
    measure: str = ""
    comparison: Comparison = Comparison.AT_LEAST
    aggregation: Aggregation = Aggregation.LAST
    weight: Decimal | None = None
    before: Decimal = Decimal(0)
    kind: TargetKind = TargetKind.RATE

    @property
    def so_far(self) -> Decimal | None:
        """The value compared with the target, the year's earlier periods included."""
        return None if self.reached is None else self.reached + self.before

    @property
    def is_reached(self) -> bool:
        """Whether the value meets the target; an unknown value does not."""
        found = self.so_far
        if found is None:
            return False
        match self.comparison:
            case Comparison.AT_LEAST:
                return self.expected <= found
            case Comparison.MORE_THAN:
                return self.expected < found
            case Comparison.LESS_THAN:
                return self.expected > found
            case Comparison.EXACTLY:
                return self.expected == found
            case Comparison.AT_MOST | Comparison.RANK:
                return self.expected >= found

    @property
    def share(self) -> Fraction | None:
        """The share of the target's value that was reached, as shown beside the figure (`102%`); None where
        it is unknown or meaningless, as for a rank."""
        found = self.so_far
        if found is None or self.expected <= 0 or self.comparison is Comparison.RANK:
            return None
        return Fraction(found) / Fraction(self.expected)

    @property
    def attainment(self) -> Fraction:
        """How much of the target is met, 0 to 1."""
        found = self.so_far
        if self.is_reached:
            return Fraction(1)
        # A day that was missed is missed, however near: its digits are no amount.
        if found is None or found <= 0 or self.expected <= 0 or self.kind is TargetKind.DATE:
            return Fraction(0)
        ratio = Fraction(found) / Fraction(self.expected)
        return min(ratio, 1 / ratio, self.most)

    @property
    def most(self) -> Fraction:
        """The most it is worth as long as it is not reached: "more than 48.5" at 48.5 is not worth as much as
        if it were, however early in its time."""
        return _NEARLY if self.comparison in (Comparison.MORE_THAN, Comparison.LESS_THAN) else Fraction(1)

    @property
    def grows(self) -> bool:
        """Whether the value is on its way up to the target, so that less of it may be expected earlier: not a
        limit that is kept or broken, and not a rank."""
        match self.comparison:
            case Comparison.AT_LEAST | Comparison.MORE_THAN:
                return True
            case Comparison.EXACTLY:
                return self.so_far is not None and self.so_far < self.expected
        return False

    @property
    def adds_up(self) -> bool:
        """Whether the year's value grows period by period, added up or told as the sum so far."""
        return self.aggregation is Aggregation.SUM or self.kind is TargetKind.FLOW

    @property
    def shown(self) -> str:
        """The value beside the target, in words of a report: `Tuyến phố: 2/5 tuyến`."""
        reached = "chưa rõ" if self.so_far is None else number(self.so_far)
        return f"{self.text or 'chỉ tiêu'}: {reached}/{quantity(self.expected, self.measure)}"


@lru_cache(maxsize=4096)
def aggregation_of(rule: FigureRule, code: str, measure: str, kind: TargetKind) -> Aggregation:
    """The aggregation of an item's target: the rule's for the item, else for the measure, else that of its
    kind."""
    for name in (code, measure):
        for one in Aggregation:
            if name and name in getattr(rule, one.value):
                return one
    match kind:
        case TargetKind.FLOW if rule.counts is Counts.IN_PERIOD:
            return Aggregation.SUM
        case TargetKind.RATE if rule.rates is Rates.MEAN:
            return Aggregation.MEAN
    return Aggregation.LAST


def is_total(rule: FigureRule, aggregation: Aggregation, kind: TargetKind) -> bool:
    """Whether reports count what the target is of from January on, so that its value cannot fall."""
    return rule.counts is Counts.TO_DATE and aggregation is Aggregation.LAST and kind is TargetKind.FLOW


def made_one(aggregation: Aggregation, values: Sequence[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """Aggregates (value, weight) of disjoint periods in chronological order; None where there is none."""
    if not values:
        return None
    plain = [value for value, _ in values]
    match aggregation:
        case Aggregation.SUM:
            return sum(plain, Decimal(0))
        case Aggregation.LAST:
            return plain[-1]
        case Aggregation.HIGHEST:
            return max(plain)
        case Aggregation.LOWEST:
            return min(plain)
        case Aggregation.MEAN:
            return plain[0] if len(plain) == 1 else _mean(values)


def weight_over(aggregation: Aggregation, values: Sequence[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """What the value made of (value, weight) of disjoint periods, in chronological order, weighs itself: a
    mean all that its periods weigh, any other value what the last period does. None where that is unknown."""
    weights = [weight for _, weight in values]
    if aggregation is not Aggregation.MEAN:
        return weights[-1] if weights else None
    known = [weight for weight in weights if weight is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(weights) else None


def _mean(values: Sequence[tuple[Decimal, Decimal | None]]) -> Decimal:
    """The mean to a hundred digits, so that rounding never makes it equal to a target it misses."""
    weights = [weight or Decimal(0) for _, weight in values]
    if any(weight is None for _, weight in values) or min(weights) < 0 or not any(weights):
        weights = [Decimal(1)] * len(values)
    with localcontext(prec=100):
        whole = sum((value * weight for (value, _), weight in zip(values, weights, strict=True)), Decimal(0))
        return whole / sum(weights, Decimal(0))
