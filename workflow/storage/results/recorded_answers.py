"""What others did about a report, as its record has it: confirmations, the vote, what came back, who did not
answer, and what a reopening came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflow.domain.cycles.advance import last_open_day
from workflow.domain.cycles.confirming import asked_units, last_day_of_words, words_on
from workflow.domain.cycles.cycle import Stage, Submission, Verdict, standing_confirmations
from workflow.domain.results.record import Excuse, RecordedVote, RecordedWord, Unheard, UnitRef
from workflow.domain.rules.routing_rules import Objection, Shows
from workflow.domain.vietnamese import day
from workflow.storage.cycles.facts_of_cycles import Routed


@dataclass(frozen=True, slots=True)
class Others:
    """The units of the organisation, who reports for each today, and the names of members to be named."""

    unit_of: Mapping[int, UnitRef]
    reporters: Mapping[int, set[int]]
    names: Mapping[int, str]


def members_to_name(routed: Iterable[Routed]) -> set[int]:
    """The members that undecided reports were waiting for, where the rules show who voted how."""
    return {
        member
        for cycle in routed
        if cycle.rules.approval.shows is Shows.NAMES
        for member in cycle.standing.get("unheard_persons", ())
    }


def unheard(cycle: Routed, others: Others) -> Unheard | None:
    """Of a cycle that ended undecided: who had not answered."""
    if cycle.stage is not Stage.UNDECIDED:
        return None
    members = cycle.standing.get("unheard_persons", ())
    return Unheard(
        tuple(others.unit_of[unit] for unit in cycle.standing.get("unheard_units", ())),
        len(members),
        tuple(sorted(others.names[member] for member in members if member in others.names)),
    )


def reopened(cycle: Routed) -> str:
    """Of a version that stands again after a reopening: when that was, and that nothing came of it."""
    if not cycle.standing.get("is_restored"):
        return ""
    order = max(cycle.facts.reopenings, key=lambda order: order.at)
    newest = max(one.version for one in cycle.facts.submissions)
    came = "bản gửi sau đó chưa được duyệt" if newest > cycle.version else "không có bản mới"
    on = day(cycle.calendar.day_of(order.at))
    return f"mở lại ngày {on}, đến hết ngày {day(order.until)} {came}: bản đã duyệt trước đó vẫn giữ nguyên"


def returns(cycle: Routed) -> tuple[int, int]:
    """How many versions were returned by objection, and how many by the committee: each version that was
    followed by another, and the last one where it is returned now. A version that the unit recalled itself
    or the office reopened is not counted, nor a return that was taken back to the vote."""
    versions = sorted(said.version for said in cycle.facts.submissions)
    came_back = versions[:-1]
    if "returned" in cycle.standing:
        came_back = versions
    facts = cycle.facts
    came_back = [one for one in came_back if not (facts.recall_of(one) or facts.reopening_of(one))]
    if cycle.rules.confirmation.objection is not Objection.TO_LEAD:
        # An objection goes to the committee with the report: whatever came back, the committee returned.
        return 0, len(came_back)
    objected = {
        version
        for version in came_back
        for word in standing_confirmations(cycle.facts, version).values()
        # Put to the vote all the same, it came back by the vote.
        if word.verdict is Verdict.OBJECT and facts.revote_of(version) is None
    }
    return len(objected), len(came_back) - len(objected)


def words_of(
    cycle: Routed, current: Submission, others: Others, standing: dict[str, Any], now: datetime
) -> tuple[RecordedWord, ...]:
    """The confirmation of each unit asked about that version, and why one could not give it."""
    said = words_on(cycle.facts, current.version, cycle.rules.confirmation)
    deemed = set(standing.get("deemed", ()))
    calendar, sent_on = cycle.calendar, cycle.calendar.day_of(current.at)
    given = last_day_of_words(
        sent_on, cycle.facts.timetable_of(current.version), cycle.rules.confirmation, calendar
    )
    last = last_open_day(cycle.facts, cycle.rules, now, calendar)
    authors = cycle.facts.authors(current.version)
    found = []
    for unit_id in sorted(asked_units(cycle.facts, current, cycle.rules.confirmation)):
        word = said.get(unit_id)
        excuse = None
        if others.reporters[unit_id] <= authors:
            excuse = Excuse.NOBODY_ELSE
        elif given > last:
            excuse = Excuse.CUT_SHORT
        found.append(
            RecordedWord(
                unit=others.unit_of[unit_id],
                verdict=word.verdict if word else None,
                reason=word.reason if word else "",
                on=calendar.day_of(word.at) if word else None,
                due_on=min(given, last),
                is_deemed=unit_id in deemed,
                excuse=None if word else excuse,
            )
        )
    return tuple(found)


def vote_of(cycle: Routed, on: date) -> RecordedVote | None:
    """The vote on the version that stands; `on` is the day of the decision."""
    count = cycle.standing.get("count")
    if not count:
        return None
    return RecordedVote(
        approve=count["approve"],
        back=count["return"],
        abstain=count["abstain"],
        base=len(cycle.facts.roll.members),
        on=on if cycle.stage is Stage.APPROVED else None,
    )
