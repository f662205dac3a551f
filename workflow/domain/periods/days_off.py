"""An organisation's own days: days off, and days worked in exchange; when which may be entered, and what an
open period's dates become.

Two rules keep decisions where they are. A day that has not begun may be entered, changed and removed freely:
a limit that has passed lies before it. A day that has begun can only become a day off, and counts for limits
that had not passed when it was entered (`Calendar.limit`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from workflow.domain.calendar import Calendar
from workflow.domain.errors import NotAllowed
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.layers import layered
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.vietnamese import day as written
from workflow.domain.words import Words

LONGEST_REASON = 200
_YEARS_AHEAD = 3
_YEARS_BACK = 1


class DayKind(StrEnum):
    """What an own day is."""

    OFF = "off"
    WORKED = "worked"
    """Worked in exchange for a day off, though it looks off."""


@dataclass(frozen=True, slots=True, order=True)
class OwnDay:
    """A day that the organisation entered, and when; by whom is in the audit log. `is_late` where it was
    entered as off after it had begun, having been a working day until then."""

    day: date
    kind: DayKind
    reason: str
    entered_at: datetime
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a day is to become; `kind` is None where its entry is to be removed."""

    day: date
    kind: DayKind | None
    reason: str = ""


def calendar_with(zone: str, days: Iterable[OwnDay]) -> Calendar:
    """The calendar of an organisation with these days of its own."""
    known = tuple(days)
    return Calendar(
        zone,
        frozenset(one.day for one in known if one.kind is DayKind.OFF),
        frozenset(one.day for one in known if one.kind is DayKind.WORKED),
        tuple(sorted((one.entered_at, one.day) for one in known if one.is_late)),
    )


def changed_days(
    days: Sequence[OwnDay], changes: Sequence[DayChange], now: datetime, zone: str
) -> tuple[OwnDay, ...]:
    """The organisation's days after the changes, sorted; what changes nothing keeps its entry.

    Raises NotAllowed, naming the day, for a change that may not be made.
    """
    found = {one.day: one for one in days}
    before = calendar_with(zone, days)
    today = before.day_of(now)
    for change in changes:
        was = found.get(change.day)
        _check(change, was, today)
        if change.kind is None:
            del found[change.day]
        elif was and was.kind is change.kind:
            found[change.day] = replace(was, reason=change.reason.strip())
        else:
            is_late = change.day <= today and before.is_working(change.day)
            found[change.day] = OwnDay(change.day, change.kind, change.reason.strip(), now, is_late)
    return tuple(sorted(found.values()))


def _check(change: DayChange, was: OwnDay | None, today: date) -> None:
    named = written(change.day)
    if change.kind is None and was is None:
        raise NotAllowed(Words("Ngày %(day)s không có trong danh sách nên không bỏ được.", day=named))
    if change.kind is not None and not change.reason.strip():
        raise NotAllowed(
            Words("Ngày %(day)s chưa có lý do.", day=named),
            cure=Words("Ghi lý do, ví dụ: Nghỉ bão số 5 theo Công điện của UBND thành phố."),
        )
    if len(change.reason) > LONGEST_REASON:
        raise NotAllowed(
            Words("Lý do của ngày %(day)s dài quá %(n)s ký tự.", day=named, n=LONGEST_REASON),
            cure=Words("Viết ngắn lại."),
        )
    if not today.year - _YEARS_BACK <= change.day.year <= today.year + _YEARS_AHEAD:
        raise NotAllowed(
            Words("Ngày %(day)s cách quá xa hôm nay.", day=named), cure=Words("Xem lại năm của ngày này.")
        )
    is_same = was is not None and was.kind is change.kind
    if change.day <= today and change.kind is not DayKind.OFF and not is_same:
        raise NotAllowed(
            Words("Ngày %(day)s đã bắt đầu hoặc đã qua nên không thành ngày làm việc được nữa.", day=named),
            cure=Words("Chỉ ghi thêm được ngày nghỉ cho hôm nay và những ngày đã qua."),
        )


def doubts_of(change: DayChange, calendar: Calendar, today: date) -> tuple[Words, ...]:
    """What should be looked at before the change is taken; `calendar` is that before it."""
    found = []
    if change.kind is DayKind.OFF and not calendar.is_working(change.day):
        found.append(Words("Ngày này vốn đã nghỉ: ghi thêm không đổi hạn nào."))
    if change.kind is DayKind.WORKED and calendar.is_working(change.day):
        found.append(Words("Ngày này vốn là ngày làm việc: ghi thêm không đổi hạn nào."))
    if change.day <= today:
        found.append(
            Words("Ngày này đã bắt đầu hoặc đã qua: chỉ dời những hạn chưa hết, và sau này không bỏ được.")
        )
    elif change.day.year > today.year + 1:
        found.append(Words("Ngày này ở năm %(year)s: xem lại năm.", year=change.day.year))
    return tuple(found)


def moved_timetable(dates: Timetable, rules: Rules, calendar: Calendar, now: datetime) -> Timetable:
    """An open period's dates in a changed calendar: one that has not passed and is no working day any more
    moves on to the next working day, the others stay.

    Civil Code 2015 art. 148(5): a term whose last day is a day off ends with the next working day. Dates are
    set, not counted: a day off before a date does not move it.
    """
    found = {name: day for name, day in asdict(dates).items() if name != "opens_on"}
    following: date | None = None
    for name, day in reversed(found.items()):
        passes = calendar.end_of(day)
        if name == "approve_by" and (hour := _vote_hour(rules)):
            passes = calendar.moment(day, hour.hour, hour.minute)
        if now < passes:
            moved = calendar.add_working_days(day, 0)
            # A vote whose hour has gone by today stays, and the steps before it with it.
            found[name] = moved if following is None or moved <= following else day
        following = found[name]
    return Timetable(dates.opens_on, **found)


def _vote_hour(rules: Rules) -> time | None:
    """The first hour at which a vote under these rules ends, whatever the item."""
    places = range(len(rules.overrides))
    hours = [rules.approval.until, *(layered(rules, (place,)).approval.until for place in places)]
    return min(filter(None, hours), default=None)


def sorted_out(
    days: Sequence[OwnDay], changes: Iterable[DayChange], now: datetime, zone: str
) -> tuple[list[DayChange], list[tuple[DayChange, Words]]]:
    """Of the days of a list: those that can be entered and change something, and the others, each with the
    reason. A day that has begun is left to be entered by itself: a year's list must not move what is under
    way by days gone by."""
    today = calendar_with(zone, days).day_of(now)
    known = {one.day: one for one in days}
    fit: list[DayChange] = []
    others: list[tuple[DayChange, Words]] = []
    for change in changes:
        was = known.get(change.day)
        if was and (was.kind, was.reason) == (change.kind, change.reason.strip()):
            others.append((change, Words("đã có trong danh sách")))
            continue
        if change.day <= today:
            others.append((change, Words("đã bắt đầu hoặc đã qua; nếu cần, ghi riêng ngày này")))
            continue
        try:
            changed_days(days, [change], now, zone)
        except NotAllowed as error:
            others.append((change, Words.joined([error.what, error.cure])))
        else:
            fit.append(change)
    return fit, others
