"""Entering an organisation's days off and the days worked in exchange, and everything that follows: the dates
of open periods, the limits of their cycles, and mails to those who owe something by another day than they
were told. Which days may be entered, and what never moves, is `workflow.domain.periods.days_off`.

Locks in this order: periods, their cycles, the organisation's row. A preview is this act in a transaction
that is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, select, update

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import Conflict
from workflow.domain.periods.days_off import DayChange, DayKind, OwnDay, changed_days, moved_timetable
from workflow.domain.periods.period import Timetable
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.duties.debtors import all_owed
from workflow.storage.people.groups import organisation_calendar, own_days
from workflow.storage.periods.periods import hold_period_alone
from workflow.storage.periods.watched import Watched, watched_periods
from workflow.storage.rules import own_days_as_json
from workflow.storage.sweeps.moved_days import MovedDuties, notify_moved
from workflow.storage.tables import cycles, organisations, periods, planned_periods, plans

_STEPS = ("due_on", "confirm_by", "approve_by", "cut_off")


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date of an open period (`step` as in `Timetable`) that became a day off, and where it moved."""

    period_id: int
    label: str
    step: str
    was: date
    becomes: date


@dataclass(frozen=True, slots=True)
class DaysChanged:
    """The organisation's days after a change, and what moved."""

    days: tuple[OwnDay, ...]
    dates: tuple[MovedDate, ...]
    duties: tuple[MovedDuties, ...]

    @property
    def n_people(self) -> int:
        """How many people owe something by another day."""
        return len({one.person_id for one in self.duties})


def version_of(days: Iterable[OwnDay]) -> str:
    """What a page shows of the days, for `change_days` to see that they are still the same."""
    return repr([(one.day.isoformat(), one.kind.value, one.reason) for one in days])


def change_days(
    tx: Connection,
    organisation_id: int,
    changes: Sequence[DayChange],
    now: datetime,
    *,
    by: int | None = None,
    seen: str | None = None,
) -> DaysChanged:
    """Enters, changes and removes days; moves what has not passed and notifies whom it concerns.

    `seen` is the `version_of` the days that were looked at. Raises Conflict where they have changed since,
    NotAllowed for a change that may not be made.
    """
    open_ids = _open_periods(tx, organisation_id)
    for period_id in open_ids:
        hold_period_alone(tx, period_id)
    cycle_ids = _undecided(tx, organisation_id)
    # What time has brought until now is settled by the calendar that held until now.
    advance_cycles(tx, cycle_ids, now)
    tx.execute(select(organisations.c.id).where(organisations.c.id == organisation_id).with_for_update())
    was = own_days(tx, organisation_id)
    if seen is not None and seen != version_of(was):
        raise Conflict(
            Words("Danh sách ngày nghỉ vừa được người khác sửa, nên chưa ghi gì."),
            cure=Words("Mở lại trang, xem phần vừa đổi rồi làm lại."),
        )
    zone = organisation_calendar(tx, organisation_id).zone
    days = changed_days(was, changes, now, zone)
    if list(days) == was:
        return DaysChanged(days, (), ())
    before = _owed(tx, organisation_id, now)
    tx.execute(
        update(organisations)
        .where(organisations.c.id == organisation_id)
        .values(
            days_off=own_days_as_json(days, DayKind.OFF),
            days_worked=own_days_as_json(days, DayKind.WORKED),
        )
    )
    calendar = organisation_calendar(tx, organisation_id)
    moved = _move_periods(tx, organisation_id, open_ids, calendar, now)
    planned = _move_planned(tx, organisation_id, calendar, now)
    advance_cycles(tx, cycle_ids, now)
    found = DaysChanged(days, tuple(moved), tuple(_moved_duties(before, _owed(tx, organisation_id, now))))
    watched = {one.id: one for one in _watched(tx, organisation_id, now)}
    notify_moved(tx, watched, found.duties, changes, now)
    details = {
        "days": [
            {
                "day": one.day.isoformat(),
                "becomes": one.kind.value if one.kind else "removed",
                "reason": one.reason.strip(),
            }
            for one in changes
        ],
        "moved": [
            {
                "period": one.period_id,
                "step": one.step,
                "was": one.was.isoformat(),
                "becomes": one.becomes.isoformat(),
            }
            for one in moved
        ],
        "planned": planned,
    }
    record(tx, organisation_id, now, AuditEntry("days-off-changed", by, details))
    return found


def _open_periods(tx: Connection, organisation_id: int) -> list[int]:
    return list(
        tx.scalars(
            select(periods.c.id)
            .join(plans, plans.c.id == periods.c.plan_id)
            .where(plans.c.organisation_id == organisation_id, periods.c.closed_at.is_(None))
            .order_by(periods.c.id)
        )
    )


def _undecided(tx: Connection, organisation_id: int) -> list[int]:
    """The cycles that still wait for something, those reopened in closed periods too."""
    return list(
        tx.scalars(
            select(cycles.c.id)
            .join(periods, periods.c.id == cycles.c.period_id)
            .join(plans, plans.c.id == periods.c.plan_id)
            .where(plans.c.organisation_id == organisation_id, cycles.c.stage.not_in(Stage.finals()))
        )
    )


def _move_periods(
    tx: Connection, organisation_id: int, open_ids: Sequence[int], calendar: Calendar, now: datetime
) -> list[MovedDate]:
    found = []
    for period in _watched(tx, organisation_id, now):
        if period.id not in open_ids:
            continue
        becomes = moved_timetable(period.timetable, period.rules, calendar, now)
        steps = [
            MovedDate(period.id, period.label, step, getattr(period, step), getattr(becomes, step))
            for step in _STEPS
            if getattr(period, step) != getattr(becomes, step)
        ]
        if steps:
            values = {one.step: one.becomes for one in steps}
            tx.execute(update(periods).where(periods.c.id == period.id).values(**values))
        found += steps
    return found


def _move_planned(
    tx: Connection, organisation_id: int, calendar: Calendar, now: datetime
) -> list[dict[str, Any]]:
    """Moves the dates that the office set for periods not open yet; those by the rules are counted when they
    open."""
    is_open = exists().where(
        periods.c.plan_id == planned_periods.c.plan_id, periods.c.code == planned_periods.c.code
    )
    rows = tx.execute(
        select(planned_periods.c.id, planned_periods.c.code, planned_periods.c.dates)
        .join(plans, plans.c.id == planned_periods.c.plan_id)
        .where(plans.c.organisation_id == organisation_id, ~is_open)
        .with_for_update(of=planned_periods)
    ).all()
    today = calendar.day_of(now)
    found = []
    for row in rows:
        if not row.dates:
            continue
        was = {name: date.fromisoformat(day) for name, day in row.dates.items()}
        becomes = {
            name: calendar.add_working_days(day, 0) if day >= today else day for name, day in was.items()
        }
        if becomes != was:
            dates = {name: day.isoformat() for name, day in asdict(Timetable(**becomes)).items()}
            tx.execute(update(planned_periods).where(planned_periods.c.id == row.id).values(dates=dates))
            found.append({"code": row.code, "was": row.dates, "becomes": dates})
    return found


def _watched(tx: Connection, organisation_id: int, now: datetime) -> list[Watched]:
    return [one for one in watched_periods(tx, now).values() if one.organisation_id == organisation_id]


_Owed = dict[tuple[Any, ...], tuple[set[int], date]]


def _owed(tx: Connection, organisation_id: int, now: datetime) -> _Owed:
    """All that is owed in the organisation, with who is to do it and by which day."""
    return {
        (one.period_id, one.duty, one.cycle_id, one.number, one.unit_id, one.member_id): (
            one.persons,
            one.lateness.last_day,
        )
        for period in _watched(tx, organisation_id, now)
        for one in all_owed(tx, period)
    }


def _moved_duties(before: _Owed, after: _Owed) -> Iterable[MovedDuties]:
    things: dict[tuple[int, int, Duty, date, date], set[tuple[Any, ...]]] = {}
    for key, (people, becomes) in after.items():
        _, was = before.get(key, (set(), becomes))
        if was == becomes:
            continue
        period_id, duty, cycle_id, number, unit_id, _ = key
        for person_id in people:
            # A unit's two words on one report are one thing to do.
            thing = (cycle_id, number) if cycle_id else (unit_id, number)
            things.setdefault((person_id, period_id, duty, was, becomes), set()).add(thing)
    for (person_id, period_id, duty, was, becomes), some in sorted(things.items()):
        yield MovedDuties(person_id, period_id, duty, len(some), was, becomes)
