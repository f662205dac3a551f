"""What a changed plan does to its cycles: open ones follow their item, decided ones keep what they decided.

Works on the running plan under lock; the items' own rows are written by `plan_changes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from workflow.domain.cycles.cycle import Confirmation, Submission
from workflow.domain.cycles.orders import REASSIGN
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan_difference import ItemChange, PlanDifference
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry
from workflow.storage.canonical import plain
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.names import unit_names
from workflow.storage.opening.asking import asking, plan_asking
from workflow.storage.opening.opening import add_cycles
from workflow.storage.opening.seats import seats_of
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.rules import pinned
from workflow.storage.tables import (
    CONFIRMING,
    LEAD,
    cycle_units,
    cycles,
    items,
    orders,
    periods,
    rules,
)


class CycleEffect(StrEnum):
    """What a changed plan does to one cycle, or why it does nothing."""

    OPENED = "opened"
    UPDATED = "updated"
    RESEATED = "reseated"
    WITHDRAWN = "withdrawn"
    KEPT_REPORTED = "kept-reported"
    KEPT_REASSIGNED = "kept-reassigned"
    KEPT_DECIDED = "kept-decided"
    KEPT_CLOSED = "kept-closed"

    @property
    def label(self) -> Words:
        """The effect in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    CycleEffect.OPENED: Words("mở lượt báo cáo mới"),
    CycleEffect.UPDATED: Words("lượt đang mở theo nội dung mới"),
    CycleEffect.RESEATED: Words("lượt đang mở đổi đơn vị"),
    CycleEffect.WITHDRAWN: Words("rút lượt đang mở"),
    CycleEffect.KEPT_REPORTED: Words("giữ nội dung cũ đến hết kỳ vì đã có báo cáo; kỳ sau theo nội dung mới"),
    CycleEffect.KEPT_REASSIGNED: Words("giữ các đơn vị Văn phòng đã giao lại"),
    CycleEffect.KEPT_DECIDED: Words("giữ nguyên lượt đã xong"),
    CycleEffect.KEPT_CLOSED: Words("giữ nguyên, kỳ đã khóa"),
}


@dataclass(frozen=True, slots=True)
class Consequence:
    """What happens to one item's cycle in one period."""

    code: str
    period: str
    effect: CycleEffect
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A cycle before the change: the item's row it points to, and its period."""

    id: int
    item_id: int
    period_id: int
    period: str
    is_closed: bool


@dataclass(slots=True)
class RunningCycles:
    """The plan's cycles before the change: those under way are locked until the transaction ends.

    `codes` has the current items' ids. `versions` maps an item's row to the row that replaced it.
    """

    codes: dict[str, int]
    turns: list[Turn]
    live: dict[int, Routed]
    versions: dict[int, int]

    def in_force(self, item_id: int) -> int:
        """The row that says how the item reads now."""
        while item_id in self.versions:
            item_id = self.versions[item_id]
        return item_id

    def turns_of(self, item_id: int) -> list[Turn]:
        """The cycles about an item, whichever of its rows they point to."""
        return [turn for turn in self.turns if self.in_force(turn.item_id) == self.in_force(item_id)]

    def is_decided(self, item_id: int) -> bool:
        """Whether a cycle that must not change points to this very row."""
        return any(turn.item_id == item_id and turn.id not in self.live for turn in self.turns)


@dataclass(slots=True)
class Acts:
    """What a change of the plan does to cycles: the audit entries by cycle, and the consequences to show."""

    entries: dict[int, list[AuditEntry]] = field(default_factory=lambda: defaultdict(list))
    consequences: list[Consequence] = field(default_factory=list)

    def note(self, code: str, period: str, effect: CycleEffect, detail: str = "") -> None:
        """Adds what becomes of a cycle to the consequences."""
        self.consequences.append(Consequence(code, period, effect, detail))


def running(tx: Connection, plan_id: int, now: datetime) -> RunningCycles:
    """The plan's current cycles, those of open periods locked."""
    rows = tx.execute(
        select(items.c.id, items.c.code, items.c.withdrawn_at, items.c.replaced_by).where(
            items.c.plan_id == plan_id
        )
    ).all()
    turns = [
        Turn(row.id, row.item_id, row.period_id, row.label, row.closed_at is not None)
        for row in tx.execute(
            select(cycles.c.id, cycles.c.item_id, cycles.c.period_id, periods.c.closed_at, periods.c.label)
            .join(periods, periods.c.id == cycles.c.period_id)
            .where(periods.c.plan_id == plan_id)
            .order_by(cycles.c.id)
        )
    ]
    locked = load(tx, [turn.id for turn in turns if not turn.is_closed])
    return RunningCycles(
        codes={row.code: row.id for row in rows if row.withdrawn_at is None},
        turns=turns,
        live={one.id: one for one in locked.values() if not one.standing_at(now).stage.is_final},
        versions={row.id: row.replaced_by for row in rows if row.replaced_by is not None},
    )


def follow_items(
    tx: Connection, changes: PlanDifference, found: RunningCycles, acts: Acts, now: datetime
) -> None:
    """Changes open cycles with their item; decided ones are left alone, and listed as such."""
    withdrawn, repointed = [], []
    for item in changes.withdrawn:
        for turn in found.turns_of(found.codes[item.code]):
            if turn.id in found.live:
                withdrawn.append(turn.id)
                acts.entries[turn.id].append(AuditEntry("item-withdrawn", details={"code": item.code}))
                acts.note(item.code, turn.period, CycleEffect.WITHDRAWN)
            else:
                acts.note(item.code, turn.period, _kept(turn))
    for change in changes.shown_changes:
        row = found.in_force(found.codes[change.before.code])
        for turn in found.turns_of(row):
            routed = found.live.get(turn.id)
            if routed is None:
                acts.note(change.after.code, turn.period, _kept(turn))
            elif turn.item_id != row and routed.facts.current is not None:
                # Its figures are of the targets as they were: they would answer nothing in the new row.
                acts.note(change.after.code, turn.period, CycleEffect.KEPT_REPORTED)
            else:
                if turn.item_id != row:
                    repointed.append({"cycle": turn.id, "row": row})
                details = {"code": change.after.code, "fields": changed_fields_as_json(change)}
                acts.entries[turn.id].append(AuditEntry("item-changed", details=details))
                acts.note(change.after.code, turn.period, CycleEffect.UPDATED)
    if withdrawn:
        tx.execute(update(cycles).where(cycles.c.id.in_(withdrawn)).values(withdrawn_at=now))
        for cycle_id in withdrawn:
            del found.live[cycle_id]
    if repointed:
        tx.execute(
            update(cycles).where(cycles.c.id == bindparam("cycle")).values(item_id=bindparam("row")),
            repointed,
        )


def _kept(turn: Turn) -> CycleEffect:
    return CycleEffect.KEPT_CLOSED if turn.is_closed else CycleEffect.KEPT_DECIDED


def open_missing(
    tx: Connection, plan_id: int, organisation_id: int, found: RunningCycles, acts: Acts, now: datetime
) -> list[int]:
    """Adds cycles for the items that are due in an open period and have none there; returns their ids."""
    today = organisation_calendar(tx, organisation_id).day_of(now)
    there: dict[int, set[int]] = defaultdict(set)
    for turn in found.turns:
        there[turn.period_id].add(found.in_force(turn.item_id))
    rows = plan_asking(tx, plan_id)
    opened: list[int] = []
    for period in tx.execute(
        select(periods.c.id, periods.c.code, periods.c.label, rules.c.sha256, rules.c.routing)
        .join(rules, rules.c.id == periods.c.rules_id)
        .where(periods.c.plan_id == plan_id, periods.c.closed_at.is_(None), periods.c.cut_off >= today)
        .order_by(periods.c.id)
    ).all():
        routing = pinned(period.sha256, period.routing)
        due = {
            one.item_id: one
            for one in asking(rows, Span.parse(period.code), routing)
            if one.is_asked and one.item_id not in there[period.id]
        }
        if due:
            opened += add_cycles(tx, period.id, list(due), now).values()
            for row in due.values():
                acts.note(row.code, period.label, CycleEffect.OPENED)
    return opened


def reseat(tx: Connection, changes: PlanDifference, found: RunningCycles, acts: Acts) -> None:
    """Replaces the units of the open cycles whose units changed. What a unit said before it left stays on
    record; a cycle the office gave to other units by an order stays with them."""
    seated_by = {turn.id: found.in_force(turn.item_id) for turn in found.turns if turn.id in found.live}
    ordered = set(
        tx.scalars(
            select(orders.c.cycle_id).where(orders.c.kind == REASSIGN, orders.c.cycle_id.in_(seated_by))
        )
    )
    codes = _codes(tx, seated_by.values())
    with_other_units = _with_other_units(changes)
    for turn in found.turns:
        if turn.id in ordered:
            code = codes[seated_by.pop(turn.id)]
            if code in with_other_units:
                acts.note(code, turn.period, CycleEffect.KEPT_REASSIGNED)
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    wanted: dict[int, set[_Seat]] = defaultdict(set)
    for seat in seats_of(tx, seated_by):
        rows[seat["cycle_id"]].append(seat)
        wanted[seat["cycle_id"]].add((seat["role"], seat["unit_id"]))
    there: dict[int, set[_Seat]] = defaultdict(set)
    for row in tx.execute(select(cycle_units).where(cycle_units.c.cycle_id.in_(seated_by))):
        there[row.cycle_id].add((row.role, row.unit_id))
    changed = [cycle_id for cycle_id in seated_by if wanted[cycle_id] != there[cycle_id]]
    if not changed:
        return
    tx.execute(delete(cycle_units).where(cycle_units.c.cycle_id.in_(changed)))
    if fresh := [seat for cycle_id in changed for seat in rows[cycle_id]]:
        tx.execute(cycle_units.insert(), fresh)
    names = unit_names(tx, {unit for cycle_id in changed for _, unit in wanted[cycle_id] | there[cycle_id]})
    for turn in found.turns:
        if turn.id in changed:
            come, gone = wanted[turn.id] - there[turn.id], there[turn.id] - wanted[turn.id]
            details = {"come": sorted(map(list, come)), "gone": sorted(map(list, gone))}
            acts.entries[turn.id].append(AuditEntry("units-changed", details=details))
            detail = _seat_changes_text(come, gone, names, found.live[turn.id])
            acts.note(codes[seated_by[turn.id]], turn.period, CycleEffect.RESEATED, detail)


def _with_other_units(changes: PlanDifference) -> set[str]:
    """The codes of the items whose own units, or a part's, changed."""
    return {
        change.after.code
        for change in changes.changed
        if any(one.field in ("lead_ids", "coordinating_ids", "part") for one in change.fields)
    }


_Seat = tuple[str, int]
_ROLES = {LEAD: Words("chủ trì"), CONFIRMING: Words("xác nhận")}


def _codes(tx: Connection, item_ids: Iterable[int]) -> dict[int, str]:
    rows = tx.execute(select(items.c.id, items.c.code).where(items.c.id.in_(set(item_ids))))
    return {row.id: row.code for row in rows}


def _seat_changes_text(
    come: Collection[_Seat], gone: Collection[_Seat], names: Mapping[int, str], cycle: Routed
) -> str:
    said: tuple[Submission | Confirmation, ...] = (*cycle.facts.submissions, *cycle.facts.confirmations)
    spoke = {one.unit_id for one in said}
    lines = [
        Words("thêm %(role)s: %(unit)s", role=_ROLES[role], unit=names[unit])
        for role, unit in sorted(come, reverse=True)
    ]
    lines += [
        Words("bớt %(role)s: %(unit)s (điều đã ghi vẫn lưu)", role=_ROLES[role], unit=names[unit])
        if unit in spoke
        else Words("bớt %(role)s: %(unit)s", role=_ROLES[role], unit=names[unit])
        for role, unit in sorted(gone, reverse=True)
    ]
    return Words.joined(lines, by="; ")


def changed_fields_as_json(change: ItemChange) -> list[dict[str, Any]]:
    """An item's changed fields as plain JSON, for the record."""
    return [
        {"code": one.code, "field": one.field, "before": plain(one.before), "after": plain(one.after)}
        for one in change.fields
    ]
