"""The rows of all the plan's tables in reading order, with the headings that stand outside the tables.

Headers, page furniture and column counts are dropped; broken rows are made whole. A plan may be split
over annexes or over tables under lines of their own: those lines become headings, so that numbers that
start again in each table do not collide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from workflow.importing.tables.columns import Column, Columns, is_column_numbers
from workflow.importing.tables.dittos import fill_repeated
from workflow.importing.tables.headers import Header, guess_header, has_header, read_header, settled
from workflow.importing.tables.marks import is_ditto
from workflow.importing.tables.numbering import NO_LABEL, read_label, split_label
from workflow.importing.tables.openings import Opening, with_openings
from workflow.importing.tables.rows import (
    PlanRow,
    a_heading,
    is_rest,
    is_spanning,
    plan_row,
    spanning_heading,
)
from workflow.importing.tables.table import Cell, Document, Paragraph, Row, Table

_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:trang\s+)?\d{1,4}(?:\s*/\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlanRows:
    """All rows of all the plan's tables, the rows that are no part of it, and the headers there were."""

    rows: tuple[PlanRow, ...]
    strays: tuple[Row, ...] = ()
    headers: tuple[Header, ...] = ()
    merged: tuple[Cell, ...] = ()
    """Empty cells read as merged with the one above."""
    unresolved: tuple[Cell, ...] = ()
    """Ditto marks with nothing to repeat."""


def plan_rows(document: Document) -> PlanRows:
    """The plan's rows in reading order; none where no table can be read as a plan's."""
    guessed: dict[int, Header] = {}
    if not any(has_header(table) for table in document.tables):
        headers = ((at, guess_header(table)) for at, table in enumerate(document.tables))
        guessed = {at: header for at, header in headers if header}
    gathering = _Gathering(_furniture(document))
    tables = -1
    for block in document.blocks:
        if isinstance(block, Paragraph):
            if _PAGE_NUMBER.fullmatch(block.text):
                continue
            gathering.lines.append(Cell(block.text, block.place))
        else:
            tables += 1
            gathering.table(block, guessed.get(tables))
    rows = with_openings(gathering.rows, gathering.openings)
    filled = fill_repeated(rows)
    return PlanRows(
        tuple(row.with_roles_apart for row in filled.rows),
        tuple(gathering.strays),
        tuple(gathering.headers),
        filled.merged,
        filled.unresolved,
    )


def _furniture(document: Document) -> frozenset[str]:
    """Lines that stand on many pages, outside the cells: the running head, `Kế hoạch năm 2024`."""
    lines = Counter(block.text for block in document.blocks if isinstance(block, Paragraph))
    lines += Counter(row[0].flat for table in document.tables for row in table.rows if len(row.cells) == 1)
    return frozenset(text for text, count in lines.items() if count > 1 and split_label(text)[0] is NO_LABEL)


def _is_numbered(row: Row, columns: Columns) -> bool:
    """Whether an item's row bears a number, in its own column or before its content."""
    if sum(bool(text) for text in row.texts) < 3:
        return False
    if columns.has(Column.NUMBER):
        return read_label(columns.cell(row, Column.NUMBER).flat) is not NO_LABEL
    return split_label(columns.cell(row, Column.CONTENT).text)[0] is not NO_LABEL


@dataclass(slots=True)
class _Gathering:
    """The rows so far, and the state of the table being read."""

    furniture: frozenset[str]
    rows: list[PlanRow] = field(default_factory=list)
    strays: list[Row] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    lines: list[Cell] = field(default_factory=list)
    """The lines since the last row of the plan, which may name the next table."""
    spanning: list[Row] = field(default_factory=list)
    """Of these, the rows within the table being read."""
    settled: dict[tuple[tuple[str, ...], ...], Header] = field(default_factory=dict)
    """Each header read, cached by its words: one repeated on every page is analysed once."""
    columns: Columns | None = None
    are_numbered: bool = True
    group: str = ""

    def table(self, table: Table, guessed: Header | None) -> None:
        """Take the rows of a table that is the plan's: it has a header, or goes on with the one before."""
        rows = table.rows
        if guessed is None and not has_header(table) and not self._goes_on(table):
            self.lines.clear()
            return
        is_after_break = True
        at = 0
        if guessed:
            self._open(guessed, rows, 0)
            at = guessed.height
        while at < len(rows):
            row = rows[at]
            if guessed is None and (header := read_header(rows, at)):
                self._open(header, rows, at)
                is_after_break = True
                at += header.height
                continue
            at += 1
            if self.columns is None or not any(row.texts) or self._is_furniture(row):
                continue
            if is_column_numbers(row):
                is_after_break = True
            elif len(row.cells) == 1 or (is_spanning(row, self.columns) and not self._has_label(row)):
                self.spanning.append(row)
                self.lines.append(row[0])
            else:
                self._close_spanning()
                self._take(row, is_after_break or row.is_after_break)
                is_after_break = False
        self._close_spanning()

    def _goes_on(self, table: Table) -> bool:
        width = max((len(row.cells) for row in table.rows), default=0)
        return self.columns is not None and width == self.columns.width

    def _is_furniture(self, row: Row) -> bool:
        is_caption = any(Opening.names_an_annex(line.flat) for line in self.lines)
        return len(row.cells) == 1 and row[0].flat in self.furniture and not is_caption

    def _has_label(self, row: Row) -> bool:
        return split_label(row[0].flat)[0] is not NO_LABEL and len(row.cells) > 1

    def _open(self, header: Header, rows: Sequence[Row], at: int) -> None:
        """Take a header; the lines right above it may name the table, or be the last heading on a page."""
        if not any(Opening.names_an_annex(row[0].flat) for row in self.spanning):
            for row in self.spanning:
                if heading := spanning_heading(row[0]):
                    self.rows.append(heading)
                    self.lines.remove(row[0])
        self.openings.append(Opening(len(self.rows), tuple(self.lines), rows[at].place))
        self.lines.clear()
        self.spanning.clear()
        words = tuple(row.texts for row in rows[at : at + header.height])
        if words not in self.settled or header.is_guessed:
            below = rows[at + header.height :]
            self.settled[words] = header if header.is_guessed else settled(header, below)
            self.headers.append(self.settled[words])
        header = self.settled[words]
        self.columns, self.group = header.columns, ""
        self.are_numbered = any(_is_numbered(row, header.columns) for row in rows[at + header.height :])

    def _close_spanning(self) -> None:
        """Rows that span the table and stand above no header: headings, or nothing of the plan."""
        for row in self.spanning:
            if Opening.names_an_annex(row[0].flat):
                self.openings.append(Opening(len(self.rows), (row[0],), row.place))
            elif heading := spanning_heading(row[0]):
                self.rows.append(heading)
            else:
                self.strays.append(row)
        self.spanning.clear()
        self.lines.clear()

    def _take(self, row: Row, is_after_break: bool) -> None:
        assert self.columns is not None
        row = self._grouped(row, self.columns)
        current = plan_row(row, self.columns, is_after_break=is_after_break)
        if current is None:
            self.strays.append(row)
        elif self.rows and is_rest(self.rows[-1], current, are_numbered=self.are_numbered):
            self.rows[-1] = self.rows[-1].joined(current)
        else:
            self.rows.append(current)

    def _grouped(self, row: Row, columns: Columns) -> Row:
        """Open a heading where the cell beside the rows changes; a time there is the time of each row."""
        place = columns.places.get(Column.GROUP)
        if place is None:
            return row
        cell = row[place]
        is_own = bool(cell.flat) and cell.flat != self.group and not is_ditto(cell.flat)
        is_item = sum(bool(text) for text in row.texts) > 1
        if is_own and is_item:
            self.group = cell.flat
            label, title = split_label(cell.flat)
            self.rows.append(a_heading(label, title, cell.place))
        if place not in (columns.places.get(Column.START), columns.places.get(Column.DEADLINE)):
            return row
        if not is_item or not self.group:
            return row
        cells = list(row.cells)
        cells[place] = replace(cell, text=self.group)
        return replace(row, cells=tuple(cells))
