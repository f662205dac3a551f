"""Which items a period asks about, and why: the one answer that opening, every look at it, the schedule and
an amended plan go by.

Pure. What was reported before and what the office ticked is read by `workflow.storage.opening.asking`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Every, PlanItem, PlanPart, ScheduleKind
from workflow.domain.rules.routing_rules import PeriodKind, Reporting, Rules
from workflow.domain.vietnamese import day
from workflow.domain.words import Words


class Because(StrEnum):
    """Why an item is asked about in a period, or is not."""

    EVERY = "every"
    RUNNING = "running"
    MILESTONE = "milestone"
    RECURRING = "recurring"
    OVERDUE = "overdue"
    ADDED = "added"
    """The office ticked it in."""
    NOT_BEGUN = "not-begun"
    FINISHED = "finished"
    NOT_DUE = "not-due"
    NOT_ITS_ROUND = "not-its-round"
    """Nothing of it falls into the period, and its rhythm brings it round in another."""
    WIDER_PERIOD = "wider-period"
    """A longer period that ends on the same day asks instead."""
    ASKED_ALREADY = "asked-already"
    """An opened period that ends on the same day has it."""
    LEFT_OUT = "left-out"
    """The office ticked it out."""

    @property
    def is_asked(self) -> bool:
        """Whether the item is to report."""
        return self in _IS_ASKED


_IS_ASKED = {
    Because.EVERY,
    Because.RUNNING,
    Because.MILESTONE,
    Because.RECURRING,
    Because.OVERDUE,
    Because.ADDED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer for one item in one period. `reason` is a sentence for the office."""

    because: Because
    reason: Words

    @property
    def is_asked(self) -> bool:
        """Whether the item is to report."""
        return self.because.is_asked


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an item from other periods: the earlier period whose approved report says that it is
    done, if it is the last one approved; and an opened period with the same last day that has it."""

    done_in: Span | None = None
    asked_in: Span | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day by which the item, or one of its parts, is due. `meant` is the day the plan names where that is
    outside the plan's year; `is_round`: one of several dates of a cell, each a round of its own."""

    on: date
    code: str
    meant: date
    is_round: bool = False


def asked(
    item: PlanItem, span: Span, rules: Rules, year: int, past: Past | None = None, tick: bool | None = None
) -> Asked:
    """Whether the item reports in the period of a plan of that `year`, and why.

    `rules` are the item's own, overrides laid over (`rules.layers`); `tick` is what the office decided
    before the opening, which has the last word.
    """
    found = _by_rule(item, span, rules, year, past or Past())
    if tick is None or tick == found.is_asked:
        return found
    if tick:
        return Asked(
            Because.ADDED, Words("Văn phòng đưa vào. Theo quy tắc thì không: %(why)s", why=found.reason)
        )
    return Asked(Because.LEFT_OUT, Words("Văn phòng bỏ ra. Theo quy tắc thì hỏi: %(why)s", why=found.reason))


def _by_rule(item: PlanItem, span: Span, rules: Rules, year: int, past: Past) -> Asked:
    kinds = rules.schedule.kinds
    wider = widest(span, kinds)
    if wider != span:
        return _asked_by_a_longer_one(wider)
    if past.asked_in is not None:
        return Asked(
            Because.ASKED_ALREADY,
            Words("Đã hỏi ở %(period)s, kỳ kết thúc cùng ngày.", period=past.asked_in.label),
        )
    match rules.period.reporting:
        case Reporting.ALL:
            return Asked(Because.EVERY, Words("Quy tắc hỏi mọi nội dung."))
        case Reporting.ACTIVE:
            return _not_begun(item, span) or _running(item, span, year)
        case Reporting.DUE:
            return _when_due(item, span, rules, year)
        case Reporting.CADENCE:
            every = _cadence_of(item)
            return _its_round(every) if comes_round(every, span, kinds) else _not_its_round(every)
        case Reporting.EXPECTED:
            return _expected(item, span, rules, year, past)


def _expected(item: PlanItem, span: Span, rules: Rules, year: int, past: Past) -> Asked:
    """What a secretary expects, in the order in which one would say it."""
    every = rhythm_of(item, rules, span)
    here = _in(span, item, year)
    if (done := past.done_in) is not None and _is_finished(item, year, done):
        rounds = [one for one in here if one.is_round and one.on > _days(done)[1]]
        return _milestone(rounds[0]) if rounds else _finished(done)
    if not here and (not_begun := _not_begun(item, span)):
        return not_begun
    if here:
        return _milestone(here[0])
    if not comes_round(every, span, rules.schedule.kinds):
        return _not_its_round(every)
    if not is_recurring(item):
        return _running(item, span, year)
    return _its_round(every) if last_day(item, year) >= _days(span)[0] else _running(item, span, year)


def _is_finished(item: PlanItem, year: int, done_in: Span) -> bool:
    """Whether a report of being done ends the item: work that recurs is done for that round only, until the
    period in which its own last day lies."""
    return not is_recurring(item) or last_day(item, year) <= _days(done_in)[1]


def _in(span: Span, item: PlanItem, year: int) -> list[Milestone]:
    """The item's milestones in the period."""
    first, last = _days(span)
    return [one for one in milestones(item, year) if first <= one.on <= last]


def _when_due(item: PlanItem, span: Span, rules: Rules, year: int) -> Asked:
    if here := _in(span, item, year):
        return _milestone(here[0])
    if item.start is None and not milestones(item, year):
        return Asked(Because.EVERY, Words("Không ghi thời gian nào nên kỳ nào cũng hỏi."))
    if is_recurring(item) and not _days_named(item):
        every = rhythm_of(item, rules, span)
        if comes_round(every, span, rules.schedule.kinds):
            return _its_round(every)
    return Asked(Because.NOT_DUE, Words("Không có hạn nào trong kỳ."))


# --- what the plan says of an item's time ------------------------------------------------------------


def rows_of(item: PlanItem) -> tuple[PlanPart, ...]:
    """The item and its parts."""
    return (item, *item.parts)


def milestones(item: PlanItem, year: int) -> list[Milestone]:
    """Every day on which something of the item is due, the earliest first: the item's deadline and each
    part's own, each of several dates of a cell. One after the plan's year is asked about in the year's last
    period; an item that begins and names no day by which it is done is due at the year's end."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    named = _days_named(item)
    found = [
        one if one.on <= last else replace(one, on=last) for one in named if one.on >= first or one.is_round
    ]
    if not named and begins(item) is not None:
        found.append(Milestone(last, item.code, last))
    return sorted(found, key=lambda one: (one.on, one.code))


def _days_named(item: PlanItem) -> list[Milestone]:
    return [one for row in rows_of(item) for one in _days_of(row)]


def _days_of(row: PlanPart) -> Iterator[Milestone]:
    for cell in (row.deadline, row.start if row.deadline is None else None):
        if cell is not None and cell.kind is ScheduleKind.MILESTONES:
            yield from (Milestone(on, row.code, on, is_round=len(cell.dates) > 1) for on in cell.dates)
    if row.due is not None and row.deadline is not None and row.deadline.kind is not ScheduleKind.MILESTONES:
        yield Milestone(row.due, row.code, row.due)


def last_day(item: PlanItem, year: int) -> date:
    """The day by which all of the item is due; the plan's last where it names none."""
    return max((one.on for one in _days_named(item)), default=date(year, 12, 31))


_SPANNING = {ScheduleKind.RANGE, ScheduleKind.MONTHS, ScheduleKind.QUARTERS}


def begins(item: PlanItem) -> date | None:
    """The item's first day; None where it names none, which is then the plan's beginning. A span in the
    deadline cell (`Từ 01/3 đến 15/4`) begins where it begins; an item with parts, with the first of them."""
    if item.start is not None or not item.parts:
        return _begins(item)
    days = [_begins(part) for part in item.parts]
    return min((one for one in days if one is not None), default=None) if None not in days else None


def _begins(row: PlanPart) -> date | None:
    if row.start is not None:
        return row.start.first or min(row.start.dates, default=None)
    if row.deadline is not None and row.deadline.kind in _SPANNING:
        return row.deadline.first
    return None


def is_recurring(item: PlanItem) -> bool:
    """Whether a cell of the item or of a part says that the work comes again and again: `Hằng tháng`,
    `Thường xuyên`, in whichever of the two columns."""
    return any(True for _ in _cadences(item))


def _cadences(item: PlanItem) -> Iterator[Every]:
    for row in rows_of(item):
        for cell in (row.deadline, row.start):
            if cell is not None and cell.kind is ScheduleKind.CADENCE and cell.every is not None:
                yield cell.every


_ROUNDS = {
    Every.DAY: PeriodKind.MONTH,
    Every.WEEK: PeriodKind.MONTH,
    Every.MONTH: PeriodKind.MONTH,
    Every.QUARTER: PeriodKind.QUARTER,
    Every.HALF_YEAR: PeriodKind.HALF_YEAR,
    Every.YEAR: PeriodKind.YEAR,
}


def own_rhythm(item: PlanItem) -> PeriodKind | None:
    """The rhythm the item's times name, the shortest of several; None where none does or all say ongoing."""
    named = [_ROUNDS[one] for one in _cadences(item) if one in _ROUNDS]
    return min(named, key=lambda kind: kind.months, default=None)


def _cadence_of(item: PlanItem) -> PeriodKind:
    """The first cadence its cells name, a dated one (`Trước 30/6 hằng năm`) included; else quarterly."""
    cells = (cell for row in rows_of(item) for cell in (row.deadline, row.start))
    every = next((cell.every for cell in cells if cell is not None and cell.every), None)
    return _ROUNDS.get(every, PeriodKind.QUARTER) if every else PeriodKind.QUARTER


def rhythm_of(item: PlanItem, rules: Rules, span: Span) -> PeriodKind:
    """How often the item reports while it runs: as its times say, as the rule says, else in the year's
    quarters, or in its shortest periods where it has no quarters."""
    if (own := own_rhythm(item) or rules.period.rhythm) is not None:
        return own
    kinds = rules.schedule.kinds or (span.kind,)
    return PeriodKind.QUARTER if PeriodKind.QUARTER in kinds else min(kinds, key=lambda kind: kind.months)


def widest(span: Span, kinds: Collection[PeriodKind]) -> Span:
    """The longest period of those kinds that ends on the day this one ends: it asks, and the others do not,
    so that nobody reports the same thing twice on one day."""
    return _widest(span, frozenset(kinds))


@lru_cache(maxsize=1024)
def _widest(span: Span, kinds: frozenset[PeriodKind]) -> Span:
    ends = span.last_day
    return next(
        one for one in reversed(span.holding) if one == span or (one.last_day == ends and one.kind in kinds)
    )


@lru_cache(maxsize=1024)
def _days(span: Span) -> tuple[date, date]:
    """The period's first and last day."""
    return span.first_day, span.last_day


def comes_round(rhythm: PeriodKind, span: Span, kinds: Collection[PeriodKind]) -> bool:
    """Whether a round of that rhythm ends with the period, and no longer period does, which asks then:
    monthly work reports in each quarter where the year has only quarters, half-yearly work in two of them."""
    return widest(span, kinds) == span and _days(span)[1].month % rhythm.months == 0


# --- reasons -----------------------------------------------------------------------------------------


def _not_begun(item: PlanItem, span: Span) -> Asked | None:
    first = begins(item)
    if first is None or first <= _days(span)[1]:
        return None
    return Asked(Because.NOT_BEGUN, Words("Chưa đến lúc bắt đầu (%(day)s).", day=day(first)))


def _running(item: PlanItem, span: Span, year: int) -> Asked:
    due = last_day(item, year)
    return _overdue(due) if due < _days(span)[0] else _RUNNING


_RUNNING = Asked(Because.RUNNING, Words("Đang thực hiện, chưa xong."))


# The same few sentences are said of thousands of items: each is made once.


@lru_cache(maxsize=1024)
def _overdue(due: date) -> Asked:
    return Asked(Because.OVERDUE, Words("Đã quá hạn %(day)s mà chưa xong.", day=day(due)))


@lru_cache(maxsize=1024)
def _asked_by_a_longer_one(wider: Span) -> Asked:
    return Asked(
        Because.WIDER_PERIOD,
        Words("Hỏi ở %(period)s, kỳ dài hơn kết thúc cùng ngày.", period=wider.label),
    )


def _milestone(one: Milestone) -> Asked:
    if one.meant != one.on:
        return Asked(
            Because.MILESTONE,
            Words("Hạn %(day)s sau năm kế hoạch nên hỏi ở kỳ cuối năm.", day=day(one.meant)),
        )
    return Asked(
        Because.MILESTONE, Words("Có hạn %(day)s trong kỳ (%(code)s).", day=day(one.on), code=one.code)
    )


@lru_cache(maxsize=1024)
def _finished(done_in: Span) -> Asked:
    return Asked(Because.FINISHED, Words("Đã hoàn thành, được duyệt ở %(period)s.", period=done_in.label))


_RHYTHMS = {
    PeriodKind.MONTH: Words("hằng tháng"),
    PeriodKind.QUARTER: Words("hằng quý"),
    PeriodKind.HALF_YEAR: Words("6 tháng một lần"),
    PeriodKind.YEAR: Words("mỗi năm một lần"),
}


@lru_cache(maxsize=1024)
def _its_round(rhythm: PeriodKind) -> Asked:
    return Asked(Because.RECURRING, Words("Việc định kỳ, báo cáo %(rhythm)s.", rhythm=_RHYTHMS[rhythm]))


@lru_cache(maxsize=1024)
def _not_its_round(rhythm: PeriodKind) -> Asked:
    return Asked(
        Because.NOT_ITS_ROUND,
        Words("Không có hạn trong kỳ; báo cáo %(rhythm)s, ở kỳ khác.", rhythm=_RHYTHMS[rhythm]),
    )
