"""Recording what people do: submissions, confirmations, ballots. Each act re-checks the live state, is
written with all that follows from it, and returns a receipt. An act for an absent person records both.

Ballots on paper are `paper`, recalls and the office's orders `orders`; who may do what is `entitlement`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import (
    Ballot,
    Choice,
    Confirmation,
    Stage,
    Submission,
    Verdict,
    standing_confirmations,
)
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.results.plausible import Oddity
from workflow.domain.results.record import Reported
from workflow.domain.typed import says_something
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry
from workflow.storage.cycles import difficulties
from workflow.storage.cycles.entitlement import check_confirming, check_live, check_voting, seat_of, units_of
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.cycles.heads import StageChange
from workflow.storage.cycles.routing import settle
from workflow.storage.cycles.touched_units import touched_units
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.outside import events
from workflow.storage.tables import attachments, ballots, confirmations, submissions
from workflow.storage.writing import Writing

NOTHING_SAID = Words("Báo cáo chưa có nội dung: phần kết quả không có chữ hoặc số nào.")
"""Why a report is refused that would only stop the clock."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file already stored by its content (`workflow.storage.files`)."""

    sha256: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class SubmittedReport:
    """What a lead unit says of one item.

    `seen_version` is the version the form showed (0 for none yet). `progress` is percent, 0 to 100.
    `reported` is how the unit says the item stands; `done_on` the day it was finished, if it is.
    `figures` maps a target's id to the value reached, as text with a decimal point. `oddities` are what was
    odd about the report when it was read, each with the unit's reason.
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
    oddities: tuple[Oddity, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitWord:
    """A coordinating unit's word on the version it was shown."""

    cycle_id: int
    unit_id: int
    version: int
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CastVote:
    """A member's vote on the version they were shown. A substitute names the member whose vote it is, where
    they stand in for more than one."""

    cycle_id: int
    version: int
    choice: Choice
    reason: str = ""
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was recorded: a number to quote, how many acts, and the stages that changed."""

    number: str
    count: int
    changes: tuple[StageChange, ...]


def submit(tx: Connection, person_id: int, reports: Sequence[SubmittedReport], now: datetime) -> Receipt:
    """Records the reports of a person for their lead units; each becomes the item's next version."""
    routed = load(tx, [report.cycle_id for report in reports])
    written: list[Writing] = []
    may_report = units_of(tx, person_id, routed, (report.unit_id for report in reports), now)
    for report in reports:
        cycle = cycle_in(routed, report.cycle_id)
        standing = cycle.standing_at(now)
        if report.unit_id not in may_report or report.unit_id not in cycle.facts.lead_units:
            raise NotAllowed(Words("Ông/bà không báo cáo thay cho đơn vị chủ trì của nội dung này."))
        if standing.version != report.seen_version:
            raise Conflict(
                Words("Nội dung này vừa có báo cáo mới hơn bản ông/bà đang xem."),
                cure=Words("Xin mở lại trang để xem."),
            )
        if standing.duty is not Duty.SUBMIT:
            raise Conflict(
                Words("Nội dung này không còn chờ báo cáo: “%(label)s”.", label=standing.stage.label)
            )
        if not says_something(report.body):
            raise NotAllowed(NOTHING_SAID, cure=Words("Ghi kết quả thực hiện trong kỳ."))
        if not 0 <= report.progress <= 100:
            raise NotAllowed(Words("Tiến độ phải từ 0 đến 100."))
        if unexplained := [one for one in report.oddities if not one.reason]:
            raise NotAllowed(unexplained[0].told, cure=Words("Ghi lý do vào ô bên cạnh."))
        version, acted_for = standing.version + 1, may_report[report.unit_id]
        row = _report_row(report, version, person_id, acted_for, now)
        if standing.version:
            row["touches"] = touched_units(tx, report.cycle_id, standing.version, row)
        evidence = [[file.sha256, file.name, file.media_type, file.size] for file in report.evidence]
        digest = fact_hash(FactKind.SUBMISSION, row | {"evidence": evidence})
        if not report.evidence:
            written.append((_ADD_BARE_SUBMISSION, [row]))
        else:
            submission_id = tx.execute(_ADD_SUBMISSION, row).scalar_one()
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
        touches = row["touches"]
        touched = None if touches is None else frozenset(touches)
        cycle.add(submission=Submission(version, report.unit_id, person_id, now, acted_for, touched))
        cycle.entries.append(
            AuditEntry(
                "submitted",
                person_id,
                {
                    "version": version,
                    "unit": report.unit_id,
                    "progress": report.progress,
                    "reported": report.reported.value,
                    "evidence": [file.sha256 for file in report.evidence],
                    FACT: digest,
                    **_in_place_of(acted_for),
                },
            )
        )
        difficulties.raise_from(tx, cycle, report.difficulties, report.proposals, now)
    received = [_received(cycle) for cycle in routed.values() if cycle.has_webhooks]
    written += events.submissions_received(tx, received, now)
    return settled(tx, routed, len(reports), now, also=written)


def confirm(tx: Connection, person_id: int, words: Sequence[UnitWord], now: datetime) -> Receipt:
    """Records a person's confirmations for their coordinating units; a later word replaces an earlier one
    while the cycle still waits."""
    routed = load(tx, [word.cycle_id for word in words])
    may_report = units_of(tx, person_id, routed, (word.unit_id for word in words), now)
    rows: list[dict[str, Any]] = []
    for word in words:
        cycle = cycle_in(routed, word.cycle_id)
        standing = cycle.standing_at(now)
        if word.unit_id not in may_report or word.unit_id not in cycle.facts.confirming_units:
            raise NotAllowed(Words("Ông/bà không xác nhận thay cho đơn vị phối hợp của nội dung này."))
        check_live(standing.stage, Stage.WAITING_CONFIRMATION, standing.version, word.version)
        acted_for = may_report[word.unit_id]
        check_confirming(cycle, word.unit_id, person_id, acted_for)
        if word.verdict is not Verdict.CONFIRM and not word.reason.strip():
            raise NotAllowed(
                Words("Xác nhận một phần hoặc không đồng ý phải nêu lý do."),
                cure=Words("Ghi lý do vào ô bên dưới."),
            )
        if (
            word.unit_id in standing.own_results
            and not says_something(word.reason)
            and (word.verdict is not Verdict.OBJECT)
        ):
            raise NotAllowed(
                Words("Đơn vị cùng chủ trì phải ghi kết quả phần mình, không chỉ đồng ý với báo cáo."),
                cure=Words("Ghi kết quả của đơn vị vào ô bên dưới."),
            )
        earlier = standing_confirmations(cycle.facts, word.version).get(word.unit_id)
        at = after(now, earlier.at if earlier else None)
        rows.append(
            {
                "cycle_id": word.cycle_id,
                "version": word.version,
                "unit_id": word.unit_id,
                "person_id": person_id,
                "verdict": word.verdict.value,
                "reason": word.reason.strip(),
                "at": at,
                "acted_for": acted_for,
            }
        )
        cycle.add(
            confirmation=Confirmation(
                word.version, word.unit_id, person_id, word.verdict, at, word.reason.strip(), acted_for
            )
        )
        cycle.entries.append(
            AuditEntry(
                "confirmed",
                person_id,
                {
                    "version": word.version,
                    "unit": word.unit_id,
                    "verdict": word.verdict.value,
                    "reason": word.reason.strip(),
                    FACT: fact_hash(FactKind.CONFIRMATION, rows[-1]),
                    **_in_place_of(acted_for),
                },
            )
        )
    return settled(tx, routed, len(words), now, also=[(_ADD_CONFIRMATION, rows)] if rows else ())


def vote(tx: Connection, person_id: int, votes: Sequence[CastVote], now: datetime) -> Receipt:
    """Records a member's ballots; a later ballot replaces an earlier one until the vote is decided."""
    routed = load(tx, [cast.cycle_id for cast in votes])
    rows: list[dict[str, Any]] = []
    for cast in votes:
        cycle = cycle_in(routed, cast.cycle_id)
        standing = cycle.standing_at(now)
        member, acted_by = seat_of(tx, cycle, person_id, cast.member_id, now)
        check_live(standing.stage, Stage.WAITING_APPROVAL, standing.version, cast.version)
        check_voting(cycle, standing, member, acted_by)
        if cast.choice is Choice.RETURN and not cast.reason.strip():
            raise NotAllowed(Words("Trả lại thì phải nêu lý do."), cure=Words("Ghi lý do vào ô bên dưới."))
        at = after(now, cycle.facts.last_ballot_before(cast.version, member))
        acted_for = member if acted_by else None
        rows.append(
            {
                "cycle_id": cast.cycle_id,
                "version": cast.version,
                "person_id": person_id,
                "choice": cast.choice.value,
                "reason": cast.reason.strip(),
                "at": at,
                "acted_for": acted_for,
            }
        )
        cycle.add(ballot=Ballot(cast.version, member, cast.choice, at, cast.reason.strip(), acted_by))
        cycle.entries.append(
            AuditEntry(
                "voted",
                person_id,
                {
                    "version": cast.version,
                    "choice": cast.choice.value,
                    "reason": cast.reason.strip(),
                    FACT: fact_hash(FactKind.BALLOT, rows[-1]),
                    **_in_place_of(acted_for),
                },
            )
        )
    return settled(tx, routed, len(votes), now, also=[(_ADD_BALLOT, rows)] if rows else ())


def _report_row(
    report: SubmittedReport, version: int, person_id: int, acted_for: int | None, now: datetime
) -> dict[str, Any]:
    return {
        "cycle_id": report.cycle_id,
        "version": version,
        "unit_id": report.unit_id,
        "person_id": person_id,
        "at": now,
        "progress": report.progress,
        "reported": report.reported.value,
        "done_on": report.done_on,
        "body": report.body,
        "difficulties": report.difficulties,
        "proposals": report.proposals,
        "figures": report.figures,
        "parts": report.parts,
        "acted_for": acted_for,
        "touches": None,
        "oddities": [one.as_json() for one in report.oddities],
    }


def _received(cycle: Routed) -> events.SubmissionReceived:
    """The event data about the report just recorded in the cycle."""
    said = next(entry.details for entry in reversed(cycle.entries) if entry.verb == "submitted")
    about = {name: said[name] for name in ("version", "unit", "progress", "reported")}
    return events.SubmissionReceived(cycle.id, cycle.organisation_id, about)


def _in_place_of(acted_for: int | None) -> dict[str, int]:
    """What the audit entry adds where the act is done in an absent person's place."""
    return {} if acted_for is None else {"acted_for": acted_for}


def after(now: datetime, earlier: datetime | None) -> datetime:
    """`now`, or just after the row it replaces where the clock has not moved since: the latest counts."""
    return max(now, earlier + timedelta(microseconds=1)) if earlier else now


def cycle_in(routed: dict[int, Routed], cycle_id: int) -> Routed:
    """The cycle of that id; raises NotAllowed where there is none."""
    if cycle_id not in routed:
        raise NotAllowed(Words("Không có lượt báo cáo này."))
    return routed[cycle_id]


_ADD_SUBMISSION = submissions.insert().returning(submissions.c.id)
_ADD_BARE_SUBMISSION = submissions.insert().inline()
_ADD_CONFIRMATION = confirmations.insert().inline()
_ADD_BALLOT = ballots.insert().inline()


def settled(
    tx: Connection,
    routed: dict[int, Routed],
    count: int,
    now: datetime,
    *,
    also: Sequence[Writing] = (),
    told: Collection[int] = (),
) -> Receipt:
    """Writes what follows from the acts, and gives the receipt for them; `told` are people whom a mail of the
    caller's own tells of it."""
    changes = settle(tx, list(routed.values()), now, also=also, told=told)
    last = max(routed.values(), key=lambda cycle: cycle.id, default=None)
    return Receipt(last.audit_hash[:8].upper() if last else "", count, tuple(changes))
