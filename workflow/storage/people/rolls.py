"""The rolls of the voting bodies, taken when a period opens and kept with it as JSON: each body's members and
chair apart, and which body decides on what. Nothing else reads that JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Roll
from workflow.domain.errors import TiendoError
from workflow.domain.people.bodies import VotedMatter, VotingBody, voting_bodies
from workflow.domain.people.directory import BodyKind, Role
from workflow.domain.rules.layers import committees_named
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.words import Words
from workflow.storage.tables import persons, roles, units

Kept = Mapping[str, Any]
"""A period's `committee`: `bodies` (name, members and chair by the unit's id) and `decide` (the body of each
matter)."""


@dataclass(frozen=True, slots=True)
class BodyRoll:
    """A voting body as it was when the period opened: its unit's id and name, its members and its chair."""

    id: str
    name: str
    roll: Roll


def bodies_of(tx: Connection, organisation_id: int) -> list[VotingBody]:
    """The voting bodies of the organisation's directory."""
    rows = tx.execute(
        select(units.c.slug, units.c.name, units.c.body)
        .where(units.c.organisation_id == organisation_id, units.c.is_committee, units.c.is_active)
        .order_by(units.c.id)
    )
    return [VotingBody(row.slug, row.name, BodyKind(row.body)) for row in rows]


def take_rolls(tx: Connection, organisation_id: int, routing: Rules) -> dict[str, Any]:
    """The rolls of the bodies that decide on anything by the rules, as they are kept with a period.

    Raises UnclearBody where two bodies could be meant, TiendoError where the one meant has no members.
    """
    bodies = bodies_of(tx, organisation_id)
    decide = voting_bodies(routing, bodies)
    wanted = {one.id: one for one in decide.values()}
    wanted |= {one.id: one for one in bodies if one.id in committees_named(routing)}
    seats = tx.execute(
        select(units.c.slug, roles.c.person_id, roles.c.role)
        .join(units, units.c.id == roles.c.unit_id)
        .where(
            units.c.organisation_id == organisation_id,
            units.c.slug.in_(wanted),
            roles.c.role.in_([Role.MEMBER.value, Role.CHAIR.value]),
        )
        .order_by(roles.c.person_id)
    ).all()
    return {
        "bodies": {
            name: _taken(one, [row for row in seats if row.slug == name]) for name, one in wanted.items()
        },
        "decide": {matter.value: one.id for matter, one in decide.items()},
    }


def _taken(body: VotingBody, seats: Sequence[Any]) -> dict[str, Any]:
    if not seats:
        raise TiendoError(
            Words("“%(name)s” được giao biểu quyết mà chưa có thành viên nào.", name=body.name),
            where=body.id,
            cure=Words("Ghi các thành viên của nó vào danh bạ, hoặc bỏ đánh dấu nó là tập thể biểu quyết."),
        )
    chair = next((row.person_id for row in seats if row.role == Role.CHAIR.value), None)
    return {"name": body.name, "members": sorted({row.person_id for row in seats}), "chair": chair}


def rolls_kept(kept: Kept) -> tuple[BodyRoll, ...]:
    """Each body that votes in the period."""
    return tuple(BodyRoll(name, one["name"], _roll(one)) for name, one in kept["bodies"].items())


def body_deciding(kept: Kept, matter: VotedMatter) -> BodyRoll:
    """The body that decides on the matter in the period."""
    name = kept["decide"][matter.value]
    one = kept["bodies"][name]
    return BodyRoll(name, one["name"], _roll(one))


def body_for_item(kept: Kept, named: str) -> BodyRoll:
    """The body that votes on an item whose rule names it by its id; the one of all items where the rule names
    none, or one that the period took no roll of."""
    one = kept["bodies"].get(named)
    return BodyRoll(named, one["name"], _roll(one)) if one else body_deciding(kept, VotedMatter.ITEMS)


def voters(kept: Kept) -> frozenset[int]:
    """Everyone who votes on anything in the period, by person id: for what all of them are told or may see,
    never to count votes by."""
    return frozenset(person for one in kept["bodies"].values() for person in one["members"])


def chairs(kept: Kept) -> frozenset[int]:
    """Everyone who presides over a body of the period."""
    return frozenset(one["chair"] for one in kept["bodies"].values() if one["chair"] is not None)


def chairs_now(tx: Connection, organisation_id: int, bodies: Iterable[str]) -> list[int]:
    """Who presides over those bodies by today's directory, by person id."""
    return list(
        tx.scalars(
            select(persons.c.id)
            .distinct()
            .join(roles, roles.c.person_id == persons.c.id)
            .join(units, units.c.id == roles.c.unit_id)
            .where(
                units.c.organisation_id == organisation_id,
                units.c.slug.in_(set(bodies)),
                roles.c.role == Role.CHAIR.value,
                persons.c.is_active,
            )
            .order_by(persons.c.id)
        )
    )


def _roll(one: Mapping[str, Any]) -> Roll:
    return Roll(frozenset(one["members"]), one["chair"])
