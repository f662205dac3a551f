"""The committee's vote on a version over time: who may vote, until when, and what happens when there is no
result by then. Counting ballots is `workflow.domain.cycles.ballots`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.ballots import (
    Count,
    Outcome,
    can_decide,
    counted,
    has_quorum,
    outcome,
    possible_ends,
    seats_of,
)
from workflow.domain.cycles.cycle import Ballot, Choice, Facts, Roll, standing_ballots
from workflow.domain.rules.routing_rules import ApprovalRule, Fallback, Rules, Veto
from workflow.domain.words import Words


class VotingForm(StrEnum):
    """The form in which the vote is held now."""

    OPEN = "open"
    POSTPONED = "postponed"
    WRITTEN = "written"
    BY_CHAIR = "by-chair"
    CLOSED = "closed"
    """It is decided; or it ended without a decision (`NoDecision` says why), and the office has to act."""


class Ending(StrEnum):
    """How a vote came to its decision."""

    ALL_CAST = "all-cast"
    EARLY = "early"
    """Before the last day, while members who still might vote could not have changed it."""
    COUNTED = "counted"
    """On or after the last day, with the ballots cast."""
    CHAIR = "chair"

    @property
    def label(self) -> Words:
        """How, in Vietnamese."""
        return _ENDINGS[self]


_ENDINGS = {
    Ending.ALL_CAST: Words("đủ phiếu của mọi người được biểu quyết"),
    Ending.EARLY: Words("kết thúc sớm theo quy tắc, khi các phiếu còn lại không đổi được kết quả"),
    Ending.COUNTED: Words("chốt với số phiếu đã có khi hết hạn"),
    Ending.CHAIR: Words("hết hạn chưa có kết quả, người chủ trì quyết định theo quy tắc"),
}


class NoDecision(StrEnum):
    """Why a vote ended without a decision. It is no return: nothing is held against the unit."""

    OUT_OF_REACH = "out-of-reach"
    """So many are barred or stand aside that the others could not approve even together."""
    NO_BALLOT = "no-ballot"
    NO_QUORUM = "no-quorum"
    UNFINISHED = "unfinished"
    """Ballots that did not come would have decided it."""

    @property
    def label(self) -> Words:
        """Why, in Vietnamese."""
        return _NO_DECISIONS[self]


_NO_DECISIONS = {
    NoDecision.OUT_OF_REACH: Words(
        "số người còn được biểu quyết không đủ để thông qua, dù mọi người đều đồng ý"
    ),
    NoDecision.NO_BALLOT: Words("không ai bỏ phiếu"),
    NoDecision.NO_QUORUM: Words("chưa đủ số thành viên tham gia tối thiểu"),
    NoDecision.UNFINISHED: Words("còn thiếu những phiếu có thể đổi kết quả"),
}


@dataclass(frozen=True, slots=True)
class Poll:
    """The state of a vote. `choice` is None while undecided; `owed` are the members who owe a ballot by
    `until`; `barred` may not vote; `deemed` are members whose silence in a written vote is approval.
    `ending` says how it was decided, `no_decision` why it ended undecided. `entitled` are members who might
    still have voted when it ended early: nobody may call them absent."""

    choice: Choice | None
    count: Count
    form: VotingForm
    until: datetime
    owed: frozenset[int]
    barred: frozenset[int]
    deemed: frozenset[int] = frozenset()
    cast: tuple[Ballot, ...] = ()
    by_casting_vote: bool = False
    ending: Ending | None = None
    no_decision: NoDecision | None = None
    entitled: frozenset[int] = frozenset()


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
    """Returns the state of the vote on that version at `now`; `called_on` is the latest day it was called.

    A decision, once there, is the same at every later moment: each step below looks only at the ballots that
    counted when it applied.
    """
    rule, chair = rules.approval, facts.roll.chair
    barred = barred_members(facts, version, rule)
    voters = facts.roll.members - barred if barred else facts.roll.members

    def closing(day: date) -> datetime:
        return _closing(day, rule, calendar)

    limit_day = max(
        facts.timetable_of(version).approve_by,
        calendar.limit(called_on, rules.period.approve_working_days, closing),
    )
    limit = closing(limit_day)
    fallback = rule.fallback
    if fallback is Fallback.CHAIR and chair not in voters:
        fallback = Fallback.WAIT
    end = limit
    if fallback in (Fallback.POSTPONE, Fallback.WRITTEN):
        end = closing(calendar.limit(limit_day, rule.fallback_working_days, closing))
    # An hour binds under every rule: only without one may a vote that just waits take ballots after it.
    closes = None if fallback is Fallback.WAIT and rule.until is None else end
    cast = _cast(facts, version, rule, voters, closes, fallback)
    aside = tuple(Ballot(version, member, Choice.RECUSE, limit) for member in barred)
    is_late = now >= limit
    is_over = closes is not None and now >= closes and fallback is not Fallback.CHAIR
    deemed: frozenset[int] = frozenset()
    if is_over and fallback is Fallback.WRITTEN and rule.silence_is_consent:
        deemed = voters.difference(cast)
    consents = tuple(Ballot(version, member, Choice.APPROVE, end) for member in deemed)
    may_decide = can_decide(len(facts.roll.members), len(barred), rule)
    found, ending = None, None
    if may_decide:
        in_time = (*(one for one in cast.values() if one.at < limit), *aside)
        found, ending = _decided(
            in_time, (*cast.values(), *aside, *consents), facts.roll, rule, fallback, is_late, is_over
        )
        if found is None and closes is not None and now >= closes:
            # Nobody decided: the office may still enter what a sitting or a written ballot says.
            later = _papers_after(facts, version, rule, voters, closes)
            cast |= later
            deemed = deemed.difference(later)
            consents = tuple(one for one in consents if one.person_id in deemed)
            if later:
                found = outcome((*cast.values(), *aside, *consents), facts.roll, rule, is_late=True)
                ending = Ending.COUNTED if found else None
    all_cast = (*cast.values(), *aside, *consents)
    missing = voters.difference(cast)
    count = found.count if found else counted(all_cast, facts.roll, rule)
    is_dead = is_late and may_decide and possible_ends(all_cast, facts.roll, rule) == {None}
    match fallback:
        case _ if found or not may_decide or is_over or is_dead or not missing:
            form, owed = VotingForm.CLOSED, frozenset[int]()
        case Fallback.CHAIR if is_late and chair is not None:
            is_able = chair not in cast or cast[chair].choice in (Choice.ABSTAIN, Choice.RECUSE)
            would = Ballot(version, chair, Choice.RETURN, limit)
            others = (one for member, one in cast.items() if member != chair)
            is_able &= _by_chair((*others, *aside, would), facts.roll, rule) is not None
            form = VotingForm.BY_CHAIR if is_able else VotingForm.CLOSED
            owed = frozenset({chair}) if is_able else frozenset[int]()
        case Fallback.POSTPONE if is_late:
            form, owed = VotingForm.POSTPONED, missing
        case Fallback.WRITTEN if is_late:
            form, owed = VotingForm.WRITTEN, missing
        case _:
            form, owed = VotingForm.OPEN, missing
    return Poll(
        choice=found.choice if found else None,
        count=count,
        form=form,
        until=end if is_late else limit,
        owed=owed,
        barred=barred,
        deemed=deemed,
        cast=tuple(cast.values()),
        by_casting_vote=bool(found and found.by_casting_vote),
        ending=ending,
        no_decision=_why_not(count, facts.roll, barred, rule)
        if form is VotingForm.CLOSED and not found
        else None,
        entitled=missing if ending is Ending.EARLY else frozenset(),
    )


def _decided(
    in_time: tuple[Ballot, ...],
    all_cast: tuple[Ballot, ...],
    roll: Roll,
    rule: ApprovalRule,
    fallback: Fallback,
    is_late: bool,
    is_over: bool,
) -> tuple[Outcome | None, Ending | None]:
    """The decision and how it came, by the ballots cast before the last day, then by all of them."""
    if found := outcome(in_time, roll, rule):
        return found, Ending.EARLY if found.count.missing else Ending.ALL_CAST
    if not is_late:
        return None, None
    if found := outcome(all_cast, roll, rule, is_late=True):
        return found, Ending.COUNTED if found.count.missing else Ending.ALL_CAST
    if is_over and fallback is not Fallback.WAIT:
        found = outcome(all_cast, roll, rule, is_closed=True)
        return found, Ending.COUNTED if found else None
    if fallback is Fallback.CHAIR:
        found = _by_chair(all_cast, roll, rule)
        return found, Ending.CHAIR if found else None
    return None, None


def _why_not(count: Count, roll: Roll, barred: frozenset[int], rule: ApprovalRule) -> NoDecision:
    """Why a vote that ended with that count has no decision."""
    members = len(roll.members)
    if not can_decide(members, len(barred), rule) or not can_decide(members, count.recuse, rule):
        return NoDecision.OUT_OF_REACH
    if not count.taking_part:
        return NoDecision.NO_BALLOT
    if not has_quorum(count.taking_part, seats_of(count, rule), rule):
        return NoDecision.NO_QUORUM
    return NoDecision.UNFINISHED


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


def _papers_after(
    facts: Facts, version: int, rule: ApprovalRule, voters: frozenset[int], closed_at: datetime
) -> dict[int, Ballot]:
    """The ballots on paper of a sitting, or of a written ballot, held after the vote closed undecided."""
    papers = tuple(one for one in facts.ballots if one.paper and one.at >= closed_at)
    found = standing_ballots(replace(facts, ballots=papers), version, by_substitutes=rule.substitutes)
    return {member: cast for member, cast in found.items() if member in voters}


def _by_chair(cast: tuple[Ballot, ...], roll: Roll, rule: ApprovalRule) -> Outcome | None:
    """The chair's own ballot decides, once the others have come to no result: where the quorum took part,
    and never against a veto."""
    own = next((one.choice for one in cast if one.person_id == roll.chair), None)
    count = counted(cast, roll, rule)
    if own not in (Choice.APPROVE, Choice.RETURN) or not has_quorum(
        count.taking_part, seats_of(count, rule), rule
    ):
        return None
    if not can_decide(len(roll.members), count.recuse, rule):
        return None
    return Outcome(Choice.RETURN if rule.veto is Veto.ANY and count.back else own, count)
