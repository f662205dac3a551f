"""The routing engine: computes a cycle's stage and who owes what from its facts, the rules and the clock.

Level-triggered: the result depends on the current facts only, not on the last event, so it is the same for
any order of the facts and any number of calls. Recording a fact checks entitlement first
(`storage.cycles.acts`); facts recorded by somebody who was not entitled are ignored here as well
(`workflow.domain.cycles.cycle`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.ballots import Count, reasons_of
from workflow.domain.cycles.confirming import Heard, heard
from workflow.domain.cycles.cycle import Choice, Confirmation, Facts, Recall, Reopening, Stage
from workflow.domain.cycles.voting import NoDecision, Poll, VotingForm, poll
from workflow.domain.rules.routing_rules import Objection, Rules, Undecided


class Duty(StrEnum):
    """What a unit or a person owes until a day. The first three are owed on a cycle and follow from its
    routing; the others are owed in the period beside them."""

    SUBMIT = "submit"
    CONFIRM = "confirm"
    VOTE = "vote"
    ANSWER = "answer"
    """An opinion on a difficulty, and the work that the opinion asks of a unit."""
    APPROVE = "approve"
    """The approval of the period's report before it is issued."""
    ASSESS = "assess"
    """A unit's own score or summary of a half-year or year, a council member's ballots on scores and
    commendations."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Why a version went back to the lead: an objection, the committee's vote, or the office's reopening."""

    version: int
    by_committee: bool
    reasons: tuple[tuple[int, str], ...]
    """(person id, reason), sorted by person id. For the committee the id is 0 and the reasons are sorted by
    their text, so that neither reveals whose ballot a reason belongs to."""
    is_reopened: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a cycle computed from its facts: its stage, who is waited for, and until when.

    `units` owe a submission or a confirmation, `persons` owe a ballot. `until` is the first moment that is
    too late, None where only the period's own dates limit a report. `objections` are the units whose
    objection is in force and shown to the committee, `partial` those that confirmed in part, `carried` those
    whose confirmation of an earlier version still counts, `deemed` those whose silence counts as consent.
    `barred` are members who may not vote on this version, `deemed_persons` those whose silence in a written
    vote counts as approval. `no_decision` says why a vote ended without a decision: then nobody owes anything
    and the office has to act. `unheard_units` and `unheard_persons` are those an undecided report was still
    waiting for. `own_results` are the co-leads that have to tell their own result beside the report,
    `silent_leads` those of them that did not in time. `is_restored`: the version was approved, reopened, and
    no other was approved in its place.
    """

    stage: Stage
    version: int = 0
    duty: Duty | None = None
    units: frozenset[int] = frozenset()
    persons: frozenset[int] = frozenset()
    returned: Returned | None = None
    objections: frozenset[int] = frozenset()
    deemed: frozenset[int] = frozenset()
    count: Count | None = None
    until: datetime | None = None
    partial: frozenset[int] = frozenset()
    carried: frozenset[int] = frozenset()
    form: VotingForm | None = None
    barred: frozenset[int] = frozenset()
    deemed_persons: frozenset[int] = frozenset()
    by_casting_vote: bool = False
    no_decision: NoDecision | None = None
    unheard_units: frozenset[int] = frozenset()
    unheard_persons: frozenset[int] = frozenset()
    is_restored: bool = False
    own_results: frozenset[int] = frozenset()
    silent_leads: frozenset[int] = frozenset()
    extended_to: date | None = None
    """The last day to report, where the office extended it for this item."""


def advance(facts: Facts, rules: Rules, now: datetime, calendar: Calendar) -> Standing:
    """Returns the cycle's stage at `now`, and who owes what.

    When the cycle's time is over (`over_from`), a report that waits for others ends undecided, or stays open
    for them some days longer by rule; a cycle whose lead owes a report has lapsed. In both cases a version
    approved before a reopening stands again. How it ends follows from what had been said by then, and not
    from when it is looked at.
    """
    end = over_from(facts, rules, now, calendar)
    if now < end:
        standing = _routed(facts, rules, now, calendar)
        # Nobody is told a day on which their answer would no longer count.
        return replace(standing, until=end) if standing.until and standing.until > end else standing
    said = _said_by(facts, end)
    standing = _routed(said, rules, end, calendar)
    if standing.stage.is_final:
        return standing
    before = _before_reopening(said, rules, calendar)
    if before and before.stage is Stage.APPROVED:
        return replace(before, is_restored=True)
    ended = replace(
        standing,
        stage=Stage.LAPSED,
        duty=None,
        units=frozenset(),
        persons=frozenset(),
        until=None,
        form=None,
        no_decision=None,
    )
    if standing.stage.waits_for_others:
        return replace(
            ended,
            stage=Stage.UNDECIDED,
            unheard_units=standing.units,
            unheard_persons=standing.persons,
        )
    if before and before.stage is Stage.UNDECIDED and said.current and said.current.version == before.version:
        return replace(before, is_restored=True)
    return ended


def over_from(facts: Facts, rules: Rules, now: datetime, calendar: Calendar) -> datetime:
    """The first moment at which the cycle takes no report, no confirmation and no ballot any more: after the
    cut-off, at the close, or after the day it was reopened until, whichever holds; later for a report that
    waits for others where the rules give them more days."""
    end = calendar.end_of(facts.timetable.cut_off)
    if facts.is_closed:
        end = min(end, facts.closed_at or now)
    end = max([end, *(calendar.end_of(order.until) for order in facts.reopenings)])
    rule = rules.approval
    if rule.undecided is not Undecided.AFTERWARDS:
        return end
    if now >= end and not _routed(_said_by(facts, end), rules, end, calendar).stage.waits_for_others:
        return end
    last = calendar.day_of(end - timedelta(microseconds=1))
    return calendar.end_of(calendar.limit(last, rule.undecided_working_days, calendar.end_of))


def last_open_day(facts: Facts, rules: Rules, now: datetime, calendar: Calendar) -> date:
    """The last day on which the cycle takes anything, as far as is known at `now`."""
    return calendar.day_of(over_from(facts, rules, now, calendar) - timedelta(microseconds=1))


def until_over(
    facts: Facts, version: int, rules: Rules, now: datetime, calendar: Calendar
) -> tuple[Facts, datetime]:
    """The facts by which the vote on that version stands, and the moment it stands at: those of `now`, or of
    when the cycle's time was over, if it was before the version was reopened."""
    back = facts.reopening_of(version)
    moment = min(now, back.at) if back else now
    earlier = tuple(one for one in facts.reopenings if one.version < version)
    end = over_from(replace(facts, reopenings=earlier), rules, moment, calendar)
    return (facts, moment) if moment < end else (_said_by(facts, end), end)


def _said_by(facts: Facts, end: datetime) -> Facts:
    """What had been said when the cycle's time was over; also at the very moment of a close."""
    return facts.before(end + timedelta(microseconds=1) if end == facts.closed_at else end)


def _before_reopening(facts: Facts, rules: Rules, calendar: Calendar) -> Standing | None:
    """The end that the last reopening took back, if the cycle was approved or undecided then."""
    for order in sorted(facts.reopenings, key=lambda order: (order.at, order.version), reverse=True):
        earlier = replace(
            facts,
            submissions=tuple(one for one in facts.submissions if one.version <= order.version),
            reopenings=tuple(one for one in facts.reopenings if one.at < order.at),
        )
        before = advance(earlier, rules, order.at, calendar)
        if before.stage in (Stage.APPROVED, Stage.UNDECIDED):
            return before
    return None


def _routed(facts: Facts, rules: Rules, now: datetime, calendar: Calendar) -> Standing:
    """The routing table: the first rule that matches the facts decides, the most final stages first."""
    current = facts.current
    version = current.version if current else 0
    if facts.is_withdrawn:
        return Standing(Stage.WITHDRAWN, version)
    match facts.reopening_of(version) or facts.recall_of(version):
        case Reopening() as order:
            reason = ((order.person_id, order.reason),)
            back = _to_lead(facts, version, Returned(version, False, reason, is_reopened=True))
            return replace(back, until=calendar.end_of(order.until))
        case Recall():
            return _to_lead(facts, version)
    if current is None:
        return _to_lead(facts, 0)
    said = heard(facts, current, rules.confirmation, calendar.day_of(now), calendar)
    # Put before the committee by the office, it waits for no unit: what they said is shown there.
    is_put_to_vote = facts.revote_of(version) is not None
    match said, rules.confirmation.objection:
        case Heard(objections=(_, *_) as objections), Objection.TO_LEAD if not is_put_to_vote:
            return _to_lead(facts, version, Returned(version, False, _reasons(objections)))
        case Heard(awaited=awaited), _ if awaited and not is_put_to_vote:
            return _waiting_for_words(said, version, calendar)
    vote = poll(facts, version, rules, said.settled_on, now, calendar)
    match vote:
        case Poll(choice=Choice.APPROVE):
            return _before_committee(Stage.APPROVED, version, said, vote)
        case Poll(choice=Choice.RETURN):
            return _to_lead(facts, version, Returned(version, True, _returns(vote)), vote.count)
    # A vote that closed without a decision is no return and owed by nobody: the office has to act.
    return _before_committee(Stage.WAITING_APPROVAL, version, said, vote)


def _to_lead(
    facts: Facts, version: int, returned: Returned | None = None, count: Count | None = None
) -> Standing:
    """The lead units owe a report: the first, or another in place of one that came back."""
    return Standing(
        Stage.WAITING_SUBMISSION,
        version,
        Duty.SUBMIT,
        facts.lead_units,
        returned=returned,
        count=count,
        extended_to=facts.timetable.due_on if facts.is_due_extended else None,
    )


def _waiting_for_words(said: Heard, version: int, calendar: Calendar) -> Standing:
    return Standing(
        Stage.WAITING_CONFIRMATION,
        version,
        Duty.CONFIRM,
        units=said.awaited,
        objections=said.against,
        deemed=said.deemed,
        until=calendar.end_of(said.last_day),
        partial=said.partial,
        carried=said.carried,
        own_results=said.own_results,
    )


def _before_committee(stage: Stage, version: int, said: Heard, vote: Poll) -> Standing:
    return Standing(
        stage,
        version,
        Duty.VOTE if vote.owed else None,
        persons=vote.owed,
        objections=said.against,
        deemed=said.deemed,
        count=vote.count,
        # Of a vote that closed without a result too: its last day has passed, whoever has to act now.
        until=None if stage.is_final else vote.until,
        partial=said.partial,
        carried=said.carried,
        own_results=said.own_results,
        silent_leads=said.silent_leads,
        form=None if stage.is_final else vote.form,
        barred=vote.barred,
        deemed_persons=vote.deemed,
        by_casting_vote=vote.by_casting_vote,
        no_decision=vote.no_decision,
    )


def _reasons(objections: tuple[Confirmation, ...]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted((word.person_id, word.reason) for word in objections))


def _returns(vote: Poll) -> tuple[tuple[int, str], ...]:
    returns = (ballot for ballot in vote.cast if ballot.choice is Choice.RETURN)
    return tuple((0, reason) for reason in reasons_of(returns))
