"""Who holds an absent person's roles on a day: their substitute or, if that person is absent too, the
substitute's own substitute; the chain goes no further. A duty is never dropped: if nobody may do it in the
absent person's place, the absent person still owes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workflow.domain.cycles.cycle import may_vote_for_another


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


def works_for(person_id: int, away: Mapping[int, StandIn]) -> int:
    """Who does the work of somebody who reports for a unit: their stand-in while they are away."""
    return away[person_id].person_id if person_id in away else person_id


def votes_for(
    member_id: int,
    away: Mapping[int, StandIn],
    roll: Collection[int],
    *,
    may_substitute: bool,
    excluded: Collection[int] = (),
) -> int:
    """Who casts an absent member's ballot: their stand-in if that one was given the vote and the rules let
    substitutes vote (`may_substitute`), has no vote of their own on the roll, and is not among the
    `excluded` (who sent the report, or voted for another already); else the member."""
    one = away.get(member_id)
    if one is None or not one.votes:
        return member_id
    if not may_vote_for_another(one.person_id, roll, by_substitutes=may_substitute):
        return member_id
    return member_id if one.person_id in excluded else one.person_id
