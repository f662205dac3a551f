"""The committee's vote on a version over time: who may vote, until when, and what happens when there is no
result by then. Counting ballots is `workflow.domain.cycles.ballots`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.ballots import Count, Outcome, counted, outcome
from workflow.domain.cycles.cycle import Ballot, Choice, Facts, standing_ballots
from workflow.domain.rules.routing_rules import ApprovalRule, Fallback, Rules


class VotingForm(StrEnum):
    """The form in which the vote is held now."""

    OPEN = "open"
    POSTPONED = "postponed"
    WRITTEN = "written"
    BY_CHAIR = "by-chair"
    CLOSED = "closed"
    """It is decided; or it ended without a result or nobody may vote, and the office has to act."""


@dataclass(frozen=True, slots=True)
class Poll:
    """The state of a vote. `choice` is None while undecided; `owed` are the members who owe a ballot by
    `until`; `barred` may not vote; `deemed` are members whose silence in a written vote is approval."""

    choice: Choice | None
    count: Count
    form: VotingForm
    until: datetime
    owed: frozenset[int]
    barred: frozenset[int]
    deemed: frozenset[int] = frozenset()
    cast: tuple[Ballot, ...] = ()
    by_casting_vote: bool = False


def barred_members(facts: Facts, version: int, rule: ApprovalRule) -> frozenset[int]:
    """The members who may not vote on that version: who sent it and, by rule, who has a part in it."""
    barred = facts.authors(version)
    if rule.recuse_leader:
        barred |= facts.interests.leaders
    if rule.recuse_unit:
        barred |= facts.interests.of_lead_units
    return facts.roll.members & barred if barred else frozenset()


def poll(
    facts: Facts, version: int, rules: Rules, called_on: date, now: datetime, calendar: Calendar
) -> Poll:
    """Returns the state of the vote on that version at `now`; `called_on` is the latest day it was called."""
    rule, chair = rules.approval, facts.roll.chair
    barred = barred_members(facts, version, rule)
    voters = facts.roll.members - barred if barred else facts.roll.members

    def closing(day: date) -> datetime:
        return _closing(day, rule, calendar)

    limit_day = max(
        facts.timetable.approve_by, calendar.limit(called_on, rules.period.approve_working_days, closing)
    )
    limit = closing(limit_day)
    fallback = rule.fallback
    if fallback is Fallback.CHAIR and chair not in voters:
        fallback = Fallback.WAIT
    end = limit
    if fallback in (Fallback.POSTPONE, Fallback.WRITTEN):
        end = closing(calendar.limit(limit_day, rule.fallback_working_days, closing))
    cast = _cast(facts, version, rule, voters, None if fallback is Fallback.WAIT else end, fallback)
    is_late, is_over = now >= limit, now >= end and fallback not in (Fallback.WAIT, Fallback.CHAIR)
    aside = tuple(Ballot(version, member, Choice.RECUSE, limit) for member in barred)
    deemed: frozenset[int] = frozenset()
    if is_over and fallback is Fallback.WRITTEN and rule.silence_is_consent:
        deemed = voters.difference(cast)
    consents = tuple(Ballot(version, member, Choice.APPROVE, end) for member in deemed)
    all_cast = (*cast.values(), *aside, *consents)
    found = outcome(all_cast, facts.roll, rule, is_closed=is_over) if voters else None
    if found is None and is_late and fallback is Fallback.CHAIR:
        found = _by_chair(cast.get(chair or 0), all_cast, facts, rule)
    missing = voters.difference(cast)
    match fallback:
        case _ if found or not voters or is_over:
            form, owed = VotingForm.CLOSED, frozenset[int]()
        case Fallback.CHAIR if is_late and chair is not None:
            form, owed = VotingForm.BY_CHAIR, frozenset({chair})
        case Fallback.POSTPONE if is_late:
            form, owed = VotingForm.POSTPONED, missing
        case Fallback.WRITTEN if is_late:
            form, owed = VotingForm.WRITTEN, missing
        case _:
            form, owed = VotingForm.OPEN, missing
    return Poll(
        choice=found.choice if found else None,
        count=found.count if found else counted(all_cast, facts.roll, rule),
        form=form,
        until=end if is_late else limit,
        owed=owed,
        barred=barred,
        deemed=deemed,
        cast=tuple(cast.values()),
        by_casting_vote=bool(found and found.by_casting_vote),
    )


def _closing(day: date, rule: ApprovalRule, calendar: Calendar) -> datetime:
    """The moment a vote ends on that day: the end of the day, or the hour the rule names."""
    return calendar.moment(day, rule.until.hour, rule.until.minute) if rule.until else calendar.end_of(day)


def _cast(
    facts: Facts,
    version: int,
    rule: ApprovalRule,
    voters: frozenset[int],
    before: datetime | None,
    fallback: Fallback,
) -> dict[int, Ballot]:
    """The ballots that count, including those the rule carries over from a version the committee returned."""
    by_chair = fallback is Fallback.CHAIR
    found = standing_ballots(
        facts, version, before=before, chair_until_end=by_chair, by_substitutes=rule.substitutes
    )
    if rule.carry_approvals:
        found = _carried(facts, version, rule) | found
    return {member: cast for member, cast in found.items() if member in voters}


def _carried(facts: Facts, version: int, rule: ApprovalRule) -> dict[int, Ballot]:
    """The approvals of earlier versions that count for this one: none from before a reopening."""
    found: dict[int, Ballot] = {}
    for earlier in sorted(one.version for one in facts.submissions if one.version < version):
        found |= standing_ballots(facts, earlier, by_substitutes=rule.substitutes)
        found = {member: cast for member, cast in found.items() if cast.choice is Choice.APPROVE}
        if facts.reopening_of(earlier):
            found = {}
    return found


def _by_chair(
    ballot: Ballot | None, cast: tuple[Ballot, ...], facts: Facts, rule: ApprovalRule
) -> Outcome | None:
    """The chair's own ballot decides, once the others have come to no result."""
    if ballot is None or ballot.choice not in (Choice.APPROVE, Choice.RETURN):
        return None
    return Outcome(ballot.choice, counted(cast, facts.roll, rule))
