"""Every vote held on a cycle, one a version and one more each time it was called anew: what the minutes
count. Who decides what is `voting`'s."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import until_over
from workflow.domain.cycles.confirming import heard
from workflow.domain.cycles.cycle import Facts
from workflow.domain.cycles.voting import Poll, poll
from workflow.domain.rules.routing_rules import Objection, Rules


def votes_held(facts: Facts, rules: Rules, now: datetime, calendar: Calendar) -> tuple[tuple[int, Poll], ...]:
    """Returns (version, vote) for each vote held: its state when the next version came or it was called anew,
    when the cycle's time was over, or at present. What silence or a last day would have decided after that is
    no decision."""
    if facts.is_withdrawn:
        return ()
    found = []
    versions = sorted(facts.submissions, key=lambda one: one.version)
    for place, submission in enumerate(versions):
        following = versions[place + 1 : place + 2]
        until_then = replace(facts, submissions=tuple(versions[: place + 1]))
        anew = sorted(
            (one for one in facts.revotes if one.version == submission.version), key=lambda one: one.at
        )
        ends = [*(one.at for one in anew), min([now, *(one.at for one in following)])]
        for round_, ended_at in enumerate(ends):
            is_anew, is_last = round_ > 0, not following and round_ == len(anew)
            of_then = replace(until_then, revotes=tuple(anew[:round_]))
            of_then, moment = until_over(of_then, submission.version, rules, ended_at, calendar)
            said = heard(of_then, submission, rules.confirmation, calendar.day_of(moment), calendar)
            vote = poll(of_then, submission.version, rules, said.settled_on, moment, calendar)
            is_back = bool(said.objections) and rules.confirmation.objection is Objection.TO_LEAD
            is_called = is_anew or not (said.awaited or is_back)
            is_called = is_called and facts.recall_of(submission.version) is None
            if vote.cast or (is_called and (vote.choice or is_last)):
                found.append((submission.version, vote))
    return tuple(found)
