"""The office's view of a period: every cycle and how late it is, issued reports.

How late is `workflow.storage.duties.owed`'s to say, who owes what `workflow.storage.duties.debtors`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, and_, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.lateness import Lateness
from workflow.domain.results.record import LeaderRef
from workflow.domain.vietnamese import alphabetical, fold
from workflow.storage.cycles.heads import CycleHead, cycle_heads
from workflow.storage.duties.owed import lateness_of_cycles
from workflow.storage.periods.periods import Period
from workflow.storage.periods.watched import watched_period
from workflow.storage.tables import (
    CONFIRMING,
    LEAD,
    cycle_units,
    cycles,
    items,
    reports,
    submissions,
    units,
)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A cycle on the board. `unit_ids` lead or confirm it; `lateness` is that of its present step, None once
    it is decided."""

    cycle: CycleHead
    unit_ids: frozenset[int]
    progress: int | None
    lateness: Lateness | None
    searched: str = ""
    """What a search looks into, folded."""

    @property
    def is_late(self) -> bool:
        """Whether its present step has passed its last day."""
        return self.lateness is not None and self.lateness.is_late

    @property
    def last_day(self) -> date | None:
        """The last day of its present step."""
        return self.lateness.last_day if self.lateness else None

    @property
    def late_days(self) -> int:
        """How many working days that is ago; 0 while it is in time."""
        return self.lateness.working_days if self.lateness else 0


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A heading of the plan with its cycles counted by stage, those of the headings under it included."""

    codes: tuple[str, ...]
    title: str
    depth: int
    counts: dict[Stage, int]
    late: int

    @property
    def total(self) -> int:
        """All cycles under the heading."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cycles a list shows; empty fields let all through."""

    stage: Stage | None = None
    unit_id: int | None = None
    leader: str = ""
    """The leader's key (`LeaderRef.key`)."""
    section: str = ""
    text: str = ""
    late: bool = False

    def lets(self, row: BoardRow) -> bool:
        """Whether the row is asked for."""
        return (
            (self.stage is None or row.cycle.stage is self.stage)
            and (self.unit_id is None or self.unit_id in row.unit_ids)
            and (not self.leader or any(one.key == self.leader for one in row.cycle.leaders))
            and (not self.section or self.section in row.cycle.section_codes)
            and (not self.late or row.is_late)
            and all(word in row.searched for word in fold(self.text).split())
        )


@dataclass(frozen=True, slots=True)
class Board:
    """A period at a glance, in the plan's order."""

    period: Period
    rows: tuple[BoardRow, ...]
    units: tuple[tuple[int, str], ...]
    """The units that lead or confirm something in the period (id, name)."""
    counts: dict[Stage, int] = field(default_factory=dict)

    @property
    def followed(self) -> int:
        """How many cycles are to be reported: all but the withdrawn ones."""
        return len(self.rows) - self.counts[Stage.WITHDRAWN]

    def leaders(self) -> tuple[LeaderRef, ...]:
        """Those who answer for something in the period, each once, in alphabetical order."""
        found = {one.key: one for row in self.rows for one in row.cycle.leaders}
        return tuple(sorted(found.values(), key=lambda one: (alphabetical(one.name), one.key)))

    @property
    def late(self) -> int:
        """How many cycles are past the last day of their step."""
        return sum(row.is_late for row in self.rows)

    def matrix(self) -> tuple[SectionRow, ...]:
        """The headings in the plan's order, each with its cycles counted by stage."""
        under: dict[tuple[str, ...], list[BoardRow]] = {}
        titles: dict[tuple[str, ...], str] = {}
        for row in self.rows:
            codes = row.cycle.section_codes
            for depth, title in enumerate(row.cycle.section_titles, 1):
                under.setdefault(codes[:depth], []).append(row)
                titles.setdefault(codes[:depth], title)
        return tuple(
            SectionRow(codes, titles[codes], len(codes), _counts(rows), sum(row.is_late for row in rows))
            for codes, rows in under.items()
        )


def _counts(rows: Iterable[BoardRow]) -> dict[Stage, int]:
    counts = dict.fromkeys(Stage, 0)
    for row in rows:
        counts[row.cycle.stage] += 1
    return counts


def board(tx: Connection, period_id: int, now: datetime) -> Board:
    """The board of the period at `now`."""
    period = watched_period(tx, period_id, now)
    searched = dict(
        tx.execute(
            select(cycles.c.id, items.c.folded)
            .join(items, items.c.id == cycles.c.item_id)
            .where(cycles.c.period_id == period_id)
        ).all()
    )
    ids = list(searched)
    seated: dict[int, set[int]] = {}
    names: dict[int, str] = {}
    for row in tx.execute(
        select(cycle_units.c.cycle_id, units.c.id, units.c.name)
        .join(units, units.c.id == cycle_units.c.unit_id)
        .where(cycle_units.c.cycle_id.in_(ids), cycle_units.c.role.in_([LEAD, CONFIRMING]))
        .order_by(units.c.name)
    ):
        seated.setdefault(row.cycle_id, set()).add(row.id)
        names[row.id] = row.name
    progress = dict(
        tx.execute(
            select(submissions.c.cycle_id, submissions.c.progress)
            .join(
                cycles,
                and_(cycles.c.id == submissions.c.cycle_id, cycles.c.version == submissions.c.version),
            )
            .where(cycles.c.period_id == period_id)
        ).all()
    )
    late = lateness_of_cycles(tx, period)
    rows = tuple(
        BoardRow(
            head,
            frozenset(seated.get(head.id, ())),
            progress.get(head.id),
            late.get(head.id),
            searched[head.id],
        )
        for head in cycle_heads(tx, ids).values()
    )
    return Board(period, rows, tuple(names.items()), _counts(rows))


@dataclass(frozen=True, slots=True)
class Issued:
    """A report issued when the period closed."""

    name: str
    media_type: str
    sha256: str
    made_at: datetime


def issued(tx: Connection, period_id: int) -> tuple[Issued, ...]:
    """The period's issued reports, the newest first."""
    found = tx.execute(
        select(reports)
        .where(reports.c.period_id == period_id)
        .order_by(reports.c.made_at.desc(), reports.c.id)
    )
    return tuple(Issued(row.name, row.media_type, row.sha256, row.made_at) for row in found)


def cycles_at(tx: Connection, period_id: int, stage: Stage) -> tuple[int, ...]:
    """The period's cycles at a stage."""
    asked = select(cycles.c.id).where(cycles.c.period_id == period_id, cycles.c.stage == stage.value)
    return tuple(tx.scalars(asked))


def cycles_of_items(tx: Connection, period_id: int) -> dict[str, int]:
    """The period's cycles by their items' codes."""
    asked = select(items.c.code, cycles.c.id).join(items, items.c.id == cycles.c.item_id)
    return {row.code: row.id for row in tx.execute(asked.where(cycles.c.period_id == period_id))}
