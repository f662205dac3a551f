"""Ballots on paper: one person of the office enters what the paper says with its scan, another confirms the
entry; only then does it count (four eyes). A wrong entry is struck out instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from workflow.domain.cycles.cycle import Ballot, Choice, Paper, Stage
from workflow.domain.cycles.orders import is_second
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.rules.routing_rules import Shows
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry
from workflow.storage.cycles.acts import Evidence, Receipt, after, cycle_in, settled
from workflow.storage.cycles.entitlement import check_live, check_office, check_voting
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.tables import countersigns, cycles, paper_ballots, persons


@dataclass(frozen=True, slots=True)
class PaperVote:
    """A member's ballot as the paper says it, with the scan of the paper (already stored by its content)."""

    cycle_id: int
    version: int
    member_id: int
    choice: Choice
    scan: Evidence
    reason: str = ""


def enter(tx: Connection, person_id: int, vote: PaperVote, now: datetime) -> int:
    """Enters a ballot from paper and returns the entry's id. It counts once another person confirms it."""
    routed = load(tx, [vote.cycle_id])
    cycle = cycle_in(routed, vote.cycle_id)
    check_office(tx, person_id, cycle.organisation_id)
    _check(cycle, vote.version, vote.member_id, now)
    if not vote.scan.sha256:
        raise NotAllowed(
            Words("Phiếu giấy phải kèm bản chụp."), cure=Words("Chụp hoặc quét phiếu rồi tải lên.")
        )
    if vote.choice is Choice.RETURN and not vote.reason.strip():
        raise NotAllowed(Words("Phiếu trả lại phải ghi lý do như trên giấy."))
    again = cycle.facts.revote_of(vote.version)
    at = after(now, again.at if again else None)
    row = {
        "cycle_id": vote.cycle_id,
        "version": vote.version,
        "person_id": vote.member_id,
        "choice": vote.choice.value,
        "reason": vote.reason.strip(),
        "scan_sha256": vote.scan.sha256,
        "scan_name": vote.scan.name,
        "entered_by": person_id,
        "at": at,
    }
    entered: int = tx.execute(paper_ballots.insert().values(row).returning(paper_ballots.c.id)).scalar_one()
    details: dict[str, Any] = {
        "entry": entered,
        "version": vote.version,
        "member": vote.member_id,
        "choice": vote.choice.value,
        "reason": vote.reason.strip(),
        "scan": vote.scan.sha256,
        FACT: fact_hash(FactKind.PAPER, row),
    }
    cycle.entries.append(AuditEntry("paper-entered", person_id, details))
    settled(tx, routed, 1, now)
    return entered


def countersign(tx: Connection, person_id: int, entry_id: int, now: datetime) -> Receipt:
    """Confirms that an entry says what the paper says: from now on the ballot counts."""
    row, routed = _waiting(tx, person_id, entry_id)
    cycle = cycle_in(routed, row.cycle_id)
    if not is_second(row.entered_by, person_id):
        raise NotAllowed(
            Words("Người đã nhập phiếu không tự xác nhận."), cure=Words("Người khác của Văn phòng xác nhận.")
        )
    _check(cycle, row.version, row.person_id, now)
    again = cycle.facts.revote_of(row.version)
    if again is not None and row.at <= again.at:
        raise Conflict(
            Words("Phiếu giấy này thuộc lần biểu quyết trước, trước khi lấy biểu quyết lại."),
            cure=Words("Xóa dòng này; nhập phiếu của lần biểu quyết mới."),
        )
    at = after(now, cycle.facts.last_ballot_before(row.version, row.person_id))
    signed = {"paper_ballot_id": entry_id, "person_id": person_id, "at": at}
    tx.execute(countersigns.insert().values(signed))
    cycle.add(
        ballot=Ballot(
            row.version,
            row.person_id,
            Choice(row.choice),
            at,
            row.reason,
            paper=Paper(row.entered_by, person_id, row.scan_sha256),
        )
    )
    details = {
        "entry": entry_id,
        "member": row.person_id,
        "entered_by": row.entered_by,
        FACT: fact_hash(FactKind.COUNTERSIGN, signed),
    }
    cycle.entries.append(AuditEntry("paper-countersigned", person_id, details))
    return settled(tx, routed, 1, now)


def strike(tx: Connection, person_id: int, entry_id: int, now: datetime) -> Receipt:
    """Strikes out a wrong entry that does not count yet; anybody of the office may, and the log keeps what it
    said."""
    row, routed = _waiting(tx, person_id, entry_id)
    struck = {"struck_by": person_id, "struck_at": now}
    tx.execute(paper_ballots.update().where(paper_ballots.c.id == entry_id).values(struck))
    details = {
        "entry": entry_id,
        "member": row.person_id,
        "entered_by": row.entered_by,
        "choice": row.choice,
        FACT: fact_hash(FactKind.STRIKE, struck | {"paper_ballot_id": entry_id}),
    }
    cycle_in(routed, row.cycle_id).entries.append(AuditEntry("paper-struck", person_id, details))
    return settled(tx, routed, 1, now)


def _waiting(tx: Connection, person_id: int, entry_id: int) -> tuple[Row[Any], dict[int, Routed]]:
    """An entry that waits for its second person, and its cycle, locked."""
    asked = select(paper_ballots).where(paper_ballots.c.id == entry_id)
    row = tx.execute(asked).first()
    if row is None:
        raise NotAllowed(Words("Không có phiếu giấy này."))
    routed = load(tx, [row.cycle_id])
    check_office(tx, person_id, cycle_in(routed, row.cycle_id).organisation_id)
    # Read under the cycle's lock, so that of two concurrent acts one comes second.
    if tx.scalar(select(countersigns.c.person_id).where(countersigns.c.paper_ballot_id == entry_id)):
        raise Conflict(Words("Phiếu giấy này đã được xác nhận."))
    if tx.execute(asked.where(paper_ballots.c.struck_at.is_not(None))).first():
        raise Conflict(Words("Dòng nhập phiếu này đã được bỏ."))
    return row, routed


def _check(cycle: Routed, version: int, member_id: int, now: datetime) -> None:
    standing = cycle.standing_at(now)
    if member_id not in cycle.facts.roll.members:
        raise NotAllowed(Words("Người này không có trong danh sách biểu quyết của kỳ."))
    check_live(standing.stage, Stage.WAITING_APPROVAL, standing.version, version)
    check_voting(cycle, standing, member_id, None, on_paper=True)


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """A ballot on paper as entered; `countersigned_by` is empty while it does not count yet. `is_told` says
    whether the choice and the scan may be shown: to the second person who checks it, later only where the
    rule names who voted how."""

    id: int
    cycle_id: int
    version: int
    member: str
    choice: Choice
    reason: str
    scan_sha256: str
    scan_name: str
    entered_by: str
    at: datetime
    countersigned_by: str
    countersigned_at: datetime | None
    is_told: bool


def paper_entries(tx: Connection, period_id: int) -> tuple[PaperEntry, ...]:
    """The period's ballots on paper, those not confirmed yet first."""
    member, first, second = (persons.alias(name) for name in ("member", "first", "second"))
    found = tx.execute(
        select(
            paper_ballots,
            member.c.name.label("member"),
            first.c.name.label("first_name"),
            second.c.name.label("second_name"),
            countersigns.c.at.label("countersigned_at"),
        )
        .join(cycles, cycles.c.id == paper_ballots.c.cycle_id)
        .join(member, member.c.id == paper_ballots.c.person_id)
        .join(first, first.c.id == paper_ballots.c.entered_by)
        .outerjoin(countersigns, countersigns.c.paper_ballot_id == paper_ballots.c.id)
        .outerjoin(second, second.c.id == countersigns.c.person_id)
        .where(cycles.c.period_id == period_id, paper_ballots.c.struck_at.is_(None))
        .order_by(countersigns.c.at.is_not(None), paper_ballots.c.id)
    ).all()
    routed = load(tx, {row.cycle_id for row in found}, is_for_writing=False, with_ballots=False)
    return tuple(
        PaperEntry(
            row.id,
            row.cycle_id,
            row.version,
            row.member,
            Choice(row.choice),
            row.reason,
            row.scan_sha256,
            row.scan_name,
            row.first_name,
            row.at,
            row.second_name or "",
            row.countersigned_at,
            row.countersigned_at is None or routed[row.cycle_id].rules.approval.shows is Shows.NAMES,
        )
        for row in found
    )
