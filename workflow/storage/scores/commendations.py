"""What a period's proposals for commendations are made of, and who was put forward by hand.

Proposals are stored with the period's results (`storage.results.closing`); lists are `commendation_lists`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.errors import NotAllowed
from workflow.domain.results.record import UnitRef
from workflow.domain.scores.award_rules import Award, Whom
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office, check_units
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.stand_ins import holding, units_held
from workflow.storage.periods.periods import period_of
from workflow.storage.tables import (
    commendation_entries,
    motions,
    persons,
    sittings,
    units,
)

COMMENDATIONS = "commendations"


@dataclass(frozen=True, slots=True)
class NewCandidate:
    """A unit, or a person of it (`name`), put forward by hand."""

    award: str
    unit_id: int
    name: str
    title: str
    text: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class PutForward:
    """Who was put forward by hand, by whom and why."""

    id: int
    award: str
    unit: UnitRef
    name: str
    title: str
    text: str
    evidence: str
    entered_by: str
    at: datetime

    @property
    def subject(self) -> str:
        """Names it in its period, beside the rule's own candidacies."""
        return f"{self.award}:h{self.id}"

    @property
    def who(self) -> str:
        """The person, or the unit."""
        return self.name or self.unit.name


def put_forward(
    tx: Connection, person_id: int, period_id: int, new: NewCandidate, awards: Sequence[Award], now: datetime
) -> int:
    """Records a candidate and returns its id: by the office, or for their own unit by whoever reports for it,
    until the council is asked about commendations."""
    period = period_of(tx, period_id)
    try:
        check_office(tx, person_id, period.organisation_id)
    except NotAllowed:
        if new.unit_id not in _reported_for(tx, person_id, period.organisation_id, now):
            raise
        if is_put_to_vote(tx, period_id):
            raise NotAllowed(
                Words("Danh sách khen thưởng đã đưa ra hội đồng."),
                cure=Words("Gửi đề nghị đến Văn phòng để bổ sung."),
            ) from None
    check_units(tx, period.organisation_id, {new.unit_id})
    award = next((one for one in awards if one.code == new.award), None)
    if award is None:
        raise NotAllowed(
            Words("Quy tắc không có loại khen thưởng này."), cure=Words("Chọn một loại trong danh sách.")
        )
    if award.whom is Whom.PERSON and not new.name.strip():
        raise NotAllowed(Words("Chưa ghi họ tên cá nhân."), cure=Words("Ghi họ và tên vào ô bên dưới."))
    if award.whom is Whom.UNIT and new.name.strip():
        raise NotAllowed(Words("Loại khen thưởng này dành cho tập thể."), cure=Words("Để trống ô họ tên."))
    if not new.text.strip():
        raise NotAllowed(Words("Chưa ghi lý do đề nghị."), cure=Words("Ghi thành tích hoặc lý do."))
    values = {
        "award": new.award,
        "unit_id": new.unit_id,
        "name": new.name.strip(),
        "title": new.title.strip(),
        "text": new.text.strip(),
        "evidence": new.evidence.strip(),
    }
    row = {"period_id": period_id, "person_id": person_id, "at": now, **values}
    entry_id: int = tx.execute(
        commendation_entries.insert().values(row).returning(commendation_entries.c.id)
    ).scalar_one()
    fact = fact_hash(FactKind.COMMENDATION, row)
    details = {"period": period_id, "entry": entry_id, FACT: fact} | values
    record(tx, period.organisation_id, now, AuditEntry("commendation-entered", person_id, details))
    return entry_id


def _reported_for(tx: Connection, person_id: int, organisation_id: int, now: datetime) -> set[int]:
    today = organisation_calendar(tx, organisation_id).day_of(now)
    return set(tx.scalars(units_held(), {"reports_for": holding(tx, person_id, today).reports_for}))


def is_put_to_vote(tx: Connection, period_id: int) -> bool:
    """Whether the council was asked about commendations of the period."""
    asked = (
        select(motions.c.id)
        .join(sittings, sittings.c.id == motions.c.sitting_id)
        .where(
            sittings.c.period_id == period_id,
            sittings.c.matter == COMMENDATIONS,
            # An ad hoc vote is not about the period's list.
            motions.c.subject.not_like("nomination:%"),
        )
    )
    return tx.scalar(asked.limit(1)) is not None


def put_forward_in(tx: Connection, period_id: int) -> list[PutForward]:
    """Everyone who was put forward by hand in the period, in that order."""
    rows = tx.execute(
        select(
            commendation_entries,
            units.c.name.label("unit"),
            units.c.cluster,
            persons.c.name.label("person"),
        )
        .join(units, units.c.id == commendation_entries.c.unit_id)
        .join(persons, persons.c.id == commendation_entries.c.person_id)
        .where(commendation_entries.c.period_id == period_id)
        .order_by(commendation_entries.c.id)
    )
    return [
        PutForward(
            row.id,
            row.award,
            UnitRef(row.unit_id, row.unit, row.cluster),
            row.name,
            row.title,
            row.text,
            row.evidence,
            row.person,
            row.at,
        )
        for row in rows
    ]
