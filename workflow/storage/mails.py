"""The outbox as the office sees it: what waits, what went out, what could not be delivered and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from workflow.storage.outbox import DIGEST
from workflow.storage.tables import outbox, persons


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail of the outbox as the office sees it."""

    id: int
    kind: str
    person: str
    email: str
    state: str
    made_at: datetime
    not_before: datetime
    sent_at: datetime | None
    attempts: int
    error: str

    @property
    def is_failed(self) -> bool:
        """Whether it was given up and may be sent again by hand."""
        return self.state == "failed"

    @property
    def is_digest(self) -> bool:
        """Whether it tells a person what they owe."""
        return self.kind == DIGEST


def mail_counts(tx: Connection, period_id: int) -> dict[str, int]:
    """How many mails of the period are in each state."""
    found = tx.execute(
        select(outbox.c.state, func.count()).where(outbox.c.period_id == period_id).group_by(outbox.c.state)
    )
    return dict(found.all())


def mails(tx: Connection, period_id: int, state: str = "", limit: int = 200) -> tuple[MailRow, ...]:
    """The period's mails (in one state), those that failed first, then the newest."""
    asked = (
        select(outbox, persons.c.name, persons.c.email)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(outbox.c.period_id == period_id)
        .order_by((outbox.c.state == "failed").desc(), outbox.c.made_at.desc(), outbox.c.id.desc())
        .limit(limit)
    )
    if state:
        asked = asked.where(outbox.c.state == state)
    return tuple(
        MailRow(
            row.id,
            row.kind,
            row.name,
            row.email,
            row.state,
            row.made_at,
            row.not_before,
            row.sent_at,
            row.attempts,
            row.error,
        )
        for row in tx.execute(asked)
    )


def send_again(tx: Connection, period_id: int, outbox_id: int, now: datetime) -> bool:
    """Puts an undeliverable mail of the period back to be sent, under its own Message-ID; says whether
    there was one."""
    found = tx.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.period_id == period_id, outbox.c.state == "failed")
        .values(state="retry", not_before=now, attempts=0, error="")
    )
    return found.rowcount == 1
