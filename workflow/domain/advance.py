"""The routing engine: from facts, rules and the clock to the stage and who owes what.

Level-triggered: it looks at what is, not at what just happened; so any order of the same facts, and any
number of calls, gives the same answer. Recording a fact checks entitlement first (`workflow.storage.facts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workflow.domain.ballots import Count, counted, outcome
from workflow.domain.calendar import Calendar
from workflow.domain.cycle import (
    Choice,
    Confirmation,
    Facts,
    Stage,
    Submission,
    Verdict,
    standing_ballots,
    standing_confirmations,
)
from workflow.domain.rules import ApprovalRule, ConfirmationRule, Confirming, Objection, Rules, Silence


class Duty(StrEnum):
    """What is owed."""

    SUBMIT = "submit"
    CONFIRM = "confirm"
    VOTE = "vote"


@dataclass(frozen=True, slots=True)
class Returned:
    """Why a version went back to the lead: an objection, or the committee's vote."""

    version: int
    by_committee: bool
    reasons: tuple[tuple[int, str], ...]
    """(person id, reason), in order of person id."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the facts amount to now.

    `units` owe a submission or a confirmation, `persons` owe a ballot. `objections` are the units whose
    objection stands and is shown to the committee. `deemed` are the units whose silence counts as consent.
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


def advance(facts: Facts, rules: Rules, now: datetime, calendar: Calendar) -> Standing:
    """Where the cycle stands at `now`, and who owes what.

    Past the cut-off, or once the period is closed, a cycle that is not approved has lapsed.
    """
    today = calendar.day_of(now)
    if facts.is_withdrawn:
        return Standing(Stage.WITHDRAWN)
    current = facts.current
    standing = (
        Standing(Stage.WAITING_SUBMISSION, 0, Duty.SUBMIT, units=facts.lead_units)
        if current is None
        else _of_version(facts, current, rules, today, calendar)
    )
    if not standing.stage.is_final and (facts.is_closed or today > facts.timetable.cut_off):
        return Standing(
            Stage.LAPSED,
            standing.version,
            returned=standing.returned,
            objections=standing.objections,
            deemed=standing.deemed,
            count=standing.count,
        )
    return standing


def _of_version(facts: Facts, current: Submission, rules: Rules, today: date, calendar: Calendar) -> Standing:
    version = current.version
    said = {
        unit: word
        for unit, word in standing_confirmations(facts, version).items()
        if unit in facts.confirming_units and unit != current.unit_id
    }
    objections = [word for word in said.values() if word.verdict is Verdict.OBJECT]
    if objections and rules.confirmation.objection is Objection.TO_LEAD:
        return _back(facts, version, _reasons(objections), by_committee=False)

    limit = calendar.add_working_days(calendar.day_of(current.at), rules.confirmation.silence_working_days)
    silent = facts.confirming_units.difference(said, (current.unit_id,))
    is_past_limit = today > max(limit, facts.timetable.confirm_by)
    awaited, deemed = _awaited(silent, said, rules.confirmation, is_past_limit)
    against = frozenset(word.unit_id for word in objections)
    if awaited:
        return Standing(
            Stage.WAITING_CONFIRMATION, version, Duty.CONFIRM, awaited, objections=against, deemed=deemed
        )
    return _of_vote(facts, version, rules.approval, against, deemed)


def _awaited(
    silent: frozenset[int], said: dict[int, Confirmation], rule: ConfirmationRule, is_past_limit: bool
) -> tuple[frozenset[int], frozenset[int]]:
    """The units still waited for, and those whose silence counts as consent."""
    asked = len(silent) + len(said)
    agreed = sum(word.verdict is not Verdict.OBJECT for word in said.values())
    needed = {
        Confirming.ALL: asked,
        Confirming.MAJORITY: asked // 2 + 1 if asked else 0,
        Confirming.AT_LEAST: min(rule.at_least, asked),
        Confirming.NONE: 0,
    }[rule.required]
    if not silent or agreed >= needed:
        return frozenset(), frozenset()
    if is_past_limit and rule.silence is not Silence.BLOCK:
        # Escalated silence goes on to the committee too, but as missing, not as consent.
        return frozenset(), silent if rule.silence is Silence.CONSENT else frozenset()
    return silent, frozenset()


def _of_vote(
    facts: Facts, version: int, rule: ApprovalRule, against: frozenset[int], deemed: frozenset[int]
) -> Standing:
    ballots = standing_ballots(facts, version)
    cast = tuple(ballots.values())
    count = counted(cast, facts.roll, rule)
    decided = outcome(cast, facts.roll, rule)
    match decided.choice if decided else None:
        case Choice.APPROVE:
            return Standing(Stage.APPROVED, version, objections=against, deemed=deemed, count=count)
        case Choice.RETURN:
            returns = [ballot for ballot in cast if ballot.choice is Choice.RETURN]
            reasons = tuple(sorted((ballot.person_id, ballot.reason) for ballot in returns))
            return _back(facts, version, reasons, by_committee=True, count=count)
    return Standing(
        Stage.WAITING_APPROVAL,
        version,
        Duty.VOTE,
        persons=facts.roll.members.difference(ballots),
        objections=against,
        deemed=deemed,
        count=count,
    )


def _reasons(objections: list[Confirmation]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted((word.person_id, word.reason) for word in objections))


def _back(
    facts: Facts,
    version: int,
    reasons: tuple[tuple[int, str], ...],
    *,
    by_committee: bool,
    count: Count | None = None,
) -> Standing:
    return Standing(
        Stage.WAITING_SUBMISSION,
        version,
        Duty.SUBMIT,
        units=facts.lead_units,
        returned=Returned(version, by_committee, reasons),
        count=count,
    )
