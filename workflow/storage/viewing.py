"""What pages and mails show of periods and cycles: heads, targets and parts, with names instead of ids.

Set-based: each function answers for many cycles at once. Who may see what is decided by those who ask
(`workflow.storage.owing`, `workflow.storage.board`); what was said of cycles is `telling`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.cycle import Stage
from workflow.domain.errors import NotFound
from workflow.domain.figures import Figure, figure_label
from workflow.domain.plan import Comparison
from workflow.domain.record import LeaderRef
from workflow.domain.sections import section_paths
from workflow.domain.words import Words
from workflow.storage.item_leaders import leaders_of_items
from workflow.storage.routing import LEAD
from workflow.storage.tables import (
    cycle_units,
    cycles,
    items,
    organisations,
    parts,
    periods,
    persons,
    plans,
    targets,
    units,
)


@dataclass(frozen=True, slots=True)
class PeriodHead:
    """A period, whose it is, its last days, and the committee's size."""

    id: int
    organisation_id: int
    organisation: str
    is_party: bool
    zone: str
    plan_title: str
    plan_number: str
    code: str
    label: str
    opens_on: date
    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date
    closed_at: datetime | None
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class SentBack:
    """Why the last version went back to the lead: (name, reason) of each who said so; the committee's
    members are not named to the lead."""

    by_committee: bool
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CycleHead:
    """One item in one period, as every list shows it. Sections go from the outermost in."""

    id: int
    period_id: int
    code: str
    content: str
    section_codes: tuple[str, ...]
    section_titles: tuple[str, ...]
    leaders: tuple[LeaderRef, ...]
    leads: tuple[str, ...]
    start_text: str
    deadline_text: str
    due: date | None
    stage: Stage
    stage_since: datetime
    version: int
    returned: SentBack | None
    objections: frozenset[int]
    deemed: tuple[str, ...]
    """Units whose silence the rule took for consent."""

    @property
    def section(self) -> str:
        """The heading the item stands under, empty where the plan has none."""
        return self.section_titles[-1] if self.section_titles else ""


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A measurable figure asked for, in the item or in one of its parts."""

    id: int
    part_id: int | None
    text: str
    value: Decimal
    comparison: Comparison
    measure: str
    scope: str = ""

    @property
    def label(self) -> str:
        """What the figure is of, for a person to read."""
        return figure_label(self.text, self.scope)

    def reached(self, value: str) -> Figure:
        """The target held against a value as a report keeps it."""
        try:
            found = Decimal(value)
        except InvalidOperation:
            found = None
        return Figure(self.label, self.value, found, self.measure, self.comparison)


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of an item, reported beside it."""

    id: int
    code: str
    content: str
    deadline_text: str


def organisation_name(tx: Connection, organisation_id: int) -> tuple[str, str]:
    """The organisation's name and time zone."""
    row = tx.execute(
        select(organisations.c.name, organisations.c.zone).where(organisations.c.id == organisation_id)
    ).one()
    return row.name, row.zone


def period_head(tx: Connection, period_id: int) -> PeriodHead:
    """The period of that id; raises NotFound."""
    row = tx.execute(
        select(
            periods,
            plans.c.title,
            plans.c.number,
            plans.c.organisation_id,
            organisations.c.name,
            organisations.c.is_party,
            organisations.c.zone,
        )
        .join(plans, plans.c.id == periods.c.plan_id)
        .join(organisations, organisations.c.id == plans.c.organisation_id)
        .where(periods.c.id == period_id)
    ).first()
    if row is None:
        raise NotFound(Words("Không có kỳ báo cáo này."), where=str(period_id))
    return PeriodHead(
        row.id,
        row.organisation_id,
        row.name,
        row.is_party,
        row.zone,
        row.title,
        row.number,
        row.code,
        row.label,
        row.opens_on,
        row.due_on,
        row.confirm_by,
        row.approve_by,
        row.cut_off,
        row.closed_at,
        frozenset(row.committee["members"]),
    )


def cycle_heads(tx: Connection, cycle_ids: Collection[int]) -> dict[int, CycleHead]:
    """The cycles by id, in the plan's order."""
    rows = tx.execute(
        select(
            cycles,
            items.c.code,
            items.c.content,
            items.c.section_codes,
            items.c.section_titles,
            items.c.leaders,
            items.c.start_text,
            items.c.deadline_text,
            items.c.due,
        )
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.id.in_(cycle_ids))
        .order_by(cycles.c.period_id, items.c.position)
    ).all()
    leads: dict[int, list[str]] = {}
    for cycle_id, name in tx.execute(
        select(cycle_units.c.cycle_id, units.c.name)
        .join(units, units.c.id == cycle_units.c.unit_id)
        .where(cycle_units.c.cycle_id.in_(cycle_ids), cycle_units.c.role == LEAD)
        .order_by(cycle_units.c.position)
    ):
        leads.setdefault(cycle_id, []).append(name)
    deemed = _unit_names(tx, (unit for row in rows for unit in row.standing.get("deemed", ())))
    names = _person_names(tx, (said[0] for row in rows for said in _reasons(row.standing)))
    paths = section_paths((row.section_codes, row.section_titles) for row in rows)
    led_by = leaders_of_items(tx, ((row.item_id, row.leaders) for row in rows))
    return {
        row.id: CycleHead(
            row.id,
            row.period_id,
            row.code,
            row.content,
            path.codes,
            path.titles,
            led_by[row.item_id],
            tuple(leads.get(row.id, ())),
            row.start_text,
            row.deadline_text,
            row.due,
            Stage(row.stage),
            row.stage_since,
            row.version,
            _sent_back(row.standing, names),
            frozenset(row.standing.get("objections", ())),
            tuple(deemed[unit] for unit in row.standing.get("deemed", ())),
        )
        for row, path in zip(rows, paths, strict=True)
    }


def _reasons(standing: dict[str, Any]) -> list[list[Any]]:
    found: list[list[Any]] = standing.get("returned", {}).get("reasons", [])
    return found


def _sent_back(standing: dict[str, Any], names: dict[int, str]) -> SentBack | None:
    if "returned" not in standing:
        return None
    by_committee = standing["returned"]["by_committee"]
    reasons = dict.fromkeys(
        ("" if by_committee else names.get(person, ""), reason) for person, reason in _reasons(standing)
    )
    return SentBack(by_committee, tuple(reasons))


def _person_names(tx: Connection, person_ids: Iterable[int]) -> dict[int, str]:
    found = tx.execute(select(persons.c.id, persons.c.name).where(persons.c.id.in_(set(person_ids))))
    return dict(found.all())


def _unit_names(tx: Connection, unit_ids: Iterable[int]) -> dict[int, str]:
    found = tx.execute(select(units.c.id, units.c.name).where(units.c.id.in_(set(unit_ids))))
    return dict(found.all())


def targets_of(tx: Connection, cycle_ids: Collection[int]) -> dict[int, tuple[TargetRow, ...]]:
    """Each cycle's targets, the item's own before its parts'."""
    found: dict[int, list[TargetRow]] = {}
    for row in tx.execute(
        select(targets, cycles.c.id.label("cycle_id"))
        .join(cycles, cycles.c.item_id == targets.c.item_id)
        .where(cycles.c.id.in_(cycle_ids))
        .order_by(targets.c.part_id.is_not(None), targets.c.part_id, targets.c.position)
    ):
        found.setdefault(row.cycle_id, []).append(
            TargetRow(
                row.id,
                row.part_id,
                row.text,
                row.value,
                Comparison(row.comparison),
                row.measure,
                row.scope,
            )
        )
    return {cycle_id: tuple(rows) for cycle_id, rows in found.items()}


def parts_of(tx: Connection, cycle_ids: Collection[int]) -> dict[int, tuple[PartRow, ...]]:
    """Each cycle's parts in the plan's order."""
    found: dict[int, list[PartRow]] = {}
    for row in tx.execute(
        select(parts, cycles.c.id.label("cycle_id"))
        .join(cycles, cycles.c.item_id == parts.c.item_id)
        .where(cycles.c.id.in_(cycle_ids))
        .order_by(parts.c.item_id, parts.c.position)
    ):
        part = PartRow(row.id, row.code, row.content, row.deadline_text)
        found.setdefault(row.cycle_id, []).append(part)
    return {cycle_id: tuple(rows) for cycle_id, rows in found.items()}
