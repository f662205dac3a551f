"""Entries about scores and the council's votes on them, as the office enters them; each is audited, none is
ever changed. A vote on an entry of a closed period leads to a new version of its results (`council`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.scores.score_entries import EntryKind
from workflow.domain.scores.scoring_rules import Initiative, ScoringRules
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office, check_units
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.names import person_names
from workflow.storage.periods.periods import hold_period, period_of
from workflow.storage.scores.reviews import check_answer, tell_answered
from workflow.storage.tables import (
    motions,
    score_ballots,
    score_decisions,
    score_entries,
    sittings,
)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What the office enters about a unit."""

    unit_id: int
    kind: EntryKind
    code: str
    text: str
    points: Decimal = Decimal(0)
    evidence: str = ""
    review_id: int | None = None
    """The unit's request for a review that it is to answer."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A vote of the council as its minutes have it: each member's ballot, by person."""

    minutes: str
    met_on: date
    ballots: Mapping[int, Choice]


def enter(
    tx: Connection, person_id: int, period_id: int, new: NewEntry, rules: ScoringRules, now: datetime
) -> int:
    """Records an entry and returns its id; raises NotAllowed where the rules have no place for it."""
    period = period_of(tx, period_id)
    check_office(tx, person_id, period.organisation_id)
    check_units(tx, period.organisation_id, {new.unit_id})
    if rules.is_mean(period.evaluation is not None) and new.kind is not EntryKind.EXTRA:
        raise NotAllowed(
            Words("Điểm kỳ này là bình quân các kỳ, không chấm theo tiêu chí."),
            cure=Words("Nhập điểm thưởng, điểm trừ cho cả đợt; việc khác nhập ở kỳ của nó."),
        )
    if new.review_id is not None:
        hold_period(tx, period_id)
        check_answer(tx, period_id, new.unit_id, new.code, new.review_id)
    return put_entry(tx, person_id, period_id, new, rules, now)


def put_entry(
    tx: Connection, person_id: int, period_id: int, new: NewEntry, rules: ScoringRules, now: datetime
) -> int:
    """Writes an entry of someone who may make it, with its audit entry, and returns its id."""
    _check(new, rules)
    row = {
        "period_id": period_id,
        "unit_id": new.unit_id,
        "kind": new.kind.value,
        "code": new.code,
        "points": new.points,
        "text": new.text.strip(),
        "evidence": new.evidence.strip(),
        "person_id": person_id,
        "at": now,
        "review_id": new.review_id,
    }
    entry_id: int = tx.execute(score_entries.insert().values(row).returning(score_entries.c.id)).scalar_one()
    details = {
        "period": period_id,
        "entry": entry_id,
        "unit": new.unit_id,
        "kind": new.kind.value,
        "code": new.code,
        "points": str(new.points),
        "text": new.text.strip(),
        "evidence": new.evidence.strip(),
        **({"review": new.review_id} if new.review_id is not None else {}),
        FACT: fact_hash(FactKind.SCORE_ENTRY, row),
    }
    organisation_id = period_of(tx, period_id).organisation_id
    record(tx, organisation_id, now, AuditEntry("score-entered", person_id, details))
    return entry_id


def _check(new: NewEntry, rules: ScoringRules) -> None:
    criteria = {one.code: one for one in rules.criteria}
    extras = {one.code for one in rules.extras}
    if not new.text.strip() and new.kind is not EntryKind.SELF:
        raise NotAllowed(Words("Phải ghi nội dung hoặc lý do."), cure=Words("Ghi vào ô nội dung, lý do."))
    if abs(new.points) > rules.maximum or rules.rounded(abs(Fraction(new.points))) != abs(new.points):
        raise NotAllowed(
            Words("Số điểm không hợp lệ."),
            cure=Words("Ghi đến %(places)s chữ số thập phân, không quá thang điểm.", places=rules.places),
        )
    match new.kind:
        case EntryKind.EXTRA if new.code not in extras:
            raise NotAllowed(Words("Quy tắc không có loại điểm thưởng, điểm trừ này."), where=new.code)
        case EntryKind.EXTRA:
            return
        case EntryKind.UPHOLD if new.review_id is None or new.points:
            raise NotAllowed(
                Words("Giữ nguyên điểm là trả lời một đề nghị xem lại, không kèm số điểm."),
                cure=Words("Nhập dưới đề nghị xem lại của đơn vị."),
            )
        case EntryKind.UPHOLD:
            return
    criterion = criteria.get(new.code)
    if criterion is None:
        raise NotAllowed(Words("Quy tắc không có tiêu chí này."), where=new.code)
    if new.kind is EntryKind.INITIATIVE and not isinstance(criterion.measure, Initiative):
        raise NotAllowed(Words("Tiêu chí này không chấm sáng kiến."), where=new.code)
    if new.kind is EntryKind.ADJUSTMENT and not new.points:
        raise NotAllowed(Words("Điều chỉnh phải khác 0 điểm."))
    if new.kind is EntryKind.SELF and not 0 <= new.points <= criterion.maximum:
        raise NotAllowed(
            Words("Điểm tự chấm phải từ 0 đến %(maximum)s.", maximum=criterion.maximum), where=criterion.title
        )


def council_of(
    tx: Connection, period_id: int, matter: VotedMatter = VotedMatter.SCORES
) -> list[tuple[int, str]]:
    """Who votes on entries about scores, or on commendations: the members of that body as it was when the
    period opened."""
    return sorted(person_names(tx, period_of(tx, period_id).body_of(matter).roll.members).items())


def decide(tx: Connection, person_id: int, entry_id: int, meeting: Meeting, now: datetime) -> int:
    """Records the council's vote on an entry, once; returns the entry's period."""
    entry = tx.execute(select(score_entries).where(score_entries.c.id == entry_id).with_for_update()).first()
    if entry is None:
        raise NotFound(Words("Không có đề nghị này."))
    hold_period(tx, entry.period_id)
    period = period_of(tx, entry.period_id)
    check_office(tx, person_id, period.organisation_id)
    if not EntryKind(entry.kind).is_voted:
        raise NotAllowed(Words("Điểm tự chấm không qua biểu quyết."))
    if tx.scalar(select(score_decisions.c.entry_id).where(score_decisions.c.entry_id == entry_id)):
        raise Conflict(
            Words("Đề nghị này đã có kết quả biểu quyết."), cure=Words("Xem lại trang điểm của đơn vị.")
        )
    members = [member for member, _ in council_of(tx, entry.period_id)]
    if not meeting.minutes.strip():
        raise NotAllowed(Words("Phải ghi số biên bản họp hội đồng."), cure=Words("Ghi số biên bản."))
    if meeting.met_on > now.date():
        raise NotAllowed(Words("Ngày họp hội đồng còn ở phía trước."), cure=Words("Sửa ngày họp."))
    if not meeting.ballots or not meeting.ballots.keys() <= set(members):
        raise NotAllowed(
            Words("Phải ghi phiếu của các thành viên hội đồng."), cure=Words("Chọn phiếu của từng người.")
        )
    if entry_id in entries_put_to_vote(tx, entry.period_id):
        raise Conflict(
            Words("Đề nghị này đang được lấy phiếu qua đường dẫn."),
            cure=Words("Chờ kết quả, hoặc kết thúc lấy phiếu trước."),
        )
    put_decision(tx, person_id, entry_id, meeting, members, now)
    return int(entry.period_id)


def entries_put_to_vote(tx: Connection, period_id: int) -> set[int]:
    """The entries of the period that the council is being asked about by link."""
    return set(
        tx.scalars(
            select(motions.c.entry_id)
            .join(sittings, sittings.c.id == motions.c.sitting_id)
            .where(
                sittings.c.period_id == period_id,
                sittings.c.closed_at.is_(None),
                motions.c.entry_id.is_not(None),
            )
        )
    )


def put_decision(
    tx: Connection, person_id: int, entry_id: int, meeting: Meeting, members: Sequence[int], now: datetime
) -> None:
    """Writes the council's vote on an entry, which the caller has checked, with its audit entry."""
    period_id = tx.scalars(select(score_entries.c.period_id).where(score_entries.c.id == entry_id)).one()
    row = {
        "entry_id": entry_id,
        "minutes": meeting.minutes.strip(),
        "met_on": meeting.met_on,
        "members": list(members),
        "person_id": person_id,
        "at": now,
    }
    tx.execute(score_decisions.insert().values(row))
    cast = {str(member): choice.value for member, choice in sorted(meeting.ballots.items())}
    if meeting.ballots:
        tx.execute(
            score_ballots.insert(),
            [
                {"entry_id": entry_id, "person_id": member, "choice": choice.value}
                for member, choice in sorted(meeting.ballots.items())
            ],
        )
    details = {
        "period": period_id,
        "entry": entry_id,
        "minutes": meeting.minutes.strip(),
        "met_on": meeting.met_on.isoformat(),
        "ballots": cast,
        FACT: fact_hash(FactKind.SCORE_DECISION, row | {"ballots": cast}),
    }
    organisation_id = period_of(tx, period_id).organisation_id
    record(tx, organisation_id, now, AuditEntry("score-decided", person_id, details))
    tell_answered(tx, period_id, entry_id, now)
