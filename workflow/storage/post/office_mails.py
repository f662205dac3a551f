"""The outbox as the office sees it: what waits, what went out, what did not arrive and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from workflow.domain.delivery import Trouble, trouble_of
from workflow.storage.post.intents import DIGEST
from workflow.storage.tables import outbox, periods, persons, plans

UNDELIVERED = ("failed", "bounced")
"""States of a mail that did not arrive: refused, or taken and sent back later."""


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail of the outbox as the office sees it. `email` is where it went, or would go."""

    id: int
    kind: str
    person: str
    email: str
    state: str
    made_at: datetime
    not_before: datetime
    sent_at: datetime | None
    undelivered_at: datetime | None
    attempts: int
    error: str

    @property
    def is_undelivered(self) -> bool:
        """Whether it did not arrive and may be sent again by hand."""
        return self.state in UNDELIVERED

    @property
    def is_digest(self) -> bool:
        """Whether it lists what a person owes."""
        return self.kind == DIGEST

    @property
    def trouble(self) -> Trouble:
        """Why it did not arrive."""
        return trouble_of(self.error)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A person whose mails did not arrive, the latest first. `email` is the address on file now."""

    person_id: int
    name: str
    title: str
    email: str
    mails: tuple[MailRow, ...]


def mail_counts(tx: Connection, period_id: int) -> dict[str, int]:
    """How many mails of the period are in each state."""
    found = tx.execute(select(outbox.c.state, func.count()).where(_of(period_id)).group_by(outbox.c.state))
    return dict(found.all())


def undelivered_count(tx: Connection, period_id: int) -> int:
    """How many mails of the period did not arrive."""
    counts = mail_counts(tx, period_id)
    return sum(counts.get(state, 0) for state in UNDELIVERED)


def mails(
    tx: Connection, period_id: int, state: str = "", limit: int | None = None, offset: int = 0
) -> tuple[MailRow, ...]:
    """The period's mails (in one state), those that did not arrive first, then the newest."""
    asked = (
        select(outbox, persons.c.name, persons.c.email)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(_of(period_id))
        .order_by(outbox.c.state.in_(UNDELIVERED).desc(), outbox.c.made_at.desc(), outbox.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if state:
        asked = asked.where(outbox.c.state == state)
    return tuple(_mail(row) for row in tx.execute(asked))


def unreached(tx: Connection, period_id: int) -> tuple[Unreached, ...]:
    """The persons whose mails of the period did not arrive, the latest trouble first."""
    rows = tx.execute(
        select(outbox, persons.c.name, persons.c.email, persons.c.title)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(_of(period_id), outbox.c.state.in_(UNDELIVERED))
        .order_by(outbox.c.undelivered_at.desc(), outbox.c.id.desc())
    ).all()
    by_person: dict[int, list[Row[Any]]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row)
    return tuple(
        Unreached(person_id, found[0].name, found[0].title, found[0].email, tuple(map(_mail, found)))
        for person_id, found in by_person.items()
    )


def send_again(tx: Connection, period_id: int, person_id: int, now: datetime) -> int:
    """Queues the person's mails of the period that did not arrive once more, each under its own Message-ID;
    returns how many there were."""
    found = tx.execute(
        update(outbox)
        .where(_of(period_id), outbox.c.person_id == person_id, outbox.c.state.in_(UNDELIVERED))
        .values(**put_back(now))
    )
    return int(found.rowcount)


def put_back(now: datetime) -> dict[str, Any]:
    """What the outbox row of a mail that did not arrive becomes to be sent again under its Message-ID."""
    return {
        "state": "retry",
        "not_before": now,
        "attempts": 0,
        "doubts": 0,
        "sent_at": None,
        "undelivered_at": None,
        "error": "",
    }


def _of(period_id: int) -> ColumnElement[bool]:
    """Mails of the period, and those of the organisation that are of none."""
    organisation = (
        select(plans.c.organisation_id)
        .join(periods, periods.c.plan_id == plans.c.id)
        .where(periods.c.id == period_id)
        .scalar_subquery()
    )
    return or_(
        outbox.c.period_id == period_id,
        and_(outbox.c.period_id.is_(None), outbox.c.organisation_id == organisation),
    )


def _mail(row: Row[Any]) -> MailRow:
    return MailRow(
        row.id,
        row.kind,
        row.name,
        row.address or row.email,
        row.state,
        row.made_at,
        row.not_before,
        row.sent_at,
        row.undelivered_at,
        row.attempts,
        row.error,
    )
