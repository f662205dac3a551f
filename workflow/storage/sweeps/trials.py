"""The periods as the office sees them: those there are, what opening or closing one would do, and the rules
pinned for one. A look at opening is the real thing done and undone, so it can't promise anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.reports.report_issue import needs_approval
from workflow.domain.words import Words
from workflow.storage.cycles.heads import stages_of
from workflow.storage.names import lead_names
from workflow.storage.opening.asking import ItemAsked, asking_of
from workflow.storage.opening.opening import dates_at_opening, dates_planned, items_asked
from workflow.storage.opening.planned import tick
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.plans.plans import plan_head
from workflow.storage.reports.recipients import usual_recipients
from workflow.storage.results.unit_summaries import silent_units
from workflow.storage.rules import rules_of, rules_version
from workflow.storage.sweeps.schedule_keeping import close_and_announce, open_and_announce
from workflow.storage.tables import (
    cycles,
    items,
    outbox,
    persons,
    results,
)


@dataclass(frozen=True, slots=True)
class OpeningLook:
    """What opening would do: the dates, the cycles, who would be written to, and which body (its name and how
    many members) decides on what. `moved_from` are the dates planned, where too little of them is left;
    `asking` has every item of the plan, asked or not, and why."""

    label: str
    dates: Timetable
    moved_from: Timetable | None
    n_cycles: int
    people: tuple[str, ...]
    asking: tuple[ItemAsked, ...]
    decide: tuple[tuple[VotedMatter, str, int], ...]


@dataclass(frozen=True, slots=True)
class ClosingLook:
    """What closing would do: cycles that would lapse, those that stay as they are, whether it is before the
    cut-off, and who the report is mailed to: at once, unless it `needs_approval`."""

    period: Period
    live: int
    settled: int
    is_early: bool
    people: tuple[str, ...]
    needs_approval: bool
    silent: int = 0
    """Units that may still answer an evaluated period's question."""


@dataclass(frozen=True, slots=True)
class Lapsing:
    """A cycle that would lapse, with its present stage."""

    code: str
    content: str
    leads: tuple[str, ...]
    stage: Stage


@dataclass(frozen=True, slots=True)
class ClosingTrial:
    """What closing would leave: the cycles that would lapse in the plan's order, and the scores as they would
    be stored, the best first within each cluster."""

    lapsing: tuple[Lapsing, ...]
    scores: tuple[dict[str, Any], ...]


def opening_look(
    tx: Connection,
    plan_id: int,
    span: Span,
    rules_id: int,
    now: datetime,
    *,
    dates: Timetable | None = None,
    ticks: Mapping[str, bool] | None = None,
) -> OpeningLook:
    """What opening the period would do, by those dates and ticks where they are given; it is rolled back.
    Raises what opening would raise, but for a period in which no item is asked: the look then says why."""
    routing = rules_version(tx, rules_id).routing
    calendar = organisation_calendar(tx, plan_head(tx, plan_id).organisation_id)
    planned = dates_planned(tx, plan_id, span, routing, calendar)
    fair = dates_at_opening(tx, plan_id, span, routing, calendar, calendar.day_of(now))
    is_moved = fair.due_on != planned.due_on
    trial = tx.begin_nested()
    try:
        if ticks is not None:
            tick(tx, plan_id, span, ticks, Words("Xem trước"), now)
        found = tuple(asking_of(tx, plan_id, span, routing))
        n_asked = len(items_asked(found))
        people: list[str] = []
        decide: list[tuple[VotedMatter, str, int]] = []
        if n_asked:
            period_id = open_and_announce(tx, plan_id, span, rules_id, now, dates=dates)
            names = select(persons.c.name).join(outbox, outbox.c.person_id == persons.c.id)
            people = sorted(tx.scalars(names.where(outbox.c.period_id == period_id).distinct()))
            period = period_of(tx, period_id)
            bodies = [(one, period.body_of(one)) for one in VotedMatter]
            decide = [(one, body.name, len(body.roll.members)) for one, body in bodies]
        return OpeningLook(
            span.label,
            dates or fair,
            planned if is_moved else None,
            n_asked,
            tuple(people),
            found,
            tuple(decide),
        )
    finally:
        trial.rollback()


def closing_look(tx: Connection, period: Period, now: datetime) -> ClosingLook:
    """What closing the period at that moment would do."""
    stages = stages_of(tx, period.id)
    live = sum(count for stage, count in stages.items() if not stage.is_final)
    people = tuple(one.label for one in usual_recipients(tx, period.organisation_id, ()) if one.email)
    silent = len(silent_units(tx, watched_period(tx, period.id, now)))
    is_early = (bool(live) and period.calendar.day_of(now) <= period.cut_off) or bool(silent)
    waits = needs_approval(rules_of(tx, period.id))
    return ClosingLook(period, live, sum(stages.values()) - live, is_early, people, waits, silent)


def closing_trial(tx: Connection, period_id: int, now: datetime) -> ClosingTrial:
    """Closes the period, reads the results, and rolls back; of a closed one, its stored results."""
    lapsing = _lapsing(tx, period_id)
    trial = tx.begin_nested()
    try:
        close_and_announce(tx, period_id, now, is_early=True)
        kept = tx.scalar(
            select(results.c.body)
            .where(results.c.period_id == period_id, results.c.kind == "scores")
            .order_by(results.c.version.desc())
            .limit(1)
        )
        return ClosingTrial(lapsing, tuple(kept or ()))
    finally:
        trial.rollback()


def _lapsing(tx: Connection, period_id: int) -> tuple[Lapsing, ...]:
    rows = tx.execute(
        select(cycles.c.id, cycles.c.stage, items.c.code, items.c.content)
        .join(items, items.c.id == cycles.c.item_id)
        .where(
            cycles.c.period_id == period_id,
            cycles.c.stage.not_in(Stage.finals()),
        )
        .order_by(items.c.position)
    ).all()
    leads = lead_names(tx, [row.id for row in rows])
    return tuple(Lapsing(row.code, row.content, leads.get(row.id, ()), Stage(row.stage)) for row in rows)
