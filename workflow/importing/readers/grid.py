"""Converts cells that may be merged to a table's rows: the last step of every reader of real tables.

A merged cell is spread over the rows and columns it covers. Columns in which no cell begins, as editors
leave them behind when borders don't quite meet, are dropped.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from workflow.domain.words import Words
from workflow.importing import limits
from workflow.importing.tables.table import Cell, Place, Row, Table


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell at the row and column of its upper left corner, with how many of each it covers."""

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1
    is_bold: bool = False


def table_of(
    cells: Iterable[Placed],
    place_of: Callable[[int], Place],
    *,
    breaks: Collection[int] = (),
    name: str = "",
) -> Table | None:
    """Returns the table of those cells; None if all are empty.

    `place_of` gives the place of a row by its index; `breaks` are the rows a page ended just before.
    """
    placed = [cell for cell in cells if cell.rows > 0 and cell.columns > 0]
    if not any(cell.text for cell in placed):
        return None
    height = limits.within(
        1 + max(cell.row for cell in placed if cell.text), limits.ROWS, Words("dòng"), name
    )
    starts = sorted({cell.column for cell in placed})
    within = {column: index for index, column in enumerate(starts)}
    limits.within(len(starts), limits.COLUMNS, Words("cột"), name)
    limits.within(height * len(starts), limits.CELLS, Words("ô"), name)
    spread = [cell for cell in placed if cell.row < height]
    limits.within(sum(_extent(cell, height, len(starts)) for cell in spread), limits.CELLS, Words("ô"), name)
    places = [place_of(row) for row in range(height)]
    lines: list[list[Cell | None]] = [[None] * len(starts) for _ in range(height)]
    for cell in spread:
        first = within[cell.column]
        last = _last(starts, cell)
        own = Cell(cell.text, places[cell.row], cell.is_bold and bool(cell.text))
        for row in range(cell.row, min(cell.row + cell.rows, height)):
            for column in range(first, last):
                if lines[row][column] is None:
                    lines[row][column] = _copy(own, is_above=row > cell.row, is_left=column > first)
    return Table(
        tuple(
            Row(tuple(cell or Cell(place=place) for cell in line), place, row in breaks)
            for row, (line, place) in enumerate(zip(lines, places, strict=True))
        )
    )


def _extent(cell: Placed, height: int, width: int) -> int:
    return min(cell.rows, height) * min(cell.columns, width)


def _last(starts: Sequence[int], cell: Placed) -> int:
    """The index after the last kept column that a cell covers."""
    end = cell.column + cell.columns
    return bisect_left(starts, end)


def _copy(own: Cell, *, is_above: bool, is_left: bool) -> Cell:
    if not (is_above or is_left):
        return own
    return replace(own, is_from_above=is_above, is_from_left=is_left)
