"""What the office decides about a period before it opens: other dates, held, let go again; each with its
reason and an audit entry. The schedule follows it (`storage.periods.schedule`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from workflow.domain.calendar import Calendar
from workflow.domain.errors import Conflict, NotAllowed, NotFound, TiendoError
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.tables import items, periods, planned_periods, plans, schedule_notices
from workflow.storage.writing import upsert


def dates_of_the_office(tx: Connection, plan_id: int, span: Span) -> Timetable | None:
    """The dates that the office set for the period, if it did."""
    kept = tx.scalar(
        select(planned_periods.c.dates).where(
            planned_periods.c.plan_id == plan_id, planned_periods.c.code == span.code
        )
    )
    return dates_from(kept) if kept else None


def dates_from(kept: dict[str, str]) -> Timetable:
    """Dates from their stored JSON."""
    return Timetable(**{name: date.fromisoformat(day) for name, day in kept.items()})


def shift(
    tx: Connection,
    plan_id: int,
    span: Span,
    dates: Timetable,
    reason: str,
    now: datetime,
    *,
    calendar: Calendar,
    person_id: int | None = None,
) -> Timetable:
    """Sets other dates for a period that is not open, each moved on to a working day, and returns them."""
    found = Timetable(**{name: calendar.add_working_days(day, 0) for name, day in asdict(dates).items()})
    if found.opens_on < calendar.day_of(now):
        raise TiendoError(
            Words("Ngày mở %(day)s đã qua.", day=day(found.opens_on)),
            cure=Words("Chọn ngày mở từ hôm nay trở đi."),
        )
    values = {"dates": {name: day.isoformat() for name, day in asdict(found).items()}}
    _say(tx, plan_id, span, values, reason, now, person_id)
    return found


def hold(
    tx: Connection, plan_id: int, span: Span, reason: str, now: datetime, *, person_id: int | None = None
) -> None:
    """Keeps the period from opening by itself, until it is let go or opened by hand."""
    _say(tx, plan_id, span, {"is_held": True}, reason, now, person_id)


def let_go(
    tx: Connection, plan_id: int, span: Span, reason: str, now: datetime, *, person_id: int | None = None
) -> None:
    """Lets a held period open by itself again."""
    _say(tx, plan_id, span, {"is_held": False}, reason, now, person_id)


def tick(
    tx: Connection,
    plan_id: int,
    span: Span,
    wanted: Mapping[str, bool],
    reason: str,
    now: datetime,
    *,
    person_id: int | None = None,
) -> None:
    """Sets which items the period asks about against the rules (true) and which it leaves out (false), by
    code; what was ticked before goes. Raises NotFound for a code that is not the plan's."""
    known = set(
        tx.scalars(select(items.c.code).where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None)))
    )
    if unknown := sorted(set(wanted) - known):
        raise NotFound(
            Words("Kế hoạch không có nội dung %(codes)s.", codes=", ".join(unknown)),
            cure=Words("Ghi mã như trong kế hoạch, ví dụ I.2.1."),
        )
    _say(tx, plan_id, span, {"ticks": dict(sorted(wanted.items()))}, reason, now, person_id)


def _say(
    tx: Connection,
    plan_id: int,
    span: Span,
    values: dict[str, Any],
    reason: str,
    now: datetime,
    person_id: int | None,
) -> None:
    if not reason.strip():
        raise NotAllowed(
            Words("Chưa ghi lý do."), cure=Words("Ghi lý do để người sau biết vì sao lịch khác đi.")
        )
    plan = tx.execute(
        select(plans.c.id, plans.c.organisation_id).where(plans.c.id == plan_id).with_for_update()
    ).first()
    if plan is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    is_open = select(periods.c.id).where(periods.c.plan_id == plan_id, periods.c.code == span.code)
    if tx.scalar(is_open) is not None:
        raise Conflict(Words("%(period)s đã mở nên lịch mở của kỳ không đổi được nữa.", period=span.label))
    before = tx.execute(
        select(planned_periods).where(
            planned_periods.c.plan_id == plan_id, planned_periods.c.code == span.code
        )
    ).first()
    row = {
        "plan_id": plan_id,
        "code": span.code,
        "dates": before.dates if before else None,
        "is_held": before.is_held if before else False,
        "ticks": before.ticks if before else {},
        "reason": reason.strip(),
        "person_id": person_id,
        "at": now,
    }
    upsert(tx, planned_periods, [row | values], ["plan_id", "code"])
    # What the office was notified of before is out of date.
    tx.execute(
        delete(schedule_notices).where(
            schedule_notices.c.plan_id == plan_id, schedule_notices.c.code == span.code
        )
    )
    was = {"dates": before.dates, "is_held": before.is_held, "ticks": before.ticks} if before else {}
    details = {"plan": plan_id, "code": span.code, "was": was, "becomes": values, "reason": reason.strip()}
    record(tx, plan.organisation_id, now, AuditEntry("schedule-changed", person_id, details))
