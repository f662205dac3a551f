"""What a digest shows of the items someone owes something on: what they are, who reported, why it came back.

Who owes them, and until when, is `workflow.storage.duties.owed`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from workflow.storage.tables import cycles, items, persons, submissions, units


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a report came back: the words, and who wrote them (empty for the committee's ballots)."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class OwedItem:
    """An item in a period: its code and content, the unit that reported, why the report came back if it did
    (None else), and whether a coordinating unit's objection stands."""

    code: str
    content: str
    reporting_unit: str
    returned: tuple[Reason, ...] | None
    is_disputed: bool


def owed_items(tx: Connection, cycle_ids: Collection[int]) -> dict[int, OwedItem]:
    """The items of these cycles, in the plan's order."""
    rows = tx.execute(
        select(
            cycles.c.id,
            cycles.c.standing,
            items.c.code,
            items.c.content,
            units.c.name.label("reporting_unit"),
        )
        .join(items, items.c.id == cycles.c.item_id)
        .outerjoin(
            submissions,
            and_(submissions.c.cycle_id == cycles.c.id, submissions.c.version == cycles.c.version),
        )
        .outerjoin(units, units.c.id == submissions.c.unit_id)
        .where(cycles.c.id.in_(cycle_ids))
        .order_by(items.c.position, items.c.id)
    ).all()
    writers = _writers(tx, rows)
    return {
        row.id: OwedItem(
            row.code,
            row.content,
            row.reporting_unit or "",
            _reasons(row.standing.get("returned"), writers),
            bool(row.standing.get("objections")),
        )
        for row in rows
    }


def _writers(tx: Connection, rows: Iterable[Any]) -> dict[int, str]:
    """The names of those whose reasons are quoted."""
    ids = {
        person
        for row in rows
        if (returned := row.standing.get("returned")) and not returned["by_committee"]
        for person, _ in returned["reasons"]
    }
    if not ids:
        return {}
    return dict(tx.execute(select(persons.c.id, persons.c.name).where(persons.c.id.in_(ids))).all())


def _reasons(returned: dict[str, Any] | None, writers: dict[int, str]) -> tuple[Reason, ...] | None:
    if returned is None:
        return None
    said = (Reason(writers.get(person, ""), words) for person, words in returned["reasons"])
    # Members who return many items at once give all the same words.
    return tuple(dict.fromkeys(said))
