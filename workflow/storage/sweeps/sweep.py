"""Sweeps: what time alone brings about. One pass over all periods, set-based and idempotent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.escalation import is_to_be_reminded
from workflow.storage.cycles.heads import StageChange
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.duties.ladder import Matter, escalate, matters
from workflow.storage.duties.office_desk import intend_office_mails
from workflow.storage.people.absences import handed_over
from workflow.storage.periods.watched import Watched, watched_periods
from workflow.storage.post import intents
from workflow.storage.reports.awaiting import remind_approvers
from workflow.storage.reports.overtaken import intend_overtaken_notices
from workflow.storage.results.closing import refresh_reopened
from workflow.storage.results.unit_summaries import remind_summaries
from workflow.storage.scores.own_scores import remind_self_scores
from workflow.storage.scores.sitting_lists import remind_council
from workflow.storage.scores.sittings import close_over
from workflow.storage.tables import cycles


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: cycles moved by the clock (deemed consent, lapse), periods whose people were
    reminded, steps of the escalation ladder taken."""

    changes: tuple[StageChange, ...]
    reminded_periods: int
    escalated: int


def sweep(tx: Connection, now: datetime) -> Swept:
    """Brings every open cycle (also one reopened in a closed period) to the stage of this moment, writes new
    results of closed periods where reopened cycles are decided, ends votes of the emulation council whose
    last day is over, reminds those who owe something or are asked about scores, commendations and reports,
    reports overdue work up the ladder, and notifies the office of what waits on its desk, and those concerned
    of reports whose figures were recomputed."""
    live = tx.scalars(select(cycles.c.id).where(cycles.c.stage.not_in(Stage.finals()))).all()
    changes = advance_cycles(tx, live, now)
    refresh_reopened(tx, now)
    close_over(tx, now)
    watched = watched_periods(tx, now)
    hand_over(tx, watched.values(), now)
    owed = matters(tx, watched)
    intend_office_mails(tx, watched.values(), now)
    remind_council(tx, watched, now)
    remind_self_scores(tx, watched, now)
    remind_summaries(tx, watched, now)
    intend_overtaken_notices(tx, watched, now)
    remind_approvers(tx, watched, now)
    return Swept(tuple(changes), remind(tx, owed, now), escalate(tx, owed, now))


def hand_over(tx: Connection, watched: Iterable[Watched], now: datetime) -> None:
    """Puts a digest into the outbox for those whose work changed hands: an absence began or ended."""
    periods_of: dict[int, list[Watched]] = {}
    for period in watched:
        periods_of.setdefault(period.organisation_id, []).append(period)
    for organisation_id, found in periods_of.items():
        people = handed_over(tx, organisation_id, found[0].today, now)
        for period in found if people else ():
            owing = period.owing()
            owing.ask(people)
            intents.intend_digests(tx, owing, now)


def remind(tx: Connection, owed: Iterable[Matter], now: datetime) -> int:
    """Puts a digest into the outbox for everyone who owes something near or past its last day; returns for
    how many periods.

    Nobody is reminded on a day off, nor on a day they were sent a digest, nor within `gap_hours` of it.
    """
    found: dict[int, intents.Recipients] = {}
    for matter in owed:
        period = matter.period
        days_before = period.rules.mail.remind_working_days_before
        if is_to_be_reminded(matter.last, period.today, days_before, period.calendar):
            found.setdefault(period.id, period.owing()).persons |= matter.holders
    for owing in found.values():
        owing.has_absences = False  # they are those who do it today
        intents.intend_reminders(tx, owing, now)
    return len(found)
