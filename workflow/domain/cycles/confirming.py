"""The coordinating units' confirmations of a version: which count, which carry over from the previous
version, who is still waited for, and whose silence counts as consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import (
    Confirmation,
    Facts,
    Submission,
    Verdict,
    may_judge,
    standing_confirmations,
)
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.routing_rules import Carry, ConfirmationRule, Confirming, Silence
from workflow.domain.typed import says_something


@dataclass(frozen=True, slots=True)
class Heard:
    """The confirmations of the current version.

    `awaited` owe a confirmation until `last_day`; `deemed` are those whose silence counts as consent;
    `carried` those whose confirmation of an earlier version still counts; `partial` those that confirmed in
    part. `own_results` are the co-leads that have to tell their own result, `silent_leads` those of them that
    did not by their last day, or before the office put the report to the vote. `settled_on` is the day the
    last confirmation arrived, or its last day if it never did.
    """

    last_day: date
    settled_on: date
    awaited: frozenset[int] = frozenset()
    deemed: frozenset[int] = frozenset()
    carried: frozenset[int] = frozenset()
    partial: frozenset[int] = frozenset()
    own_results: frozenset[int] = frozenset()
    silent_leads: frozenset[int] = frozenset()
    objections: tuple[Confirmation, ...] = ()

    @property
    def against(self) -> frozenset[int]:
        """The units whose objection is in force."""
        return frozenset(word.unit_id for word in self.objections)


def heard(
    facts: Facts, current: Submission, rule: ConfirmationRule, today: date, calendar: Calendar
) -> Heard:
    """Returns the state of the confirmations on that day."""
    asked = asked_units(facts, current, rule)
    words = words_on(facts, current.version, rule)
    said = {unit: word for unit, word in words.items() if unit in asked}
    silent = asked.difference(said)
    sent_on = calendar.day_of(current.at)
    last_day = last_day_of_words(sent_on, facts.timetable_of(current.version), rule, calendar)
    own = own_results(facts, current, rule)
    is_past_limit = today > last_day
    others = {unit: word for unit, word in said.items() if unit not in own}
    awaited, deemed = _awaited(silent - own, others, rule, is_past_limit)
    # Put to the vote by the office, it waits for no lead any more either.
    is_called_anew = facts.revote_of(current.version) is not None
    is_given_up = is_called_anew or (is_past_limit and rule.silence is not Silence.BLOCK)
    silent_leads = silent & own if is_given_up else frozenset[int]()
    awaited |= (silent & own) - silent_leads
    # Nobody asked, nothing to wait for: the vote is called on the day of the report.
    settled_on = max(
        last_day if asked else sent_on, *(calendar.day_of(word.at) for word in said.values()), sent_on
    )
    return Heard(
        last_day,
        settled_on,
        awaited,
        deemed,
        carried=frozenset(unit for unit, word in said.items() if word.version != current.version),
        partial=frozenset(unit for unit, word in said.items() if word.verdict is Verdict.PARTIAL),
        own_results=own,
        silent_leads=silent_leads,
        objections=tuple(word for word in said.values() if word.verdict is Verdict.OBJECT),
    )


def last_day_of_words(
    sent_on: date, timetable: Timetable, rule: ConfirmationRule, calendar: Calendar
) -> date:
    """The last day to confirm a report sent on that day: the period's own, or later where the rule gives the
    units more time."""
    return max(calendar.limit(sent_on, rule.silence_working_days), timetable.confirm_by)


def asked_units(facts: Facts, current: Submission, rule: ConfirmationRule) -> frozenset[int]:
    """The units asked to confirm: never the one that reported."""
    asked = facts.confirming_units.difference((current.unit_id,))
    return asked if rule.co_leads or rule.each_lead else asked.difference(facts.lead_units)


def own_results(facts: Facts, current: Submission, rule: ConfirmationRule) -> frozenset[int]:
    """The lead units that have to tell their own result beside that report."""
    asked = asked_units(facts, current, rule)
    return asked & facts.lead_units if rule.each_lead else frozenset()


def tells_a_result(word: Confirmation) -> bool:
    """Whether a co-lead that has to tell its own result did so, or objects to the whole report."""
    return word.verdict is Verdict.OBJECT or says_something(word.reason)


def words_on(facts: Facts, version: int, rule: ConfirmationRule) -> dict[int, Confirmation]:
    """Each unit's confirmation of that version, those carried over by rule from earlier versions included; of
    a lead unit that has to tell its own result, only a word that does."""
    words = _words_on(facts, version, rule)
    if not rule.each_lead:
        return words
    return {
        unit: word for unit, word in words.items() if unit not in facts.lead_units or tells_a_result(word)
    }


def _words_on(facts: Facts, version: int, rule: ConfirmationRule) -> dict[int, Confirmation]:
    if rule.carry is Carry.NONE:
        return standing_confirmations(facts, version)
    found: dict[int, Confirmation] = {}
    for sent in sorted(facts.submissions, key=lambda sent: sent.version):
        if sent.version <= version:
            found = _carried(found, sent, facts, rule.carry) | standing_confirmations(facts, sent.version)
    return found


def _carried(
    words: dict[int, Confirmation], sent: Submission, facts: Facts, carry: Carry
) -> dict[int, Confirmation]:
    """The confirmations of the previous version that count for the version just sent."""
    has_objection = any(word.verdict is Verdict.OBJECT for word in words.values())
    if carry is Carry.UNLESS_OBJECTION and has_objection:
        return {}
    touched = sent.touches if carry is Carry.UNTOUCHED else frozenset[int]()
    if touched is None:
        return {}
    authors = facts.authors(sent.version)
    return {
        unit: word
        for unit, word in words.items()
        if word.verdict is not Verdict.OBJECT
        and unit not in touched
        and may_judge(authors, word.person_id, word.acted_for)
    }


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
