"""From the ruled lines of a page to the cells of its tables.

Works on points with y growing downwards. Lines a little apart are one, as editors draw a border twice;
lines that meet make one table; a missing piece of line between two fields makes them one merged cell.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_NEAR = 3.0
"""Points within which two lines are one, or meet."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; a line is one without width or height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class RuledCell:
    """A cell: its place in the table's rows, its left and right edge, and where its text stands."""

    row: int
    rows: int
    box: Box


@dataclass(frozen=True, slots=True)
class RuledTable:
    """The cells of one table on one page, in reading order."""

    box: Box
    cells: tuple[RuledCell, ...]
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owners: Mapping[tuple[int, int], int]
    """The index of the cell that covers each row and column of the grid."""

    @property
    def height(self) -> int:
        """How many rows it has."""
        return len(self.ys) - 1

    def at(self, x: float, y: float) -> int | None:
        """The index of the cell at that point."""
        return self.owners.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))


@dataclass(slots=True)
class _Line:
    """A line at one coordinate, from one to another of the other axis."""

    at: float
    first: float
    last: float


def ruled_tables(lines: Iterable[Box]) -> list[RuledTable]:
    """The tables those lines rule, from the top of the page down."""
    level: list[_Line] = []
    upright: list[_Line] = []
    for box in lines:
        if box.bottom - box.top <= _NEAR < box.right - box.left:
            level.append(_Line((box.top + box.bottom) / 2, box.left, box.right))
        elif box.right - box.left <= _NEAR < box.bottom - box.top:
            upright.append(_Line((box.left + box.right) / 2, box.top, box.bottom))
    tables = [_table(*group) for group in _meeting(_joined(level), _joined(upright))]
    return sorted((table for table in tables if table), key=lambda table: table.box.top)


def _joined(lines: list[_Line]) -> list[_Line]:
    """The lines with those at nearly one coordinate put at it, and pieces that touch made one."""
    by_place: dict[float, list[_Line]] = defaultdict(list)
    place = -1e9
    for line in sorted(lines, key=lambda line: line.at):
        if line.at - place > _NEAR:
            place = line.at
        by_place[place].append(line)
    found: list[_Line] = []
    for at, pieces in by_place.items():
        pieces.sort(key=lambda line: line.first)
        current = _Line(at, pieces[0].first, pieces[0].last)
        for piece in pieces[1:]:
            if piece.first <= current.last + _NEAR:
                current.last = max(current.last, piece.last)
            else:
                found.append(current)
                current = _Line(at, piece.first, piece.last)
        found.append(current)
    return found


def _meeting(level: list[_Line], upright: list[_Line]) -> Iterator[tuple[list[_Line], list[_Line]]]:
    """The lines that meet one another, directly or through others: one group a table."""
    groups: list[tuple[list[_Line], list[_Line]]] = []
    for across in level:
        touched = [line for line in upright if _meet(across, line)]
        ids = set(map(id, touched))
        own: tuple[list[_Line], list[_Line]] = ([across], touched)
        apart = []
        for group in groups:
            if ids.isdisjoint(map(id, group[1])):
                apart.append(group)
            else:
                known = set(map(id, own[1]))
                own = (own[0] + group[0], own[1] + [line for line in group[1] if id(line) not in known])
        groups = [*apart, own]
    return (group for group in groups if len(group[0]) > 1 and len(group[1]) > 1)


def _meet(across: _Line, down: _Line) -> bool:
    return (
        across.first - _NEAR <= down.at <= across.last + _NEAR
        and down.first - _NEAR <= across.at <= down.last + _NEAR
    )


def _table(level: list[_Line], upright: list[_Line]) -> RuledTable | None:
    ys, xs = sorted({line.at for line in level}), sorted({line.at for line in upright})
    if len(ys) < 2 or len(xs) < 2:
        return None
    floors = _walls(level, ys, xs)
    sides = _walls(upright, xs, ys)
    owners: dict[tuple[int, int], int] = {}
    cells: list[RuledCell] = []
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            if (row, column) in owners:
                continue
            right = column + 1
            while right < len(xs) - 1 and row not in sides[right] and (row, right) not in owners:
                right += 1
            down = row + 1
            while down < len(ys) - 1 and not any(across in floors[down] for across in range(column, right)):
                down += 1
            fields = ((below, across) for below in range(row, down) for across in range(column, right))
            owners |= dict.fromkeys(fields, len(cells))
            cells.append(RuledCell(row, down - row, Box(xs[column], ys[row], xs[right], ys[down])))
    box = Box(xs[0], ys[0], xs[-1], ys[-1])
    return RuledTable(box, tuple(cells), tuple(xs), tuple(ys), owners)


def _walls(lines: Sequence[_Line], places: Sequence[float], across: Sequence[float]) -> list[set[int]]:
    """For each place a line may stand at, the fields it runs along."""
    found: list[set[int]] = [set() for _ in places]
    for line in lines:
        wall = found[bisect_left(places, line.at)]
        for field, (first, last) in enumerate(pairwise(across)):
            if line.first <= (first + last) / 2 <= line.last:
                wall.add(field)
    return found
