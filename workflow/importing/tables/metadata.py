"""Reads a plan's title, number, date, issuer and year from the lines around its tables.

A plan cites other documents before it names itself, so a line that says the tables are issued with it
(`Ban hành kèm theo Kế hoạch số ...`) counts most, then the letterhead, and citations never.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.domain.typed import sound_day
from workflow.importing.tables.table import Document, Paragraph, folded

_KINDS = (
    "kế hoạch|chương trình công tác|chương trình hành động|chương trình|đề án|nghị quyết|quyết định|thông báo"
)
_NUMBER = r"(?P<number>\d{1,5}\s*[-–/]\s*(?:\d{4}\s*/\s*)?[A-ZĐƯ]+(?:\s*[-–/.]\s*[A-ZĐƯ]+)*)"
_DAY = r"(?P<day>\d{1,2})\s*(?:[/.-]|tháng)\s*(?P<month>\d{1,2})\s*(?:[/.-]|năm)\s*(?P<year>\d{4})"
_ISSUED_WITH = re.compile(
    rf"(?i:kèm(?:\s+theo)?\s+(?:{_KINDS})\s+số\s*:?)\s*{_NUMBER}"
    rf"(?:,?\s*(?i:ngày)\s*{_DAY})?(?:,?\s*của\s+(?P<issuer>[^()]+))?"
)
_OWN_NUMBER = re.compile(rf"^(?i:số)\s*:?\s*{_NUMBER}\b")
_PLACE_AND_DAY = re.compile(rf"(?:^|\s)[^\d:;()]{{2,60}},\s*ngày\s*{_DAY}\s*$", re.IGNORECASE)
_ISSUING_BODY = re.compile(
    r"(?:ủy|uỷ) ban|đảng (?:ủy|uỷ|bộ)|(?:quận|huyện|thành|tỉnh|thị) (?:ủy|uỷ)|hội đồng"
    r"|sở|phòng|chi cục|bộ|trường|ban"
)
_OF_PLACE = re.compile(r"(?:xã|phường|thị trấn|quận|huyện|thị xã|thành phố|tỉnh)\b")
_KIND_LINE = re.compile(rf"(?:{_KINDS})", re.IGNORECASE)
_YEAR = re.compile(r"\b(20\d\d)\b")
_NAMED_YEAR = re.compile(r"năm\s+(20\d\d)\b", re.IGNORECASE)
_SCHOOL_YEAR = re.compile(r"năm học\s+(?P<first>20\d\d)\s*[-–/]\s*(?P<last>20\d\d)", re.IGNORECASE)
_LETTERHEAD_LINES = 25


@dataclass(frozen=True, slots=True)
class Metadata:
    """A document's own metadata; empty or None where it states none."""

    title: str = ""
    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    year: int | None = None
    since: int | None = None
    """The year before, where the plan is a school year's: `Năm học 2024 - 2025`."""


def read_metadata(document: Document) -> Metadata:
    """The document's own title, number, date of issue, issuer and plan year."""
    lines = [line for line in document.lines() if line.text.strip()]
    title = _title(lines)
    number, issued_on, issuer = _identity(lines)
    year = _year(title, issued_on, lines)
    said = (_SCHOOL_YEAR.search(text) for text in (title, *(line.text for line in lines[:_LETTERHEAD_LINES])))
    if school := next((match for match in said if match), None):
        return Metadata(title, number, issued_on, issuer, int(school["last"]), int(school["first"]))
    return Metadata(title, number, issued_on, issuer, year)


def _year(title: str, issued_on: date | None, lines: Sequence[Paragraph]) -> int | None:
    """The year the title names, else the year of issue, else the year most lines speak of."""
    if named := _NAMED_YEAR.findall(title) or _YEAR.findall(title):
        return int(named[-1])
    if issued_on:
        return issued_on.year
    spoken = Counter(year for line in lines for year in _YEAR.findall(line.text))
    return int(spoken.most_common(1)[0][0]) if spoken else None


def _title(lines: Sequence[Paragraph]) -> str:
    """The line under `KẾ HOẠCH` with that word before it, or the title line that holds both."""
    texts = [folded(line.text) for line in lines]
    for at, text in enumerate(texts):
        if _KIND_LINE.fullmatch(text) and at + 1 < len(texts):
            following = texts[at + 1].strip("* ")
            return f"{text.capitalize()} {following[:1].lower()}{following[1:]}"
    for text in texts:
        if _KIND_LINE.match(text) and (_YEAR.search(text) or text.isupper()):
            return text
    return next((text for text in texts if text.isupper() and _YEAR.search(text)), "")


def _identity(lines: Sequence[Paragraph]) -> tuple[str, date | None, str]:
    issuer = _letterhead_issuer(lines)
    for line in lines:
        text = folded(line.text)
        if match := _ISSUED_WITH.search(text):
            named = (match["issuer"] or "").strip(" .,;")
            return _tidy_number(match["number"]), _day(match), named[:1].upper() + named[1:] or issuer
    head = lines[:_LETTERHEAD_LINES]
    number = next((match for line in head if (match := _OWN_NUMBER.match(folded(line.text)))), None)
    day = next((match for line in head if (match := _PLACE_AND_DAY.match(folded(line.text)))), None)
    return _tidy_number(number["number"]) if number else "", _day(day) if day else None, issuer


def _letterhead_issuer(lines: Sequence[Paragraph]) -> str:
    """The last capital line that names a body before the document's kind is named, and its place below."""
    found, is_last = "", False
    for line in lines[:_LETTERHEAD_LINES]:
        text = folded(line.text)
        if _KIND_LINE.fullmatch(text):
            break
        if text.isupper() and _ISSUING_BODY.match(text.lower()):
            found, is_last = text, True
        elif is_last and text.isupper() and _OF_PLACE.match(text.lower()):
            found = f"{found} {text}"
        else:
            is_last = False
    return found


def _tidy_number(number: str) -> str:
    return re.sub(r"\s*([-–/])\s*", r"\1", " ".join(number.split()))


def _day(match: re.Match[str]) -> date | None:
    if match["year"] is None:
        return None
    return sound_day(int(match["year"]), int(match["month"]), int(match["day"]))
