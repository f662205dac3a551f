"""Overdue work the ladder has reported to a person and that is still open: for their mail and page.

What was done since then is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.rules.routing_rules import Shows
from workflow.domain.words import Words
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.duties.ladder import DIFFICULTY, Matter, matters
from workflow.storage.names import person_names, unit_names
from workflow.storage.periods.watched import Watched
from workflow.storage.tables import cycles, difficulties, escalations, items, units


@dataclass(frozen=True, slots=True)
class LateRow:
    """Something late: what is owed (`duty` None: what the committee asked for about a difficulty, or its
    opinion), by whom, since which last day, and when it was last reported to the person."""

    cycle_id: int
    code: str
    content: str
    duty: Duty | None
    debtors: tuple[str, ...]
    last_day: date
    working_days: int
    reported_at: datetime
    difficulty: str = ""
    is_for_opinion: bool = False

    def is_new_since(self, moment: datetime | None) -> bool:
        """Whether it was reported after that moment; any is new where the moment is None."""
        return moment is None or self.reported_at > moment


def late_for(tx: Connection, person_id: int, period: Watched) -> tuple[LateRow, ...]:
    """The period's overdue work that the ladder has already reported to this person and that is still open,
    the longest overdue first; what is equally late and owed by the same, in the plan's order."""
    reported: dict[tuple[int, str, int], datetime] = {
        (row.cycle_id, row.matter, row.number): row.at
        for row in tx.execute(
            select(
                escalations.c.cycle_id,
                escalations.c.matter,
                escalations.c.number,
                func.max(escalations.c.at).label("at"),
            )
            .join(cycles, cycles.c.id == escalations.c.cycle_id)
            .where(escalations.c.person_id == person_id, cycles.c.period_id == period.id)
            .group_by(escalations.c.cycle_id, escalations.c.matter, escalations.c.number)
        )
    }
    if not reported:
        return ()
    late = [
        matter
        for matter in matters(tx, {period.id: period})
        if matter.late and (matter.cycle_id, matter.what, matter.number) in reported
    ]
    names = _Names(tx, late)
    unnamed = _unnamed_votes(tx, late)
    rows = []
    for matter in late:
        code, content = names.items[matter.cycle_id]
        rows.append(
            LateRow(
                matter.cycle_id,
                code,
                content,
                None if matter.what == DIFFICULTY else Duty(matter.what),
                names.debtors(matter, is_named=matter.cycle_id not in unnamed),
                matter.last,
                matter.late,
                reported[matter.cycle_id, matter.what, matter.number],
                names.difficulties.get(matter.number, "") if matter.what == DIFFICULTY else "",
                _is_for_opinion(matter),
            )
        )
    place = {cycle_id: at for at, cycle_id in enumerate(names.items)}
    return tuple(sorted(rows, key=lambda row: (-row.working_days, row.debtors, place[row.cycle_id])))


def _unnamed_votes(tx: Connection, late: Iterable[Matter]) -> set[int]:
    """The cycles whose members see a running count: naming those who have not voted yet would reveal to them
    how the others did."""
    votes = {matter.cycle_id for matter in late if matter.what == Duty.VOTE}
    found = load(tx, votes, is_for_writing=False) if votes else {}
    return {cycle for cycle, routed in found.items() if routed.rules.approval.shows is Shows.COUNTS}


def _is_for_opinion(matter: Matter) -> bool:
    return matter.what == DIFFICULTY and not matter.units


class _Names:
    """What the late matters are called."""

    def __init__(self, tx: Connection, late: Iterable[Matter]) -> None:
        found = list(late)
        self.items: dict[int, tuple[str, str]] = {
            row.id: (row.code, row.content)
            for row in tx.execute(
                select(cycles.c.id, items.c.code, items.c.content)
                .join(items, items.c.id == cycles.c.item_id)
                .where(cycles.c.id.in_({matter.cycle_id for matter in found}))
                .order_by(items.c.position, cycles.c.id)
            )
        }
        self.difficulties: dict[int, str] = {
            row.id: row.text or row.proposal
            for row in tx.execute(
                select(difficulties.c.id, difficulties.c.text, difficulties.c.proposal).where(
                    difficulties.c.id.in_({matter.number for matter in found if matter.what == DIFFICULTY})
                )
            )
        }
        self._units = unit_names(tx, (unit for matter in found for unit in matter.units))
        self._committees: dict[int, str] = dict(
            tx.execute(
                select(units.c.organisation_id, units.c.name)
                .where(
                    units.c.organisation_id.in_({matter.period.organisation_id for matter in found}),
                    units.c.is_committee,
                )
                .order_by(units.c.id.desc())
            ).all()
        )
        self._persons = person_names(
            tx, (one for matter in found for one in (*matter.persons, *matter.acting.values()))
        )

    def debtors(self, matter: Matter, *, is_named: bool = True) -> tuple[str, ...]:
        """Who owes it; the committee's opinion is owed by all of it, whoever is asked to write it down, and
        so is a vote of which members are not to be named."""
        if _is_for_opinion(matter) or not is_named:
            return (self._committees[matter.period.organisation_id],)
        named = {self._units[unit] for unit in matter.units}
        return tuple(sorted(named | {self._person(matter, one) for one in matter.persons}))

    def _person(self, matter: Matter, person_id: int) -> str:
        name, absent = self._persons[person_id], matter.acting.get(person_id)
        return (
            Words("%(name)s (thay %(absent)s)", name=name, absent=self._persons[absent]) if absent else name
        )
