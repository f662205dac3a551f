"""A unit's own work in a period: the items it leads, those still to report with all that their forms ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.lateness import Lateness
from workflow.domain.results.plausible import AskedFigure
from workflow.storage.cycles.heads import CycleHead, PartRow, TargetRow, cycle_heads, parts_of, targets_of
from workflow.storage.cycles.said import submissions_of
from workflow.storage.duties.persons_page import ToReport, duties_of, held_in, named_units
from workflow.storage.people.stand_ins import units_held
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.results.earlier_reports import Earlier, asked_figures, earlier_reports
from workflow.storage.tables import LEAD, cycle_units, cycles, items, submissions


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """What the form of one report asks: `asked` are the targets with the year so far, by id, `last` is the
    item's report in an earlier period."""

    period: Period
    owed: ToReport
    targets: tuple[TargetRow, ...]
    parts: tuple[PartRow, ...]
    asked: dict[int, AskedFigure]
    last: Earlier | None = None


def report_sheets(
    tx: Connection,
    person_id: int,
    period_id: int,
    cycle_ids: Collection[int] | None = None,
    *,
    now: datetime | None = None,
) -> dict[int, ReportSheet]:
    """What the forms of the reports ask that the person owes now (of these cycles), in the plan's order."""
    period = period_of(tx, period_id)
    held = held_in(tx, person_id, period, now)
    named = named_units(tx, held)
    leads: dict[int, list[tuple[int, str]]] = {}
    late: dict[int, Lateness] = {}
    for (duty, cycle, unit, _), found in sorted(duties_of(tx, person_id, period_id, now).items()):
        if duty == Duty.SUBMIT and (cycle_ids is None or cycle in cycle_ids):
            leads.setdefault(cycle, []).append((unit, named[unit]))
            late[cycle] = min(found, late.get(cycle, found))
    if not leads:
        return {}
    last, aims, made_of = submissions_of(tx, leads), targets_of(tx, leads), parts_of(tx, leads)
    earlier = earlier_reports(tx, period_id, leads)
    asked = asked_figures(tx, period_id, leads, earlier)
    return {
        cycle: ReportSheet(
            period,
            ToReport(head, tuple(leads[cycle]), last[cycle][0] if cycle in last else None, late[cycle]),
            aims.get(cycle, ()),
            made_of.get(cycle, ()),
            {aim.id: asked[aim.id] for aim in aims.get(cycle, ())},
            earlier.get(cycle),
        )
        for cycle, head in cycle_heads(tx, leads).items()
    }


def report_sheet(
    tx: Connection, person_id: int, period_id: int, cycle_id: int, *, now: datetime | None = None
) -> ReportSheet | None:
    """The form of one report, or None where the person does not owe it now."""
    return report_sheets(tx, person_id, period_id, [cycle_id], now=now).get(cycle_id)


@dataclass(frozen=True, slots=True)
class Led:
    """An item that a unit of the person leads, and the progress last reported of it, if any."""

    cycle: CycleHead
    progress: int | None


def led_by(tx: Connection, person_id: int, period_id: int, *, now: datetime | None = None) -> dict[int, Led]:
    """Every item of the period that the person's units lead, reported or not, in the plan's order."""
    held = held_in(tx, person_id, period_of(tx, period_id), now)
    rows = dict(
        tx.execute(
            select(cycles.c.id, submissions.c.progress)
            .join(cycle_units, cycle_units.c.cycle_id == cycles.c.id)
            .outerjoin(
                submissions,
                and_(submissions.c.cycle_id == cycles.c.id, submissions.c.version == cycles.c.version),
            )
            .where(
                cycles.c.period_id == period_id,
                cycles.c.stage != Stage.WITHDRAWN.value,
                _is_led(),
            ),
            {"reports_for": held.reports_for},
        ).all()
    )
    return {cycle: Led(head, rows[cycle]) for cycle, head in cycle_heads(tx, rows).items()}


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """An item in the row of those that the person's units lead."""

    id: int
    code: str
    is_owed: bool


def led_places(
    tx: Connection, person_id: int, period_id: int, *, now: datetime | None = None
) -> list[ItemPlace]:
    """The same items by their codes alone, in the plan's order: enough to go from one to the next."""
    held = held_in(tx, person_id, period_of(tx, period_id), now)
    owed = {cycle for duty, cycle, _, _ in duties_of(tx, person_id, period_id, now) if duty == Duty.SUBMIT}
    led = select(cycle_units.c.cycle_id).where(_is_led())
    rows = tx.execute(
        select(cycles.c.id, items.c.code)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.period_id == period_id, cycles.c.stage != Stage.WITHDRAWN.value, cycles.c.id.in_(led))
        .order_by(items.c.position),
        {"reports_for": held.reports_for},
    )
    return [ItemPlace(row.id, row.code, row.id in owed) for row in rows]


def _is_led() -> ColumnElement[bool]:
    return and_(cycle_units.c.role == LEAD, cycle_units.c.unit_id.in_(units_held()))
