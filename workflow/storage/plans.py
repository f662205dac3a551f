"""A plan at rest: sections, items, parts, targets, and the units each row names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.plan import Plan, PlanItem, PlanPart, Schedule
from workflow.storage.audit import Entry, record
from workflow.storage.directories import unit_ids
from workflow.storage.tables import item_units, items, parts, plans, sections, targets

LEAD = "lead"
COORDINATING = "coordinating"


def save_plan(
    tx: Connection,
    organisation_id: int,
    plan: Plan,
    now: datetime,
    *,
    source_name: str = "",
    source_sha256: str = "",
    findings: Sequence[dict[str, Any]] = (),
) -> int:
    """Writes a plan that is not there yet and gives its id. Units are named by their directory ids; a
    row's unit that the directory does not know is left out here and stands among the findings."""
    plan_id: int = tx.execute(
        plans.insert()
        .values(
            organisation_id=organisation_id,
            number=plan.number,
            title=plan.title,
            year=plan.year,
            issued_on=plan.issued_on,
            issuer=plan.issuer,
            source_name=source_name,
            source_sha256=source_sha256,
            loaded_at=now,
            findings=list(findings),
        )
        .returning(plans.c.id)
    ).scalar_one()
    if plan.sections:
        tx.execute(
            sections.insert(),
            [
                {
                    "plan_id": plan_id,
                    "code": section.code,
                    "title": section.title,
                    "declared": [{"count": said.count, "of": said.of} for said in section.declared],
                    "position": position,
                }
                for position, section in enumerate(plan.sections)
            ],
        )
    known = unit_ids(tx, organisation_id)
    for position, item in enumerate(plan.items):
        _save_item(tx, plan_id, position, item, known)
    record(
        tx,
        organisation_id,
        now,
        Entry("plan-loaded", details={"plan": plan_id, "items": len(plan.items), "sha256": source_sha256}),
    )
    return plan_id


def _save_item(tx: Connection, plan_id: int, position: int, item: PlanItem, known: dict[str, int]) -> None:
    item_id: int = tx.execute(
        items.insert()
        .values(
            plan_id=plan_id,
            number=item.number,
            position=position,
            section_codes=list(item.section_codes),
            section_titles=list(item.sections),
            source=item.source,
            **_columns(item),
        )
        .returning(items.c.id)
    ).scalar_one()
    units_rows = _unit_rows(item, item_id, None, known)
    target_rows = _target_rows(item, item_id, None)
    for place, part in enumerate(item.parts):
        part_id: int = tx.execute(
            parts.insert().values(item_id=item_id, position=place, **_columns(part)).returning(parts.c.id)
        ).scalar_one()
        units_rows += _unit_rows(part, item_id, part_id, known)
        target_rows += _target_rows(part, item_id, part_id)
    if units_rows:
        tx.execute(item_units.insert(), units_rows)
    if target_rows:
        tx.execute(targets.insert(), target_rows)


def _columns(row: PlanPart) -> dict[str, Any]:
    return {
        "code": row.code,
        "content": row.content,
        "leaders": list(row.leaders),
        "coordinating_text": row.coordinating_text,
        "start_text": row.start_text,
        "start": row.start.as_json() if row.start else None,
        "deadline_text": row.deadline_text,
        "deadline": row.deadline.as_json() if row.deadline else None,
        "due": row.due,
    }


def _unit_rows(
    row: PlanPart, item_id: int, part_id: int | None, known: dict[str, int]
) -> list[dict[str, Any]]:
    named = [(LEAD, unit) for unit in row.lead_ids if unit] + [
        (COORDINATING, unit) for unit in row.coordinating_ids if unit
    ]
    return [
        {"item_id": item_id, "part_id": part_id, "unit_id": known[unit], "role": role, "position": place}
        for place, (role, unit) in enumerate(named)
        if unit in known
    ]


def _target_rows(row: PlanPart, item_id: int, part_id: int | None) -> list[dict[str, Any]]:
    return [
        {
            "item_id": item_id,
            "part_id": part_id,
            "position": place,
            "text": target.text,
            "value": target.value,
            "upper": target.upper,
            "comparison": target.comparison.value,
            "measure": target.measure,
            "scope": target.scope,
        }
        for place, target in enumerate(row.targets)
    ]


def schedule_rows(tx: Connection, plan_id: int) -> list[tuple[int, PlanPart]]:
    """Each item's id with its times and code, in the plan's order: what opening a period asks of it."""
    return [
        (
            row.id,
            PlanPart(
                code=row.code,
                content=row.content,
                start=Schedule.from_json(row.start) if row.start else None,
                deadline=Schedule.from_json(row.deadline) if row.deadline else None,
            ),
        )
        for row in tx.execute(
            select(items.c.id, items.c.code, items.c.content, items.c.start, items.c.deadline)
            .where(items.c.plan_id == plan_id)
            .order_by(items.c.position)
        )
    ]
