"""The periods as the office sees them: those there are, what opening or closing one would do, and the rules
pinned for one. A look at opening is the real thing done and undone, so it can't promise anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from workflow.domain.directory import Role
from workflow.domain.errors import NotFound
from workflow.domain.period import Span
from workflow.domain.rules import Rules
from workflow.domain.words import Words
from workflow.storage.closing import stages_of
from workflow.storage.directories import holders
from workflow.storage.opening import open_period
from workflow.storage.queries import PeriodRow, all_periods, period_of
from workflow.storage.tables import cycles, outbox, periods, persons, plans, rules


@dataclass(frozen=True, slots=True)
class KeptPeriod:
    """A period of the list, with how many of its cycles there are and how many are under way."""

    period: PeriodRow
    total: int
    live: int


@dataclass(frozen=True, slots=True)
class OpeningLook:
    """What opening would do: the dates, the cycles, and who would be written to."""

    label: str
    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date
    n_cycles: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosingLook:
    """What closing would do: cycles that would lapse, those that stay as they are, whether it is before the
    cut-off, and who the reports would be mailed to."""

    period: PeriodRow
    live: int
    settled: int
    is_early: bool
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PinnedRules:
    """A version of the rules as it is kept; `scoring` is empty where nothing is scored."""

    id: int
    name: str
    version: str
    sha256: str
    saved_at: datetime
    routing: Rules
    scoring: dict[str, Any]


def kept_periods(tx: Connection, organisation_id: int) -> list[KeptPeriod]:
    """The organisation's periods, the one opened last first."""
    found = []
    for period in reversed(all_periods(tx)):
        if period.organisation_id == organisation_id:
            stages = stages_of(tx, period.id)
            live = sum(count for stage, count in stages.items() if not stage.is_final)
            found.append(KeptPeriod(period, sum(stages.values()), live))
    return found


def opening_look(tx: Connection, plan_id: int, span: Span, rules_id: int, now: datetime) -> OpeningLook:
    """What opening the period would do; nothing of it stays. Raises what opening would raise."""
    trial = tx.begin_nested()
    try:
        period_id = open_period(tx, plan_id, span, rules_id, now)
        period = period_of(tx, period_id)
        count = select(func.count()).select_from(cycles).where(cycles.c.period_id == period_id)
        told = select(persons.c.name).join(outbox, outbox.c.person_id == persons.c.id)
        people = tx.scalars(told.where(outbox.c.period_id == period_id).distinct())
        return OpeningLook(
            period.label,
            period.due_on,
            period.confirm_by,
            period.approve_by,
            period.cut_off,
            tx.scalar(count) or 0,
            tuple(sorted(people)),
        )
    finally:
        trial.rollback()


def closing_look(tx: Connection, period: PeriodRow, today: date) -> ClosingLook:
    """What closing the period on that day would do."""
    stages = stages_of(tx, period.id)
    live = sum(count for stage, count in stages.items() if not stage.is_final)
    receivers = holders(tx, period.organisation_id, Role.RECIPIENT, Role.OFFICE)
    names = tx.scalars(select(persons.c.name).where(persons.c.id.in_(receivers)).order_by(persons.c.id))
    is_early = bool(live) and today <= period.cut_off
    return ClosingLook(period, live, sum(stages.values()) - live, is_early, tuple(names))


def pinned_rules(tx: Connection, period_id: int) -> PinnedRules:
    """The rules pinned for a period, scoring included."""
    question = select(rules).join(periods, periods.c.rules_id == rules.c.id)
    return _version(tx.execute(question.where(periods.c.id == period_id)).one())


def rules_versions(tx: Connection, organisation_id: int) -> list[PinnedRules]:
    """The versions of the rules the organisation has opened periods by, the one used last first."""
    last = (
        select(periods.c.rules_id, func.max(periods.c.id).label("at")).group_by(periods.c.rules_id).subquery()
    )
    rows = tx.execute(
        select(rules)
        .join(last, last.c.rules_id == rules.c.id)
        .where(rules.c.organisation_id == organisation_id)
        .order_by(last.c.at.desc())
    )
    return [_version(row) for row in rows]


def _version(row: Any) -> PinnedRules:
    return PinnedRules(
        row.id, row.name, row.version, row.sha256, row.saved_at, Rules.from_json(row.routing), row.scoring
    )


def own_period(tx: Connection, organisation_id: int, period_id: int) -> PeriodRow:
    """A period of the organisation; raises NotFound for another's."""
    found = period_of(tx, period_id)
    if found.organisation_id != organisation_id:
        raise NotFound(Words("Không có kỳ báo cáo này."))
    return found


def plan_choices(tx: Connection, organisation_id: int) -> list[tuple[int, str, int]]:
    """The organisation's plans to open a period of: id, words and year, the last loaded first."""
    rows = tx.execute(
        select(plans.c.id, plans.c.number, plans.c.title, plans.c.year)
        .where(plans.c.organisation_id == organisation_id)
        .order_by(plans.c.id.desc())
    )
    return [(row.id, " – ".join(filter(None, (row.number, row.title))), row.year) for row in rows]
