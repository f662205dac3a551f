"""Finds a table's header and the meaning of its columns: one row, two rows, or none that can be read.

A header of two rows has words merged over others: `Thời gian` over `Bắt đầu` and `Hoàn thành`. Where no
words are known, `guessing` guesses the columns' meanings from their cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workflow.domain.plans.plan import ScheduleKind
from workflow.importing.cells.phrases import read_schedule
from workflow.importing.tables.columns import (
    Column,
    Columns,
    is_column_numbers,
    known_columns,
    meaning,
    read_columns,
)
from workflow.importing.tables.guessing import guess_columns
from workflow.importing.tables.numbering import NO_LABEL, read_label
from workflow.importing.tables.table import Place, Row, Table

_ANY_YEAR = 2000
_LONGEST_CHILD = 60
_MOST_OWN_GROUPS = 0.6
"""A column whose cells differ in more of the rows than this holds no groups but content."""


@dataclass(frozen=True, slots=True)
class Header:
    """A table's columns, how many rows their header takes, and whether they were guessed from their cells."""

    columns: Columns
    height: int
    place: Place
    is_guessed: bool = False


def read_header(rows: Sequence[Row], at: int) -> Header | None:
    """The header that starts at that row, None where the row is none."""
    one = read_columns(rows[at].texts)
    two = _two_rows(rows[at], rows[at + 1]) if at + 1 < len(rows) else None
    return Header(two, 2, rows[at].place) if two else Header(one, 1, rows[at].place) if one else None


def has_header(table: Table) -> bool:
    """Whether any row of the table is a header."""
    return any(read_header(table.rows, at) for at in range(len(table.rows)))


def guess_header(table: Table) -> Header | None:
    """The columns guessed from their cells; the known words of a partly known header take precedence."""
    rows = [row for row in table.rows if any(row.texts)]
    if not rows:
        return None
    first = rows[0]
    is_words = sum(bool(text) for text in first.texts) > 2 and not any(
        read_label(text) is not NO_LABEL or _is_a_day(text) for text in first.texts if text
    )
    known = known_columns(first.texts) if is_words else None
    if known and (columns := guess_columns(rows[1:], known)):
        is_header = bool(known.places) or guess_columns(rows, None) is None or _is_other(first, columns)
        if is_header:
            return Header(columns, table.rows.index(first) + 1, first.place, is_guessed=True)
    columns = guess_columns(rows, None)
    return Header(columns, 0, first.place, is_guessed=True) if columns else None


def _is_a_day(text: str) -> bool:
    """Whether a cell is an item's time (`Xong trước 2/1`); a header contains a whole year at most."""
    schedule = read_schedule(text, _ANY_YEAR) if any(map(str.isdigit, text)) else None
    return schedule is not None and schedule.kind is not ScheduleKind.YEAR


def _is_other(first: Row, columns: Columns) -> bool:
    """Whether the first row does not hold what the columns hold: it has no number where all others do."""
    number = columns.places.get(Column.NUMBER)
    return number is not None and read_label(first[number].flat) is NO_LABEL


def _two_rows(upper: Row, lower: Row) -> Columns | None:
    """The columns of a header of two rows, None where the lower row is no part of it."""
    width = max(len(upper.cells), len(lower.cells))
    above = [upper[place].flat for place in range(width)]
    below = [lower[place].flat for place in range(width)]
    parents: list[str] = []
    for text in above:
        parents.append(text or (parents[-1] if parents else ""))
    children = [place for place in range(width) if below[place] and below[place] != above[place]]
    if len(children) < 2 or len(known_columns(above).places) < 2:
        return None
    if any(len(below[place]) > _LONGEST_CHILD for place in children):
        return None
    if not all(meaning(below[place], parents[place]) for place in children):
        return None
    if not all(_is_under_merged(place, parents) for place in children):
        return None
    words = [below[place] if place in children else above[place] for place in range(width)]
    return read_columns(words, [parents[place] if place in children else "" for place in range(width)])


def _is_under_merged(place: int, parents: Sequence[str]) -> bool:
    """Whether the cell above a place is merged over several columns."""
    around = [parents[at] for at in (place - 1, place + 1) if 0 <= at < len(parents)]
    return not parents[place] or parents[place] in around


def settled(header: Header, below: Sequence[Row]) -> Header:
    """The header after a look at what two columns hold: cells merged over several rows group these rows."""
    columns = header.columns
    rows = [row for row in below if read_columns(row.texts) is None and not is_column_numbers(row)]
    places = dict(columns.places)
    content = places[Column.CONTENT]
    group = places.get(Column.GROUP)
    if group is not None and not _is_grouping(rows, group):
        del places[Column.GROUP]
        unknown = {**columns.unknown, group: "nhóm"}
        return replace(header, columns=replace(columns, places=places, unknown=unknown))
    time = places.get(Column.START, content)
    is_first = time < min(content, places.get(Column.NUMBER, content))
    is_lone = Column.DEADLINE not in places and group is None
    if is_first and is_lone and _has_gaps(rows, time) and _is_grouping(rows, time):
        places[Column.GROUP] = time
    return replace(header, columns=replace(columns, places=places))


def _is_grouping(rows: Sequence[Row], place: int) -> bool:
    """Whether a column's cells stand over several rows each, empty or repeated below the first."""
    texts = [row[place].flat for row in rows if sum(bool(text) for text in row.texts) > 1]
    starts = sum(bool(text) and (at == 0 or text != texts[at - 1]) for at, text in enumerate(texts))
    return bool(texts) and bool(texts[0]) and starts <= max(1, len(texts) * _MOST_OWN_GROUPS)


def _has_gaps(rows: Sequence[Row], place: int) -> bool:
    """Whether a column's cells are empty, or merged with those above, where the rest of the row is not."""
    return any(
        (not row[place].flat or row[place].is_from_above) and sum(bool(text) for text in row.texts) > 2
        for row in rows
    )
