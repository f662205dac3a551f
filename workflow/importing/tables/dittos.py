"""Fills cells that mean `as above`: ditto marks, `như mục 3`, and the empty cells below a merged one.

Works on the plan's whole rows. An empty cell means `as above` only where the column cannot mean anything
else by it: somebody always leads, so a lead or leader that most rows leave out was merged over them. An
empty time or coordinating cell means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workflow.importing.tables.columns import Column
from workflow.importing.tables.marks import LONGEST, is_ditto
from workflow.importing.tables.rows import FILLED_BY_ITEMS, PlanRow
from workflow.importing.tables.table import Cell

_LIKE_ANOTHER = re.compile(
    r"(?:như|xem|tương tự|theo)\s+(?:ở\s+)?(?:mục|nội dung|stt|tt|điểm|số|nhiệm vụ|dòng|ý)\s+(?:số\s+)?"
    r"(?P<number>[IVX\d]+(?:\.\d+)*|[a-zđ])\.?",
    re.IGNORECASE,
)
_MOSTLY_EMPTY = 0.6
_FEWEST_ITEMS = 4


@dataclass(frozen=True, slots=True)
class Filled:
    """The rows with repeated cells filled in, and the doubts about them."""

    rows: tuple[PlanRow, ...]
    merged: tuple[Cell, ...] = ()
    """Empty cells that were read as merged with the one above."""
    unresolved: tuple[Cell, ...] = ()


def fill_repeated(rows: Sequence[PlanRow]) -> Filled:
    """Returns the rows with every `as above` replaced by the text it refers to."""
    unresolved: list[Cell] = []
    done: list[PlanRow] = []
    for row in rows:
        done.append(_without_dittos(row, done, unresolved))
    merged: list[Cell] = []
    for column in (Column.LEAD, Column.LEADER):
        if _is_merged(done, column):
            done = list(_unmerged(done, column, merged))
    return Filled(tuple(done), tuple(merged), tuple(unresolved))


def _without_dittos(row: PlanRow, above: Sequence[PlanRow], unresolved: list[Cell]) -> PlanRow:
    filled: dict[Column, Cell] = {}
    for column in FILLED_BY_ITEMS:
        cell = row[column]
        other = _LIKE_ANOTHER.fullmatch(cell.flat) if len(cell.flat) <= LONGEST else None
        if not other and not is_ditto(cell.flat):
            continue
        sources = above if other is None else [one for one in above if one.number == other["number"]]
        found = next((one[column] for one in reversed(sources) if one[column].text), None)
        if found:
            filled[column] = replace(found, place=cell.place)
        elif other is None or column not in (Column.START, Column.DEADLINE):
            unresolved.append(cell)
    return replace(row, cells={**row.cells, **filled}) if filled else row


def _is_merged(rows: Sequence[PlanRow], column: Column) -> bool:
    """Whether a column's empty cells are the rest of merged ones: few are filled, and the first always."""
    items = [row for row in rows if column in row.cells and row.has_work]
    filled = sum(bool(row[column].text) for row in items)
    if len(items) < _FEWEST_ITEMS or not filled or filled > len(items) * _MOSTLY_EMPTY:
        return False
    firsts = (row for above, row in zip([None, *rows], rows, strict=False) if _opens(above, row))
    return all(row[column].text for row in firsts if column in row.cells)


def _opens(above: PlanRow | None, row: PlanRow) -> bool:
    """Whether a row is the first item below a heading, or of all."""
    return row.has_work and (above is None or not above.has_work)


def _unmerged(rows: Iterable[PlanRow], column: Column, merged: list[Cell]) -> Iterable[PlanRow]:
    above = Cell()
    for row in rows:
        if row[column].text or not row.has_work or column not in row.cells:
            above = row[column] if row[column].text else above
            yield row
        else:
            merged.append(row[column])
            yield replace(row, cells={**row.cells, column: replace(above, place=row[column].place)})
