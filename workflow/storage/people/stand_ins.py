"""Who holds whose roles on a day: an absent person's go to their substitute, and come back after.

Duties name units and members, never who stands in for them, so that nothing has to be rewritten when an
absence begins or ends. Who owes which duty is `workflow.storage.duties.owed`, which asks here who is away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Select, bindparam, select

from workflow.domain.people.directory import Role
from workflow.domain.people.substitution import StandIn, holders, votes_for, works_for
from workflow.storage.tables import persons, roles, substitutions

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
    """Whose roles a person holds on a day: the persons whose units they act for, and whose votes they cast;
    themselves among them unless someone stands in for them."""

    reports_for: tuple[int, ...]
    votes_for: tuple[int, ...]


def holding(
    tx: Connection,
    person_id: int,
    on: date | None,
    *,
    roll: Collection[int] = (),
    may_substitute: bool = True,
) -> Holding:
    """Whose roles the person holds on that day; without a day, their own. `roll` and `may_substitute` say
    who votes on what they are asked for (`substitution.votes_for`)."""
    away = stand_ins(tx, on) if on else {}
    concerned = absent_and_self(person_id, away)
    return Holding(
        tuple(one for one in concerned if works_for(one, away) == person_id),
        tuple(
            one for one in concerned if votes_for(one, away, roll, may_substitute=may_substitute) == person_id
        ),
    )


def absent_and_self(person_id: int, away: Mapping[int, StandIn]) -> list[int]:
    """The person and those they stand in for: nobody else's duties can be theirs."""
    return sorted({person_id, *(absent for absent, one in away.items() if one.person_id == person_id)})


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


def receivers(
    tx: Connection,
    on: date,
    reporters: Iterable[int] = (),
    voters: Iterable[int] = (),
    *,
    roll: Collection[int] = (),
    may_substitute: bool = True,
) -> set[int]:
    """Who is to be written to on that day about what those reporters and those voters owe."""
    reporting, voting = set(reporters), set(voters)
    away = stand_ins(tx, on)
    if not away:
        return reporting | voting
    return {works_for(one, away) for one in reporting} | {
        votes_for(one, away, roll, may_substitute=may_substitute) for one in voting
    }
