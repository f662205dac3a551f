"""The rows of a plan's items: writing many at once, writing over them in place, and reading them back.

Set-based: a thousand items cost as many statements as one. What may be written over is `plan_changes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from workflow.domain.plans.plan import (
    NOBODY,
    Comparison,
    PlanItem,
    PlanPart,
    Schedule,
    Target,
    without_last_nones,
)
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.vietnamese import fold
from workflow.storage.people.directory import DirectoryRows
from workflow.storage.tables import (
    COORDINATING,
    LEAD,
    item_leaders,
    item_units,
    items,
    parts,
    persons,
    targets,
    units,
)

_Owner = tuple[int, int | None]
"""An item's id and, for what belongs to a part, the part's."""


def add_items(
    tx: Connection, plan_id: int, found: Mapping[int, PlanItem], known: DirectoryRows
) -> dict[str, int]:
    """Writes new items at their positions and returns their ids by code."""
    if not found:
        return {}
    tx.execute(
        items.insert(),
        [
            {"plan_id": plan_id, "position": position, **_item_columns(item)}
            for position, item in found.items()
        ],
    )
    ids = {
        row.code: row.id
        for row in tx.execute(
            select(items.c.id, items.c.code).where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
        )
    }
    added = {item.code: ids[item.code] for item in found.values()}
    _write_bodies(tx, {added[item.code]: item for item in found.values()}, known)
    return added


def overwrite_items(tx: Connection, found: Mapping[int, PlanItem], known: DirectoryRows) -> None:
    """Writes items over their rows, by id. A target that is still the same keeps its id: reports name it."""
    if not found:
        return
    # A code may pass from one item to another, so all are set free first.
    tx.execute(_FREE_CODE, [{"item": item_id, "free": f"~{item_id}"} for item_id in found])
    tx.execute(
        _SET_ITEM,
        [
            {"item": item_id, **{f"new_{name}": value for name, value in _item_columns(item).items()}}
            for item_id, item in found.items()
        ],
    )
    _write_bodies(tx, found, known)


def read_items(tx: Connection, plan_id: int) -> dict[int, PlanItem]:
    """The plan's current items by id, in its order."""
    rows = tx.execute(
        select(items)
        .where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
        .order_by(items.c.position, items.c.id)
    ).all()
    ours = select(items.c.id).where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
    seats: dict[_Owner, dict[str, dict[int, str]]] = defaultdict(lambda: {LEAD: {}, COORDINATING: {}})
    for row in tx.execute(
        select(item_units, units.c.slug)
        .join(units, units.c.id == item_units.c.unit_id)
        .where(item_units.c.item_id.in_(ours))
    ):
        seats[row.item_id, row.part_id][row.role][row.position] = row.slug
    leading: dict[_Owner, dict[int, str]] = defaultdict(dict)
    for row in tx.execute(
        select(item_leaders, persons.c.email)
        .outerjoin(persons, persons.c.id == item_leaders.c.person_id)
        .where(item_leaders.c.item_id.in_(ours))
    ):
        leading[row.item_id, row.part_id][row.position] = NOBODY if row.person_id is None else row.email
    aims: dict[_Owner, list[Target]] = defaultdict(list)
    for row in tx.execute(
        select(targets).where(targets.c.item_id.in_(ours)).order_by(targets.c.position, targets.c.id)
    ):
        aims[row.item_id, row.part_id].append(_target(row))
    below: dict[int, list[PlanPart]] = defaultdict(list)
    for row in tx.execute(select(parts).where(parts.c.item_id.in_(ours)).order_by(parts.c.position)):
        owner = (row.item_id, row.id)
        below[row.item_id].append(PlanPart(**_fields(row, seats[owner], leading[owner], aims[owner])))
    return {
        row.id: PlanItem(
            **_fields(row, seats[row.id, None], leading[row.id, None], aims[row.id, None]),
            number=row.number,
            sections=tuple(row.section_titles),
            section_codes=tuple(row.section_codes),
            parts=tuple(below[row.id]),
            source=row.source,
        )
        for row in rows
    }


# --- columns ------------------------------------------------------------------------------------------------


def _columns(row: PlanPart) -> dict[str, Any]:
    return {
        "code": row.code,
        "content": row.content,
        "leaders": list(row.leaders),
        "lead_units": list(row.lead_units),
        "coordinating_units": list(row.coordinating_units),
        "coordinating_text": row.coordinating_text,
        "start_text": row.start_text,
        "start": row.start.as_json() if row.start else None,
        "deadline_text": row.deadline_text,
        "deadline": row.deadline.as_json() if row.deadline else None,
        "due": row.due,
        "result": row.result,
        "note": row.note,
    }


def _item_columns(item: PlanItem) -> dict[str, Any]:
    return {
        **_columns(item),
        "number": item.number,
        "section_codes": list(item.section_codes),
        "section_titles": list(item.sections),
        "source": item.source,
        "folded": _searched(item),
    }


def _searched(item: PlanItem) -> str:
    """What a search finds the item by, with its parts; a search then is a comparison the database makes."""
    texts = [item.code, item.content, *item.leaders, *item.lead_units, *item.coordinating_units]
    for part in item.parts:
        texts += [part.code, part.content, *part.leaders, *part.lead_units]
    return " | ".join(fold(text) for text in texts)


_ITEM_NAMES = tuple(_item_columns(PlanItem("", "")))
_PART_NAMES = tuple(_columns(PlanPart("", "")))
_FREE_CODE = update(items).where(items.c.id == bindparam("item")).values(code=bindparam("free"))
_SET_ITEM = (
    update(items)
    .where(items.c.id == bindparam("item"))
    .values({name: bindparam(f"new_{name}") for name in _ITEM_NAMES})
)
_SET_PART = (
    update(parts)
    .where(parts.c.id == bindparam("part"))
    .values({name: bindparam(f"new_{name}") for name in (*_PART_NAMES, "position")})
)
_SET_TARGET = (
    update(targets)
    .where(targets.c.id == bindparam("target"))
    .values({name: bindparam(f"new_{name}") for name in ("position", "text", "value", "upper")})
    .values({name: bindparam(f"new_{name}") for name in ("comparison", "measure", "scope", "kind")})
)


def _fields(
    row: Row[Any],
    seats: Mapping[str, Mapping[int, str]],
    leading: Mapping[int, str],
    aims: Iterable[Target],
) -> dict[str, Any]:
    leads, coordinating = seats[LEAD], seats[COORDINATING]
    n_leads = max([len(row.lead_units), *(place + 1 for place in leads)])
    return {
        "code": row.code,
        "content": row.content,
        "leaders": tuple(row.leaders),
        "leader_ids": without_last_nones([leading.get(place) for place in range(len(row.leaders))]),
        "lead_units": tuple(row.lead_units),
        "lead_ids": tuple(leads.get(place) for place in range(n_leads)),
        "coordinating_units": tuple(row.coordinating_units),
        "coordinating_ids": tuple(coordinating[place] for place in sorted(coordinating)),
        "coordinating_text": row.coordinating_text,
        "start_text": row.start_text,
        "start": Schedule.from_json(row.start) if row.start else None,
        "deadline_text": row.deadline_text,
        "deadline": Schedule.from_json(row.deadline) if row.deadline else None,
        "targets": tuple(aims),
        "result": row.result,
        "note": row.note,
    }


def _target(row: Row[Any]) -> Target:
    return Target(
        Decimal(row.value),
        Comparison(row.comparison),
        row.measure,
        row.scope,
        row.text,
        None if row.upper is None else Decimal(row.upper),
        TargetKind(row.kind),
    )


# --- what hangs on an item ----------------------------------------------------------------------------------


def _write_bodies(tx: Connection, found: Mapping[int, PlanItem], known: DirectoryRows) -> None:
    """Parts, units, leaders and targets of the items, over what was there."""
    tx.execute(delete(item_units).where(item_units.c.item_id.in_(found)))
    tx.execute(delete(item_leaders).where(item_leaders.c.item_id.in_(found)))
    part_ids, gone = _write_parts(tx, found)
    rows: dict[_Owner, PlanPart] = {}
    for item_id, item in found.items():
        rows[item_id, None] = item
        rows |= {(item_id, part_ids[item_id, part.code]): part for part in item.parts}
    seats = [seat for owner, row in rows.items() for seat in _seats(owner, row, known.units)]
    if seats:
        tx.execute(item_units.insert(), seats)
    leading = [one for owner, row in rows.items() for one in _leading(owner, row, known.persons)]
    if leading:
        tx.execute(item_leaders.insert(), leading)
    _write_targets(tx, found, rows)
    if gone:
        tx.execute(delete(parts).where(parts.c.id.in_(gone)))


def _write_parts(
    tx: Connection, found: Mapping[int, PlanItem]
) -> tuple[dict[tuple[int, str], int], list[int]]:
    """The ids of the parts by item and code, and those that are no longer the item's."""
    was = _part_ids(tx, found)
    fresh, same = [], []
    wanted: set[tuple[int, str]] = set()
    for item_id, item in found.items():
        for position, part in enumerate(item.parts):
            wanted.add((item_id, part.code))
            columns = {**_columns(part), "position": position}
            if part_id := was.get((item_id, part.code)):
                same.append({"part": part_id, **{f"new_{name}": value for name, value in columns.items()}})
            else:
                fresh.append({"item_id": item_id, **columns})
    if same:
        tx.execute(_SET_PART, same)
    if fresh:
        tx.execute(parts.insert(), fresh)
    gone = [part_id for key, part_id in was.items() if key not in wanted]
    return (_part_ids(tx, found) if fresh else was), gone


def _part_ids(tx: Connection, item_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    question = select(parts.c.item_id, parts.c.code, parts.c.id).where(parts.c.item_id.in_(item_ids))
    return {(row.item_id, row.code): row.id for row in tx.execute(question)}


def _seats(owner: _Owner, row: PlanPart, known: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for role, ids in ((LEAD, row.lead_ids), (COORDINATING, row.coordinating_ids)):
        for place, unit in enumerate(ids):
            if unit is not None and unit in known:
                yield {
                    "item_id": owner[0],
                    "part_id": owner[1],
                    "unit_id": known[unit],
                    "role": role,
                    "position": place,
                }


def _leading(owner: _Owner, row: PlanPart, known: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for place, (_, person) in enumerate(row.led_by):
        if person == NOBODY or person in known:
            yield {
                "item_id": owner[0],
                "part_id": owner[1],
                "position": place,
                "person_id": known[person] if person else None,
            }


def _write_targets(tx: Connection, found: Mapping[int, PlanItem], rows: Mapping[_Owner, PlanPart]) -> None:
    was: dict[_Owner, list[Row[Any]]] = defaultdict(list)
    question = select(targets).where(targets.c.item_id.in_(found)).order_by(targets.c.position, targets.c.id)
    for row in tx.execute(question):
        was[row.item_id, row.part_id].append(row)
    fresh, same, gone = [], [], []
    for owner in {**dict.fromkeys(was), **rows}:
        wanted = rows[owner].targets if owner in rows else ()
        kept = _kept_targets(was[owner], wanted)
        for position, target in enumerate(wanted):
            columns = {"position": position, **_target_columns(target)}
            if position in kept:
                same.append(
                    {"target": kept[position], **{f"new_{name}": value for name, value in columns.items()}}
                )
            else:
                fresh.append({"item_id": owner[0], "part_id": owner[1], **columns})
        gone += [row.id for row in was[owner] if row.id not in kept.values()]
    if gone:
        tx.execute(delete(targets).where(targets.c.id.in_(gone)))
    if same:
        tx.execute(_SET_TARGET, same)
    if fresh:
        tx.execute(targets.insert(), fresh)


def _target_columns(target: Target) -> dict[str, Any]:
    return {
        "text": target.text,
        "value": target.value,
        "upper": target.upper,
        "comparison": target.comparison.value,
        "measure": target.measure,
        "scope": target.scope,
        "kind": target.kind.value,
    }


def _kept_targets(was: Sequence[Row[Any]], wanted: Sequence[Target]) -> dict[int, int]:
    """Which row each wanted target (by its place) goes on in: the same words, else the same measure of the
    same thing, else the same place with the same measure."""
    kept: dict[int, int] = {}
    for likeness in (
        lambda place, one: (one.text, one.scope, one.measure),
        lambda place, one: (one.scope, one.measure),
        lambda place, one: (place, one.measure),
    ):
        free: dict[Any, list[int]] = defaultdict(list)
        for place, row in enumerate(was):
            if row.id not in kept.values():
                free[likeness(place, row)].append(row.id)
        for place, target in enumerate(wanted):
            if place not in kept and free[likeness(place, target)]:
                kept[place] = free[likeness(place, target)].pop(0)
    return kept
