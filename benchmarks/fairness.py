"""Plays the ready scoring files on a plan's quarters with plausible reports at random; prints the oddest.

Each item goes at a pace of its own from 0.7 to 1.3 of the time gone to the day its report is due; what the
pace alone says (its share of the time, 1 at most) is compared with the share of `completion` it is scored
with. Codes and numbers only.

    python -m benchmarks.fairness PLAN                 five oddest of each quarter
    python -m benchmarks.fairness PLAN --years 20 --show 10
"""

from __future__ import annotations

import argparse
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Stage
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison, PlanItem, PlanPart, Target
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.figures import Figure, aggregation_of
from workflow.domain.results.record import CycleRecord, Reported, UnitRef
from workflow.domain.rules.routing_rules import FigureRule, PeriodKind
from workflow.domain.scores.scoring import score
from workflow.domain.scores.scoring_rules import Completion, ScoringRules
from workflow.importing.reading import read_plan

READY = Path(__file__).parents[1] / "workflow" / "sample"
UNIT = UnitRef(1, "A")
LIMITS = (Comparison.AT_MOST, Comparison.LESS_THAN, Comparison.RANK)


@dataclass(frozen=True, slots=True)
class Play:
    """One item's report of one quarter: the share it was scored with, and the share its pace says."""

    rules: str
    record: CycleRecord
    scored: Fraction
    fair: Fraction

    @property
    def gap(self) -> Fraction:
        """How far the score is from what the pace says."""
        return abs(self.scored - self.fair)


def times(item: PlanItem, year: int) -> tuple[date, date | None, date]:
    """The start, the deadline, and the last day of the work."""
    start = (item.start and item.start.first) or date(year, 1, 1)
    says_when = item.deadline or item.start
    due = says_when.due if says_when else None
    return start, due, max(due or date(year, 12, 31), start)


def figure(target: Target, code: str, pace: Fraction) -> Figure:
    """The target with the value that the pace brings: of a limit or a rank one that is kept."""
    way = aggregation_of(FigureRule(), code, target.measure, target.kind)
    value = Fraction(target.value)
    match target.kind:
        case TargetKind.YES_NO:
            value *= pace >= 1
        case TargetKind.FLOW | TargetKind.RATE if target.comparison not in LIMITS:
            value *= pace
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return Figure(
        target.text, target.value, round(exact, 2), target.measure, target.comparison, way, kind=target.kind
    )


def plays(item: PlanItem, year: int, rules: ScoringRules, luck: random.Random) -> Iterator[Play]:
    """The item's quarters from its beginning until it is done."""
    start, due, last = times(item, year)
    speed = Fraction(luck.randint(70, 130), 100)
    parts: tuple[PlanItem | PlanPart, ...] = (item, *item.parts)
    calendar = Calendar()
    for place in range(1, 5):
        span = Span(PeriodKind.QUARTER, year, place)
        if start > span.last_day:
            continue
        on = date(year, 3 * place, 15)
        cut_off = calendar.limit(on, 9)
        whole = max((last - start).days, 1)
        gone = min(Fraction(max((on - start).days, 0), whole), Fraction(1))
        pace = min(gone * speed, Fraction(1))
        figures = tuple(figure(one, item.code, pace) for part in parts for one in part.targets)
        done = pace == 1 and all(one.is_reached for one in figures)
        record = CycleRecord(
            cycle_id=place, code=item.code, content="", span=span, as_of=cut_off, stage=Stage.APPROVED,
            report_due_on=on, leads=(UNIT,), start=start, due=due,
            cadence=item.start.every if item.start else None, first_submitted_on=on,
            reported=Reported.DONE if done else Reported.UNDER_WAY, done_on=on if done else None,
            progress=Decimal(int(pace * 100)), figures=figures,
        )  # fmt: skip
        for line in score([record], rules)[0].lines:
            if isinstance(line.criterion.measure, Completion) and line.maximum:
                late = due is not None and due < on
                fair = pace if late else min(speed, Fraction(1))
                yield Play(rules.version, record, Fraction(line.points) / Fraction(line.maximum), fair)
        if done:
            return


def main() -> None:
    """Plays the years and prints the oddest of each quarter."""
    asks = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asks.add_argument("plan", type=Path)
    asks.add_argument("--years", type=int, default=5)
    asks.add_argument("--show", type=int, default=5)
    asked = asks.parse_args()
    plan = read_plan(asked.plan).plan
    luck = random.Random(145)
    for name in ("scoring.toml", "scoring-agency.toml"):
        text = (READY / name).read_text(encoding="utf-8")
        rules = ScoringRules.from_dict(tomllib.loads(text, parse_float=Decimal))
        every = [
            one
            for _ in range(asked.years)
            for item in plan.items
            for one in plays(item, plan.year, rules, luck)
        ]
        for place in range(1, 5):
            own = [one for one in every if one.record.span.index == place]
            worst = {one.record.code: one for one in sorted(own, key=lambda one: one.gap)}
            mean = float(sum((one.gap for one in own), Fraction(0)) / max(len(own), 1))
            print(f"\n{name} Q{place}: {len(own)} reports, mean gap {mean:.3f}")
            for one in sorted(worst.values(), key=lambda one: -one.gap)[: asked.show]:
                of = ", ".join(
                    f"{f.kind.value} {f.comparison.value} {f.so_far}/{f.expected}" for f in one.record.figures
                )
                print(
                    f"  {one.record.code:10} scored {float(one.scored):.3f}, pace {float(one.fair):.3f}"
                    f"  {one.record.status.value} {one.record.start}..{one.record.due}  {of}"
                )


if __name__ == "__main__":
    main()
