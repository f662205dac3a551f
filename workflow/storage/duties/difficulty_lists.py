"""Lists of difficulties: a period's for the office and the committee, and one person's share of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.difficulty import DifficultyState, Step
from workflow.domain.cycles.lateness import difficulty_term
from workflow.storage.cycles.heads import CycleHead, cycle_heads
from workflow.storage.duties.owed import difficulties_owed_by
from workflow.storage.names import unit_names
from workflow.storage.people.stand_ins import may_act_for, units_held
from workflow.storage.periods.watched import Watched
from workflow.storage.tables import (
    LEAD,
    cycle_units,
    cycles,
    difficulties,
    difficulty_steps,
    persons,
    units,
)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a difficulty: who took it, and what they said; `unit` and `due_on` with an answer."""

    step: Step
    person: str
    text: str
    unit: str
    due_on: date | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DifficultyRow:
    """A difficulty with names instead of ids. `last_day` is that of what it waits for, if that has one;
    `lead_ids` are the item's lead units."""

    id: int
    cycle: CycleHead
    version: int
    unit: str
    text: str
    proposal: str
    raised_by: str
    raised_at: datetime
    state: DifficultyState
    responsible_unit_id: int | None
    responsible_unit: str
    due_on: date | None
    opinion: str
    opined_at: datetime | None
    closed_at: datetime | None
    closing_note: str
    last_day: date | None
    is_late: bool
    lead_ids: frozenset[int]
    steps: tuple[StepRow, ...]

    @property
    def comments(self) -> tuple[StepRow, ...]:
        """What members of the committee remarked."""
        return tuple(step for step in self.steps if step.step is Step.COMMENTED)

    @property
    def done(self) -> StepRow | None:
        """The step by which the responsible unit last reported it as done, unless answered again since."""
        answers = [step for step in self.steps if step.step in (Step.DONE, Step.ANSWERED)]
        return answers[-1] if answers and answers[-1].step is Step.DONE else None


@dataclass(frozen=True, slots=True)
class Share:
    """What of a period's difficulties concerns one person. `to_decide` waits for the committee they sit on,
    `to_solve` for their units; `raised` are their units' own, `others` what the committee follows. `owed` are
    the ids of those that wait for the person today: not of an absent one, whose stand-in owes them."""

    is_member: bool = False
    is_chair: bool = False
    to_decide: tuple[DifficultyRow, ...] = ()
    to_solve: tuple[DifficultyRow, ...] = ()
    raised: tuple[DifficultyRow, ...] = ()
    others: tuple[DifficultyRow, ...] = ()
    owed: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        """How many there are; each is in one of the lists."""
        return len(self.to_decide) + len(self.to_solve) + len(self.raised) + len(self.others)

    @property
    def is_owing(self) -> bool:
        """Whether the person is to do something about one of them."""
        return bool(self.owed)


def difficulties_of(
    tx: Connection, period: Watched, ids: Collection[int] | None = None
) -> tuple[DifficultyRow, ...]:
    """The period's difficulties (of these ids), in the plan's order; those withdrawn are left out."""
    responsible = units.alias()
    asked = (
        select(
            difficulties,
            units.c.name.label("unit"),
            persons.c.name.label("person"),
            responsible.c.name.label("responsible"),
        )
        .join(cycles, cycles.c.id == difficulties.c.cycle_id)
        .join(units, units.c.id == difficulties.c.unit_id)
        .join(persons, persons.c.id == difficulties.c.raised_by)
        .outerjoin(responsible, responsible.c.id == difficulties.c.responsible_unit_id)
        .where(cycles.c.period_id == period.id, difficulties.c.state != DifficultyState.WITHDRAWN.value)
        .order_by(difficulties.c.id)
    )
    rows = tx.execute(asked if ids is None else asked.where(difficulties.c.id.in_(ids))).all()
    heads = cycle_heads(tx, {row.cycle_id for row in rows})
    place = {cycle_id: number for number, cycle_id in enumerate(heads)}
    leads: dict[int, set[int]] = {}
    for cycle_id, unit_id in tx.execute(
        select(cycle_units.c.cycle_id, cycle_units.c.unit_id).where(
            cycle_units.c.cycle_id.in_(heads), cycle_units.c.role == LEAD
        )
    ):
        leads.setdefault(cycle_id, set()).add(unit_id)
    steps = _steps(tx, [row.id for row in rows])
    found = []
    for row in sorted(rows, key=lambda row: (place[row.cycle_id], row.id)):
        state = DifficultyState(row.state)
        term = difficulty_term(state, row.raised_at, row.due_on, period.rules)
        late = period.lateness(term) if term else None
        found.append(
            DifficultyRow(
                row.id,
                heads[row.cycle_id],
                row.version,
                row.unit,
                row.text,
                row.proposal,
                row.person,
                row.raised_at,
                state,
                row.responsible_unit_id,
                row.responsible or "",
                row.due_on,
                row.opinion,
                row.opined_at,
                row.closed_at,
                row.closing_note,
                late.last_day if late else None,
                late is not None and late.is_late,
                frozenset(leads.get(row.cycle_id, ())),
                steps.get(row.id, ()),
            )
        )
    return tuple(found)


def share_of(tx: Connection, person_id: int, period: Watched) -> Share:
    """What of the period's difficulties the person may see, by what they have to do with it, in their own
    right or in an absent person's place."""
    # Whoever is away still sees what concerns their units; who stands in for them sees it too.
    away = may_act_for(tx, person_id, period.today)
    mine = set(tx.scalars(units_held(), {"reports_for": [person_id, *away]}))
    is_member = bool({person_id, *(one for one, votes in away.items() if votes)} & period.members)
    rows = [
        row
        for row in difficulties_of(tx, period)
        if is_member or row.responsible_unit_id in mine or row.lead_ids & mine
    ]
    to_solve = [
        row for row in rows if row.state is DifficultyState.ANSWERED and row.responsible_unit_id in mine
    ]
    to_decide = [row for row in rows if is_member and row.state is DifficultyState.OPEN]
    put = {row.id for row in (*to_solve, *to_decide)}
    rest = [row for row in rows if row.id not in put]
    return Share(
        is_member,
        person_id == period.chair or away.get(period.chair or 0, False),
        tuple(to_decide),
        tuple(to_solve),
        tuple(row for row in rest if row.lead_ids & mine),
        tuple(row for row in rest if not row.lead_ids & mine),
        frozenset(difficulties_owed_by(tx, period, person_id)),
    )


def state_counts(tx: Connection, period_id: int) -> dict[DifficultyState, int]:
    """How many of the period's difficulties are in each state."""
    counted: dict[str, int] = dict(
        tx.execute(
            select(difficulties.c.state, func.count())
            .join(cycles, cycles.c.id == difficulties.c.cycle_id)
            .where(cycles.c.period_id == period_id)
            .group_by(difficulties.c.state)
        ).all()
    )
    return {state: counted.get(state.value, 0) for state in DifficultyState}


def _steps(tx: Connection, ids: Collection[int]) -> dict[int, tuple[StepRow, ...]]:
    rows = tx.execute(
        select(difficulty_steps, persons.c.name)
        .join(persons, persons.c.id == difficulty_steps.c.person_id)
        .where(difficulty_steps.c.difficulty_id.in_(ids))
        .order_by(difficulty_steps.c.difficulty_id, difficulty_steps.c.number)
    ).all()
    named = {row.details["unit"] for row in rows if "unit" in row.details}
    names = unit_names(tx, named)
    found: dict[int, list[StepRow]] = {}
    for row in rows:
        due = row.details.get("due_on")
        found.setdefault(row.difficulty_id, []).append(
            StepRow(
                Step(row.step),
                row.name,
                row.text,
                names.get(row.details.get("unit"), ""),
                date.fromisoformat(due) if due else None,
                row.at,
            )
        )
    return {difficulty_id: tuple(steps) for difficulty_id, steps in found.items()}
