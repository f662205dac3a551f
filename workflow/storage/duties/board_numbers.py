"""A period's numbers for open boards: a cheap query, polled again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Stage
from workflow.domain.plans.sections import section_paths
from workflow.storage.cycles.said import first_that_stand
from workflow.storage.duties.owed import lateness_of_cycles
from workflow.storage.periods.watched import Watched
from workflow.storage.tables import cycles, items, periods, submissions

STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class PeriodStages:
    """The stage of each cycle of a period, those that are late, and whether the period was closed."""

    stages: Mapping[int, Stage]
    late: Collection[int]
    is_closed: bool


def period_stages(tx: Connection, period: Watched) -> PeriodStages:
    """The period's cycles by stage now."""
    rows = tx.execute(
        select(cycles.c.id, cycles.c.stage, periods.c.closed_at)
        .join(periods, periods.c.id == cycles.c.period_id)
        .where(cycles.c.period_id == period.id)
    ).all()
    late = {one for one, found in lateness_of_cycles(tx, period).items() if found.is_late}
    return PeriodStages({row.id: Stage(row.stage) for row in rows}, late, any(row.closed_at for row in rows))


def headings(tx: Connection, period_id: int) -> dict[int, tuple[str, ...]]:
    """The codes of the headings above each cycle of the period."""
    rows = tx.execute(
        select(cycles.c.id, items.c.section_codes, items.c.section_titles)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.period_id == period_id)
        .order_by(items.c.position)
    ).all()
    paths = section_paths((row.section_codes, row.section_titles) for row in rows)
    return {row.id: path.codes for row, path in zip(rows, paths, strict=True)}


def numbers(found: PeriodStages, above: Mapping[int, tuple[str, ...]]) -> dict[str, int]:
    """The board's numbers by the names its page gives them: `number_name`; those of zero are left out."""
    counted: Counter[str] = Counter()
    for cycle_id, stage in found.stages.items():
        for code in ("", *above.get(cycle_id, ())):
            counted[number_name(code, stage)] += 1
            counted[number_name(code)] += 1
            if cycle_id in found.late:
                counted[late_name(code)] += 1
    return dict(counted)


def number_name(code: str, stage: Stage | None = None) -> str:
    """The name of a number: of cycles under a heading (all of them, where the code is empty) at a stage, or
    at any."""
    return f"{code}:{'' if stage is None else STAGES.index(stage)}"


def late_name(code: str) -> str:
    """The name of the number of cycles under a heading that are late."""
    return f"{code}:late"


def stages_by_code(tx: Connection, period_id: int) -> dict[str, tuple[Stage, int]]:
    """The stage and the cycle of each of the plan's current items that reports in the period, by its code."""
    rows = tx.execute(
        select(items.c.code, cycles.c.stage, cycles.c.id)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.period_id == period_id, items.c.withdrawn_at.is_(None))
    )
    return {row.code: (Stage(row.stage), row.id) for row in rows}


def first_reports(tx: Connection, period_id: int, calendar: Calendar) -> list[date]:
    """The local day of the first report of each cycle of the period that has one."""
    live = select(cycles.c.id).where(cycles.c.period_id == period_id, cycles.c.stage != Stage.WITHDRAWN.value)
    first = tx.execute(first_that_stand().where(submissions.c.cycle_id.in_(live)))
    return [calendar.day_of(row.at) for row in first]
