"""Absences: who stands in for whom from day to day. Recorded ahead, ended early by revoking; the facts done
meanwhile keep both names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, or_, select, update

from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.tables import persons, substitutions


@dataclass(frozen=True, slots=True)
class Substitution:
    """Someone stands in for an absent person; both days included."""

    id: int
    person_id: int
    person: str
    substitute_id: int
    substitute: str
    from_on: date
    to_on: date
    votes: bool
    revoked_at: datetime | None = None


def substitute(
    tx: Connection,
    person_id: int,
    substitute_id: int,
    from_on: date,
    to_on: date,
    now: datetime,
    *,
    votes: bool = False,
    made_by: int | None = None,
) -> int:
    """Records that `substitute_id` stands in for the person on those days, also for their votes if `votes`,
    and returns its id. A person has at most one substitute at a time."""
    if from_on > to_on:
        raise NotAllowed(Words("Ngày bắt đầu vắng mặt phải trước hoặc trùng ngày kết thúc."))
    if person_id == substitute_id:
        raise NotAllowed(Words("Người thay phải là người khác."))
    pair = tx.execute(
        select(persons.c.id, persons.c.organisation_id)
        .where(persons.c.id.in_([person_id, substitute_id]), persons.c.is_active)
        .order_by(persons.c.id)
        .with_for_update()
    ).all()
    if len({row.id for row in pair}) != 2 or len({row.organisation_id for row in pair}) != 1:
        raise NotFound(Words("Người vắng mặt và người thay phải có trong danh bạ của đơn vị."))
    other = tx.execute(
        select(substitutions.c.from_on, substitutions.c.to_on).where(
            substitutions.c.person_id == person_id,
            substitutions.c.revoked_at.is_(None),
            substitutions.c.from_on <= to_on,
            substitutions.c.to_on >= from_on,
        )
    ).first()
    if other:
        raise Conflict(
            Words(
                "Đã có người thay từ %(from_on)s đến %(to_on)s.",
                from_on=f"{other.from_on:%d/%m/%Y}",
                to_on=f"{other.to_on:%d/%m/%Y}",
            ),
            cure=Words("Kết thúc lần thay đó trước, hoặc chọn ngày khác."),
        )
    made: int = tx.execute(
        substitutions.insert()
        .values(
            person_id=person_id,
            substitute_id=substitute_id,
            from_on=from_on,
            to_on=to_on,
            votes=votes,
            made_by=made_by,
            made_at=now,
        )
        .returning(substitutions.c.id)
    ).scalar_one()
    details = {
        "substitution": made,
        "person": person_id,
        "substitute": substitute_id,
        "from": from_on.isoformat(),
        "to": to_on.isoformat(),
        "votes": votes,
    }
    record(tx, pair[0].organisation_id, now, AuditEntry("substituted", made_by, details))
    return made


def revoke(tx: Connection, substitution_id: int, now: datetime, *, by: int | None = None) -> None:
    """Ends a substitution before its last day; ending one that is over changes nothing."""
    row = tx.execute(
        select(substitutions.c.revoked_at, substitutions.c.person_id, persons.c.organisation_id)
        .join(persons, persons.c.id == substitutions.c.person_id)
        .where(substitutions.c.id == substitution_id)
    ).first()
    if row is None:
        raise NotFound(Words("Không có lần thay này."), where=str(substitution_id))
    if row.revoked_at is not None:
        return
    tx.execute(update(substitutions).where(substitutions.c.id == substitution_id).values(revoked_at=now))
    details = {"substitution": substitution_id, "person": row.person_id}
    record(tx, row.organisation_id, now, AuditEntry("substitution-ended", by, details))


def end_all(
    tx: Connection,
    organisation_id: int,
    person_ids: Collection[int],
    on: date,
    now: datetime,
    *,
    by: int | None = None,
) -> int:
    """Ends every substitution, under way or to come, in which one of these people is absent or stands in;
    returns how many."""
    ended = tx.execute(
        update(substitutions)
        .where(
            or_(
                substitutions.c.person_id.in_(person_ids),
                substitutions.c.substitute_id.in_(person_ids),
            ),
            substitutions.c.revoked_at.is_(None),
            substitutions.c.to_on >= on,
        )
        .values(revoked_at=now)
        .returning(substitutions.c.id, substitutions.c.person_id)
    ).all()
    if ended:
        details = [{"substitution": row.id, "person": row.person_id} for row in ended]
        record(tx, organisation_id, now, *(AuditEntry("substitution-ended", by, one) for one in details))
    return len(ended)


def substitutions_of(tx: Connection, organisation_id: int) -> tuple[Substitution, ...]:
    """The organisation's substitutions, the latest first."""
    absent, other = persons.alias("absent"), persons.alias("other")
    found = tx.execute(
        select(substitutions, absent.c.name.label("person"), other.c.name.label("substitute"))
        .join(absent, absent.c.id == substitutions.c.person_id)
        .join(other, other.c.id == substitutions.c.substitute_id)
        .where(absent.c.organisation_id == organisation_id)
        .order_by(substitutions.c.from_on.desc(), substitutions.c.id.desc())
    )
    return tuple(
        Substitution(
            row.id,
            row.person_id,
            row.person,
            row.substitute_id,
            row.substitute,
            row.from_on,
            row.to_on,
            row.votes,
            row.revoked_at,
        )
        for row in found
    )


def handed_over(tx: Connection, organisation_id: int, on: date, now: datetime) -> set[int]:
    """The persons whose pending work changed hands since this was last asked: who went away, whom it went
    to, and to whom it came back. Each change is returned once; the caller mails those who owe something."""
    ours = substitutions.c.person_id.in_(
        select(persons.c.id).where(persons.c.organisation_id == organisation_id)
    )
    begins = and_(
        substitutions.c.begun_at.is_(None),
        substitutions.c.from_on <= on,
        substitutions.c.to_on >= on,
        substitutions.c.revoked_at.is_(None),
    )
    ends = and_(
        substitutions.c.begun_at.is_not(None),
        substitutions.c.ended_at.is_(None),
        or_(substitutions.c.to_on < on, substitutions.c.revoked_at.is_not(None)),
    )
    found: set[int] = set()
    for which, values in ((begins, {"begun_at": now}), (ends, {"ended_at": now})):
        for row in tx.execute(
            update(substitutions)
            .where(ours, which)
            .values(**values)
            .returning(substitutions.c.person_id, substitutions.c.substitute_id)
        ):
            found |= {row.person_id, row.substitute_id}
    return found
