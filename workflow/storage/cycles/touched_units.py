"""Which units a new version of a report concerns: those named beside the parts that changed, or all of them
where the report as a whole did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from workflow.storage.people.groups import expanded, group_members
from workflow.storage.tables import cycles, item_units, submissions, targets

_WHOLE = ("body", "progress", "reported", "done_on")
"""Fields of a report that speak of the item as a whole. Difficulties and proposals are for the committee,
and evidence is looked at, not agreed to."""


def touched_units(tx: Connection, cycle_id: int, version: int, new: Mapping[str, Any]) -> list[int] | None:
    """The units that the change from that version to the `new` row concerns; None where it is all."""
    old = tx.execute(
        select(submissions, cycles.c.item_id)
        .join(cycles, cycles.c.id == submissions.c.cycle_id)
        .where(submissions.c.cycle_id == cycle_id, submissions.c.version == version)
    ).first()
    if old is None or any(new[name] != old._mapping[name] for name in _WHOLE):
        return None
    changed = _changed_parts(tx, old, new)
    if None in changed:
        return None
    members = group_members(tx)
    named = tx.scalars(
        select(item_units.c.unit_id).where(
            item_units.c.item_id == old.item_id, item_units.c.part_id.in_(changed)
        )
    )
    return sorted({unit for one in named for unit in expanded(one, members)})


def _changed_parts(tx: Connection, old: Row[Any], new: Mapping[str, Any]) -> set[int | None]:
    """The parts whose progress, text or figures changed; None among them means the item itself."""
    found: set[int | None] = {
        int(part)
        for part in old.parts.keys() | new["parts"].keys()
        if old.parts.get(part) != new["parts"].get(part)
    }
    figures = {
        int(target)
        for target in old.figures.keys() | new["figures"].keys()
        if old.figures.get(target) != new["figures"].get(target)
    }
    if figures:
        found |= set(tx.scalars(select(targets.c.part_id).where(targets.c.id.in_(figures))))
    return found
