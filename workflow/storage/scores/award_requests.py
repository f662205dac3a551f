"""The submission to the superior body (tờ trình) that asks for commendations: its addressee, grounds, number
and the list as it was when it was drawn up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.reports.document_number import read_number
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import period_of
from workflow.storage.scores.nominations import Nomination, nominations_of
from workflow.storage.tables import award_requests, organisations, periods, plans

SERIES = "TTr"
"""Of a submission (tờ trình), in its number."""


@dataclass(frozen=True, slots=True)
class RequestedAward:
    """A row of the list."""

    award: str
    who: str
    title: str
    body: str
    text: str


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What the office writes: `number` empty leaves room to write it by hand; `recipients` are the lines
    under “Nơi nhận”."""

    addressee: str
    grounds: str
    recipients: Sequence[str]
    nomination_ids: Sequence[int]
    number: str = ""
    dated_on: date | None = None


@dataclass(frozen=True, slots=True)
class AwardRequest:
    """A submission that was drawn up."""

    id: int
    addressee: str
    grounds: str
    recipients: tuple[str, ...]
    lines: tuple[RequestedAward, ...]
    number: str
    dated_on: date | None
    at: datetime


def draw_up(tx: Connection, person_id: int, period_id: int, new: NewRequest, now: datetime) -> int:
    """Records a submission of those nominations and returns its id. Its number, where one is given, is of the
    series of submissions and no other's of the year."""
    period = period_of(tx, period_id)
    check_office(tx, person_id, period.organisation_id)
    # Held until the transaction ends, as for reports: two numbers given at once are given in turn.
    tx.execute(
        select(organisations.c.id).where(organisations.c.id == period.organisation_id).with_for_update()
    )
    if not new.addressee.strip():
        raise NotAllowed(
            Words("Chưa ghi nơi kính gửi."), cure=Words("Ghi cơ quan có thẩm quyền khen thưởng.")
        )
    found = {one.id: one for one in nominations_of(tx, period_id)}
    if not new.nomination_ids or not set(new.nomination_ids) <= found.keys():
        raise NotAllowed(Words("Chưa chọn đề nghị nào."), cure=Words("Chọn ít nhất một đề nghị."))
    chosen = [found[one] for one in sorted(set(new.nomination_ids))]
    if refused := [one.who for one in chosen if one.motion and one.motion.is_carried is not True]:
        raise NotAllowed(
            Words("Hội đồng chưa thông qua %(who)s.", who=refused[0]),
            cure=Words("Bỏ chọn, hoặc chờ kết quả."),
        )
    key, year = "", (new.dated_on or now.date()).year
    today = organisation_calendar(tx, period.organisation_id).day_of(now)
    if new.dated_on and new.dated_on > today:
        raise NotAllowed(Words("Ngày của văn bản còn ở phía trước."), cure=Words("Sửa ngày."))
    if new.number.strip():
        number = read_number(new.number)
        if not number.is_of(SERIES):
            raise NotAllowed(Words("Số của tờ trình phải có ký hiệu %(series)s.", series=SERIES))
        if new.dated_on is None:
            raise NotAllowed(Words("Chưa ghi ngày của văn bản."), cure=Words("Ghi cả số và ngày."))
        key = number.key
        if key in _taken(tx, period.organisation_id, year):
            raise Conflict(
                Words("Số %(number)s đã dùng cho tờ trình khác.", number=number.text),
                cure=Words("Ghi số khác."),
            )
    row = {
        "period_id": period_id,
        "addressee": new.addressee.strip(),
        "text": new.grounds.strip(),
        "recipients": [one.strip() for one in new.recipients if one.strip()],
        "lines": [
            asdict(RequestedAward(one.award, one.who, one.title, one.body if one.name else "", _told(one)))
            for one in chosen
        ],
        "number": new.number.strip(),
        "number_key": key,
        "year": year,
        "dated_on": new.dated_on,
        "person_id": person_id,
        "at": now,
    }
    request: int = tx.execute(award_requests.insert().values(row).returning(award_requests.c.id)).scalar_one()
    details = {
        "period": period_id,
        "entry": request,
        "addressee": row["addressee"],
        "number": row["number"],
        "nominations": [one.id for one in chosen],
        FACT: fact_hash(FactKind.AWARD_REQUEST, row),
    }
    record(tx, period.organisation_id, now, AuditEntry("award-requested", person_id, details))
    return request


def _told(one: Nomination) -> str:
    """The achievement or model, with the occasion or why it is worth copying."""
    return "\n".join(filter(None, (one.text, one.why)))


def _taken(tx: Connection, organisation_id: int, year: int) -> set[str]:
    return set(
        tx.scalars(
            select(award_requests.c.number_key)
            .join(periods, periods.c.id == award_requests.c.period_id)
            .join(plans, plans.c.id == periods.c.plan_id)
            .where(plans.c.organisation_id == organisation_id, award_requests.c.year == year)
        )
    )


def requests_of(tx: Connection, period_id: int) -> list[AwardRequest]:
    """The period's submissions, in the order they were drawn up."""
    rows = tx.execute(
        select(award_requests).where(award_requests.c.period_id == period_id).order_by(award_requests.c.id)
    )
    return [
        AwardRequest(
            row.id,
            row.addressee,
            row.text,
            tuple(row.recipients),
            tuple(RequestedAward(**one) for one in row.lines),
            row.number,
            row.dated_on,
            row.at,
        )
        for row in rows
    ]


def request_in(tx: Connection, period_id: int, request_id: int) -> AwardRequest:
    """One submission of the period; raises NotFound."""
    found = next((one for one in requests_of(tx, period_id) if one.id == request_id), None)
    if found is None:
        raise NotFound(Words("Không có tờ trình này."))
    return found
