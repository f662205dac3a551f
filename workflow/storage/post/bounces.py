"""A mail that came back, tied to the outbox row that sent it, and so to the person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from workflow.storage.outside import events
from workflow.storage.tables import outbox, persons


@dataclass(frozen=True, slots=True)
class Bounced:
    """The mail a bounce belongs to."""

    outbox_id: int
    person: str
    address: str


def mark_bounced(
    tx: Connection, message_id: str, addresses: Collection[str], why: str, now: datetime
) -> Bounced | None:
    """Marks the mail as having come back; None where we sent no mail of that Message-ID (the part before the
    @) to one of these addresses. Anybody can write to the mailbox that a mail to somebody came back; the ID,
    which cannot be guessed, is known to who sent it and who got it."""
    found = _sent(tx, message_id, [one.lower() for one in addresses]) if message_id else None
    if found is None:
        return None
    tx.execute(
        update(outbox)
        .where(outbox.c.id == found.outbox_id)
        .values(state="bounced", undelivered_at=now, error=why[:500])
    )
    events.undeliverable(tx, [found.outbox_id], now)
    return found


def _sent(tx: Connection, message_id: str, addresses: list[str]) -> Bounced | None:
    row = tx.execute(
        select(outbox.c.id, persons.c.name, outbox.c.address)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(
            outbox.c.message_id == message_id,
            func.lower(outbox.c.address).in_(addresses),
            outbox.c.state == "sent",
        )
        .with_for_update(of=outbox)
    ).first()
    return Bounced(row.id, row.name, row.address) if row else None
