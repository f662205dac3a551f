"""The votes of a period that are over, as a member may read them: what was decided, how and why, and their
own ballot; names beside ballots only where the rule shows them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow.domain.cycles.ballots import Count, reasons_of
from workflow.domain.cycles.cycle import Choice
from workflow.domain.cycles.voting import Ending, NoDecision
from workflow.domain.rules.routing_rules import Shows
from workflow.storage.cycles.heads import CycleHead
from workflow.storage.cycles.held_votes import HeldVote, VotesOfPeriod, votes_of


@dataclass(frozen=True, slots=True)
class DecidedVote:
    """One vote that is over. `choice` is None where it ended without a decision, and `no_decision` says why;
    then the count is not told, as more ballots may come. `own` are the reader's own ballots, by member's name
    where they stand in for one; `is_missed` says that it ended early while the reader might still vote."""

    cycle: CycleHead
    version: int
    choice: Choice | None
    ending: Ending | None
    no_decision: NoDecision | None
    by_casting_vote: bool
    count: Count | None
    reasons: tuple[str, ...]
    names: tuple[tuple[Choice, tuple[str, ...]], ...]
    own: Choice | None
    is_missed: bool


def decided_votes(
    tx: Connection, period_id: int, seats: Collection[int], now: datetime
) -> tuple[DecidedVote, ...]:
    """The period's votes that are over, of the rolls with one of these seats, in the plan's order."""
    found = votes_of(tx, period_id, now)
    return tuple(
        _decided(found, vote, seats)
        for vote in found.votes
        if not vote.roll.members.isdisjoint(seats) and (vote.poll.choice or vote.has_no_decision)
    )


def _decided(found: VotesOfPeriod, vote: HeldVote, seats: Collection[int]) -> DecidedVote:
    poll = vote.poll
    is_named = vote.rule.shows is Shows.NAMES
    by_choice: dict[Choice, list[str]] = {}
    for one in poll.cast if is_named else ():
        by_choice.setdefault(one.choice, []).append(found.people[one.person_id].name)
    returns = (one for one in poll.cast if one.choice is Choice.RETURN)
    return DecidedVote(
        vote.cycle,
        vote.version,
        poll.choice,
        poll.ending,
        poll.no_decision,
        poll.by_casting_vote,
        poll.count if vote.tells_kinds else None,
        reasons_of(returns) if poll.choice is Choice.RETURN else (),
        tuple((choice, tuple(sorted(by_choice[choice]))) for choice in Choice if choice in by_choice),
        next((one.choice for one in poll.cast if one.person_id in seats), None),
        not poll.entitled.isdisjoint(seats),
    )
