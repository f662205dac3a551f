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
SECOND = "second"
"""Confirms another order."""
DROP = "drop"
"""Takes back an order that waits to be confirmed."""

BY_TWO = "by_two"
"""In an order's details: it has no effect before a second person confirms it."""


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


FROM_VERSION = "from_version"
"""Of an order that gives more time: the first version that has it."""


def extended_steps(orders: Iterable[Order], version: int | None = None) -> dict[str, date]:
    """The new last day of each step that the office extended, by the latest order in force; with `version`,
    by those that hold for that version of the report."""
    given = sorted((one for one in orders if one.kind == EXTEND), key=lambda one: (one.at, one.id))
    return {
        one.details["step"]: date.fromisoformat(one.details["until"])
        for one in given
        if version is None or one.details.get(FROM_VERSION, 0) <= version
    }


def versions_before_more_time(orders: Iterable[Order]) -> list[int]:
    """The versions after which more time was given for the next one, in order."""
    found = {one.details.get(FROM_VERSION, 0) - 1 for one in orders if one.kind == EXTEND}
    return sorted(version for version in found if version > 0)


def awaiting_second(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders that still wait to be confirmed or taken back."""
    given = tuple(orders)
    settled = {one.about for one in given}
    return tuple(one for one in given if one.is_by_two and one.id not in settled)
