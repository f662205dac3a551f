"""One row of the plan's table: its cells by meaning, its number read, and whether it ends the row above.

A page that ends inside a row leaves the rest of its cells on a row without a number. Whether such a row
is the rest of the one above or an unnumbered row of its own is decided here, cell by cell. Gathering the
rows of all tables is `gathering`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflow.importing.cells.phrases import read_schedule
from workflow.importing.cells.roles import split_roles
from workflow.importing.tables.columns import WORK_COLUMNS, Column, Columns
from workflow.importing.tables.marks import is_ditto
from workflow.importing.tables.numbering import BULLETS, NO_LABEL, Label, Rank, read_label, split_label
from workflow.importing.tables.table import Cell, Place, Row, plain

_BULLET = re.compile(r"\s*([-–—+•▪○●*])\s*(?=\S)")
_NEW_LEADER = re.compile(r"\s*(?:[-+•]\s*)?(?:đ/?c\b|đồng chí|ông\b|bà\b|các đồng chí)", re.IGNORECASE)
_TOTAL = re.compile(r"tong (?:cong|so)\b|cong$")
_UNFINISHED = re.compile(r"[,;:(–-]\s*$")
_ANY_YEAR = 2000
_TIMES = (Column.START, Column.DEADLINE)
_HEADING_RANKS = (Rank.PART, Rank.UPPER, Rank.ROMAN)
FILLED_BY_ITEMS = (*WORK_COLUMNS, Column.RESULT)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A whole row of the plan's table."""

    number: str
    label: Label
    cells: Mapping[Column, Cell]
    """A cell for each column of its table; a heading that spans the table has its title only."""
    place: Place
    is_after_break: bool = False
    is_within_above: bool = False
    """Its number cell is merged with the one above: one of several rows of one number."""
    names_both: bool = False
    """Its lead column is headed `Cơ quan chủ trì, phối hợp`."""

    def __getitem__(self, column: Column) -> Cell:
        """The cell of that meaning, an empty one where there is none."""
        return self.cells.get(column) or Cell(place=self.place)

    @property
    def content(self) -> Cell:
        """What is to be done, or a heading's title."""
        return self[Column.CONTENT]

    @property
    def has_work(self) -> bool:
        """Whether any cell is filled that only items fill: a leader, a unit, a time, a result."""
        return any(self[column].text for column in FILLED_BY_ITEMS)

    @property
    def bullet(self) -> str:
        """The mark the content starts with: `-`, `+`; empty for none."""
        match = _BULLET.match(self.content.text)
        return match[1] if match else ""

    @property
    def unbulleted(self) -> str:
        """The content without its first mark."""
        return _BULLET.sub("", self.content.text, count=1) if self.bullet else self.content.text

    def joined(self, rest: PlanRow) -> PlanRow:
        """This row with the rest of its cells."""
        columns = dict.fromkeys((*self.cells, *rest.cells))
        return replace(
            self,
            cells={column: self[column].joined(rest[column]) for column in columns},
            place=self.place.through(rest.place),
        )

    @property
    def with_roles_apart(self) -> PlanRow:
        """The row with who coordinates in a cell of its own, where the lead's cell names both."""
        if self[Column.COORDINATING].text or not self[Column.LEAD].text:
            return self
        halves = split_roles(self[Column.LEAD].text, names_both=self.names_both)
        if halves is None:
            return self
        lead, coordinating = (replace(self[Column.LEAD], text=text) for text in halves)
        return replace(self, cells={**self.cells, Column.LEAD: lead, Column.COORDINATING: coordinating})


def a_heading(label: Label, title: str, place: Place) -> PlanRow:
    """A heading that does not stand in the table's own cells."""
    return PlanRow(label.text, label, {Column.CONTENT: Cell(title, place, is_bold=True)}, place)


def plan_row(row: Row, columns: Columns, *, is_after_break: bool) -> PlanRow | None:
    """The row by meaning; None for one that is no plan's row, such as a signature or a total."""
    number = columns.cell(row, Column.NUMBER)
    is_within_above = number.is_from_above and bool(number.text) and not number.is_from_left
    if is_within_above:
        number = replace(number, text="")
    label = read_label(number.flat)
    if label is NO_LABEL and is_spanning(row, columns):
        return spanning_heading(row[0])
    cells: dict[Column, Cell] = {
        column: _own_cell(row, columns, column)
        for column in columns.places
        if column not in (Column.NUMBER, Column.GROUP)
    }
    content = cells[Column.CONTENT]
    found = PlanRow(
        label.text or number.flat,
        label,
        cells,
        row.place,
        is_after_break,
        is_within_above,
        columns.leads_and_coordinates,
    )
    if number.flat in BULLETS:
        return _bulleted(found, number)
    if not columns.has(Column.NUMBER) or (not number.text and not found.has_work):
        inner, rest = split_label(content.text)
        if not columns.has(Column.NUMBER) or inner.kind in _HEADING_RANKS:
            content = replace(content, text=rest)
            found = replace(found, number=inner.text, label=inner, cells={**cells, Column.CONTENT: content})
            return None if _is_total(found) else found
    if number.text and label is NO_LABEL and not (found.has_work and content.text):
        return None
    return None if _is_total(found) else found


def _own_cell(row: Row, columns: Columns, column: Column) -> Cell:
    """The cell of that meaning, empty where a title merged across the row only covers it."""
    cell = columns.cell(row, column)
    first = columns.places[column]
    while first > 0 and row[first].is_from_left:
        first -= 1
    titles = (columns.places.get(Column.NUMBER), columns.places[Column.CONTENT])
    return replace(cell, text="") if cell.is_from_left and first in titles else cell


def _bulleted(row: PlanRow, number: Cell) -> PlanRow:
    """A row whose number cell holds a bullet: a group's heading, or a row whose content it begins."""
    content = row.content
    if row.has_work or not content.text:
        content = replace(content, text=f"{number.flat} {content.text}")
        return replace(row, number="", cells={**row.cells, Column.CONTENT: content})
    return replace(row, number="", label=Label(number.flat, Rank.STAR))


def _is_total(row: PlanRow) -> bool:
    return row.label is NO_LABEL and not row[Column.LEAD].text and bool(_TOTAL.match(plain(row.content.text)))


def is_spanning(row: Row, columns: Columns) -> bool:
    """Whether a row's whole text is one cell that spans it, or is repeated in each column it spans."""
    if {text for text in row.texts if text} != {row[0].flat}:
        return False
    number, group = columns.places.get(Column.NUMBER), columns.places.get(Column.GROUP)
    is_repeated = sum(bool(text) for text in row.texts) > 2
    return len(row.cells) == 1 or is_repeated or number == 0 or (group == 0 and len(row.cells) > 2)


def spanning_heading(cell: Cell) -> PlanRow | None:
    """A heading that spans the table (`I. MỤC TIÊU`); None for a line that is no heading."""
    label, title = split_label(cell.flat)
    if label is NO_LABEL and not cell.is_bold and not _is_upper(title):
        return None
    if _is_total(a_heading(label, title, cell.place)):
        return None
    return PlanRow(label.text, label, {Column.CONTENT: replace(cell, text=title)}, cell.place)


def is_rest(above: PlanRow, row: PlanRow, *, are_numbered: bool) -> bool:
    """Whether a row without a number is the rest of the one above rather than a row of its own.

    `are_numbered`: whether the table's rows have numbers. Where none does, a missing number proves nothing.
    """
    if row.number or row.label is not NO_LABEL:
        return False
    content = row.content.text
    if not content or row.content.is_from_above:
        return True
    if row.is_within_above:
        return False
    if not row.has_work:
        return not _is_title(above, row)
    if not are_numbered and not row.is_after_break:
        return False
    if content[0].islower():
        return True
    own = {
        column: row[column].text
        for column in (Column.LEADER, Column.LEAD, *_TIMES)
        if row[column].text and not row[column].is_from_above
    }
    if not own:
        return row.is_after_break or bool(row.bullet)
    if not row.is_after_break:
        return False
    if row.bullet:
        return all(text[0].islower() for text in own.values())
    if _NEW_LEADER.match(own.get(Column.LEADER, "")):
        return False
    times = [own[time] for time in _TIMES if time in own]
    has_time = any(_starts_anew(time) or read_schedule(time, _ANY_YEAR) for time in times)
    return not (has_time and _starts_anew(own.get(Column.LEAD, "")))


def _is_title(above: PlanRow, row: PlanRow) -> bool:
    """Whether a row with nothing but content is a heading: in bold or capitals, or plainly a new line."""
    content = row.content
    if content.is_bold or above.content.is_bold:
        return content.is_bold and not above.content.is_bold
    if _is_upper(content.text) or _is_upper(above.content.text):
        return _is_upper(content.text) and not _is_upper(above.content.text)
    is_new = content.text[0].isupper() and not row.is_after_break and not row.bullet
    return is_new and not _UNFINISHED.search(above.content.text)


def _is_upper(text: str) -> bool:
    return text.upper() == text and sum(char.isalpha() for char in text) > 2


def _starts_anew(text: str) -> bool:
    """Whether a cell's text starts as a cell of its own does, not in the middle of a phrase."""
    return bool(text) and (not text[0].islower() or is_ditto(text))
