"""Cycles routed a second in one process, on facts in memory: the engine alone, no database.

python -m benchmarks.advance
python -m benchmarks.advance --cycles 5000 --members 15
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import advance
from workflow.domain.cycles.cycle import (
    Ballot,
    Choice,
    Confirmation,
    Facts,
    Interests,
    Paper,
    Recall,
    Roll,
    Submission,
    Verdict,
)
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    Carry,
    ConfirmationRule,
    Fallback,
    MajorityOf,
    Objection,
    Rules,
)

CALENDAR = Calendar()
DATES = Timetable(
    date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 19), date(2026, 3, 24), date(2026, 3, 27)
)
OPENED = CALENDAR.moment(DATES.opens_on, 8)
RULES = {
    "defaults": Rules(),
    "Party committee": Rules(approval=ApprovalRule(substitutes=False)),
    "every rule at once": Rules(
        confirmation=ConfirmationRule(objection=Objection.TO_COMMITTEE, carry=Carry.UNTOUCHED),
        approval=ApprovalRule(
            of=MajorityOf.PRESENT,
            quorum=Fraction(2, 3),
            casting_vote=True,
            recuse_leader=True,
            recused_in_base=False,
            fallback=Fallback.WRITTEN,
            carry_approvals=True,
        ),
    ),
}


def cycles(count: int, members: int, seed: int = 1) -> Iterator[Facts]:
    """Cycles at every stage, with up to three versions, changed words and ballots, some on paper."""
    random = Random(seed)
    roll = Roll(frozenset(range(100, 100 + members)), chair=100)
    for _ in range(count):
        units = random.sample(range(2, 30), random.randrange(1, 6))
        versions = random.choice([0, 1, 1, 1, 1, 2, 3])
        sent = [Submission(n + 1, 1, 10, OPENED + timedelta(days=5 * n + 3)) for n in range(versions)]
        words, cast = [], []
        for one in sent:
            for unit in units[: random.randrange(len(units) + 1)]:
                verdict = random.choice([*[Verdict.CONFIRM] * 8, Verdict.PARTIAL, Verdict.OBJECT])
                at = one.at + timedelta(hours=random.randrange(1, 60))
                words.append(Confirmation(one.version, unit, unit * 10, verdict, at, "Lý do"))
            if random.random() < 0.6:
                for member in sorted(roll.members)[: random.randrange(members + 1)]:
                    choice = random.choice([*[Choice.APPROVE] * 6, *Choice])
                    at = one.at + timedelta(hours=random.randrange(60, 100))
                    paper = Paper(7, 8) if random.random() < 0.1 else None
                    cast.append(Ballot(one.version, member, choice, at, "Lý do", paper=paper))
        facts = Facts(frozenset({1}), frozenset(units), roll, DATES, tuple(sent), tuple(words), tuple(cast))
        if random.random() < 0.05 and sent:
            facts = replace(facts, recalls=(Recall(sent[-1].version, 10, sent[-1].at),))
        yield replace(facts, interests=Interests(frozenset({101})))


def measure(name: str, rules: Rules, known: list[Facts], rounds: int) -> float:
    """Routes all cycles on every day of the period, several times; prints and gives the median rate."""
    days = [OPENED + timedelta(days=n) for n in range(0, 26, 5)]
    rates = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for now in days:
            for facts in known:
                advance(facts, rules, now, CALENDAR)
        rates.append(len(known) * len(days) / (time.perf_counter() - begun))
    rate = statistics.median(rates)
    print(f"{name:<20} {rate:>8.0f} cycles/s   (from {min(rates):.0f} to {max(rates):.0f})")
    return rate


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cycles", type=int, default=2000)
    parser.add_argument("--members", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    known = list(cycles(given.cycles, given.members))
    for name, rules in RULES.items():
        measure(name, rules, known, given.rounds)


if __name__ == "__main__":
    main()
