"""Reads the columns' meanings from the words of their header, in any order and any spelling of case and tone.

Knows single headers and one line of them; headers of two rows, and tables whose header fails, are
`headers`. The patterns are matched on text without diacritics, so that a scan's wrong tone marks do no
harm; the first pattern that fits wins, so the order of `_WORDS` is part of the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from workflow.importing.tables.numbering import NO_LABEL, Rank, read_label
from workflow.importing.tables.table import Cell, Row, plain


class Column(StrEnum):
    """What a column of a plan's table holds."""

    NUMBER = "number"
    GROUP = "group"
    """A heading beside its rows, in a cell merged over them: `Lĩnh vực`, `Tháng`."""
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

_BODY = (
    r"(?:co quan|don vi|bo phan|phong(?: ban)?|to chuc|ban nganh|nguoi|can bo|cap|noi|tham quyen"
    r"|thanh phan|luc luong)"
)
_ROLE = (
    r"(?:thuc hien|phu trach|duoc giao|duoc phan cong|trien khai|trinh|to chuc|xu ly|lien quan|tham gia"
    r"|ho tro|nhan nhiem vu|soan thao|chuan bi)"
)
_TIME = r"(?:thoi gian|thoi diem|ngay|moc|tien do|du kien|thang|lich)"
_LEADERS = r"nguoi|can bo|giao vien|dang vien|cap uy|chi uy|btv|bch|ban giam hieu|bgh|ban giam doc|bgd"
_WORDS: tuple[tuple[Column | None, str], ...] = (
    (Column.NUMBER, r"(tt|stt|so tt|so thu tu|thu tu|ma|ma so|ma (viec|nhiem vu)|ky hieu|no|so|bai|muc)$"),
    (Column.NOTE, r"(ghi chu|luu y|chu thich)"),
    (None, r"(don vi|dvt) ?(tinh|do)|dvt|kinh phi|du toan|nguon|can cu|so luong|thanh tien|dia diem"),
    (Column.RESULT, r"(san pham|ket qua|dau ra|yeu cau|minh chung|loai van ban)"),
    (Column.RESULT, r"hinh thuc (van ban|ban hanh)|(chi tieu|muc tieu) (can|phai) dat"),
    (Column.ISSUER, r"(co quan|cap|don vi|noi|tham quyen) (ban hanh|phe duyet|quyet dinh|thong qua|ky)"),
    (Column.ISSUER, r"cap trinh|(cap|noi|tham quyen|co quan nhan|trinh (cap|co quan))( phe duyet)?$"),
    (Column.LEADER, r"(phan cong )?(cac )?(lanh dao|dong chi|d c|thuong truc|uy vien|ban thuong vu)"),
    (Column.LEADER, r"(dang uy|chi uy|cap uy) vien"),
    (Column.LEADER, rf"(phan cong )?({_LEADERS})? ?(phu trach|chi dao|theo doi)"),
    (Column.DEADLINE, r"(thoi|ky) han|han (hoan thanh|chot|cuoi|nop|xong|trinh)|han$"),
    (Column.DEADLINE, rf"{_TIME}.*(hoan thanh|ket thuc|trinh|nop|xong|ban hanh|phe duyet|bao cao)"),
    (Column.DEADLINE, r"(hoan thanh|ket thuc|den (ngay|thang)|den$|xong)"),
    (Column.START, r"(thoi gian|thoi diem|bat dau|tien do|lich|tu (ngay|thang)|tu$)"),
    (Column.START, r"(tan suat|dinh ky|chu ky)|(thang|tuan|ngay|quy)( (thuc hien|trien khai))?$"),
    (Column.COORDINATING, r"(?!.*chu tri.*phoi hop).*phoi hop"),
    (Column.COORDINATING, rf"(cac )?{_BODY} (tham gia|ho tro|lien quan|cung thuc hien)"),
    (Column.LEAD, r".*(chu tri|tham muu|dau moi|chiu trach nhiem|soan thao)"),
    (Column.LEAD, rf"(cac )?{_BODY}( {_ROLE}.*)?$"),
    (Column.LEAD, r"(phan cong|trach nhiem|giao cho|giao viec)( (thuc hien|nhiem vu))?$"),
    (Column.GROUP, r"(linh vuc|nhom (nhiem vu|noi dung|viec|giai phap)|mang (viec|cong tac))$"),
    (Column.CONTENT, r"(ten |danh muc |cac |muc )?(noi dung|nhiem vu|cong viec|chi tieu|muc tieu)"),
    (Column.CONTENT, r"(ten |danh muc |cac )?(hoat dong|giai phap|dau viec|viec|de an|van ban|hang muc)"),
    (Column.CONTENT, r"(ten |danh muc |cac )?(chuong trinh|cong tac|du an|mo hinh|chuyen de|chu de)"),
    (Column.LEAD, r"thuc hien"),
)
"""The words a header begins with, tried in this order; None for columns that are known to hold no meaning."""
_MEANINGS = tuple((column, re.compile(pattern)) for column, pattern in _WORDS)
_PARENT_SAYS = {
    # What a plain header below a header means: `Phân công` over `Chính`, `Thời gian` over `Đầu`.
    Column.LEAD: ((Column.COORDINATING, r"phu$|ho tro"), (Column.LEAD, r"chinh$")),
    Column.START: ((Column.START, r"(bat )?dau|tu"), (Column.DEADLINE, r"(ket )?thuc|cuoi|den|xong")),
}
_SHARED = re.compile(r"chu tri.*phoi hop|phoi hop.*chu tri|thuc hien|phan cong")
_NAMES_THE_LEAD = re.compile(r"chu tri|chu yeu|chinh")
_VAGUE_TIME = re.compile(r"(thoi gian|tien do|lich|thoi diem)( (thuc hien|trien khai|to chuc))?$")
_SINGLE = re.compile(r"[\[(]?\s*(\d{1,2}|[A-Z])\s*[\])]?")
_LONGEST_HEADER = 90


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each meaning in the rows of one table, and the headers that mean nothing known."""

    places: Mapping[Column, int]
    width: int
    unknown: Mapping[int, str]
    """The header of each column whose meaning is not known."""
    lead_header: str = ""

    def cell(self, row: Row, column: Column) -> Cell:
        """The row's cell of that meaning, an empty one where the table has no such column."""
        place = self.places.get(column)
        return Cell(place=row.place) if place is None else row[place]

    def has(self, column: Column) -> bool:
        """Whether the table has such a column."""
        return column in self.places

    @property
    def leads_and_coordinates(self) -> bool:
        """Whether one column, `Cơ quan chủ trì, phối hợp`, names both who leads and who coordinates."""
        both = re.search(r"chu tri.*phoi hop|phoi hop.*chu tri", self.lead_header)
        return Column.COORDINATING not in self.places and bool(both)


def meaning(header: str, parent: str = "") -> Column | None:
    """The meaning of a header cell under the header above it, None for unknown words."""
    text = plain(header)
    if not text or len(text) > _LONGEST_HEADER:
        return None
    for column, pattern in _PARENT_SAYS.get(_first_meaning(plain(parent)) or Column.NUMBER, ()):
        if re.match(pattern, text):
            return column
    return _first_meaning(text)


@lru_cache(maxsize=8192)
def _first_meaning(text: str) -> Column | None:
    return next((column for column, pattern in _MEANINGS if pattern.match(text)), None)


def read_columns(headers: Iterable[str], parents: Iterable[str] = ()) -> Columns | None:
    """Returns the columns of a header row, None if the row is no header of a plan's table.

    A header names the content and something only an item has, and most of its cells are known words.
    """
    cells = list(headers)
    found = known_columns(cells, parents)
    filled = sum(bool(text.strip()) for text in cells)
    known = filled - len(found.unknown)
    if Column.CONTENT not in found.places or not any(column in found.places for column in WORK_COLUMNS):
        return None
    if known < 3 or known * 2 < filled or _is_numbered(cells):
        return None
    return found


def known_columns(headers: Iterable[str], parents: Iterable[str] = ()) -> Columns:
    """The columns whose headers are known, however few."""
    cells = list(headers)
    above = [*parents, *("" for _ in cells)]
    seen: dict[Column, list[int]] = {}
    unknown: dict[int, str] = {}
    for place, text in enumerate(cells):
        if found := meaning(text, above[place]):
            seen.setdefault(found, []).append(place)
        elif text.strip():
            unknown[place] = text
    places = {column: there[0] for column, there in seen.items()}
    words = [plain(text) for text in cells]
    _tell_times_apart(places, seen, words)
    _tell_bodies_apart(places, seen, words)
    _tell_contents_apart(places, seen, words)
    unknown |= {
        place: cells[place]
        for there in seen.values()
        for place in there
        if place not in places.values() and cells[place] not in [cells[used] for used in places.values()]
    }
    lead = places.get(Column.LEAD)
    header = "" if lead is None else f"{plain(above[lead])} {words[lead]}"
    return Columns(places, len(cells), unknown, header)


def _tell_times_apart(places: dict[Column, int], seen: dict[Column, list[int]], words: list[str]) -> None:
    """Of two columns of time, the one that says no more than `Thời gian` is when the work must be done."""
    starts = [place for place in seen.get(Column.START, ()) if words[place] != words[places[Column.START]]]
    if Column.DEADLINE in places or not starts:
        return
    first, second = places[Column.START], starts[0]
    if _VAGUE_TIME.match(words[first]) and not _VAGUE_TIME.match(words[second]):
        first, second = second, first
    places[Column.START], places[Column.DEADLINE] = first, second


def _tell_bodies_apart(places: dict[Column, int], seen: dict[Column, list[int]], words: list[str]) -> None:
    """Of several columns of bodies, `chủ trì` leads; who submits leads where nobody else does."""
    for place in seen.get(Column.LEAD, ()):
        if _NAMES_THE_LEAD.search(words[place]):
            places[Column.LEAD] = place
            break
    issuer = places.get(Column.ISSUER)
    for place in seen.get(Column.LEAD, ()):
        is_submitting = re.match(r"(co quan|don vi) trinh", words[place])
        if issuer is None and is_submitting and place != places[Column.LEAD]:
            places[Column.ISSUER] = place


def _tell_contents_apart(places: dict[Column, int], seen: dict[Column, list[int]], words: list[str]) -> None:
    """Of two columns of content, a measure (`Chỉ tiêu`) is the result asked for, else the first groups."""
    contents = seen.get(Column.CONTENT, [])
    distinct = [place for place in contents if words[place] != words[contents[0]]]
    if not distinct:
        return
    first, second = contents[0], distinct[0]
    if re.match(r"(chi tieu|muc tieu)", words[second]):
        places.setdefault(Column.RESULT, second)
    elif re.match(r"(chi tieu|muc tieu)", words[first]) and Column.RESULT not in places:
        places[Column.CONTENT], places[Column.RESULT] = second, first
    elif Column.GROUP not in places:
        places[Column.CONTENT], places[Column.GROUP] = second, first


def _is_numbered(cells: Iterable[str]) -> bool:
    """Whether a row has a number, as a header never does."""
    labels = (read_label(text) for text in cells if text.strip())
    return any(label is not NO_LABEL and label.kind in (Rank.DECIMAL, Rank.ROMAN) for label in labels)


def is_column_numbers(row: Row) -> bool:
    """Whether the row only counts the columns, as many headers do: `(1) (2) (3)`, `A B 1 2`."""
    texts = [text for text in row.texts if text]
    marks = [match[1] for text in texts if (match := _SINGLE.fullmatch(re.split(r"\s*=", text)[0]))]
    if len(marks) < 3 or len(marks) != len(texts):
        return False
    figures = [int(mark) for mark in marks if mark.isdigit()]
    return len(figures) >= 2 and figures == list(range(figures[0], figures[0] + len(figures)))
