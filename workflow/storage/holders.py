"""Who holds whose roles on a day: an absent person's go to their substitute, and come back after.

Duties name units and members, never who stands in for them: these questions put the two together, so that
nothing has to be rewritten when an absence begins or ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Select, and_, bindparam, or_, select

from workflow.domain.directory import Role
from workflow.domain.substitution import StandIn, holders
from workflow.storage.tables import cycles, duties, persons, roles, substitutions

_IN_FORCE = (
    select(substitutions.c.person_id, substitutions.c.substitute_id, substitutions.c.votes)
    .join(persons, persons.c.id == substitutions.c.substitute_id)
    .where(
        substitutions.c.from_on <= bindparam("on", type_=Date),
        substitutions.c.to_on >= bindparam("on", type_=Date),
        substitutions.c.revoked_at.is_(None),
        persons.c.is_active,
    )
)


def stand_ins(tx: Connection, on: date) -> dict[int, StandIn]:
    """Who holds whose roles on that day, by absent person."""
    rows = tx.execute(_IN_FORCE, {"on": on}).all()
    return holders({row.person_id: StandIn(row.substitute_id, bool(row.votes)) for row in rows})


def may_act_for(tx: Connection, person_id: int, on: date) -> dict[int, bool]:
    """The absent persons the person stands in for on that day, and whether also for their votes."""
    return {
        absent: stand_in.votes
        for absent, stand_in in stand_ins(tx, on).items()
        if stand_in.person_id == person_id
    }


@dataclass(frozen=True, slots=True)
class Holding:
    """Whose duties a person holds on a day: the persons whose units they act for, and whose votes they owe;
    themselves among them unless someone stands in for them."""

    reports_for: tuple[int, ...]
    votes_for: tuple[int, ...]

    @property
    def known(self) -> dict[str, Any]:
        """The values of the parameters in `owes` and `units_held`."""
        return {"reports_for": self.reports_for, "votes_for": self.votes_for}


def holding(tx: Connection, person_id: int, on: date | None) -> Holding:
    """Whose duties the person holds on that day; without a day, their own."""
    away = stand_ins(tx, on) if on else {}
    reports_for = {absent for absent, one in away.items() if one.person_id == person_id}
    votes_for = {absent for absent in reports_for if away[absent].votes}
    own = away.get(person_id)
    if own is None:
        reports_for.add(person_id)
    if own is None or not own.votes:
        votes_for.add(person_id)
    return Holding(tuple(sorted(reports_for)), tuple(sorted(votes_for)))


def units_held() -> Select[Any]:
    """The units a person acts for; to be run with `Holding.known`."""
    return (
        select(roles.c.unit_id)
        .join(persons, persons.c.id == roles.c.person_id)
        .where(
            roles.c.role == Role.REPORTER.value,
            roles.c.person_id.in_(bindparam("reports_for", expanding=True)),
        )
    )


def owes() -> ColumnElement[bool]:
    """Whether a row of `duties` is a person's to do; to be run with `Holding.known`."""
    return or_(
        duties.c.person_id.in_(bindparam("votes_for", expanding=True)), duties.c.unit_id.in_(units_held())
    )


def receivers(
    tx: Connection, on: date, reporters: Iterable[int] = (), voters: Iterable[int] = ()
) -> set[int]:
    """Who is to be written to on that day about what those reporters and those voters owe."""
    told, voting = set(reporters), set(voters)
    away = stand_ins(tx, on)
    if not away:
        return told | voting
    told = {away[one].person_id if one in away else one for one in told}
    return told | {away[one].person_id if one in away and away[one].votes else one for one in voting}


_DUTY_HOLDERS = (
    select(duties.c.cycle_id, duties.c.duty, duties.c.unit_id, persons.c.id.label("person_id"))
    .join(cycles, cycles.c.id == duties.c.cycle_id)
    .outerjoin(roles, and_(roles.c.unit_id == duties.c.unit_id, roles.c.role == Role.REPORTER.value))
    .join(persons, or_(persons.c.id == duties.c.person_id, persons.c.id == roles.c.person_id))
    .where(cycles.c.period_id == bindparam("period"), persons.c.is_active)
)


@dataclass(frozen=True, slots=True)
class Held:
    """A duty and who holds it: `acted_for` is the absent person whose it is, `unit_id` the unit's, if any."""

    cycle_id: int
    duty: str
    person_id: int
    unit_id: int | None = None
    acted_for: int | None = None


def duty_holders(tx: Connection, period_id: int, on: date) -> list[Held]:
    """Who owes what in the period on that day; a unit's duty is held by each of its reporters."""
    away = stand_ins(tx, on)
    found = []
    for row in tx.execute(_DUTY_HOLDERS, {"period": period_id}):
        stand_in = away.get(row.person_id)
        if stand_in and (stand_in.votes or row.unit_id is not None):
            found.append(Held(row.cycle_id, row.duty, stand_in.person_id, row.unit_id, row.person_id))
        else:
            found.append(Held(row.cycle_id, row.duty, row.person_id, row.unit_id))
    return found
