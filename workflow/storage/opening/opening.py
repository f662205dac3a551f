"""Opening a period: rules pinned, the committee's roll taken, one cycle for each item due, the first mail
intended; all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import Conflict, NotFound, TiendoError
from workflow.domain.events import Event
from workflow.domain.people.directory import Role
from workflow.domain.periods.period import Span, Timetable, is_due_in, timetable
from workflow.domain.plans.plan import PlanPart
from workflow.domain.rules.layers import committees_named
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.item_rules import scope
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.opening.planned import dates_of_the_office
from workflow.storage.outside import events
from workflow.storage.people.groups import expanded, group_members, organisation_calendar
from workflow.storage.plans.plans import schedule_rows
from workflow.storage.rules import rules_version
from workflow.storage.tables import (
    CONFIRMING,
    LEAD,
    cycle_units,
    cycles,
    item_units,
    periods,
    plans,
    roles,
    units,
)


def open_period(
    tx: Connection, plan_id: int, span: Span, rules_id: int, now: datetime, *, dates: Timetable | None = None
) -> int:
    """Opens the period and returns its id; opening one that is open already returns the same id again.

    Raises Conflict where it was closed, TiendoError where no committee or no reporter could act.
    """
    plan = tx.execute(select(plans).where(plans.c.id == plan_id).with_for_update()).first()
    if plan is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    known = tx.execute(
        select(periods.c.id, periods.c.closed_at, periods.c.evaluation).where(
            periods.c.plan_id == plan_id, periods.c.code == span.code
        )
    ).first()
    if known is not None:
        if known.evaluation is not None:
            raise Conflict(Words("%(label)s đã được đánh giá từ các kỳ đã khóa.", label=span.label))
        if known.closed_at is not None:
            raise Conflict(
                Words("Kỳ %(label)s đã khóa.", label=span.label),
                cure=Words("Mở lại từng lượt báo cáo nếu cần sửa."),
            )
        return int(known.id)
    routing = rules_version(tx, rules_id).routing
    calendar = organisation_calendar(tx, plan.organisation_id)
    dates = dates or dates_of_the_office(tx, plan_id, span) or timetable(span, routing.period, calendar)
    period_id: int = tx.execute(
        periods.insert()
        .values(
            plan_id=plan_id,
            rules_id=rules_id,
            code=span.code,
            label=span.label,
            # Opened by hand before its day, it has begun all the same.
            opens_on=min(dates.opens_on, calendar.day_of(now)),
            due_on=dates.due_on,
            confirm_by=dates.confirm_by,
            approve_by=dates.approve_by,
            cut_off=dates.cut_off,
            committee=_rolls(tx, plan.organisation_id, routing),
            opened_at=now,
        )
        .returning(periods.c.id)
    ).scalar_one()
    due = items_due(schedule_rows(tx, plan_id), span, routing)
    if not due:
        raise TiendoError(Words("Không có nội dung nào phải báo cáo trong %(label)s.", label=span.label))
    opened = add_cycles(tx, period_id, due, now)
    record(
        tx,
        plan.organisation_id,
        now,
        AuditEntry("period-opened", details={"period": period_id, "code": span.code, "cycles": len(due)}),
    )
    events.period_changed(tx, Event.PERIOD_OPENED, period_id, now)
    advance_cycles(tx, opened.values(), now)
    return period_id


def items_due(rows: Iterable[tuple[int, PlanPart]], span: Span, routing: Rules) -> list[int]:
    """The items that report in the period, of those with their times."""
    reporting, kinds = routing.period.reporting, routing.schedule.kinds
    return [item for item, row in rows if is_due_in(row, span, reporting, kinds)]


def _rolls(tx: Connection, organisation_id: int, routing: Rules) -> dict[str, Any]:
    """The committee's members and chair, by person id; and those of each voting unit apart, for rules that
    name one."""
    found = tx.execute(
        select(units.c.slug, roles.c.person_id, roles.c.role)
        .join(units, units.c.id == roles.c.unit_id)
        .where(
            units.c.organisation_id == organisation_id,
            units.c.is_committee,
            roles.c.role.in_([Role.MEMBER.value, Role.CHAIR.value]),
        )
        .order_by(roles.c.person_id)
    ).all()
    if not found:
        raise TiendoError(
            Words("Danh bạ chưa có Ban Thường vụ (đơn vị biểu quyết)."),
            cure=Words("Đánh dấu một đơn vị là ban biểu quyết và ghi các thành viên của nó."),
        )
    by_unit = {
        slug: _roll([row for row in found if row.slug == slug]) for slug in {row.slug for row in found}
    }
    for name in committees_named(routing):
        if name not in by_unit:
            raise TiendoError(
                Words(
                    "Quy tắc giao biểu quyết cho “%(name)s”, nhưng danh bạ không có ban biểu quyết ấy.",
                    name=name,
                ),
                where="[approval] committee",
                cure=Words("Ghi một trong các mã: %(names)s.", names=", ".join(sorted(by_unit))),
            )
    return _roll(found) | ({"by_unit": by_unit} if len(by_unit) > 1 else {})


def rolls_now(tx: Connection, organisation_id: int, routing: Rules) -> dict[str, Any]:
    """The committee as a period that begins now keeps it; raises TiendoError where there is none."""
    return _rolls(tx, organisation_id, routing)


def _roll(seats: Sequence[Any]) -> dict[str, Any]:
    chair = next((row.person_id for row in seats if row.role == Role.CHAIR.value), None)
    return {"members": sorted({row.person_id for row in seats}), "chair": chair}


def add_cycles(tx: Connection, period_id: int, item_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Adds a cycle for each item, its units seated, and returns their ids by item."""
    tx.execute(
        cycles.insert(),
        [
            {
                "period_id": period_id,
                "item_id": item,
                "stage": Stage.WAITING_SUBMISSION.value,
                "stage_since": now,
                "standing": {},
            }
            for item in item_ids
        ],
    )
    opened = {
        row.item_id: row.id
        for row in tx.execute(
            select(cycles.c.id, cycles.c.item_id)
            .where(cycles.c.period_id == period_id, cycles.c.item_id.in_(item_ids))
            .order_by(cycles.c.id)
        )
    }
    if rows := seats_of(tx, {cycle: item for item, cycle in opened.items()}):
        tx.execute(cycle_units.insert(), rows)
    scope(tx, opened.values())
    return opened


def seats_of(tx: Connection, items_by_cycle: Mapping[int, int]) -> list[dict[str, Any]]:
    """Who leads and who confirms each cycle, as rows of `cycle_units`: groups replaced by their members,
    co-leads asked to confirm what one of them reports, units that nobody reports for left out."""
    members = group_members(tx)
    able = set(tx.scalars(select(roles.c.unit_id).where(roles.c.role == Role.REPORTER.value)))
    named = tx.execute(
        select(item_units.c.item_id, item_units.c.unit_id, item_units.c.role)
        .where(item_units.c.item_id.in_(set(items_by_cycle.values())))
        .order_by(
            item_units.c.item_id,
            item_units.c.part_id.is_not(None),
            item_units.c.position,
            item_units.c.id,
        )
    ).all()
    leads: dict[int, list[int]] = {}
    confirming: dict[int, list[int]] = {}
    for row in named:
        seats = leads if row.role == LEAD else confirming
        place = seats.setdefault(row.item_id, [])
        place += [unit for unit in expanded(row.unit_id, members) if unit in able and unit not in place]
    rows = []
    for cycle, item in items_by_cycle.items():
        lead = leads.get(item, [])
        asked = lead + [unit for unit in confirming.get(item, []) if unit not in lead]
        rows += [
            {"cycle_id": cycle, "unit_id": unit, "role": LEAD, "position": place}
            for place, unit in enumerate(lead)
        ]
        if len(asked) > 1 or not lead:
            rows += [
                {"cycle_id": cycle, "unit_id": unit, "role": CONFIRMING, "position": place}
                for place, unit in enumerate(asked)
            ]
    return rows
