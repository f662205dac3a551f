"""Which column means what, told from a table's header row, in any order and any spelling of case and tone.

Reads headers only. The patterns are matched on text without diacritics, so that a scan's wrong tone
marks do no harm; the first pattern that fits wins, so the order of `_MEANINGS` is part of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflow.importing.table import Cell, Row, plain


class Column(StrEnum):
    """What a column of a plan's table holds."""

    NUMBER = "number"
    CONTENT = "content"
    LEADER = "leader"
    LEAD = "lead"
    COORDINATING = "coordinating"
    START = "start"
    DEADLINE = "deadline"
    RESULT = "result"
    ISSUER = "issuer"
    NOTE = "note"


WORK_COLUMNS = (Column.LEADER, Column.LEAD, Column.COORDINATING, Column.START, Column.DEADLINE)
"""The columns that only an item fills: a row with none of them is a heading or the rest of another row."""

_MEANINGS: tuple[tuple[Column, re.Pattern[str]], ...] = tuple(
    (column, re.compile(pattern))
    for column, pattern in (
        (Column.NUMBER, r"(tt|stt|so tt|so thu tu|thu tu|ma|ma so|ky hieu|no)$"),
        (Column.NOTE, r"ghi chu"),
        (Column.RESULT, r"(san pham|ket qua|dau ra|yeu cau (san pham|ket qua))"),
        (Column.ISSUER, r"(co quan|cap|don vi|noi|tham quyen) (ban hanh|phe duyet|quyet dinh|trinh|ky)"),
        (Column.LEADER, r"(cac )?(lanh dao|dong chi|d c|thuong truc|uy vien|ban thuong vu)"),
        (Column.LEADER, r"nguoi (phu trach|chi dao|theo doi)"),
        (Column.LEADER, r"(can bo |cap uy )?(phu trach|chi dao|theo doi)"),
        (Column.DEADLINE, r"(thoi|ky) han|han (hoan thanh|chot|cuoi|nop)|han$"),
        (Column.DEADLINE, r"(thoi gian|thoi diem|ngay|moc|tien do|du kien).*(hoan thanh|ket thuc|trinh|nop)"),
        (Column.DEADLINE, r"(hoan thanh|ket thuc|den ngay|den thang)"),
        (Column.START, r"(thoi gian|thoi diem|bat dau|tien do|lich|tu ngay|tu thang|tan suat|dinh ky)"),
        (Column.COORDINATING, r"(?!.*chu tri.*phoi hop).*phoi hop"),
        (Column.LEAD, r".*(chu tri|tham muu|dau moi|chiu trach nhiem)"),
        (Column.LEAD, r"(cac )?(don vi|co quan|bo phan|phong|to chuc|ban nganh|phan cong|nguoi|can bo)\b"),
        (Column.CONTENT, r"(ten |danh muc |cac |muc )?(noi dung|nhiem vu|cong viec|chi tieu|muc tieu)"),
        (Column.CONTENT, r"(ten |danh muc |cac )?(hoat dong|giai phap|dau viec|viec|de an|van ban)"),
        (Column.CONTENT, r"(ten |danh muc |cac )?(chuong trinh|cong tac|du an|mo hinh)"),
        (Column.LEAD, r"thuc hien"),
    )
)
_SINGLE = re.compile(r"[\[(]?\s*(\d{1,2}|[A-Z])\s*[\])]?")


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each meaning in the rows of one table."""

    places: Mapping[Column, int]
    width: int

    def cell(self, row: Row, column: Column) -> Cell:
        """The row's cell of that meaning, an empty one where the table has no such column."""
        place = self.places.get(column)
        return Cell(place=row.place) if place is None else row[place]

    def has(self, column: Column) -> bool:
        """Whether the table has such a column."""
        return column in self.places


def meaning(header: str) -> Column | None:
    """What a header cell announces, None for words that are no known header."""
    text = plain(header)
    if not text or len(text) > 90:
        return None
    return next((column for column, pattern in _MEANINGS if pattern.match(text)), None)


def read_columns(headers: Iterable[str]) -> Columns | None:
    """The columns a header row announces, None where the row is no header of a plan's table.

    A header names the content and something only an item has, and most of its cells are known words.
    """
    cells = list(headers)
    places: dict[Column, int] = {}
    filled = known = 0
    for place, text in enumerate(cells):
        filled += bool(text.strip())
        if found := meaning(text):
            known += 1
            places.setdefault(found, place)
    if Column.CONTENT not in places or not any(column in places for column in WORK_COLUMNS):
        return None
    if known < 3 or known * 3 < filled * 2:
        return None
    return Columns(places, len(cells))


def is_column_numbers(row: Row) -> bool:
    """Whether the row only counts the columns, as many headers do: `(1) (2) (3)`, `A B 1 2`."""
    marks = [match[1] for text in row.texts if text and (match := _SINGLE.fullmatch(text))]
    if len(marks) < 3 or len(marks) != sum(bool(text) for text in row.texts):
        return False
    figures = [int(mark) for mark in marks if mark.isdigit()]
    return len(figures) >= 2 and figures == list(range(figures[0], figures[0] + len(figures)))
