"""What a person holds while they are in the directory, and taking it from them when they leave: links, mails
on their way, absences. What they did stays on record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.people.directory import Role
from workflow.storage.access import links
from workflow.storage.people.absences import end_all
from workflow.storage.people.rolls import voters
from workflow.storage.post import intents
from workflow.storage.tables import cycles, duties, periods, plans, roles


@dataclass(frozen=True, slots=True)
class Seat:
    """A place on the committee's roll of an open period, and the votes still owed there."""

    period: str
    votes: int


@dataclass(frozen=True, slots=True)
class OpenDuties:
    """What a person owes in open periods: units' reports and confirmations, and places on rolls."""

    by_units: int = 0
    seats: tuple[Seat, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """What was taken from those who left."""

    links: int = 0
    mails: int = 0
    absences: int = 0


def owed_by(tx: Connection, organisation_id: int, person_id: int) -> OpenDuties:
    """What the person owes now, in their own right."""
    of_units = (
        select(func.count(duties.c.id.distinct()))
        .join(roles, roles.c.unit_id == duties.c.unit_id)
        .where(roles.c.person_id == person_id, roles.c.role == Role.REPORTER.value)
    )
    votes: dict[int, int] = dict(
        tx.execute(
            select(cycles.c.period_id, func.count())
            .join(duties, duties.c.cycle_id == cycles.c.id)
            .where(duties.c.person_id == person_id, duties.c.duty == Duty.VOTE.value)
            .group_by(cycles.c.period_id)
        ).all()
    )
    opened = tx.execute(
        select(periods.c.id, periods.c.label, periods.c.committee)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(plans.c.organisation_id == organisation_id, periods.c.closed_at.is_(None))
        .order_by(periods.c.id)
    )
    return OpenDuties(
        tx.scalar(of_units) or 0,
        tuple(Seat(row.label, votes.get(row.id, 0)) for row in opened if person_id in voters(row.committee)),
    )


def release(
    tx: Connection, organisation_id: int, person_ids: Collection[int], on: date, now: datetime, by: int
) -> Released:
    """Revokes the links and sessions of those who left, ends their absences, and sends them nothing more."""
    return Released(
        links.revoke_all(tx, person_ids, now),
        intents.void_all(tx, person_ids, now),
        end_all(tx, organisation_id, person_ids, on, now, by=by),
    )


def owing_units(tx: Connection, unit_ids: Collection[int]) -> dict[int, set[int]]:
    """The open periods in which each of the units owes something now."""
    found: dict[int, set[int]] = {}
    for unit_id, period_id in tx.execute(
        select(duties.c.unit_id, cycles.c.period_id)
        .distinct()
        .join(cycles, cycles.c.id == duties.c.cycle_id)
        .join(periods, periods.c.id == cycles.c.period_id)
        .where(duties.c.unit_id.in_(unit_ids), periods.c.closed_at.is_(None))
    ):
        found.setdefault(unit_id, set()).add(period_id)
    return found
