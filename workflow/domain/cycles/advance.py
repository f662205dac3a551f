"""The routing engine: computes a cycle's stage and who owes what from its facts, the rules and the clock.

Level-triggered: the result depends on the current facts only, not on the last event, so it is the same for
any order of the facts and any number of calls. Recording a fact checks entitlement first
(`storage.cycles.acts`); facts recorded by somebody who was not entitled are ignored here as well
(`workflow.domain.cycles.cycle`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.ballots import Count, reasons_of
from workflow.domain.cycles.confirming import Heard, heard
from workflow.domain.cycles.cycle import Choice, Confirmation, Facts, Recall, Reopening, Stage
from workflow.domain.cycles.voting import Poll, VotingForm, poll
from workflow.domain.rules.routing_rules import Objection, Rules


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
    """A unit's own score, a council member's ballots on scores and commendations."""


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
    vote counts as approval.
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
    extended_to: date | None = None
    """The last day to report, where the office extended it for this item."""


def advance(facts: Facts, rules: Rules, now: datetime, calendar: Calendar) -> Standing:
    """Returns the cycle's stage at `now`, and who owes what.

    Past the cut-off, or once the period is closed, a cycle that is not approved has lapsed; a reopened one
    past the day it was reopened until.
    """
    standing = _routed(facts, rules, now, calendar)
    if standing.stage.is_final or not _is_over(facts, calendar.day_of(now)):
        return standing
    return replace(
        standing, stage=Stage.LAPSED, duty=None, units=frozenset(), persons=frozenset(), until=None, form=None
    )


def _is_over(facts: Facts, today: date) -> bool:
    if any(today <= order.until for order in facts.reopenings):
        return False
    return facts.is_closed or today > facts.timetable.cut_off


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
    match said, rules.confirmation.objection:
        case Heard(objections=(_, *_) as objections), Objection.TO_LEAD:
            return _to_lead(facts, version, Returned(version, False, _reasons(objections)))
        case Heard(awaited=awaited), _ if awaited:
            return _waiting_for_words(said, version, calendar)
    vote = poll(facts, version, rules, said.settled_on, now, calendar)
    match vote:
        case Poll(choice=Choice.APPROVE):
            return _before_committee(Stage.APPROVED, version, said, vote)
        case Poll(choice=Choice.RETURN):
            return _to_lead(facts, version, Returned(version, True, _returns(vote)), vote.count)
    # A vote that closed without a result is owed by nobody: it waits for the office or the cut-off.
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
        form=None if stage.is_final else vote.form,
        barred=vote.barred,
        deemed_persons=vote.deemed,
        by_casting_vote=vote.by_casting_vote,
    )


def _reasons(objections: tuple[Confirmation, ...]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted((word.person_id, word.reason) for word in objections))


def _returns(vote: Poll) -> tuple[tuple[int, str], ...]:
    returns = (ballot for ballot in vote.cast if ballot.choice is Choice.RETURN)
    return tuple((0, reason) for reason in reasons_of(returns))
