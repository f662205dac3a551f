"""What pages and mails show of cycles: heads, targets and parts, with names instead of ids.

Set-based: each function answers for many cycles at once. Who may see what is decided by those who ask
(`storage.duties.persons_page`, `storage.duties.board`); reports, confirmations and ballots are in `said`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.voting import NoDecision
from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.sections import section_paths
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.figures import Figure, figure_label
from workflow.domain.results.record import LeaderRef
from workflow.storage.names import lead_names, person_names, unit_names
from workflow.storage.people.rolls import body_for_item
from workflow.storage.plans.item_leaders import leaders_of_items
from workflow.storage.rules import pinned
from workflow.storage.tables import (
    cycles,
    items,
    organisations,
    parts,
    periods,
    rules,
    targets,
)


@dataclass(frozen=True, slots=True)
class SentBack:
    """Why the last version went back to the lead: (name, reason) of each who said so; the committee's
    members are not named to the lead, `body` is the name of the voting body."""

    by_committee: bool
    reasons: tuple[tuple[str, str], ...]
    body: str = ""


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
    no_decision: NoDecision | None = None
    """Why its vote ended without a decision: the office has to act."""
    own_results: frozenset[int] = frozenset()
    """Co-lead units that have to tell their own result beside the report."""
    silent_leads: tuple[str, ...] = ()
    """Those of them that did not in time."""

    @property
    def section(self) -> str:
        """The heading above the item, empty where the plan has none."""
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
    kind: TargetKind = TargetKind.RATE

    @property
    def label(self) -> str:
        """What the figure is of, for a person to read."""
        return figure_label(self.text, self.scope)

    def reached(self, value: str) -> Figure:
        """The target with the value reached, as text from a report's row."""
        try:
            found = Decimal(value)
        except InvalidOperation:
            found = None
        return Figure(self.label, self.value, found, self.measure, self.comparison, kind=self.kind)


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
    leads = lead_names(tx, cycle_ids)
    silent = unit_names(
        tx,
        (unit for row in rows for name in ("deemed", "silent_leads") for unit in row.standing.get(name, ())),
    )
    names = person_names(tx, (said[0] for row in rows for said in _reasons(row.standing)))
    bodies = _bodies(tx, [row.id for row in rows if row.standing.get("returned", {}).get("by_committee")])
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
            leads.get(row.id, ()),
            row.start_text,
            row.deadline_text,
            row.due,
            Stage(row.stage),
            row.stage_since,
            row.version,
            _sent_back(row.standing, names, bodies.get(row.id, "")),
            frozenset(row.standing.get("objections", ())),
            tuple(silent[unit] for unit in row.standing.get("deemed", ())),
            NoDecision(why) if (why := row.standing.get("no_decision")) else None,
            frozenset(row.standing.get("own_results", ())),
            tuple(silent[unit] for unit in row.standing.get("silent_leads", ())),
        )
        for row, path in zip(rows, paths, strict=True)
    }


def _reasons(standing: dict[str, Any]) -> list[list[Any]]:
    found: list[list[Any]] = standing.get("returned", {}).get("reasons", [])
    return found


def _sent_back(standing: dict[str, Any], names: dict[int, str], body: str) -> SentBack | None:
    if "returned" not in standing:
        return None
    by_committee = standing["returned"]["by_committee"]
    reasons = dict.fromkeys(
        ("" if by_committee else names.get(person, ""), reason) for person, reason in _reasons(standing)
    )
    return SentBack(by_committee, tuple(reasons), body)


def _bodies(tx: Connection, cycle_ids: Collection[int]) -> dict[int, str]:
    """The name of the body that votes on each of those cycles."""
    if not cycle_ids:
        return {}
    rows = tx.execute(
        select(cycles.c.id, cycles.c.layers, periods.c.committee, rules.c.sha256, rules.c.routing)
        .join(periods, periods.c.id == cycles.c.period_id)
        .join(rules, rules.c.id == periods.c.rules_id)
        .where(cycles.c.id.in_(cycle_ids))
    )
    return {
        row.id: body_for_item(
            row.committee, pinned(row.sha256, row.routing, tuple(row.layers)).approval.committee
        ).name
        for row in rows
    }


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
                TargetKind(row.kind),
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


def stages_of(tx: Connection, period_id: int) -> dict[Stage, int]:
    """How many cycles of the period stand at each stage, zero included."""
    counted = select(cycles.c.stage, func.count()).where(cycles.c.period_id == period_id)
    found: dict[str, int] = dict(tx.execute(counted.group_by(cycles.c.stage)).all())
    return {stage: found.get(stage.value, 0) for stage in Stage}


@dataclass(frozen=True, slots=True)
class StageChange:
    """A cycle whose stage changed."""

    cycle_id: int
    before: Stage
    after: Stage
