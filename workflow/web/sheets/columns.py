"""The workbook a unit fills in: its sheets, its columns, and the marks that bind a row to its cycle.

Columns are found by their key in the hidden first row, else by their title; rows by their mark. So columns
may be moved or renamed, rows sorted or deleted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflow.domain.results.plausible import PROGRESS, place_of, reason_field

REPORTS = "Báo cáo"
GUIDE = "Hướng dẫn"
KEYS_ROW, TITLES_ROW = 1, 2


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: the field it fills (or what it shows), its title and width."""

    key: str
    title: str
    width: int
    is_input: bool = False


COLUMNS = (
    SheetColumn("code", "Mã", 11),
    SheetColumn("content", "Nội dung / chỉ tiêu", 48),
    SheetColumn("planned", "Kế hoạch", 16),
    SheetColumn("before", "Kỳ trước", 16),
    SheetColumn("figure", "Số liệu đạt được", 14, is_input=True),
    SheetColumn("progress", "Tiến độ (%)", 10, is_input=True),
    SheetColumn("reported", "Tình trạng", 18, is_input=True),
    SheetColumn("done-on", "Ngày hoàn thành", 14, is_input=True),
    SheetColumn("body", "Kết quả thực hiện trong kỳ", 52, is_input=True),
    SheetColumn("difficulties", "Khó khăn, vướng mắc", 34, is_input=True),
    SheetColumn("proposals", "Đề xuất, kiến nghị", 34, is_input=True),
    SheetColumn("why", "Lý do, nếu khác thường", 34, is_input=True),
    SheetColumn("mark", "Mã dòng", 16),
)
INPUTS = {column.key for column in COLUMNS if column.is_input}

_MARK = re.compile(r"c([0-9]{1,9})v([0-9]{1,9})(?:([tp])([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a row is about: an item at a version, or one of its targets or parts."""

    cycle_id: int
    version: int
    kind: str = ""
    row_id: int = 0

    def __str__(self) -> str:
        """The text in the hidden column."""
        return f"c{self.cycle_id}v{self.version}" + (f"{self.kind}{self.row_id}" if self.kind else "")

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark in a cell; None where it is none."""
        match = _MARK.fullmatch(text.strip())
        if match is None:
            return None
        return cls(int(match[1]), int(match[2]), match[3] or "", int(match[4] or 0))

    def field(self, key: str) -> str:
        """The form's field that the row's cell in that column fills; empty where it fills none."""
        match self.kind:
            case "t":
                place = place_of(self.row_id)
                return {"figure": place, "why": reason_field(place)}.get(key, "")
            case "p":
                return f"part-{key}-{self.row_id}" if key in ("progress", "body") else ""
        if key == "why":
            return reason_field(PROGRESS)
        return key if key in INPUTS - {"figure"} else ""
