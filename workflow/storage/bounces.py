"""A mail that came back, tied to the outbox row that sent it, and so to the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from workflow.storage import events
from workflow.storage.tables import outbox, persons

LATEST = timedelta(days=10)
"""How long after a mail went out a bounce that names only its receiver is still taken for its own."""


@dataclass(frozen=True, slots=True)
class Bounced:
    """The mail a bounce belongs to."""

    outbox_id: int
    person: str
    address: str


def mark_bounced(tx: Connection, message_id: str, recipient: str, why: str, now: datetime) -> Bounced | None:
    """Marks the mail as having come back. It is found by the Message-ID the bounce quotes (the part before
    the @), else as the last one to the address it could not reach; None where we sent no such mail."""
    if message_id:
        # Whatever the address: a mailbox may be forwarded to one that is full.
        found = _latest(tx, outbox.c.message_id == message_id)
    else:
        to = func.lower(outbox.c.address) == recipient.lower()
        found = _latest(tx, and_(to, outbox.c.sent_at > now - LATEST)) if recipient else None
    if found is None:
        return None
    tx.execute(
        update(outbox)
        .where(outbox.c.id == found.outbox_id)
        .values(state="bounced", undelivered_at=now, error=why[:500])
    )
    events.undeliverable(tx, [found.outbox_id], now)
    return found


def _latest(tx: Connection, which: ColumnElement[bool]) -> Bounced | None:
    row = tx.execute(
        select(outbox.c.id, persons.c.name, outbox.c.address)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(which, outbox.c.state == "sent")
        .order_by(outbox.c.sent_at.desc(), outbox.c.id.desc())
        .limit(1)
        .with_for_update(of=outbox)
    ).first()
    return Bounced(row.id, row.name, row.address) if row else None
