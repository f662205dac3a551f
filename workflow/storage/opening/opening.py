"""Opening a period: rules pinned, the voting bodies' rolls taken, one cycle for each item due, the first mail
intended; all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import Conflict, NotAllowed, NotFound, TiendoError
from workflow.domain.events import Event
from workflow.domain.periods.period import Span, Timetable, timetable
from workflow.domain.periods.schedule import fair_dates
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.item_rules import scope
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.opening.asking import ItemAsked, asking_of
from workflow.storage.opening.planned import dates_of_the_office
from workflow.storage.opening.seats import seats_of
from workflow.storage.outside import events
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.rolls import take_rolls
from workflow.storage.rules import rules_version
from workflow.storage.tables import (
    cycle_units,
    cycles,
    periods,
    plans,
)


def open_period(
    tx: Connection, plan_id: int, span: Span, rules_id: int, now: datetime, *, dates: Timetable | None = None
) -> int:
    """Opens the period and returns its id; opening one that is open already returns the same id again.

    Without `dates` it takes those of `dates_at_opening`. Raises Conflict where it was closed, NotAllowed
    where the cut-off has gone by, UnclearBody where two bodies could be meant to vote, TiendoError where no
    body or no reporter could act.
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
    today = calendar.day_of(now)
    dates = dates or dates_at_opening(tx, plan_id, span, routing, calendar, today)
    if dates.cut_off < today:
        raise NotAllowed(
            Words(
                "Ngày khóa số liệu %(day)s đã qua: kỳ mở ra là khóa ngay, không ai kịp báo cáo.",
                day=day(dates.cut_off),
            ),
            where=span.code,
            cure=Words("Chọn hạn báo cáo và ngày khóa từ hôm nay trở đi."),
        )
    period_id: int = tx.execute(
        periods.insert()
        .values(
            plan_id=plan_id,
            rules_id=rules_id,
            code=span.code,
            label=span.label,
            # Opened by hand before its day, it has begun all the same.
            opens_on=min(dates.opens_on, today),
            due_on=dates.due_on,
            confirm_by=dates.confirm_by,
            approve_by=dates.approve_by,
            cut_off=dates.cut_off,
            committee=take_rolls(tx, plan.organisation_id, routing),
            opened_at=now,
        )
        .returning(periods.c.id)
    ).scalar_one()
    due = items_asked(asking_of(tx, plan_id, span, routing))
    if not due:
        raise TiendoError(
            Words("Không có nội dung nào phải báo cáo trong %(label)s.", label=span.label),
            cure=Words("Xem trước để biết vì sao, và đưa vào nội dung cần hỏi."),
        )
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


def period_opened(tx: Connection, plan_id: int, span: Span) -> bool:
    """Whether the plan's period was opened, closed since or not."""
    question = select(periods.c.id).where(periods.c.plan_id == plan_id, periods.c.code == span.code)
    return tx.scalar(question) is not None


def items_asked(found: Iterable[ItemAsked]) -> list[int]:
    """The ids of those that are asked."""
    return [one.item_id for one in found if one.is_asked]


def dates_at_opening(
    tx: Connection, plan_id: int, span: Span, routing: Rules, calendar: Calendar, today: date
) -> Timetable:
    """The dates of the period if it opens today: the office's own or the rules', moved where they no longer
    leave people a fair time to report."""
    planned = dates_planned(tx, plan_id, span, routing, calendar)
    return fair_dates(planned, routing.schedule, today, calendar)


def dates_planned(tx: Connection, plan_id: int, span: Span, routing: Rules, calendar: Calendar) -> Timetable:
    """The dates of the period before it opens: the office's own, or the rules'."""
    return dates_of_the_office(tx, plan_id, span) or timetable(span, routing.period, calendar)


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
