"""Reports of cycles by version with their evidence, and the confirmations and ballots that count, with names
instead of ids. Set-based, as `workflow.storage.cycles.heads`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, literal, select

from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.cycles.office_acts import revotes_of
from workflow.domain.cycles.orders import RECALL, SECOND, TO_VOTE, Order, in_force
from workflow.domain.results.figures import Figure
from workflow.domain.results.plausible import Oddity
from workflow.domain.results.record import Reported
from workflow.storage.cycles.heads import PartRow, parts_of, targets_of
from workflow.storage.tables import (
    attachments,
    ballots,
    confirmations,
    countersigns,
    cycles,
    orders,
    paper_ballots,
    persons,
    submissions,
    units,
)

_ABSENT = persons.alias("absent")


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """An evidence file of a report."""

    sha256: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class PartReport:
    """A report's progress and text about one part."""

    part: PartRow
    progress: int | None
    body: str


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A version of a report, whole."""

    cycle_id: int
    version: int
    unit_id: int
    unit: str
    person: str
    at: datetime
    progress: int
    reported: Reported
    done_on: date | None
    body: str
    difficulties: str
    proposals: str
    values: dict[int, str]
    """Values reached by target id, as stored."""
    figures: tuple[Figure, ...]
    parts: tuple[PartReport, ...]
    evidence: tuple[EvidenceFile, ...]
    acted_for: str = ""
    """The absent person in whose place it was sent."""
    oddities: tuple[Oddity, ...] = ()
    """What was odd about it, with the reasons given."""


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """A unit's confirmation of a version."""

    cycle_id: int
    version: int
    unit_id: int
    unit: str
    person_id: int
    person: str
    verdict: Verdict
    reason: str
    at: datetime
    acted_for: str = ""
    """The absent person in whose place it was said."""


@dataclass(frozen=True, slots=True)
class BallotRow:
    """A member's ballot on a version: `person_id` is the member, `acted_by` the substitute who cast it."""

    cycle_id: int
    version: int
    person_id: int
    person: str
    choice: Choice
    reason: str
    at: datetime
    acted_by: str = ""
    is_on_paper: bool = False


def submissions_of(
    tx: Connection, cycle_ids: Collection[int], *, every_version: bool = False
) -> dict[int, tuple[SubmissionRow, ...]]:
    """Each cycle's report: the current version, or every one, the newest first."""
    is_current = submissions.c.version == cycles.c.version
    rows = tx.execute(
        select(
            submissions,
            units.c.name.label("unit"),
            persons.c.name.label("person"),
            _ABSENT.c.name.label("absent"),
        )
        .join(cycles, cycles.c.id == submissions.c.cycle_id)
        .join(units, units.c.id == submissions.c.unit_id)
        .join(persons, persons.c.id == submissions.c.person_id)
        .outerjoin(_ABSENT, _ABSENT.c.id == submissions.c.acted_for)
        .where(submissions.c.cycle_id.in_(cycle_ids), *([] if every_version else [is_current]))
        .order_by(submissions.c.cycle_id, submissions.c.version.desc())
    ).all()
    asked = targets_of(tx, cycle_ids)
    made_of = parts_of(tx, cycle_ids)
    evidence: dict[int, list[EvidenceFile]] = {}
    for row in tx.execute(
        select(attachments)
        .where(attachments.c.submission_id.in_([row.id for row in rows]))
        .order_by(attachments.c.id)
    ):
        file = EvidenceFile(row.sha256, row.name, row.media_type, row.size)
        evidence.setdefault(row.submission_id, []).append(file)
    found: dict[int, list[SubmissionRow]] = {}
    for row in rows:
        values = {int(target): value for target, value in row.figures.items()}
        found.setdefault(row.cycle_id, []).append(
            SubmissionRow(
                row.cycle_id,
                row.version,
                row.unit_id,
                row.unit,
                row.person,
                row.at,
                row.progress,
                Reported(row.reported),
                row.done_on,
                row.body,
                row.difficulties,
                row.proposals,
                values,
                tuple(target.reached(values.get(target.id, "")) for target in asked.get(row.cycle_id, ())),
                tuple(_part_report(part, row.parts) for part in made_of.get(row.cycle_id, ())),
                tuple(evidence.get(row.id, ())),
                row.absent or "",
                tuple(Oddity.from_json(one) for one in row.oddities),
            )
        )
    return {cycle_id: tuple(versions) for cycle_id, versions in found.items()}


def _part_report(part: PartRow, said_of_parts: dict[str, Any]) -> PartReport:
    said = said_of_parts.get(str(part.id), {})
    return PartReport(part, said.get("progress"), said.get("body", ""))


def confirmations_of(tx: Connection, cycle_ids: Collection[int]) -> dict[int, tuple[ConfirmationRow, ...]]:
    """Each cycle's confirmations that count: of every unit the last one on each version, oldest first."""
    rows = tx.execute(
        select(
            confirmations,
            units.c.name.label("unit"),
            persons.c.name.label("person"),
            _ABSENT.c.name.label("absent"),
        )
        .join(units, units.c.id == confirmations.c.unit_id)
        .join(persons, persons.c.id == confirmations.c.person_id)
        .outerjoin(_ABSENT, _ABSENT.c.id == confirmations.c.acted_for)
        .where(confirmations.c.cycle_id.in_(cycle_ids))
        .order_by(confirmations.c.at, confirmations.c.person_id, confirmations.c.verdict)
    ).all()
    last = {(row.cycle_id, row.version, row.unit_id): row for row in rows}
    found: dict[int, list[ConfirmationRow]] = {}
    for row in last.values():
        found.setdefault(row.cycle_id, []).append(_confirmation(row))
    return {cycle_id: tuple(words) for cycle_id, words in found.items()}


def _confirmation(row: Row[Any]) -> ConfirmationRow:
    return ConfirmationRow(
        row.cycle_id,
        row.version,
        row.unit_id,
        row.unit,
        row.person_id,
        row.person,
        Verdict(row.verdict),
        row.reason,
        row.at,
        row.absent or "",
    )


def ballots_of(tx: Connection, cycle_ids: Collection[int]) -> dict[int, tuple[BallotRow, ...]]:
    """Each cycle's ballots that count: of every member the last one on each version, oldest first; those on
    paper once a second person confirmed the entry; of a vote called anew those cast since."""
    by_link = (
        select(
            ballots,
            func.coalesce(ballots.c.acted_for, ballots.c.person_id).label("member_id"),
            persons.c.name.label("actor"),
            func.coalesce(_ABSENT.c.name, persons.c.name).label("member"),
            literal(False).label("is_on_paper"),
        )
        .join(persons, persons.c.id == ballots.c.person_id)
        .outerjoin(_ABSENT, _ABSENT.c.id == ballots.c.acted_for)
        .where(ballots.c.cycle_id.in_(cycle_ids))
    )
    on_paper = (
        select(
            paper_ballots.c.cycle_id,
            paper_ballots.c.version,
            paper_ballots.c.choice,
            paper_ballots.c.reason,
            paper_ballots.c.person_id.label("member_id"),
            persons.c.name.label("actor"),
            persons.c.name.label("member"),
            countersigns.c.at,
            literal(True).label("is_on_paper"),
        )
        .join(countersigns, countersigns.c.paper_ballot_id == paper_ballots.c.id)
        .join(persons, persons.c.id == paper_ballots.c.person_id)
        .where(paper_ballots.c.cycle_id.in_(cycle_ids))
    )
    rows = [*tx.execute(by_link), *tx.execute(on_paper)]
    anew = called_anew(tx, {row.cycle_id for row in rows})
    last = {
        (row.cycle_id, row.version, row.member_id): row
        for row in sorted(rows, key=lambda row: (row.at, row.choice, row.member_id))
        if counts_since(anew, row.cycle_id, row.version, row.at)
    }
    found: dict[int, list[BallotRow]] = {}
    for row in last.values():
        found.setdefault(row.cycle_id, []).append(
            BallotRow(
                row.cycle_id,
                row.version,
                row.member_id,
                row.member,
                Choice(row.choice),
                row.reason,
                row.at,
                "" if row.actor == row.member else row.actor,
                row.is_on_paper,
            )
        )
    return {cycle_id: tuple(cast) for cycle_id, cast in found.items()}


CalledAnew = dict[tuple[int, int], datetime]
"""When the vote on a version of a cycle was last called anew, by (cycle, version)."""


def called_anew(tx: Connection, cycle_ids: Collection[int]) -> CalledAnew:
    """When the votes on these cycles were called anew, where they were."""
    if not cycle_ids:
        return {}
    found: dict[int, list[Order]] = {}
    for row in tx.execute(
        select(orders).where(orders.c.cycle_id.in_(cycle_ids), orders.c.kind.in_((TO_VOTE, SECOND)))
    ):
        found.setdefault(row.cycle_id, []).append(
            Order(row.id, row.kind, row.version, row.person_id, row.at, row.reason, row.details, row.about)
        )
    anew: CalledAnew = {}
    for cycle_id, given in found.items():
        for one in sorted(revotes_of(in_force(given)), key=lambda one: one.at):
            anew[cycle_id, one.version] = one.at
    return anew


def counts_since(anew: CalledAnew, cycle_id: int, version: int, at: datetime) -> bool:
    """Whether a ballot of that moment is of the vote that runs, or ran last, on the version."""
    called = anew.get((cycle_id, version))
    return called is None or at > called


def first_that_stand() -> Select[Any]:
    """When the first report of each cycle came that its unit did not take back itself, as (cycle_id, at):
    `Facts.first_that_stands` for many cycles. A recall is recorded only where it holds."""
    is_recalled = exists().where(
        orders.c.cycle_id == submissions.c.cycle_id,
        orders.c.version == submissions.c.version,
        orders.c.kind == RECALL,
    )
    return (
        select(submissions.c.cycle_id, func.min(submissions.c.at).label("at"))
        .where(~is_recalled)
        .group_by(submissions.c.cycle_id)
    )
