"""The kind of one target of a stored plan: read, and set in every row that the item has had.

Rows kept for decided cycles get the new kind as well, so that closed periods can be counted again with it;
`workflow.amending.target_kinds` does both.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select, update

from workflow.domain.errors import NotFound
from workflow.domain.plans.plan import PlanPart, Target
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.words import Words
from workflow.storage.plans.plans import load_plan
from workflow.storage.tables import items, parts, plans, targets


def rows_with_targets(tx: Connection, plan_id: int) -> Iterator[PlanPart]:
    """The items and parts of the plan in force that state targets, in its order."""
    for item in load_plan(tx, plan_id).items:
        yield from (row for row in (item, *item.parts) if row.targets)


def target_at(tx: Connection, plan_id: int, code: str, place: int) -> tuple[PlanPart, Target]:
    """The target at that place, from 1, of the item or part of that code; raises NotFound where there is
    none."""
    for row in rows_with_targets(tx, plan_id):
        if row.code == code and 1 <= place <= len(row.targets):
            return row, row.targets[place - 1]
    raise NotFound(
        Words("Kế hoạch không có chỉ tiêu thứ %(place)s của mục %(code)s.", place=place, code=code),
        cure=Words("Xem danh sách ở trang Loại chỉ tiêu của kế hoạch."),
    )


def whole_items(tx: Connection, plan_id: int) -> dict[str, tuple[PlanPart, ...]]:
    """By the code of each item and part, the whole item: itself, then its parts."""
    found: dict[str, tuple[PlanPart, ...]] = {}
    for item in load_plan(tx, plan_id).items:
        whole = (item, *item.parts)
        found |= {row.code: whole for row in whole}
    return found


def set_target_kind(tx: Connection, plan_id: int, code: str, place: int, kind: TargetKind) -> TargetKind:
    """Sets the kind of the target, also in the rows that were replaced by the present one; returns the kind
    it had. Locks the plan."""
    tx.execute(select(plans.c.id).where(plans.c.id == plan_id).with_for_update())
    _, target = target_at(tx, plan_id, code, place)
    in_force = select(items.c.id).where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
    owned = (
        select(targets.c.item_id, targets.c.part_id, parts.c.code.label("part"))
        .join(items, items.c.id == targets.c.item_id)
        .outerjoin(parts, parts.c.id == targets.c.part_id)
        .where(targets.c.item_id.in_(in_force), targets.c.position == place - 1)
        .where(parts.c.code.is_(None) & (items.c.code == code) | (parts.c.code == code))
    )
    row = tx.execute(owned).one()
    found = [row.item_id, *_earlier(tx, plan_id, row.item_id)]
    same = (
        targets.c.item_id.in_(found),
        targets.c.text == target.text,
        targets.c.measure == target.measure,
        targets.c.scope == target.scope,
        targets.c.position == place - 1,
    )
    own_parts = select(parts.c.id).where(parts.c.item_id.in_(found), parts.c.code == code)
    which = targets.c.part_id.is_(None) if row.part_id is None else targets.c.part_id.in_(own_parts)
    tx.execute(update(targets).where(*same, which).values(kind=kind.value))
    return target.kind


def _earlier(tx: Connection, plan_id: int, item_id: int) -> list[int]:
    """The rows that the item had before this one."""
    replaced = select(items.c.id, items.c.replaced_by).where(
        items.c.plan_id == plan_id, items.c.replaced_by.is_not(None)
    )
    before: dict[int, list[int]] = {}
    for earlier, by in tx.execute(replaced):
        before.setdefault(by, []).append(earlier)
    found, waiting = [], [item_id]
    while waiting:
        own = before.get(waiting.pop(), [])
        found += own
        waiting += own
    return found
