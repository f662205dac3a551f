"""The numbers of minutes: a series of their own beside the reports', where the letterhead names one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.reports.document_number import read_number
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.cycles.heads import stages_of
from workflow.storage.cycles.held_votes import VotesOfPeriod, votes_of
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import period_of
from workflow.storage.reports.letterheads import letterhead_of
from workflow.storage.tables import minutes_numbers, organisations, periods


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number and day that the minutes of a period's votes bear."""

    number: str
    dated_on: date


def numbered(tx: Connection, period_id: int) -> Numbered | None:
    """The number of the period's minutes, if they have one."""
    row = tx.execute(select(minutes_numbers).where(minutes_numbers.c.period_id == period_id)).first()
    return Numbered(row.number, row.dated_on) if row else None


def last_minutes_number(tx: Connection, organisation_id: int, year: int) -> str:
    """The number the organisation's minutes were given last in that year; empty where there is none."""
    asked = (
        select(minutes_numbers.c.number)
        .where(minutes_numbers.c.organisation_id == organisation_id, minutes_numbers.c.year == year)
        .order_by(minutes_numbers.c.at.desc(), minutes_numbers.c.id.desc())
        .limit(1)
    )
    return tx.scalar(asked) or ""


def is_over(tx: Connection, found: VotesOfPeriod) -> bool:
    """Whether there were votes and no more can come: every cycle of the period has ended."""
    standing = stages_of(tx, found.period.id)
    return bool(found.votes) and not any(n for stage, n in standing.items() if not stage.is_final)


def give_number(
    tx: Connection, period_id: int, typed: str, dated_on: date, person_id: int, now: datetime
) -> Numbered:
    """Sets the number and day of a period's minutes, once, when no more votes can come."""
    period = period_of(tx, period_id)
    check_office(tx, person_id, period.organisation_id)
    # Held until the transaction ends, as for reports: two numbers given at once are given in turn.
    tx.execute(
        select(organisations.c.id).where(organisations.c.id == period.organisation_id).with_for_update()
    )
    series = letterhead_of(tx, period.organisation_id).minutes_series
    number = read_number(typed)
    if not series:
        raise NotAllowed(Words("Biên bản của đơn vị không đánh số."))
    if not number.is_of(series):
        raise NotAllowed(Words("Số của biên bản phải có ký hiệu %(series)s.", series=series))
    if known := numbered(tx, period_id):
        raise Conflict(Words("Biên bản của kỳ đã có số %(number)s.", number=known.number))
    found = votes_of(tx, period_id, now)
    cast = [one.at for vote in found.votes for one in vote.poll.cast]
    if not is_over(tx, found):
        raise Conflict(
            Words("Còn nội dung chưa có kết quả biểu quyết."), cure=Words("Chờ có kết quả rồi ghi số.")
        )
    calendar = organisation_calendar(tx, period.organisation_id)
    first = calendar.day_of(max(cast)) if cast else period.opens_on
    today = calendar.day_of(now)
    if not first <= dated_on <= today:
        raise NotAllowed(
            Words(
                "Ngày của biên bản phải từ ngày có phiếu cuối cùng %(first)s đến hôm nay %(today)s.",
                first=day(first),
                today=day(today),
            )
        )
    taken = tx.scalar(
        select(periods.c.label)
        .join(minutes_numbers, minutes_numbers.c.period_id == periods.c.id)
        .where(
            minutes_numbers.c.organisation_id == period.organisation_id,
            minutes_numbers.c.year == dated_on.year,
            minutes_numbers.c.number_key == number.key,
        )
    )
    if taken is not None:
        raise Conflict(
            Words("Số %(number)s đã dùng cho biên bản %(period)s.", number=number.text, period=taken),
            cure=Words("Ghi số khác."),
        )
    tx.execute(
        minutes_numbers.insert().values(
            organisation_id=period.organisation_id,
            period_id=period_id,
            number=number.text,
            number_key=number.key,
            year=dated_on.year,
            dated_on=dated_on,
            person_id=person_id,
            at=now,
        )
    )
    details = {"period": period_id, "number": number.text, "dated_on": dated_on.isoformat()}
    record(tx, period.organisation_id, now, AuditEntry("minutes-numbered", person_id, details))
    return Numbered(number.text, dated_on)
