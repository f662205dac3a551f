"""Urging people who owe something in a period: a digest for each, one a day at most."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from workflow.domain.errors import Conflict
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.duties.debtors import debtors
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import period_of
from workflow.storage.post import intents
from workflow.storage.post.intents import DIGEST, OPENED, Recipients
from workflow.storage.rules import rules_of
from workflow.storage.tables import outbox as mails


class Urged(StrEnum):
    """What urging a person came to."""

    INTENDED = "intended"
    """A mail will go to them."""
    WAITING = "waiting"
    """One was waiting to go already."""
    TODAY = "today"
    """They were written to today."""
    OWES_NOTHING = "owes-nothing"


@dataclass(frozen=True, slots=True)
class UrgedPerson:
    """A person, what urging them came to, and when their mail goes, where one waits."""

    person_id: int
    outcome: Urged
    goes_at: datetime | None


def urge(
    tx: Connection,
    period_id: int,
    person_ids: Collection[int] | None,
    now: datetime,
    *,
    by: dict[str, Any] | None = None,
    officer_id: int | None = None,
) -> list[UrgedPerson]:
    """Has these people, or everyone who owes something in the period, reminded; of a duty whose owner is
    absent, who stands in for them. Asked again on the same day it intends nothing more. The log says who
    asked: an officer, or by which key (`by`). Raises Conflict for a closed period in which nothing is owed.
    """
    period = period_of(tx, period_id)
    calendar = organisation_calendar(tx, period.organisation_id)
    owe = {debtor.person_id for debtor in debtors(tx, period_id, now)}
    if period.closed_at is not None and not owe:
        raise Conflict(Words("%(label)s đã khóa, không còn gì để đôn đốc.", label=period.label))
    asked = owe if person_ids is None else set(person_ids)
    today = calendar.moment(calendar.day_of(now))
    last = _last_sent(tx, period_id, asked)
    mailed_today = {one for one, at in last.items() if today <= at < today + timedelta(days=1)}
    was_waiting = _waiting(tx, period_id, asked)
    owing = Recipients(period.organisation_id, period_id, rules_of(tx, period_id).mail, calendar)
    # Debtors are those who do it today: nobody is put in their place once more.
    owing.persons |= (asked & owe) - mailed_today - set(was_waiting)
    if owing.persons:
        intents.intend_digests(tx, owing, now)
        details = {"period": period_id, "persons": sorted(owing.persons)} | (by or {})
        record(tx, period.organisation_id, now, AuditEntry("urged", officer_id, details))
    waiting = _waiting(tx, period_id, asked)

    def outcome(person_id: int) -> Urged:
        if person_id not in owe:
            return Urged.OWES_NOTHING
        if person_id in was_waiting:
            return Urged.WAITING
        return Urged.TODAY if person_id in mailed_today else Urged.INTENDED

    return [UrgedPerson(one, outcome(one), waiting.get(one)) for one in sorted(asked)]


def _last_sent(tx: Connection, period_id: int, person_ids: Collection[int]) -> dict[int, datetime]:
    return dict(
        tx.execute(
            select(mails.c.person_id, func.max(mails.c.sent_at))
            .where(
                mails.c.period_id == period_id,
                mails.c.kind.in_((DIGEST, OPENED)),
                mails.c.state == "sent",
                mails.c.person_id.in_(person_ids),
            )
            .group_by(mails.c.person_id)
        ).all()
    )


def _waiting(tx: Connection, period_id: int, person_ids: Collection[int]) -> dict[int, datetime]:
    return dict(
        tx.execute(
            select(mails.c.person_id, mails.c.not_before).where(
                mails.c.period_id == period_id,
                mails.c.kind == DIGEST,
                mails.c.state.in_(("waiting", "retry", "sending")),
                mails.c.person_id.in_(person_ids),
            )
        ).all()
    )
