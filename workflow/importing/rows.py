"""The plan's rows: cells by meaning, headers and page furniture dropped, broken rows made whole.

A page that ends inside a row leaves the rest of its cells on a row without a number. Whether such a row
is the rest of the one above or an unnumbered row of its own is decided here, cell by cell. Ditto marks
are replaced by what they repeat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workflow.importing.columns import WORK_COLUMNS, Column, Columns, is_column_numbers, read_columns
from workflow.importing.numbering import NO_LABEL, Label, read_label, split_label
from workflow.importing.table import Cell, Document, Place, Row, Table, plain

_BULLET = re.compile(r"\s*([-–—+•▪○●*])\s*(?=\S)")
_NEW_LEADER = re.compile(r"\s*(?:[-+•]\s*)?(?:đ/?c\b|đồng chí|ông\b|bà\b|các đồng chí)", re.IGNORECASE)
_DITTO_WORDS = frozenset({"nt", "n t", "nhu tren", "nhu noi dung tren"})
_DITTO_MARKS = frozenset({"//", '"', "”", "“", "″", "''", '-"-', "-//-", "-nt-"})
_TIMES = (Column.START, Column.DEADLINE)
_FILLED_BY_ITEMS = (*WORK_COLUMNS, Column.RESULT)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A whole row of the plan's table."""

    number: str
    label: Label
    cells: Mapping[Column, Cell]
    place: Place
    is_after_break: bool = False

    def __getitem__(self, column: Column) -> Cell:
        """The cell of that meaning, an empty one where there is none."""
        return self.cells.get(column) or Cell(place=self.place)

    @property
    def content(self) -> Cell:
        """What is to be done, or a heading's title."""
        return self[Column.CONTENT]

    @property
    def has_work(self) -> bool:
        """Whether any cell is filled that only an item fills: a leader, a unit, a time, a result."""
        return any(self[column].text for column in _FILLED_BY_ITEMS)

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


@dataclass(frozen=True, slots=True)
class PlanRows:
    """All rows of all the plan's tables, the rows that are no part of it, and the columns there were."""

    rows: tuple[PlanRow, ...]
    strays: tuple[Row, ...]
    columns: frozenset[Column]


def plan_rows(document: Document) -> PlanRows:
    """The plan's rows in reading order; none where no table has a header that can be read."""
    rows: list[PlanRow] = []
    strays: list[Row] = []
    known: set[Column] = set()
    columns: Columns | None = None
    for table in document.tables:
        if not _goes_on(table, columns):
            continue
        is_after_break = True
        for row in table.rows:
            if found := read_columns(row.texts):
                columns, is_after_break = found, True
                known |= set(found.places)
            elif columns is None or not any(row.texts):
                continue
            elif is_column_numbers(row):
                is_after_break = True
            else:
                current = _plan_row(row, columns, is_after_break or row.is_after_break)
                is_after_break = False
                if current is None:
                    strays.append(row)
                elif rows and _is_rest(rows[-1], current):
                    rows[-1] = rows[-1].joined(current)
                else:
                    rows.append(_without_dittos(current, rows))
    return PlanRows(tuple(rows), tuple(strays), frozenset(known))


def _goes_on(table: Table, columns: Columns | None) -> bool:
    """Whether a table is the plan's: it has a header, or goes on with the columns of the one before."""
    if any(read_columns(row.texts) for row in table.rows):
        return True
    return columns is not None and max(len(row.cells) for row in table.rows) == columns.width


def _plan_row(row: Row, columns: Columns, is_after_break: bool) -> PlanRow | None:
    """The row by meaning; None for one that is no plan's row, such as a signature or a total."""
    cells: dict[Column, Cell] = {
        column: columns.cell(row, column) for column in columns.places if column is not Column.NUMBER
    }
    number = columns.cell(row, Column.NUMBER)
    label = read_label(number.flat)
    if label is NO_LABEL and _is_spanning(row, columns):
        return _spanning(row, row[0])
    if not columns.has(Column.NUMBER):
        label, rest = split_label(cells[Column.CONTENT].text)
        cells[Column.CONTENT] = replace(cells[Column.CONTENT], text=rest)
        number = replace(number, text=label.text)
    text = label.text or number.flat
    found = PlanRow(text, label, cells, row.place, is_after_break)
    if number.text and label is NO_LABEL and not (found.has_work and found.content.text):
        return None
    return found


def _is_spanning(row: Row, columns: Columns) -> bool:
    """Whether all a row says stands in one cell that spans it, or is repeated in each column it spans."""
    if {text for text in row.texts if text} != {row[0].flat}:
        return False
    return len(row.cells) == 1 or columns.places.get(Column.NUMBER) == 0


def _spanning(row: Row, cell: Cell) -> PlanRow | None:
    """A heading that spans the table (`I. MỤC TIÊU`); None for a line that is no heading."""
    label, title = split_label(cell.text)
    if label is NO_LABEL and not cell.is_bold and title.upper() != title:
        return None
    return PlanRow(label.text, label, {Column.CONTENT: replace(cell, text=title)}, row.place)


def _is_rest(above: PlanRow, row: PlanRow) -> bool:
    """Whether a row without a number is the rest of the one above rather than a row of its own."""
    if row.number:
        return False
    content = row.content.text
    if not content:
        return True
    if not row.has_work:
        return above.content.is_bold or not row.content.is_bold
    if content[0].islower():
        return True
    own = {column: row[column].text for column in (Column.LEADER, Column.LEAD, *_TIMES) if row[column].text}
    if not own:
        return row.is_after_break or bool(row.bullet)
    if not row.is_after_break:
        return False
    if row.bullet:
        return all(text[0].islower() for text in own.values())
    if _NEW_LEADER.match(own.get(Column.LEADER, "")):
        return False
    has_time = any(_starts_anew(own.get(time, "")) for time in _TIMES)
    return not (has_time and _starts_anew(own.get(Column.LEAD, "")))


def _starts_anew(text: str) -> bool:
    """Whether a cell's text starts as a cell of its own does, not in the middle of a phrase."""
    return bool(text) and not text[0].islower()


def _without_dittos(row: PlanRow, above: Sequence[PlanRow]) -> PlanRow:
    """The row with each ditto mark (`nt`, `//`, `như trên`) replaced by the nearest cell above it."""
    dittos = {
        column: next((earlier[column] for earlier in reversed(above) if earlier[column].text), cell)
        for column, cell in row.cells.items()
        if column in _FILLED_BY_ITEMS and _is_ditto(cell.flat)
    }
    return replace(row, cells={**row.cells, **dittos}) if dittos else row


def _is_ditto(text: str) -> bool:
    return text in _DITTO_MARKS or (len(text) < 25 and plain(text) in _DITTO_WORDS)
