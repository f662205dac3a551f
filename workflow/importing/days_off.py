"""Reads days off and days worked in exchange from a list or a calendar file, with its doubts.

A list is pasted text, CSV or a workbook, a day or a span of days a line with its reason beside it:
`02/09/2026 Quốc khánh`, `15/08/2026 làm bù`, `12/10/2026 - 13/10/2026 Nghỉ bão`. A calendar file is
iCalendar (RFC 5545): each event's days and its title. Anything else in a line is a fault with its place, so
that nothing is left out in silence. Which days may be entered is `workflow.domain.periods.days_off`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from workflow.domain.errors import TiendoError
from workflow.domain.periods.days_off import LONGEST_REASON, DayChange, DayKind
from workflow.domain.typed import clipped, sent_day, written_day
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.importing.documents import open_document
from workflow.importing.encodings import decoded
from workflow.importing.tables.table import Paragraph

LARGEST_BYTES = 2 << 20
MOST_DAYS = 400
LONGEST_SPAN = 31
"""Days of one line or event: a longer span is rather a slip of the pen than a holiday."""

_DAY = r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}|\d{4}-\d{2}-\d{2}"
_TO = r"\s*(?:-|–|—|->|→|đến hết|đến|tới|to)\s*"
_LINE = re.compile(
    rf"^[\s\-–•*]*(?:(?:thứ\s+\w+|chủ\s+nhật|từ(?:\s+ngày)?|ngày)[\s,]*)*(?P<first>{_DAY})(?:{_TO}(?:ngày\s+)?(?P<last>{_DAY}))?"
    r"(?:\s+00:00:00)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_OTHER_DAY = re.compile(r"\d{1,2}[/.\-]\d{1,2}(?:[/.\-]\d{2,4})?")
_WORKED = ("lam bu", "lam viec bu", "di lam", "ngay lam viec", "make-up", "working day")
_OFF = re.compile(r"\bnghi\b")


@dataclass(frozen=True, slots=True)
class ReadDay:
    """A day as it was read: where, and what is doubtful in the reading."""

    change: DayChange
    where: Words
    doubts: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A line or event in which no day could be read, with the reason."""

    where: Words
    text: str
    why: Words


@dataclass(frozen=True, slots=True)
class DaysRead:
    """What a list holds: the days, sorted, each once; and what could not be read."""

    days: tuple[ReadDay, ...]
    unread: tuple[Unread, ...]


def read_days(source: bytes | str, name: str = "", zone: str = "Asia/Ho_Chi_Minh") -> DaysRead:
    """Reads a pasted text or the bytes of a file. Raises TiendoError where the file can't be read or holds
    nothing."""
    if isinstance(source, bytes) and len(source) > LARGEST_BYTES:
        raise TiendoError(
            Words("Tệp lớn hơn %(n)s MB.", n=LARGEST_BYTES >> 20), cure=Words("Chọn tệp danh sách ngày nghỉ.")
        )
    if isinstance(source, bytes) and b"BEGIN:VCALENDAR" in source[:4096].upper():
        found = list(_of_events(source, zone))
    else:
        found = list(_of_lines(_lines(source, name)))
    if not found:
        raise TiendoError(
            Words("Không thấy ngày nào."),
            cure=Words("Ghi mỗi dòng một ngày, ví dụ: 02/09/2026 Quốc khánh; 15/08/2026 làm bù."),
        )
    days = [one for one in found if isinstance(one, ReadDay)]
    if len(days) > MOST_DAYS:
        raise TiendoError(
            Words("Danh sách có quá %(n)s ngày.", n=MOST_DAYS), cure=Words("Chia thành nhiều danh sách.")
        )
    return DaysRead(tuple(_once(days)), tuple(one for one in found if isinstance(one, Unread)))


def _lines(source: bytes | str, name: str) -> Iterator[tuple[Words, str]]:
    if isinstance(source, str):
        texts: Iterable[str] = source.splitlines()
    elif source.startswith(b"PK\x03\x04"):
        texts = _cells(source, name)
    else:
        texts = decoded(source, name).splitlines()
    for number, text in enumerate(texts, 1):
        plain = re.sub(r"[;,\t|\"]+", " ", text).strip()
        if plain:
            yield Words("dòng %(n)s", n=number), plain


def _cells(source: bytes, name: str) -> Iterator[str]:
    """The rows of a workbook's or document's tables, cells apart by a space, and its paragraphs."""
    for block in open_document(source, name).blocks:
        if isinstance(block, Paragraph):
            yield block.text
            continue
        for row in block.rows:
            yield " ".join(cell.text for cell in row.cells)


def _of_lines(lines: Iterable[tuple[Words, str]]) -> Iterator[ReadDay | Unread]:
    for number, (where, text) in enumerate(lines):
        match = _LINE.match(text)
        if match is None:
            if number == 0 and not _OTHER_DAY.search(text):
                continue  # the heading of a list
            yield Unread(where, clipped(text), Words("không thấy ngày viết như 02/09/2026"))
            continue
        first, last = _day(match["first"]), _day(match["last"] or match["first"])
        if first is None or last is None:
            yield Unread(where, clipped(text), Words("không có ngày này trong lịch"))
            continue
        reason = match["rest"].strip(" \t:–-.()")
        doubts = []
        if _OTHER_DAY.search(reason):
            doubts.append(Words("Dòng này còn nêu một ngày khác: mỗi ngày cần một dòng."))
        yield from _span(first, last, reason, where, text, tuple(doubts))


def _day(text: str) -> date | None:
    return sent_day(text) or written_day(text)


def _of_events(source: bytes, zone: str) -> Iterator[ReadDay | Unread]:
    try:
        events = Calendar.from_ical(source).walk("VEVENT")
    except (ValueError, IndexError, KeyError) as error:
        raise TiendoError(
            Words("Tệp lịch .ics bị hỏng: %(why)s.", why=clipped(str(error))),
            cure=Words("Xuất lại tệp từ lịch, hoặc dán danh sách ngày."),
        ) from None
    for number, event in enumerate(events, 1):
        where = Words("sự kiện %(n)s", n=number)
        title = str(event.get("SUMMARY", "")).strip()
        starts = event.get("DTSTART")
        if starts is None:
            yield Unread(where, clipped(title), Words("sự kiện không có ngày"))
            continue
        try:
            first, last = _days(event, zone)
            has_hours = isinstance(starts.dt, datetime)
        except (AttributeError, TypeError, ValueError, OverflowError):
            yield Unread(where, clipped(title), Words("không đọc được ngày của sự kiện"))
            continue
        doubts = []
        if event.get("RRULE") is not None:
            doubts.append(Words("Sự kiện lặp lại: chỉ đọc lần đầu, các năm sau cần ghi riêng."))
        if has_hours:
            doubts.append(Words("Sự kiện có giờ, không cả ngày: xem có phải ngày nghỉ không."))
        yield from _span(first, last, title, where, title, tuple(doubts))


def _days(event: Any, zone: str) -> tuple[date, date]:
    """The event's first and last day; its end is the first moment after it."""
    starts, ends, length = event.get("DTSTART").dt, event.get("DTEND"), event.get("DURATION")
    first = _local(starts, zone)
    if ends is None and length is None:
        return first, first
    end = ends.dt if ends is not None else starts + length.dt
    return first, max(first, _local(end, zone, is_end=True))


def _local(moment: date | datetime, zone: str, *, is_end: bool = False) -> date:
    if isinstance(moment, datetime):
        local = moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment
        return (local - timedelta(microseconds=1)).date() if is_end else local.date()
    return moment - timedelta(days=1) if is_end else moment


def _span(
    first: date, last: date, reason: str, where: Words, text: str, doubts: tuple[Words, ...]
) -> Iterator[ReadDay | Unread]:
    if last < first:
        yield Unread(where, clipped(text), Words("ngày cuối trước ngày đầu"))
        return
    if (last - first).days >= LONGEST_SPAN:
        yield Unread(where, clipped(text), Words("dài hơn %(n)s ngày", n=LONGEST_SPAN))
        return
    kind, is_both = _kind(reason)
    if is_both:
        doubts += (Words("Dòng nêu cả “nghỉ” và “làm bù”: hiểu theo chữ đứng trước, xem lại."),)
    if not reason:
        doubts += (Words("Không ghi lý do: hiểu là ngày nghỉ."),)
    if len(reason) > LONGEST_REASON:
        reason = reason[:LONGEST_REASON]
        doubts += (Words("Lý do dài quá nên đã cắt bớt."),)
    day = first
    while day <= last:
        yield ReadDay(DayChange(day, kind, reason or str(Words("Ngày nghỉ"))), where, doubts)
        day += timedelta(days=1)


def _kind(reason: str) -> tuple[DayKind, bool]:
    """What the words say the day is, and whether they name both: `nghỉ, làm bù ngày 22/8` is a day off."""
    plain = fold(reason)
    worked = min((plain.find(words) for words in _WORKED if words in plain), default=-1)
    off = _OFF.search(plain)
    if worked < 0:
        return DayKind.OFF, False
    return (DayKind.OFF if off and off.start() < worked else DayKind.WORKED), off is not None


def _once(days: Iterable[ReadDay]) -> Iterator[ReadDay]:
    """Each day once: of several, the last, with the doubt."""
    found: dict[date, ReadDay] = {}
    for one in days:
        before = found.get(one.change.day)
        doubts = one.doubts
        if before and before.change != one.change:
            doubts += (
                Words(
                    "Ngày này có ở cả %(first)s và %(last)s: lấy dòng sau.",
                    first=before.where,
                    last=one.where,
                ),
            )
        found[one.change.day] = ReadDay(one.change, one.where, doubts)
    return iter(sorted(found.values(), key=lambda one: one.change.day))
