"""Recording what people do: submissions, confirmations, ballots. Each act re-checks the live state, is
written with all that follows from it, and gives a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select

from workflow.domain.advance import Duty
from workflow.domain.cycle import (
    Ballot,
    Choice,
    Confirmation,
    Stage,
    Submission,
    Verdict,
    standing_ballots,
    standing_confirmations,
)
from workflow.domain.directory import Role
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.record import Reported
from workflow.storage.audit import Entry
from workflow.storage.routing import Change, Routed, load, settle
from workflow.storage.tables import attachments, ballots, confirmations, persons, roles, submissions


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file already kept by its content (`workflow.storage.files`)."""

    sha256: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a lead unit says of one item.

    `seen_version` is the version the form showed (0 for none yet). `progress` is percent, 0 to 100.
    `reported` is how the unit says the item stands; `done_on` the day it was finished, if it is.
    `figures` maps a target's id to the value reached, as text with a decimal point.
    """

    cycle_id: int
    unit_id: int
    seen_version: int
    progress: int
    body: str
    reported: Reported = Reported.UNDER_WAY
    done_on: date | None = None
    difficulties: str = ""
    proposals: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A coordinating unit's word on the version it was shown."""

    cycle_id: int
    unit_id: int
    version: int
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's vote on the version they were shown."""

    cycle_id: int
    version: int
    choice: Choice
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was recorded: a number to quote, how many acts, and the stages that changed."""

    number: str
    count: int
    changes: tuple[Change, ...]


def submit(tx: Connection, person_id: int, reports: Sequence[Report], now: datetime) -> Receipt:
    """Records the reports of a person for their lead units; each becomes the item's next version."""
    routed = load(tx, [report.cycle_id for report in reports])
    may_report = _units_of(tx, person_id)
    for report in reports:
        cycle = _cycle(routed, report.cycle_id)
        standing = cycle.standing_at(now)
        if report.unit_id not in may_report or report.unit_id not in cycle.facts.lead_units:
            raise NotAllowed("Ông/bà không báo cáo thay cho đơn vị chủ trì của nội dung này.")
        if standing.version != report.seen_version:
            raise Conflict(
                "Nội dung này vừa có báo cáo mới hơn bản ông/bà đang xem.", cure="Xin mở lại trang để xem."
            )
        if standing.duty is not Duty.SUBMIT:
            raise Conflict(f"Nội dung này không còn chờ báo cáo: {standing.stage.label.lower()}.")
        if not 0 <= report.progress <= 100:
            raise NotAllowed("Tiến độ phải từ 0 đến 100.")
        version = standing.version + 1
        submission_id = tx.execute(
            submissions.insert()
            .values(
                cycle_id=report.cycle_id,
                version=version,
                unit_id=report.unit_id,
                person_id=person_id,
                at=now,
                progress=report.progress,
                reported=report.reported.value,
                done_on=report.done_on,
                body=report.body,
                difficulties=report.difficulties,
                proposals=report.proposals,
                figures=report.figures,
                parts=report.parts,
            )
            .returning(submissions.c.id)
        ).scalar_one()
        if report.evidence:
            tx.execute(
                attachments.insert(),
                [
                    {
                        "submission_id": submission_id,
                        "sha256": file.sha256,
                        "name": file.name,
                        "media_type": file.media_type,
                        "size": file.size,
                    }
                    for file in report.evidence
                ],
            )
        cycle.add(submission=Submission(version, report.unit_id, person_id, now))
        cycle.entries.append(
            Entry(
                "submitted",
                person_id,
                {
                    "version": version,
                    "unit": report.unit_id,
                    "progress": report.progress,
                    "reported": report.reported.value,
                    "evidence": [file.sha256 for file in report.evidence],
                },
            )
        )
    return _settled(tx, routed, len(reports), now)


def confirm(tx: Connection, person_id: int, words: Sequence[Word], now: datetime) -> Receipt:
    """Records a person's confirmations for their coordinating units; a later word replaces an earlier one
    while the cycle still waits."""
    routed = load(tx, [word.cycle_id for word in words])
    may_report = _units_of(tx, person_id)
    rows = []
    for word in words:
        cycle = _cycle(routed, word.cycle_id)
        standing = cycle.standing_at(now)
        if word.unit_id not in may_report or word.unit_id not in cycle.facts.confirming_units:
            raise NotAllowed("Ông/bà không xác nhận thay cho đơn vị phối hợp của nội dung này.")
        _check_live(standing.stage, Stage.WAITING_CONFIRMATION, standing.version, word.version)
        current = cycle.facts.current
        if current and current.unit_id == word.unit_id:
            raise NotAllowed("Đơn vị đã báo cáo thì không tự xác nhận báo cáo của mình.")
        if word.verdict is not Verdict.CONFIRM and not word.reason.strip():
            raise NotAllowed(
                "Xác nhận một phần hoặc không đồng ý phải nêu lý do.", cure="Ghi lý do vào ô bên dưới."
            )
        earlier = standing_confirmations(cycle.facts, word.version).get(word.unit_id)
        at = _after(now, earlier.at if earlier else None)
        rows.append(
            {
                "cycle_id": word.cycle_id,
                "version": word.version,
                "unit_id": word.unit_id,
                "person_id": person_id,
                "verdict": word.verdict.value,
                "reason": word.reason.strip(),
                "at": at,
            }
        )
        cycle.add(
            confirmation=Confirmation(
                word.version, word.unit_id, person_id, word.verdict, at, word.reason.strip()
            )
        )
        cycle.entries.append(
            Entry(
                "confirmed",
                person_id,
                {
                    "version": word.version,
                    "unit": word.unit_id,
                    "verdict": word.verdict.value,
                    "reason": word.reason.strip(),
                },
            )
        )
    if rows:
        tx.execute(_ADD_CONFIRMATION, rows)
    return _settled(tx, routed, len(words), now)


def vote(tx: Connection, person_id: int, votes: Sequence[Vote], now: datetime) -> Receipt:
    """Records a member's ballots; a later ballot replaces an earlier one until the vote is decided."""
    routed = load(tx, [cast.cycle_id for cast in votes])
    rows = []
    for cast in votes:
        cycle = _cycle(routed, cast.cycle_id)
        standing = cycle.standing_at(now)
        if person_id not in cycle.facts.roll.members:
            raise NotAllowed("Ông/bà không có trong danh sách biểu quyết của kỳ này.")
        _check_live(standing.stage, Stage.WAITING_APPROVAL, standing.version, cast.version)
        if cast.choice is Choice.RETURN and not cast.reason.strip():
            raise NotAllowed("Trả lại thì phải nêu lý do.", cure="Ghi lý do vào ô bên dưới.")
        earlier = standing_ballots(cycle.facts, cast.version).get(person_id)
        at = _after(now, earlier.at if earlier else None)
        rows.append(
            {
                "cycle_id": cast.cycle_id,
                "version": cast.version,
                "person_id": person_id,
                "choice": cast.choice.value,
                "reason": cast.reason.strip(),
                "at": at,
            }
        )
        cycle.add(ballot=Ballot(cast.version, person_id, cast.choice, at, cast.reason.strip()))
        cycle.entries.append(
            Entry(
                "voted",
                person_id,
                {"version": cast.version, "choice": cast.choice.value, "reason": cast.reason.strip()},
            )
        )
    if rows:
        tx.execute(_ADD_BALLOT, rows)
    return _settled(tx, routed, len(votes), now)


def _after(now: datetime, earlier: datetime | None) -> datetime:
    """`now`, or just after the word it replaces where the clock has not moved since: the last one stands."""
    return max(now, earlier + timedelta(microseconds=1)) if earlier else now


def _check_live(stage: Stage, wanted: Stage, version: int, seen: int) -> None:
    if stage is not wanted:
        raise Conflict(f"Nội dung này không còn ở bước đó: {stage.label.lower()}.")
    if version != seen:
        raise Conflict("Báo cáo vừa được thay bằng bản mới.", cure="Xin mở lại trang để xem bản mới.")


def _cycle(routed: dict[int, Routed], cycle_id: int) -> Routed:
    if cycle_id not in routed:
        raise NotAllowed("Không có lượt báo cáo này.")
    return routed[cycle_id]


_ADD_CONFIRMATION = confirmations.insert()
_ADD_BALLOT = ballots.insert()
_UNITS_OF = (
    select(roles.c.unit_id)
    .join(persons, persons.c.id == roles.c.person_id)
    .where(
        roles.c.person_id == bindparam("person"),
        roles.c.role == Role.REPORTER.value,
        persons.c.is_active,
    )
)


def _units_of(tx: Connection, person_id: int) -> set[int]:
    return set(tx.scalars(_UNITS_OF, {"person": person_id}))


def _settled(tx: Connection, routed: dict[int, Routed], count: int, now: datetime) -> Receipt:
    changes = settle(tx, list(routed.values()), now)
    last = max(routed.values(), key=lambda cycle: cycle.id, default=None)
    return Receipt(last.audit_hash[:8].upper() if last else "", count, tuple(changes))
