"""Guesses the columns' meanings from their cells: for a table without a header, or with unknown words in it.

Numbers, times, names of people and of bodies are recognised; the longest text is the content. A table
without content, or with neither a time nor a body, is no plan: the result is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from workflow.importing.cells.names import is_body, is_person, split_units
from workflow.importing.cells.phrases import read_schedule
from workflow.importing.folding import fold
from workflow.importing.tables.columns import Column, Columns
from workflow.importing.tables.marks import is_ditto
from workflow.importing.tables.numbering import NO_LABEL, read_label
from workflow.importing.tables.table import Row

FEWEST_ROWS = 3
MOST_ROWS = 80
"""How many rows are looked at: more would not change the result."""
_MOSTLY = 0.6
_SHORTEST_CONTENT = 12
_ANY_YEAR = 2000
_PRODUCT_STARTS = (
    *("bao cao", "ke hoach", "quyet dinh", "to trinh", "nghi quyet", "cong van", "bien ban", "de an"),
    *("thong bao", "chuong trinh", "ho so", "danh sach", "van ban", "huong dan", "chi thi", "quy che"),
    *("quy dinh", "hop dong", "phuong an", "du thao", "bang "),
)


@dataclass(frozen=True, slots=True)
class _Held:
    """The kinds of values in one column, as shares of its filled cells."""

    place: int
    numbers: float
    times: float
    people: float
    bodies: float
    products: float
    length: float
    """The mean length of a cell."""
    names: float
    """The mean count of bodies in a cell."""


def guess_columns(rows: Sequence[Row], known: Columns | None) -> Columns | None:
    """Returns the columns of those rows, None if they are no plan's. Columns already `known` keep their
    meaning; only the others are guessed."""
    filled = [row for row in rows if sum(bool(text) for text in row.texts) > 2][:MOST_ROWS]
    if len(filled) < FEWEST_ROWS:
        return None
    width = max(len(row.cells) for row in filled)
    places = dict(known.places) if known else {}
    free = [held for place in range(width) if place not in places.values() and (held := _held(filled, place))]

    def take(column: Column, candidates: Sequence[_Held]) -> None:
        if column not in places and candidates:
            places[column] = candidates[0].place
            free.remove(candidates[0])

    take(Column.NUMBER, [held for held in free if held.numbers >= _MOSTLY and held.place <= 1])
    if places.get(Column.NUMBER) == 1 and any(not row[0].flat or row[0].is_from_above for row in filled):
        take(Column.GROUP, [held for held in free if held.place == 0])
    times = [held for held in free if held.times >= _MOSTLY and held.numbers < _MOSTLY]
    if len(times) > 1 or Column.START in places:
        take(Column.START, times)
        take(Column.DEADLINE, times[-1:])
    elif Column.DEADLINE not in places:
        take(Column.START, times)
    texts = sorted((held for held in free if held.length >= _SHORTEST_CONTENT), key=lambda held: -held.length)
    take(Column.CONTENT, [held for held in texts if held.bodies < _MOSTLY and held.people < _MOSTLY])
    bodies = [held for held in free if held.bodies >= _MOSTLY]
    if len(bodies) > 1 and bodies[0].names > 1.5 and bodies[0].names > bodies[1].names * 1.3:
        bodies[:2] = bodies[1::-1]
    if Column.LEAD in places:
        take(Column.COORDINATING, bodies)
    else:
        take(Column.LEAD, bodies)
        take(Column.COORDINATING, bodies[1:])
    take(Column.LEADER, [held for held in free if held.people >= _MOSTLY])
    take(Column.RESULT, [held for held in free if held.products >= _MOSTLY])
    is_plan = Column.CONTENT in places and (
        Column.LEAD in places or Column.START in places or Column.DEADLINE in places
    )
    unknown = {held.place: f"cột {held.place + 1}" for held in free}
    if known:
        unknown = {place: known.unknown.get(place, said) for place, said in unknown.items()}
    return Columns(places, width, unknown, known.lead_header if known else "") if is_plan else None


def _held(rows: Sequence[Row], place: int) -> _Held | None:
    texts = [row[place].text for row in rows if row[place].flat and not is_ditto(row[place].flat)]
    if not texts:
        return None
    count = len(texts)
    units = [_bodies(text) for text in texts]
    return _Held(
        place=place,
        numbers=sum(read_label(text) is not NO_LABEL for text in texts) / count,
        times=sum(_is_time(text) for text in texts) / count,
        people=sum(is_person(text) for text in texts) / count,
        bodies=sum(found > 0 for found in units) / count,
        products=sum(fold(text).startswith(_PRODUCT_STARTS) for text in texts) / count,
        length=sum(map(len, texts)) / count,
        names=sum(units) / count,
    )


@lru_cache(maxsize=4096)
def _is_time(text: str) -> bool:
    return read_schedule(text, _ANY_YEAR) is not None


def _bodies(text: str) -> int:
    """How many bodies a cell names; 0 if any part of it is something else."""
    units = split_units(text) or ()
    return len(units) if all(is_body(unit) for unit in units) else 0
