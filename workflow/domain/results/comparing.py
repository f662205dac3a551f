"""A rollup's groups beside those of the period before and of the same one a year ago."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflow.domain.results.record import Status
from workflow.domain.results.rollup import Rollup, Tally, tally
from workflow.domain.results.spans import SpanRollup
from workflow.domain.words import Words

NONE = tally(())


class Grouping(StrEnum):
    """What a table of figures has a row for."""

    SECTION = "section"
    UNIT = "unit"
    LEADER = "leader"
    KIND = "kind"
    ORGANISATION = "organisation"

    @property
    def label(self) -> Words:
        """The grouping in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    Grouping.SECTION: Words("Nhóm nội dung"),
    Grouping.UNIT: Words("Đơn vị chủ trì"),
    Grouping.LEADER: Words("Lãnh đạo phụ trách"),
    Grouping.KIND: Words("Loại nội dung"),
    Grouping.ORGANISATION: Words("Đơn vị trực thuộc"),
}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row: `items` counts each item once, `reports` every report that was owed. `key` identifies the same
    row in another period."""

    key: str
    code: str
    name: str
    depth: int
    items: Tally
    reports: Tally


@dataclass(frozen=True, slots=True)
class Compared:
    """A group now, and its items in the period before and a year ago; None where there are no figures."""

    now: ComparedRow
    before: Tally | None
    year_ago: Tally | None


@dataclass(frozen=True, slots=True)
class Moved:
    """An item that stands otherwise than in the period before."""

    code: str
    content: str
    before: Status
    now: Status


def groups(found: SpanRollup, by: Grouping) -> list[ComparedRow]:
    """The rows of one organisation's rollup, in its order."""
    reports = {key: own for key, _, _, _, own in _rows(found.reports, by)}
    return [
        ComparedRow(key, code, name, depth, own, reports.get(key, NONE))
        for key, code, name, depth, own in _rows(found.items, by)
    ]


def _rows(found: Rollup, by: Grouping) -> list[tuple[str, str, str, int, Tally]]:
    match by:
        case Grouping.SECTION:
            return [(one.code, one.code, one.title, one.depth, one.tally) for one in found.sections]
        case Grouping.UNIT:
            return [(str(one.unit.id), "", one.unit.name, 1, one.tally) for one in found.leads]
        case Grouping.LEADER:
            return [(one.key, "", one.name, 1, one.tally) for one in found.leaders]
        case Grouping.KIND:
            return [(one.kind.value, "", one.kind.label, 1, one.tally) for one in found.kinds]
        case Grouping.ORGANISATION:
            return [("", "", "", 1, found.whole)]


def compared(
    now: Iterable[ComparedRow], before: Sequence[ComparedRow] | None, year_ago: Sequence[ComparedRow] | None
) -> list[Compared]:
    """The groups of now in their order, then those there were only before, with nothing now. `None` where
    that period has no figures at all."""
    rows = list(now)
    then, once = _by_key(before), _by_key(year_ago)
    known = {row.key for row in rows}
    gone = [row for row in (*(before or ()), *(year_ago or ())) if row.key not in known]
    rows += [
        ComparedRow(row.key, row.code, row.name, row.depth, NONE, NONE)
        for row in {row.key: row for row in gone}.values()
    ]
    return [
        Compared(
            row,
            None if before is None else then.get(row.key, NONE),
            None if year_ago is None else once.get(row.key, NONE),
        )
        for row in rows
    ]


def _by_key(rows: Sequence[ComparedRow] | None) -> Mapping[str, Tally]:
    return {row.key: row.items for row in rows or ()}
