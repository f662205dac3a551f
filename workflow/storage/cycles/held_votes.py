"""The committee's votes with names instead of ids: the running count of open ones, as far as the rule lets it
be shown, every vote of a period for the office and the minutes, and what was decided for the members."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.cycles.ballots import Count, reasons_of
from workflow.domain.cycles.cycle import Choice, Roll
from workflow.domain.cycles.votes_held import votes_held
from workflow.domain.cycles.voting import Ending, NoDecision, Poll
from workflow.domain.rules.routing_rules import ApprovalRule, Shows
from workflow.storage.cycles.ballot_secrecy import is_vote_over, may_show_count
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.cycles.heads import CycleHead, cycle_heads
from workflow.storage.cycles.said import ConfirmationRow, confirmations_of
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.tables import cycles, persons


@dataclass(frozen=True, slots=True)
class VoteTally:
    """The running count of an open vote, and names by choice (and of those who have not voted) where the rule
    shows them."""

    count: Count
    names: tuple[tuple[Choice, tuple[str, ...]], ...] = ()
    awaited: tuple[str, ...] = ()


def tallies(
    tx: Connection, cycle_ids: Collection[int], now: datetime, *, knows_who: bool
) -> dict[int, VoteTally]:
    """The running counts of the votes on these cycles, for a reader who sees who has voted (`knows_who`) or
    one who does not; a cycle of which nothing may be shown is left out."""
    found: dict[int, tuple[Poll, Shows]] = {}
    for routed in load(tx, cycle_ids, is_for_writing=False).values():
        shows = routed.rules.approval.shows
        if may_show_count(shows, is_over=False, knows_who=knows_who):
            held = votes_held(routed.facts, routed.rules, now, routed.calendar)
            if held:
                found[routed.id] = held[-1][1], shows
    named = people(tx, (one for poll, _ in found.values() for one in _concerned(poll)))
    return {
        cycle: VoteTally(poll.count, _by_choice(poll, named), _sorted(poll.owed, named))
        if shows is Shows.NAMES
        else VoteTally(poll.count)
        for cycle, (poll, shows) in found.items()
    }


def _concerned(poll: Poll) -> frozenset[int]:
    return poll.owed.union(one.person_id for one in poll.cast)


def _by_choice(poll: Poll, named: dict[int, RollMember]) -> tuple[tuple[Choice, tuple[str, ...]], ...]:
    found = ((choice, [one.person_id for one in poll.cast if one.choice is choice]) for choice in Choice)
    return tuple((choice, _sorted(who, named)) for choice, who in found if who)


def _sorted(ids: Iterable[int], named: dict[int, RollMember]) -> tuple[str, ...]:
    return tuple(sorted(named[one].name for one in ids))


@dataclass(frozen=True, slots=True)
class RollMember:
    """Somebody on a roll, or of the office."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class HeldVote:
    """One vote: on which version of which item, by whom, by what rule, and its count or result."""

    cycle: CycleHead
    version: int
    roll: Roll
    rule: ApprovalRule
    poll: Poll
    words: tuple[ConfirmationRow, ...]
    is_last: bool

    @property
    def is_open(self) -> bool:
        """Whether a result may still come: not of a version that was replaced or recalled, nor of an item
        that lapsed."""
        return self.poll.choice is None and self.is_last and not is_vote_over(self.cycle, self.version)

    @property
    def has_no_decision(self) -> bool:
        """Whether it ended without a decision and the office has to act."""
        return self.is_open and self.poll.no_decision is not None

    @property
    def tells_kinds(self) -> bool:
        """Whether the office's pages and the minutes may show how many ballots of each kind there are."""
        return may_show_count(self.rule.shows, is_over=not self.is_open, knows_who=True)


@dataclass(frozen=True, slots=True)
class VotesOfPeriod:
    """Every vote of a period in the plan's order, and the people in it."""

    period: Period
    votes: tuple[HeldVote, ...]
    people: dict[int, RollMember]

    def committee(self, rule: ApprovalRule) -> str:
        """The name of the voting body that a rule gives the vote to."""
        return self.period.body_for_item(rule.committee).name


def votes_of(tx: Connection, period_id: int, now: datetime) -> VotesOfPeriod:
    """Every vote held in the period so far."""
    period = period_of(tx, period_id)
    ids = list(tx.scalars(select(cycles.c.id).where(cycles.c.period_id == period_id)))
    routed = load(tx, ids, is_for_writing=False)
    words = confirmations_of(tx, ids)
    votes = []
    for head in cycle_heads(tx, ids).values():
        cycle = routed[head.id]
        held = votes_held(cycle.facts, cycle.rules, now, cycle.calendar)
        for place, (version, poll) in enumerate(held, start=1):
            said = tuple(one for one in words.get(head.id, ()) if one.version == version)
            roll, rule = cycle.facts.roll, cycle.rules.approval
            votes.append(HeldVote(head, version, roll, rule, poll, said, place == len(held)))
    concerned = {one for vote in votes for one in vote.roll.members}
    for vote in votes:
        for cast in vote.poll.cast:
            concerned |= {cast.acted_by or cast.person_id}
            if cast.paper:
                concerned |= {cast.paper.entered_by, cast.paper.countersigned_by or cast.paper.entered_by}
    return VotesOfPeriod(period, tuple(votes), people(tx, concerned))


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


def people(tx: Connection, ids: Iterable[int]) -> dict[int, RollMember]:
    """The people by id."""
    asked = select(persons.c.id, persons.c.name, persons.c.title)
    found = tx.execute(asked.where(persons.c.id.in_(set(ids))))
    return {row.id: RollMember(row.name, row.title) for row in found}
