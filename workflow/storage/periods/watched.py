"""Periods that the sweep works on: the open ones, and closed ones with difficulties still to be followed, a
vote of the emulation council under way or a report not issued yet; each with its rules and its calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, exists, or_

from workflow.domain.cycles.difficulty import DifficultyState
from workflow.domain.cycles.lateness import Lateness, Term, lateness
from workflow.storage.periods.periods import PERIODS, Period, values_of
from workflow.storage.post import intents
from workflow.storage.tables import (
    cycles,
    difficulties,
    periods,
    report_issues,
    score_decisions,
    score_entries,
    score_reviews,
    sittings,
)

LIVE_DIFFICULTY = difficulties.c.state.not_in([state.value for state in DifficultyState if state.is_final])


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Period):
    """A period with the moment it was loaded for, `now`, and its local day, `today`."""

    today: date
    now: datetime

    def owing(self) -> intents.Recipients:
        """An empty list of those to write to, timed by the period's rules."""
        return intents.Recipients(self.organisation_id, self.id, self.rules.mail, self.calendar)

    def lateness(self, term: Term) -> Lateness:
        """How late a duty of the period is."""
        return lateness(term, self.timetable, self.calendar, self.now)


def watched_periods(tx: Connection, now: datetime) -> dict[int, Watched]:
    """Every period the sweep works on, by id."""
    has_live = exists().where(
        cycles.c.period_id == periods.c.id, difficulties.c.cycle_id == cycles.c.id, LIVE_DIFFICULTY
    )
    is_asked = exists().where(sittings.c.period_id == periods.c.id, sittings.c.closed_at.is_(None))
    has_draft = exists().where(report_issues.c.period_id == periods.c.id, report_issues.c.issued_at.is_(None))
    is_answered = exists().where(
        score_entries.c.review_id == score_reviews.c.id, score_decisions.c.entry_id == score_entries.c.id
    )
    has_review = exists().where(score_reviews.c.period_id == periods.c.id, ~is_answered)
    is_live = or_(periods.c.closed_at.is_(None), has_live, is_asked, has_draft, has_review)
    return _watched(tx, is_live, now)


def watched_period(tx: Connection, period_id: int, now: datetime) -> Watched:
    """One period, open or closed."""
    return _watched(tx, periods.c.id == period_id, now)[period_id]


def _watched(tx: Connection, which: ColumnElement[bool], now: datetime) -> dict[int, Watched]:
    found = {}
    for row in tx.execute(PERIODS.where(which).order_by(periods.c.id)):
        values = values_of(row)
        found[row.id] = Watched(**values, today=values["calendar"].day_of(now), now=now)
    return found
