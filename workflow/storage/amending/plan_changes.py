"""Writing a changed plan over the running one, in the caller's transaction: only what may change changes.

An open cycle follows its item: new words, new units, withdrawn with it. Decisions stay: a cycle that is
approved or lapsed, and every cycle of a closed period, keeps the item as it was then, in a row of its own
(`items.replaced_by` points to the row in force). A dry run is the same call, rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from workflow.domain.errors import Conflict, NotFound
from workflow.domain.plans.plan import Plan
from workflow.domain.plans.plan_difference import ItemChange, PlanDifference, difference
from workflow.domain.plans.positions import WIDER, positions
from workflow.domain.words import Words
from workflow.storage.amending.cycle_changes import (
    Acts,
    Consequence,
    RunningCycles,
    changed_fields_as_json,
    follow_items,
    open_missing,
    reseat,
    running,
)
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import plain
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.cycles.item_rules import scope
from workflow.storage.cycles.routing import advance_cycles, settle
from workflow.storage.people.directory import known_ids
from workflow.storage.plans.item_rows import add_items, overwrite_items
from workflow.storage.plans.plans import load_plan, write_sections
from workflow.storage.tables import items, periods, plans


@dataclass(frozen=True, slots=True)
class Source:
    """The file a plan came from, and the findings about it that are still open."""

    name: str = ""
    sha256: str = ""
    findings: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What was changed, and what became of the cycles."""

    difference: PlanDifference
    consequences: tuple[Consequence, ...]


def change_plan(
    tx: Connection,
    plan_id: int,
    after: Plan,
    now: datetime,
    *,
    renumbered: Mapping[str, str] | None = None,
    source: Source | None = None,
    seen: PlanDifference | None = None,
) -> PlanChange:
    """Writes `after` over the stored plan. The directory must have been saved before.

    `renumbered` maps a new code to the code the item had. Raises Conflict where the difference is no
    longer the one that was `seen`.
    """
    plan = tx.execute(select(plans).where(plans.c.id == plan_id).with_for_update()).first()
    if plan is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    changes = difference(load_plan(tx, plan_id), after, renumbered)
    if seen is not None and seen != changes:
        raise Conflict(
            Words("Kế hoạch vừa được người khác thay đổi."), cure=Words("Xem lại thay đổi rồi nạp lần nữa.")
        )
    found = running(tx, plan_id, now)
    _write_head(tx, plan, after, changes, source, now)
    place = _positions(tx, plan_id, changes)
    _write_items(tx, plan.organisation_id, plan_id, changes, place, found, now)
    _set_positions(tx, plan_id, place)
    acts = Acts()
    follow_items(tx, changes, found, acts, now)
    opened = open_missing(tx, plan_id, plan.organisation_id, found, acts, now)
    reseat(tx, changes, found, acts)
    scope(tx, list(acts.entries))
    routed = load(tx, acts.entries)
    for cycle_id, entries in acts.entries.items():
        routed[cycle_id].entries += entries
    settle(tx, list(routed.values()), now)
    advance_cycles(tx, opened, now)
    if not changes.is_empty:
        record(
            tx,
            plan.organisation_id,
            now,
            AuditEntry("plan-changed", details=_change_details(plan_id, changes, source)),
        )
    codes = (*changes.order, *(item.code for item in changes.withdrawn))
    rank = {code: at for at, code in enumerate(codes)}
    consequences = sorted(acts.consequences, key=lambda one: (rank[one.code], one.period))
    return PlanChange(changes, tuple(consequences))


def follow_directory(tx: Connection, organisation_id: int, now: datetime) -> tuple[Consequence, ...]:
    """Replaces the units of open cycles after units, groups or reporters changed, as loading the plan again
    would, and returns what became of the cycles."""
    opened = tx.scalars(
        select(plans.c.id)
        .distinct()
        .join(periods, periods.c.plan_id == plans.c.id)
        .where(plans.c.organisation_id == organisation_id, periods.c.closed_at.is_(None))
        .order_by(plans.c.id)
    ).all()
    consequences: list[Consequence] = []
    for plan_id in opened:
        consequences += change_plan(tx, plan_id, load_plan(tx, plan_id), now).consequences
    return tuple(consequences)


def _write_head(
    tx: Connection, plan: Row[Any], after: Plan, changes: PlanDifference, source: Source | None, now: datetime
) -> None:
    fields = {change.field for change in changes.headings}
    if "sections" in fields:
        write_sections(tx, plan.id, after.sections)
    columns: dict[str, Any] = {name: getattr(after, name) for name in fields - {"sections"}}
    if source is not None:
        columns |= {"source_name": source.name, "source_sha256": source.sha256, "loaded_at": now}
        columns["findings"] = list(source.findings)
    if columns:
        tx.execute(update(plans).where(plans.c.id == plan.id).values(columns))


def _write_items(
    tx: Connection,
    organisation_id: int,
    plan_id: int,
    changes: PlanDifference,
    place: Mapping[str, int],
    found: RunningCycles,
    now: datetime,
) -> None:
    """Writes added, changed and withdrawn items. A row that a decided cycle points to is replaced rather
    than written over."""
    known = known_ids(tx, organisation_id)
    replaced: dict[int, ItemChange] = {}
    overwritten = {}
    for change in changes.changed:
        item_id = found.codes[change.before.code]
        if found.is_decided(item_id) and not change.is_only_in_source:
            replaced[item_id] = change
        else:
            overwritten[item_id] = change.after
    gone = [found.codes[item.code] for item in changes.withdrawn]
    if gone or replaced:
        tx.execute(update(items).where(items.c.id.in_([*gone, *replaced])).values(withdrawn_at=now))
    overwrite_items(tx, overwritten, known)
    fresh = [*changes.added, *(change.after for change in replaced.values())]
    ids = add_items(tx, plan_id, {place[item.code]: item for item in fresh}, known)
    for item_id, change in replaced.items():
        found.versions[item_id] = ids[change.after.code]
    if replaced:
        tx.execute(
            update(items).where(items.c.id == bindparam("row")).values(replaced_by=bindparam("by")),
            [{"row": item_id, "by": found.versions[item_id]} for item_id in replaced],
        )


def _positions(tx: Connection, plan_id: int, changes: PlanDifference) -> dict[str, int]:
    """The position of each item of the changed plan, by its code: only what is new or was moved gets another
    position, so that rows kept for decided cycles stay between their neighbours."""
    ours = (items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
    by_code: dict[str, int] = dict(tx.execute(select(items.c.code, items.c.position).where(*ours)).all())
    earlier = {change.after.code: change.before.code for change in changes.changed}
    added = {item.code for item in changes.added}
    was = {code: by_code[earlier.get(code, code)] for code in changes.order if code not in added}
    found = positions(changes.order, was, changes.moved)
    if found is None:
        tx.execute(update(items).where(items.c.plan_id == plan_id).values(position=items.c.position * WIDER))
        was = {code: at * WIDER for code, at in was.items()}
        found = positions(changes.order, was, changes.moved)
    assert found is not None, "a plan with more new items in one place than there is room for"
    return found


def _set_positions(tx: Connection, plan_id: int, place: Mapping[str, int]) -> None:
    rows = tx.execute(
        select(items.c.id, items.c.code, items.c.position).where(
            items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None)
        )
    )
    moved = [{"row": row.id, "at": place[row.code]} for row in rows if row.position != place[row.code]]
    if moved:
        tx.execute(
            update(items).where(items.c.id == bindparam("row")).values(position=bindparam("at")), moved
        )


def _change_details(plan_id: int, changes: PlanDifference, source: Source | None) -> dict[str, Any]:
    return {
        "plan": plan_id,
        "source": source.name if source else "",
        "sha256": source.sha256 if source else "",
        "headings": [
            {"field": one.field, "before": plain(one.before), "after": plain(one.after)}
            for one in changes.headings
        ],
        "added": [item.code for item in changes.added],
        "changed": [field for change in changes.shown_changes for field in changed_fields_as_json(change)],
        "withdrawn": [item.code for item in changes.withdrawn],
        "moved": list(changes.moved),
    }
