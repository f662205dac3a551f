"""Who holds an absent person's roles on a day: their substitute or, where that one is absent too, the
substitute's own; chained no further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandIn:
    """The person who holds another's roles, and whether that includes the vote."""

    person_id: int
    votes: bool


def holders(absences: Mapping[int, StandIn]) -> dict[int, StandIn]:
    """Who holds each absent person's roles, from the day's substitutions by absent person. Where everyone in
    line is absent the roles stay with the person, who is then not named here."""
    found: dict[int, StandIn] = {}
    for absent, first in absences.items():
        second = absences.get(first.person_id)
        if second is None:
            found[absent] = first
        elif second.person_id not in absences:
            found[absent] = StandIn(second.person_id, first.votes and second.votes)
    return found
