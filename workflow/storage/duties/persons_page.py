"""What one person owes in a period, and has done: the content of their page, and nothing beyond it.

A person sees a cycle because their unit leads it or is asked to confirm it, or because they vote on it; or
because they stand in for someone who does. Nobody is asked about what they sent themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, String, exists, func, literal, or_, select, union_all

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.lateness import Lateness
from workflow.domain.cycles.voting import VotingForm
from workflow.domain.people.directory import Role
from workflow.storage.cycles.heads import CycleHead, cycle_heads
from workflow.storage.cycles.said import (
    BallotRow,
    ConfirmationRow,
    EvidenceFile,
    SubmissionRow,
    ballots_of,
    confirmations_of,
    submissions_of,
)
from workflow.storage.duties.owed import owed_by_person
from workflow.storage.people.stand_ins import Holding, holding, units_held
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.results.earlier_reports import in_the_year
from workflow.storage.tables import (
    attachments,
    ballots,
    confirmations,
    cycle_units,
    cycles,
    items,
    persons,
    roles,
    submissions,
    units,
)


@dataclass(frozen=True, slots=True)
class ToReport:
    """An item to report, the person's units that may (id, name), the version sent back, if any, and how late
    the report is."""

    cycle: CycleHead
    units: tuple[tuple[int, str], ...]
    last: SubmissionRow | None
    lateness: Lateness


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A report to confirm for a unit. `given` is the unit's word so far, which may still be changed;
    `lateness` that of a word still owed."""

    cycle: CycleHead
    unit_id: int
    unit: str
    report: SubmissionRow
    given: ConfirmationRow | None
    lateness: Lateness | None = None

    @property
    def tells_own_result(self) -> bool:
        """Whether the unit leads the item too and has to tell its own result."""
        return self.unit_id in self.cycle.own_results


@dataclass(frozen=True, slots=True)
class ToVote:
    """A report to vote on, with the units' words. `given` is the ballot cast, which may still be changed."""

    cycle: CycleHead
    report: SubmissionRow
    words: tuple[ConfirmationRow, ...]
    given: BallotRow | None
    member_id: int | None = None
    """The absent member whose vote it is, where the person stands in for one."""
    member: str = ""
    lateness: Lateness | None = None
    """How late the ballot is, while it is owed."""

    @property
    def has_objection(self) -> bool:
        """Whether a unit's objection stands: such an item is never approved together with others."""
        return bool(self.cycle.objections)


@dataclass(frozen=True, slots=True)
class Act:
    """Something the person did: `what` is submitted, confirmed or voted, `said` the verdict or choice."""

    what: str
    at: datetime
    cycle_id: int
    code: str
    content: str
    stage: Stage
    version: int
    said: str
    reason: str


@dataclass(frozen=True, slots=True)
class Owed:
    """Everything on a person's page."""

    period: Period
    to_report: tuple[ToReport, ...]
    to_confirm: tuple[ToConfirm, ...]
    to_vote: tuple[ToVote, ...]
    done: tuple[Act, ...]

    @property
    def report_lateness(self) -> Lateness | None:
        """The earliest last day of the reports owed, and how late that is."""
        return min((one.lateness for one in self.to_report), default=None)

    @property
    def confirm_lateness(self) -> Lateness | None:
        """The earliest last day of the words owed, and how late that is."""
        return min((one.lateness for one in self.to_confirm if one.lateness), default=None)

    @property
    def vote_lateness(self) -> Lateness | None:
        """The earliest last day of the ballots owed, and how late that is."""
        return min((one.lateness for one in self.to_vote if one.lateness), default=None)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is owed now."""
        return not (
            self.to_report
            or any(one.given is None for one in self.to_confirm)
            or any(one.given is None for one in self.to_vote)
        )


def owed_by(tx: Connection, person_id: int, period_id: int, *, now: datetime | None = None) -> Owed:
    """What the person owes in the period, in the plan's order, and what they have done, the last first.

    With `now`, an absent person's work is owed by who stands in for them on that day.
    """
    period = period_of(tx, period_id)
    held = held_in(tx, person_id, period, now)
    named = named_units(tx, held)
    owed = duties_of(tx, person_id, period_id, now)
    changeable = _changeable(tx, period_id, list(named), held)
    # What a stand-in may not do comes back to an absent person, of whose units they hold none today.
    if others := {unit for _, _, unit, _ in owed if unit and unit not in named}:
        named |= dict(tx.execute(select(units.c.id, units.c.name).where(units.c.id.in_(others))).all())
    every = owed.keys() | changeable
    ids = {cycle for _, cycle, _, _ in every}
    members = _names(tx, {seat for _, _, _, seat in every if seat})
    heads = cycle_heads(tx, ids)
    current = [versions[0] for versions in submissions_of(tx, ids).values()]
    reports = {one.cycle_id: one for one in in_the_year(tx, period_id, current)}
    words, cast = confirmations_of(tx, ids), ballots_of(tx, ids)

    to_report, to_confirm, to_vote = [], [], []
    for head in heads.values():
        mine = sorted((duty, unit, seat) for duty, cycle, unit, seat in every if cycle == head.id)
        report = reports.get(head.id)
        leads = tuple((unit, named[unit]) for duty, unit, _ in mine if duty == Duty.SUBMIT)
        if leads:
            late = min(owed[Duty.SUBMIT.value, head.id, unit, 0] for unit, _ in leads)
            to_report.append(ToReport(head, leads, report, late))
        if report is None:
            continue
        said = tuple(word for word in words.get(head.id, ()) if word.version == head.version)
        for unit in (unit for duty, unit, _ in mine if duty == Duty.CONFIRM):
            own = next((word for word in said if word.unit_id == unit), None)
            waits = None if own else owed.get((Duty.CONFIRM.value, head.id, unit, 0))
            to_confirm.append(ToConfirm(head, unit, named[unit], report, own, waits))
        for seat in (seat for duty, _, seat in mine if duty == Duty.VOTE):
            ballot = next(
                (
                    one
                    for one in cast.get(head.id, ())
                    if one.version == head.version and one.person_id == seat
                ),
                None,
            )
            absent, name = (None, "") if seat == person_id else (seat, members[seat])
            waits = None if ballot else owed.get((Duty.VOTE.value, head.id, 0, seat))
            to_vote.append(ToVote(head, report, said, ballot, absent, name, waits))
    return Owed(
        period,
        tuple(to_report),
        tuple(to_confirm),
        tuple(to_vote),
        acts_of(tx, person_id, period_id),
    )


def held_in(tx: Connection, person_id: int, period: Period, now: datetime | None) -> Holding:
    """Whose roles the person holds: of the votes their own alone where they have one, for nobody votes
    twice, and none in another's place where the rules say that members vote themselves."""
    return holding(
        tx,
        person_id,
        now.astimezone(ZoneInfo(period.zone)).date() if now else None,
        roll=period.members,
        may_substitute=period.rules.approval.substitutes,
    )


def _names(tx: Connection, person_ids: Iterable[int]) -> dict[int, str]:
    return dict(tx.execute(select(persons.c.id, persons.c.name).where(persons.c.id.in_(person_ids))).all())


def named_units(tx: Connection, held: Holding) -> dict[int, str]:
    """The units the person reports and confirms for, with their names."""
    found = tx.execute(
        select(units.c.id, units.c.name).where(units.c.id.in_(units_held())),
        {"reports_for": held.reports_for},
    )
    return dict(found.all())


_Owing = tuple[str, int, int, int]
"""(duty, cycle, unit or 0, member or 0)."""

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""The moment used where the caller gives none: everything owed is listed, and nothing is late yet."""


def duties_of(tx: Connection, person_id: int, period_id: int, now: datetime | None) -> dict[_Owing, Lateness]:
    """What the person is to do now (`storage.duties.owed`), and how late it is; without `now`, in their own
    right."""
    period = watched_period(tx, period_id, now or BEFORE_ALL)
    return {
        (one.duty.value, one.cycle_id or 0, one.unit_id or 0, one.member_id or 0): one.lateness
        for one in owed_by_person(tx, period, person_id, with_absences=now is not None)
    }


def _changeable(tx: Connection, period_id: int, unit_ids: list[int], held: Holding) -> set[_Owing]:
    """Where a word was given that may still be replaced by another."""
    member = func.coalesce(ballots.c.acted_for, ballots.c.person_id)
    given = union_all(
        select(
            literal(Duty.CONFIRM.value, String).label("duty"),
            cycles.c.id,
            confirmations.c.unit_id,
            literal(0).label("member"),
        ).where(
            cycles.c.period_id == period_id,
            cycles.c.stage == Stage.WAITING_CONFIRMATION.value,
            confirmations.c.cycle_id == cycles.c.id,
            confirmations.c.version == cycles.c.version,
            confirmations.c.unit_id.in_(unit_ids),
        ),
        select(literal(Duty.VOTE.value, String), cycles.c.id, literal(0), member).where(
            cycles.c.period_id == period_id,
            cycles.c.stage == Stage.WAITING_APPROVAL.value,
            # Closed, or left to the chair who then owes it: no ballot is taken from them any more.
            cycles.c.standing["form"]
            .as_string()
            .not_in([VotingForm.CLOSED.value, VotingForm.BY_CHAIR.value]),
            ballots.c.cycle_id == cycles.c.id,
            ballots.c.version == cycles.c.version,
            member.in_(held.votes_for),
        ),
    )
    return {(duty, cycle, unit, seat) for duty, cycle, unit, seat in tx.execute(given)}


def acts_of(tx: Connection, person_id: int, period_id: int, *, at: datetime | None = None) -> tuple[Act, ...]:
    """What the person did in the period (at that very moment), the last first."""
    submitted = select(
        literal("submitted", String).label("what"),
        submissions.c.at,
        submissions.c.cycle_id,
        submissions.c.version,
        literal("", String).label("said"),
        literal("", String).label("reason"),
    ).where(submissions.c.person_id == person_id)
    confirmed = select(
        literal("confirmed", String),
        confirmations.c.at,
        confirmations.c.cycle_id,
        confirmations.c.version,
        confirmations.c.verdict,
        confirmations.c.reason,
    ).where(confirmations.c.person_id == person_id)
    voted = select(
        literal("voted", String),
        ballots.c.at,
        ballots.c.cycle_id,
        ballots.c.version,
        ballots.c.choice,
        ballots.c.reason,
    ).where(ballots.c.person_id == person_id)
    did = union_all(submitted, confirmed, voted).subquery()
    asked: Select[Any] = (
        select(did, items.c.code, items.c.content, cycles.c.stage)
        .join(cycles, cycles.c.id == did.c.cycle_id)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.period_id == period_id)
        .order_by(did.c.at.desc(), items.c.position)
    )
    if at is not None:
        asked = asked.where(did.c.at == at)
    return tuple(
        Act(
            row.what,
            row.at,
            row.cycle_id,
            row.code,
            row.content,
            Stage(row.stage),
            row.version,
            row.said,
            row.reason,
        )
        for row in tx.execute(asked)
    )


def evidence_for(
    tx: Connection,
    person_id: int,
    period_id: int,
    cycle_id: int,
    sha256: str,
    *,
    now: datetime | None = None,
) -> EvidenceFile | None:
    """The file, if it is evidence of a cycle of the period that the person leads, confirms or votes on."""
    period = period_of(tx, period_id)
    held = held_in(tx, person_id, period, now)
    seated = exists().where(
        cycle_units.c.cycle_id == cycles.c.id,
        cycle_units.c.unit_id == roles.c.unit_id,
        roles.c.person_id.in_(held.reports_for),
        roles.c.role == Role.REPORTER.value,
    )
    has_voted = exists().where(ballots.c.cycle_id == cycles.c.id, ballots.c.person_id == person_id)
    is_put_to_vote = cycles.c.stage.in_([Stage.WAITING_APPROVAL.value, Stage.APPROVED.value])
    row = tx.execute(
        select(
            attachments,
            seated.label("seated"),
            or_(has_voted, is_put_to_vote).label("voted_on"),
        )
        .join(submissions, submissions.c.id == attachments.c.submission_id)
        .join(cycles, cycles.c.id == submissions.c.cycle_id)
        .where(cycles.c.id == cycle_id, cycles.c.period_id == period_id, attachments.c.sha256 == sha256)
        .order_by(attachments.c.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    is_member = not period.members.isdisjoint(held.votes_for)
    if not (row.seated or (is_member and row.voted_on)):
        return None
    return EvidenceFile(row.sha256, row.name, row.media_type, row.size)
