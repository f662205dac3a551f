"""Orders about a cycle beside its reports and votes, and which of them are in force: one that undoes a
decision only from the moment a second person confirmed it.

What follows from an order that is in force is `workflow.domain.cycles.advance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

RECALL = "recall"
REOPEN = "reopen"
WITHDRAW = "withdraw"
REASSIGN = "reassign"
EXTEND = "extend"
TO_VOTE = "to-vote"
"""Puts a version before the committee again, which votes on it anew."""
SECOND = "second"
"""Confirms another order."""
DROP = "drop"
"""Takes back an order that waits to be confirmed."""

BY_TWO = "by_two"
"""In an order's details: it has no effect before a second person confirms it."""

FROM_VERSION = "from_version"
"""In the details of an order that gives more time: the first version that goes by the new day."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as one person gave it. `about` is the order it confirms or takes back; None for the others."""

    id: int
    kind: str
    version: int
    person_id: int
    at: datetime
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    about: int | None = None

    @property
    def is_by_two(self) -> bool:
        """Whether a second person has to confirm it."""
        return bool(self.details.get(BY_TWO))


def is_second(first: int, second: int | None) -> bool:
    """Whether that is another person than the first: nobody confirms what they entered or ordered
    themselves."""
    return second is not None and second != first


def in_force(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders that have effect: those one person may give, and those that another confirmed, from the
    moment it was confirmed."""
    given = tuple(orders)
    confirmed: dict[int | None, datetime] = {}
    by = {one.id: one.person_id for one in given}
    for one in sorted(given, key=lambda one: (one.at, one.id), reverse=True):
        if one.kind == SECOND and one.about in by and is_second(by[one.about], one.person_id):
            confirmed[one.about] = one.at
    return tuple(
        replace(one, at=confirmed.get(one.id, one.at))
        for one in given
        if one.about is None and (not one.is_by_two or one.id in confirmed)
    )


def extensions(orders: Iterable[Order]) -> tuple[tuple[int, dict[str, date]], ...]:
    """The new last day of each step that the office extended, after each of those orders, with the first
    version that goes by it."""
    given = sorted((one for one in orders if one.kind == EXTEND), key=lambda one: (one.at, one.id))
    found: list[tuple[int, dict[str, date]]] = []
    for one in given:
        steps = found[-1][1] if found else {}
        day = date.fromisoformat(one.details["until"])
        found.append((one.details[FROM_VERSION], steps | {one.details["step"]: day}))
    return tuple(found)


def awaiting_second(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders that still wait to be confirmed or taken back."""
    given = tuple(orders)
    settled = {one.about for one in given}
    return tuple(one for one in given if one.is_by_two and one.id not in settled)
