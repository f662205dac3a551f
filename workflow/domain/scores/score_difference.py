"""Two versions of a period's scores side by side, line by line: what a reopened cycle or a late vote changed.

Works on scores as they are stored (plain JSON), so that versions written by older releases compare too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.domain.words import Words


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """A line of a unit's score that changed, with the reasons that only one of the two versions has."""

    what: str
    before: str
    after: str
    no_longer: tuple[str, ...] = ()
    newly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit whose score changed."""

    unit_id: int
    unit: str
    changes: tuple[ScoreChange, ...]


def score_difference(before: Sequence[Any], after: Sequence[Any]) -> list[UnitChange]:
    """What differs between two versions, unit by unit."""
    old = {one["unit"]["id"]: one for one in before}
    new = {one["unit"]["id"]: one for one in after}
    found = []
    for unit_id in [*new, *(one for one in old if one not in new)]:
        changes = tuple(_changes(old.get(unit_id), new.get(unit_id)))
        if changes:
            named = new.get(unit_id) or old[unit_id]
            found.append(UnitChange(unit_id, named["unit"]["name"], changes))
    return found


def _changes(before: Any, after: Any) -> Iterator[ScoreChange]:
    lines_before, lines_after = _lines(before), _lines(after)
    for code in [*lines_after, *(one for one in lines_before if one not in lines_after)]:
        one, other = lines_before.get(code), lines_after.get(code)
        was, now = _points(one), _points(other)
        gone = tuple(said for said in _said(one) if said not in _said(other))
        come = tuple(said for said in _said(other) if said not in _said(one))
        if was != now or gone or come:
            yield ScoreChange(_title(other or one), was, now, gone, come)
    for what, key in ((Words("Tổng điểm"), "total"), (Words("Xếp loại"), "grade"), (Words("Hạng"), "rank")):
        was, now = (str((side or {}).get(key) or "") for side in (before, after))
        if was != now:
            yield ScoreChange(what, was, now)


def _lines(one: Any) -> dict[str, Any]:
    if one is None:
        return {}
    lines = {line["criterion"]["code"]: line for line in one["lines"]}
    return lines | {line["code"]: line for line in one["extras"]}


def _title(line: Any) -> str:
    return str(line["criterion"]["title"] if "criterion" in line else line["title"])


def _points(line: Any) -> str:
    if line is None:
        return ""
    return f"{line['points']}/{line['maximum']}" if "maximum" in line else str(line["points"])


def _said(line: Any) -> list[str]:
    return [reason["text"] for reason in line["reasons"]] if line else []
