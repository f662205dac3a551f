"""The office's view of a period: every cycle and how late it is, who owes what, issued reports."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, and_, case, func, or_, select, true

from workflow.domain.advance import Duty
from workflow.domain.cycle import Stage
from workflow.domain.directory import Role
from workflow.domain.record import LeaderRef
from workflow.domain.vietnamese import alphabetical, fold
from workflow.storage.mails import UNDELIVERED
from workflow.storage.queries import Period, period_of
from workflow.storage.tables import (
    CONFIRMING,
    LEAD,
    cycle_units,
    cycles,
    duties,
    items,
    outbox,
    persons,
    reports,
    roles,
    submissions,
    units,
)
from workflow.storage.viewing import CycleHead, cycle_heads


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A cycle on the board. `unit_ids` lead or confirm it; `late_days` are days past the step's last day."""

    cycle: CycleHead
    unit_ids: frozenset[int]
    progress: int | None
    late_days: int
    searched: str = ""
    """What a search looks into, folded."""

    @property
    def is_late(self) -> bool:
        """Whether the step it stands at has passed its last day."""
        return self.late_days > 0


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
    """What tells the leader apart (`LeaderRef.key`)."""
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


def board(tx: Connection, period_id: int, today: date) -> Board:
    """The period as it stands on a local day."""
    period = period_of(tx, period_id)
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
    rows = tuple(
        BoardRow(
            head,
            frozenset(seated.get(head.id, ())),
            progress.get(head.id),
            late_days(head.stage, period, today),
            searched[head.id],
        )
        for head in cycle_heads(tx, ids).values()
    )
    return Board(period, rows, tuple(names.items()), _counts(rows))


def late_days(stage: Stage, period: Period, today: date) -> int:
    """How many days past the last day of its step something at that stage is; 0 where it is in time."""
    last_day = {
        Stage.WAITING_SUBMISSION: period.due_on,
        Stage.WAITING_CONFIRMATION: period.confirm_by,
        Stage.WAITING_APPROVAL: period.approve_by,
    }.get(stage)
    return max((today - last_day).days, 0) if last_day else 0


@dataclass(frozen=True, slots=True)
class Debtor:
    """A person who owes something in the period: for which units, how much of what, and the last mail."""

    person_id: int
    name: str
    email: str
    title: str
    units: tuple[str, ...]
    submit: int
    confirm: int
    vote: int
    last_mail_at: datetime | None
    failed_mails: int

    @property
    def total(self) -> int:
        """All that is owed."""
        return self.submit + self.confirm + self.vote

    def is_late(self, period: Period, today: date) -> bool:
        """Whether something owed has passed its last day."""
        owed = (
            (self.submit, period.due_on),
            (self.confirm, period.confirm_by),
            (self.vote, period.approve_by),
        )
        return any(count and last_day < today for count, last_day in owed)


def debtors(tx: Connection, period_id: int, cycle_ids: Collection[int] | None = None) -> tuple[Debtor, ...]:
    """Who owes something now (about these cycles), who owes the most first. A unit's duty is owed by each
    of its reporters."""
    owed = (
        select(duties.c.duty, duties.c.cycle_id, persons.c.id.label("person_id"), duties.c.unit_id)
        .join(cycles, cycles.c.id == duties.c.cycle_id)
        .outerjoin(roles, and_(roles.c.unit_id == duties.c.unit_id, roles.c.role == Role.REPORTER.value))
        .join(persons, or_(persons.c.id == duties.c.person_id, persons.c.id == roles.c.person_id))
        .where(
            cycles.c.period_id == period_id,
            persons.c.is_active,
            true() if cycle_ids is None else cycles.c.id.in_(cycle_ids),
        )
        .subquery()
    )
    mails = (
        select(
            outbox.c.person_id,
            func.max(outbox.c.sent_at).filter(outbox.c.state == "sent").label("last_mail_at"),
            func.sum(case((outbox.c.state.in_(UNDELIVERED), 1), else_=0)).label("failed"),
        )
        .where(outbox.c.period_id == period_id)
        .group_by(outbox.c.person_id)
        .subquery()
    )
    named: dict[int, list[str]] = {}
    for person_id, name in tx.execute(
        select(owed.c.person_id, units.c.name)
        .distinct()
        .join(units, units.c.id == owed.c.unit_id)
        .order_by(units.c.name)
    ):
        named.setdefault(person_id, []).append(name)

    def owing(duty: Duty) -> object:
        return func.count(func.distinct(case((owed.c.duty == duty.value, owed.c.cycle_id)))).label(duty.value)

    rows = tx.execute(
        select(
            persons.c.id,
            persons.c.name,
            persons.c.email,
            persons.c.title,
            *(owing(duty) for duty in Duty),  # type: ignore[call-overload]
            mails.c.last_mail_at,
            mails.c.failed,
        )
        .join(owed, owed.c.person_id == persons.c.id)
        .outerjoin(mails, mails.c.person_id == persons.c.id)
        .group_by(persons.c.id, mails.c.last_mail_at, mails.c.failed)
        .order_by(func.count().desc(), persons.c.name)
    ).all()
    return tuple(
        Debtor(
            row.id,
            row.name,
            row.email,
            row.title,
            tuple(named.get(row.id, ())),
            row.submit,
            row.confirm,
            row.vote,
            row.last_mail_at,
            row.failed or 0,
        )
        for row in rows
    )


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
    """The period's cycles that stand at a stage."""
    asked = select(cycles.c.id).where(cycles.c.period_id == period_id, cycles.c.stage == stage.value)
    return tuple(tx.scalars(asked))
