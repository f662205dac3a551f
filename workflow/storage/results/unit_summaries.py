"""The one question of an evaluated half-year or year: what each unit says of the whole span, asked and
answered by a mailed link. An answer is a fact, the unit's last one counts; silence is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.escalation import is_to_be_reminded
from workflow.domain.cycles.lateness import Lateness, late_since
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.people.stand_ins import holding, units_held
from workflow.storage.periods.periods import hold_period
from workflow.storage.periods.watched import Watched, watched_period
from workflow.storage.post import intents
from workflow.storage.tables import unit_summaries, units

MOST = 5_000
"""Characters an answer may have."""


@dataclass(frozen=True, slots=True)
class SummaryAsked:
    """A unit's answer so far (empty: none), to what question, and until when it is taken."""

    unit_id: int
    unit: str
    question: str
    until: date
    text: str
    is_open: bool

    @property
    def is_asked(self) -> bool:
        """Whether the unit is to answer now."""
        return self.is_open and not self.text


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """What a unit says of the span."""

    unit: str
    text: str


def ask_units(tx: Connection, period_id: int, now: datetime) -> None:
    """Puts the mail with the question into the outbox, one to each person who reports for a unit asked."""
    period = watched_period(tx, period_id, now)
    owing = period.owing()
    owing.units = silent_units(tx, period)
    intents.intend_digests(tx, owing, now)


def silent_units(tx: Connection, period: Watched) -> set[int]:
    """The units asked that have not answered, while the question is open."""
    late = _lateness(period)
    if late is None or late.is_late or period.closed_at is not None or period.evaluation is None:
        return set()
    said = select(unit_summaries.c.unit_id).where(unit_summaries.c.period_id == period.id)
    return set(period.evaluation.units) - set(tx.scalars(said))


def units_to_answer(tx: Connection, watched: Mapping[int, Watched]) -> dict[int, tuple[set[int], Lateness]]:
    """The units that are asked now and have not answered, with the last day, by period."""
    found = {}
    for period in watched.values():
        if (late := _lateness(period)) and (silent := silent_units(tx, period)):
            found[period.id] = silent, late
    return found


def _lateness(period: Watched) -> Lateness | None:
    made = period.evaluation
    if made is None or made.answer_by is None:
        return None
    # Not `answer_by` as it was set: the period's day moves where it becomes a day off.
    return late_since(period.due_on, period.calendar, period.now)


def summaries_asked(tx: Connection, person_id: int, period: Watched) -> list[SummaryAsked]:
    """What the units that the person reports for are asked; none where there is no question."""
    made, late = period.evaluation, _lateness(period)
    if made is None or late is None:
        return []
    mine = set(tx.scalars(units_held(), {"reports_for": holding(tx, person_id, period.today).reports_for}))
    said = _answers(tx, period.id)
    rows = tx.execute(
        select(units.c.id, units.c.name)
        .where(units.c.id.in_(mine & set(made.units)))
        .order_by(units.c.name, units.c.id)
    )
    is_open = not late.is_late and period.closed_at is None
    return [
        SummaryAsked(row.id, row.name, made.question, late.last_day, said.get(row.id, ""), is_open)
        for row in rows
    ]


def answer(tx: Connection, person_id: int, period_id: int, unit_id: int, text: str, now: datetime) -> None:
    """Records the unit's answer; an unchanged one gets no new row."""
    hold_period(tx, period_id)
    period = watched_period(tx, period_id, now)
    asked = next((one for one in summaries_asked(tx, person_id, period) if one.unit_id == unit_id), None)
    if asked is None:
        raise NotAllowed(Words("Ông/bà không báo cáo thay cho đơn vị này trong kỳ."))
    if not asked.is_open:
        raise Conflict(
            Words("Đã hết hạn trả lời (ngày %(day)s).", day=day(asked.until)),
            cure=Words("Báo Văn phòng nếu cần."),
        )
    said = text.strip()
    if not said:
        raise NotAllowed(
            Words("Chưa ghi nội dung."), cure=Words("Ghi vào ô bên dưới; không có gì để nói thì bỏ qua.")
        )
    if len(said) > MOST:
        raise NotAllowed(Words("Nội dung dài quá %(n)s chữ.", n=MOST), cure=Words("Rút gọn rồi gửi lại."))
    if said == asked.text:
        return
    row = {"period_id": period_id, "unit_id": unit_id, "text": said, "person_id": person_id, "at": now}
    answer_id = tx.execute(unit_summaries.insert().values(row).returning(unit_summaries.c.id)).scalar_one()
    fact = fact_hash(FactKind.UNIT_SUMMARY, row)
    details = {"period": period_id, "summary": answer_id, "unit": unit_id, "text": said, FACT: fact}
    record(tx, period.organisation_id, now, AuditEntry("summary-given", person_id, details))


def _answers(tx: Connection, period_id: int) -> dict[int, str]:
    """Each unit's last answer."""
    last = (
        select(func.max(unit_summaries.c.id))
        .where(unit_summaries.c.period_id == period_id)
        .group_by(unit_summaries.c.unit_id)
    )
    rows = tx.execute(
        select(unit_summaries.c.unit_id, unit_summaries.c.text).where(unit_summaries.c.id.in_(last))
    )
    return {row.unit_id: row.text for row in rows}


def summaries_of(tx: Connection, period_id: int) -> list[UnitSummary]:
    """What the units said of the span, in the order of their names."""
    said = _answers(tx, period_id)
    rows = tx.execute(
        select(units.c.id, units.c.name).where(units.c.id.in_(said)).order_by(units.c.name, units.c.id)
    )
    return [UnitSummary(row.name, said[row.id]) for row in rows]


def remind_summaries(tx: Connection, watched: Mapping[int, Watched], now: datetime) -> None:
    """Puts a digest into the outbox for the units that have not answered, on reminder days."""
    for period_id, (silent, late) in units_to_answer(tx, watched).items():
        period = watched[period_id]
        days_before = period.rules.mail.remind_working_days_before
        if is_to_be_reminded(late.last_day, period.today, days_before, period.calendar):
            owing = period.owing()
            owing.units = silent
            intents.intend_reminders(tx, owing, now)
