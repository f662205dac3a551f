"""A stored plan: its head, its headings, and through `item_rows` its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, true

from workflow.domain.errors import NotFound
from workflow.domain.plans.plan import Declared, Plan, PlanItem, PlanPart, Schedule, Section
from workflow.domain.plans.positions import first_positions
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.people.directory import known_ids
from workflow.storage.plans.item_rows import add_items, read_items
from workflow.storage.tables import items, organisations, parts, plans, sections


def save_plan(
    tx: Connection,
    organisation_id: int,
    plan: Plan,
    now: datetime,
    *,
    source_name: str = "",
    source_sha256: str = "",
    findings: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Inserts a new plan and returns its id. Units are named by their directory ids, leaders by their
    addresses; anyone the directory does not know is left out here and is among the findings."""
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
    write_sections(tx, plan_id, plan.sections)
    found = dict(zip(first_positions(len(plan.items)), plan.items, strict=True))
    add_items(tx, plan_id, found, known_ids(tx, organisation_id))
    record(
        tx,
        organisation_id,
        now,
        AuditEntry(
            "plan-loaded", details={"plan": plan_id, "items": len(plan.items), "sha256": source_sha256}
        ),
    )
    return plan_id


def write_sections(tx: Connection, plan_id: int, found: Sequence[Section]) -> None:
    """Writes the plan's headings over those that were there."""
    tx.execute(delete(sections).where(sections.c.plan_id == plan_id))
    if found:
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
                for position, section in enumerate(found)
            ],
        )


def load_plan(tx: Connection, plan_id: int) -> Plan:
    """The current plan, without what was withdrawn from it."""
    row = tx.execute(select(plans).where(plans.c.id == plan_id)).first()
    if row is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    headings = tx.execute(select(sections).where(sections.c.plan_id == plan_id).order_by(sections.c.position))
    return Plan(
        title=row.title,
        year=row.year,
        number=row.number,
        issued_on=row.issued_on,
        issuer=row.issuer,
        sections=tuple(
            Section(one.code, one.title, tuple(Declared(said["count"], said["of"]) for said in one.declared))
            for one in headings
        ),
        items=tuple(read_items(tx, plan_id).values()),
    )


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A stored plan in a line, with the findings still open and the file it was last read from."""

    id: int
    organisation_id: int
    organisation: str
    number: str
    title: str
    year: int
    source_name: str
    findings: tuple[Mapping[str, Any], ...] = ()


_HEADS = select(
    plans.c.id,
    plans.c.organisation_id,
    organisations.c.name.label("organisation"),
    plans.c.number,
    plans.c.title,
    plans.c.year,
    plans.c.source_name,
    plans.c.findings,
).join(organisations, organisations.c.id == plans.c.organisation_id)


LAST_LOADED_FIRST = (plans.c.loaded_at.desc(), plans.c.id.desc())
"""The order of an organisation's plans: an amendment counts as a loading."""


def plan_head(tx: Connection, plan_id: int) -> PlanHead:
    """The plan of that id."""
    row = tx.execute(_HEADS.where(plans.c.id == plan_id)).first()
    if row is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    return PlanHead(*row[:-1], tuple(row.findings))


def plans_of(tx: Connection, organisation_id: int, year: int) -> list[PlanHead]:
    """The organisation's plans of a year, the last loaded first."""
    question = _HEADS.where(plans.c.organisation_id == organisation_id, plans.c.year == year)
    rows = tx.execute(question.order_by(*LAST_LOADED_FIRST))
    return [PlanHead(*row[:-1], tuple(row.findings)) for row in rows]


def plans_in_year(tx: Connection, year: int | None, organisation_id: int | None = None) -> list[PlanHead]:
    """The plans of that year, of one organisation or of all; without a year, of each one's latest."""
    whose = true() if organisation_id is None else plans.c.organisation_id == organisation_id
    question = _HEADS.where(whose).order_by(organisations.c.name, organisations.c.id, plans.c.id)
    found = [PlanHead(*row[:-1], tuple(row.findings)) for row in tx.execute(question)]
    latest: dict[int, int] = {}
    for one in found:
        latest[one.organisation_id] = max(one.year, latest.get(one.organisation_id, one.year))
    return [one for one in found if one.year == (year or latest[one.organisation_id])]


def running_plan(tx: Connection, organisation_id: int) -> PlanHead | None:
    """The plan that the organisation follows now: the one loaded or amended last. None where it has none."""
    question = _HEADS.where(plans.c.organisation_id == organisation_id)
    row = tx.execute(question.order_by(*LAST_LOADED_FIRST).limit(1)).first()
    return None if row is None else PlanHead(*row[:-1], tuple(row.findings))


def running_plans(tx: Connection) -> list[PlanHead]:
    """Each organisation's running plan, by the organisations' names; those without a plan have none."""
    found: dict[int, PlanHead] = {}
    for row in tx.execute(_HEADS.order_by(organisations.c.name, organisations.c.id, *LAST_LOADED_FIRST)):
        found.setdefault(row.organisation_id, PlanHead(*row[:-1], tuple(row.findings)))
    return list(found.values())


def plan_choices(tx: Connection, organisation_id: int) -> list[tuple[int, str, int]]:
    """The organisation's plans to open a period of: id, words and year, the last loaded first."""
    rows = tx.execute(
        select(plans.c.id, plans.c.number, plans.c.title, plans.c.year)
        .where(plans.c.organisation_id == organisation_id)
        .order_by(*LAST_LOADED_FIRST)
    )
    return [(row.id, " – ".join(filter(None, (row.number, row.title))), row.year) for row in rows]


def schedule_rows(tx: Connection, plan_id: int) -> list[tuple[int, PlanItem]]:
    """Each item's id with its times, parts' times and code, in the plan's order: what asking about it in a
    period needs to know."""
    made_of: dict[int, list[PlanPart]] = {}
    for row in tx.execute(
        select(parts.c.item_id, parts.c.code, parts.c.content, parts.c.start, parts.c.deadline)
        .join(items, items.c.id == parts.c.item_id)
        .where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
        .order_by(parts.c.position, parts.c.id)
    ):
        made_of.setdefault(row.item_id, []).append(PlanPart(row.code, row.content, **_times(row)))
    return [
        (
            row.id,
            PlanItem(
                row.code,
                row.content,
                section_codes=tuple(row.section_codes),
                parts=tuple(made_of.get(row.id, ())),
                **_times(row),
            ),
        )
        for row in tx.execute(
            select(
                items.c.id,
                items.c.code,
                items.c.content,
                items.c.section_codes,
                items.c.start,
                items.c.deadline,
            )
            .where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
            .order_by(items.c.position)
        )
    ]


def _times(row: Any) -> dict[str, Any]:
    return {
        "start": Schedule.from_json(row.start) if row.start else None,
        "deadline": Schedule.from_json(row.deadline) if row.deadline else None,
    }


def rows_in_force(tx: Connection, plan_id: int) -> dict[int, int]:
    """The row that says how an item reads now, by each row that was replaced, however often."""
    by = dict(
        tx.execute(
            select(items.c.id, items.c.replaced_by).where(
                items.c.plan_id == plan_id, items.c.replaced_by.is_not(None)
            )
        ).all()
    )
    found = {}
    for row in by:
        last = row
        while last in by:
            last = by[last]
        found[row] = last
    return found
