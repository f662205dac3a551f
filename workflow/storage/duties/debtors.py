"""Everyone who owes something in a period, with what and since when: for the office's list, urging, the API
and the office's mails.

What is owed on cycles, and in whose place, is `storage.duties.owed`; here the other duties of a period join
it: a word on its report, a unit's own score, a council member's ballots.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.lateness import Lateness, late_since
from workflow.domain.vietnamese import alphabetical
from workflow.storage.duties.owed import DutyHolder, OwedDuty, Places, owed_in, places_of
from workflow.storage.periods.watched import Watched, watched_period
from workflow.storage.post.office_mails import UNDELIVERED
from workflow.storage.reports.awaiting import awaited_in
from workflow.storage.results.unit_summaries import units_to_answer
from workflow.storage.scores.own_scores import units_asked
from workflow.storage.scores.sitting_lists import silent_in
from workflow.storage.tables import outbox, persons, units


@dataclass(frozen=True, slots=True)
class Debtor:
    """A person who owes something in the period: for which units and in whose place, how much of what, since
    when, and the last mail. `lateness` is that of what is owed first."""

    person_id: int
    name: str
    email: str
    title: str
    units: tuple[str, ...]
    acting_for: tuple[str, ...]
    """The absent persons in whose place they owe some of it."""
    counts: dict[Duty, int]
    lateness: Lateness
    last_mail_at: datetime | None
    failed_mails: int

    @property
    def submit(self) -> int:
        """How many items are to be reported."""
        return self.counts.get(Duty.SUBMIT, 0)

    @property
    def confirm(self) -> int:
        """How many reports wait for their word."""
        return self.counts.get(Duty.CONFIRM, 0)

    @property
    def vote(self) -> int:
        """How many reports wait for their ballot."""
        return self.counts.get(Duty.VOTE, 0)

    @property
    def answer(self) -> int:
        """How many difficulties wait for their opinion or their work."""
        return self.counts.get(Duty.ANSWER, 0)

    @property
    def approve(self) -> int:
        """Whether the period's report waits for their word."""
        return self.counts.get(Duty.APPROVE, 0)

    @property
    def assess(self) -> int:
        """How many own scores and sittings of the council wait for them."""
        return self.counts.get(Duty.ASSESS, 0)

    @property
    def total(self) -> int:
        """All that is owed."""
        return sum(self.counts.values())

    @property
    def is_late(self) -> bool:
        """Whether something owed has passed its last day."""
        return self.lateness.is_late

    @property
    def last_day(self) -> date:
        """The earliest last day of what is owed."""
        return self.lateness.last_day


@dataclass(slots=True)
class _Sum:
    """What one person owes, added up."""

    things: dict[Duty, set[tuple[int | None, int]]] = field(default_factory=dict)
    units: set[int] = field(default_factory=set)
    absent: set[int] = field(default_factory=set)
    lateness: list[Lateness] = field(default_factory=list)

    def add(self, owed: OwedDuty, holder: DutyHolder) -> None:
        # A unit that owes two words on one report, or two members one stands in for, are one item to do.
        thing = (owed.cycle_id, 0 if owed.duty in _ON_CYCLES else owed.number)
        if owed.duty is Duty.ASSESS:
            thing = (owed.unit_id, owed.number)
        self.things.setdefault(owed.duty, set()).add(thing)
        self.lateness.append(owed.lateness)
        if owed.unit_id is not None:
            self.units.add(owed.unit_id)
        if holder.acted_for:
            self.absent.add(holder.acted_for)


_ON_CYCLES = (Duty.SUBMIT, Duty.CONFIRM, Duty.VOTE)


def debtors(
    tx: Connection, period_id: int, now: datetime, cycle_ids: Collection[int] | None = None
) -> tuple[Debtor, ...]:
    """Who owes something at `now` (about these cycles), who owes the most first. A unit's duty is owed by
    each of its reporters, an absent person's by who stands in for them."""
    sums: dict[int, _Sum] = {}
    for owed in all_owed(tx, watched_period(tx, period_id, now), cycle_ids):
        for holder in owed.holders:
            sums.setdefault(holder.person_id, _Sum()).add(owed, holder)
    if not sums:
        return ()
    named = _units(tx, {unit for one in sums.values() for unit in one.units})
    people = _people(tx, {*sums, *(one for found in sums.values() for one in found.absent)})
    mails = _mails(tx, period_id)
    found = []
    for person_id, one in sums.items():
        person, (last_mail_at, failed) = people[person_id], mails.get(person_id, (None, 0))
        if not person.is_active:
            continue
        found.append(
            Debtor(
                person_id,
                person.name,
                person.email,
                person.title,
                tuple(sorted(named[unit] for unit in one.units)),
                tuple(sorted(people[absent].name for absent in one.absent)),
                {duty: len(things) for duty, things in one.things.items()},
                min(one.lateness),
                last_mail_at,
                failed,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.total, alphabetical(one.name), one.person_id)))


def all_owed(tx: Connection, period: Watched, cycle_ids: Collection[int] | None = None) -> list[OwedDuty]:
    """Everything owed in the period now; about these cycles alone, what is owed on them."""
    found = owed_in(tx, {period.id: period}, cycle_ids)
    if cycle_ids is None:
        found += _beside_the_cycles(tx, period)
    return found


def _beside_the_cycles(tx: Connection, period: Watched) -> Iterable[OwedDuty]:
    """A word on the report, the units' own scores and summaries, the council's ballots."""
    watched = {period.id: period}
    places = places_of(tx, [period])
    for one in awaited_in(tx, watched):
        for member in sorted(one.asked.silent):
            holders = places.of_member(
                member,
                period.today,
                one.asked.roll.members,
                may_substitute=period.rules.approval.substitutes,
            )
            yield _beside(period, Duty.APPROVE, one.asked.id, one.lateness, holders, member_id=member)
    for sitting_id, sitting in silent_in(tx, watched).items():
        late = late_since(sitting.until, period.calendar, period.now)
        if late.is_late:
            continue  # over; the next sweep closes it
        for member in sorted(sitting.members):
            # A council's member is stood in for by nobody.
            yield _beside(period, Duty.ASSESS, sitting_id, late, (DutyHolder(member),), member_id=member)
    yield from _own_scores(tx, period, places)
    for silent, late in units_to_answer(tx, watched).values():
        for unit_id in sorted(silent):
            holders = places.of_unit(unit_id, period.today)
            yield _beside(period, Duty.ASSESS, 0, late, holders, unit_id=unit_id)


def _own_scores(tx: Connection, period: Watched, places: Places) -> Iterable[OwedDuty]:
    for asked in units_asked(tx, {period.id: period}).values():
        for unit_id in sorted(asked.units):
            holders = places.of_unit(unit_id, period.today)
            yield _beside(period, Duty.ASSESS, 0, asked.lateness, holders, unit_id=unit_id)


def _beside(
    period: Watched,
    duty: Duty,
    number: int,
    late: Lateness,
    holders: tuple[DutyHolder, ...],
    *,
    unit_id: int | None = None,
    member_id: int | None = None,
) -> OwedDuty:
    return OwedDuty(period.id, duty, None, number, unit_id, member_id, holders, late)


def _units(tx: Connection, unit_ids: Collection[int]) -> dict[int, str]:
    return dict(tx.execute(select(units.c.id, units.c.name).where(units.c.id.in_(unit_ids))).all())


def _people(tx: Connection, person_ids: Collection[int]) -> dict[int, Row[Any]]:
    return {row.id: row for row in tx.execute(select(persons).where(persons.c.id.in_(person_ids)))}


def _mails(tx: Connection, period_id: int) -> dict[int, tuple[datetime | None, int]]:
    """When each person's last mail of the period went, and how many did not arrive."""
    found = tx.execute(
        select(
            outbox.c.person_id,
            func.max(outbox.c.sent_at).filter(outbox.c.state == "sent").label("last_mail_at"),
            func.sum(case((outbox.c.state.in_(UNDELIVERED), 1), else_=0)).label("failed"),
        )
        .where(outbox.c.period_id == period_id)
        .group_by(outbox.c.person_id)
    )
    return {row.person_id: (row.last_mail_at, row.failed or 0) for row in found}
