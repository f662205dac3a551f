"""Deliveries of events to webhooks: taken for sending, marked with their fate, listed, sent again.

A delivery goes by real time, whatever a demo's clock says: its receiver lives in it. It is sent at least
once; a receiver recognises a repeated one by its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from workflow.domain.errors import Conflict, NotFound
from workflow.domain.events import Event, WebhookFormat
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.outside.events import ADD_DELIVERY, delivery_of
from workflow.storage.tables import organisations, webhook_deliveries, webhooks

LEASE = timedelta(minutes=2)
"""How long a sender may hold a delivery before another takes it up."""

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""Waits between tries, those of the Standard Webhooks specification: given up after about three days."""

AT_ONCE_TO_ONE = 4
"""Deliveries to one webhook taken at once: a receiver that hangs must not hold up the others."""


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery taken for sending."""

    id: int
    message_id: str
    event: Event
    body: dict[str, Any]
    attempts: int
    webhook_id: int
    organisation_id: int
    url: str
    form: WebhookFormat
    secret: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as lists show it."""

    id: int
    message_id: str
    event: Event
    state: str
    made_at: datetime
    next_at: datetime | None
    attempts: int
    status: int | None
    error: str
    sent_at: datetime | None


def is_any_due(tx: Connection, wall: datetime) -> bool:
    """Whether any delivery is due: polled all day, so that an idle sender never writes."""
    return (
        tx.scalar(
            select(webhook_deliveries.c.id)
            .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook_id)
            .where(*_due(wall), webhooks.c.removed_at.is_(None))
            .limit(1)
        )
        is not None
    )


def _due(wall: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        webhook_deliveries.c.state == "waiting",
        or_(webhook_deliveries.c.next_at.is_(None), webhook_deliveries.c.next_at <= wall),
    )


def take_due(tx: Connection, wall: datetime, limit: int) -> list[DueDelivery]:
    """Takes up to `limit` deliveries that are due, the oldest of each webhook first, for this sender."""
    is_due = _due(wall)
    place = func.row_number().over(
        partition_by=webhook_deliveries.c.webhook_id, order_by=webhook_deliveries.c.id
    )
    first = (
        select(webhook_deliveries.c.id, place.label("place"))
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook_id)
        .where(*is_due, webhooks.c.removed_at.is_(None))
        .subquery()
    )
    rows = tx.execute(
        select(
            webhook_deliveries, webhooks.c.organisation_id, webhooks.c.url, webhooks.c.form, webhooks.c.secret
        )
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook_id)
        .where(
            webhook_deliveries.c.id.in_(select(first.c.id).where(first.c.place <= AT_ONCE_TO_ONE)), *is_due
        )
        .order_by(webhook_deliveries.c.id)
        .limit(limit)
        .with_for_update(of=webhook_deliveries, skip_locked=True)
    ).all()
    tx.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.id.in_([row.id for row in rows]))
        .values(attempts=webhook_deliveries.c.attempts + 1, next_at=wall + LEASE)
    )
    return [
        DueDelivery(
            row.id,
            row.message_id,
            Event(row.event),
            row.body,
            row.attempts + 1,
            row.webhook_id,
            row.organisation_id,
            row.url,
            WebhookFormat(row.form),
            row.secret,
        )
        for row in rows
    ]


def mark_taken(tx: Connection, due: DueDelivery, wall: datetime, status: int) -> None:
    """The receiver answered that it took it."""
    tx.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.id == due.id)
        .values(state="sent", sent_at=wall, status=status, next_at=None, error="")
    )


def mark_not_taken(
    tx: Connection, due: DueDelivery, wall: datetime, now: datetime, status: int | None, error: str
) -> bool:
    """The receiver refused it, or could not be reached: retried after the next pause. Returns whether it was
    the last try; then the delivery is given up, and the organisation's log says so."""
    gives_up = due.attempts > len(PAUSES)
    tx.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.id == due.id, webhook_deliveries.c.state == "waiting")
        .values(
            state="failed" if gives_up else "waiting",
            next_at=None if gives_up else wall + PAUSES[due.attempts - 1],
            status=status,
            error=error[:500],
        )
    )
    if gives_up:
        details = {
            "webhook": due.webhook_id,
            "delivery": due.id,
            "event": due.event.value,
            "error": error[:500],
        }
        record(tx, due.organisation_id, now, AuditEntry("webhook-given-up", details=details))
    return gives_up


def deliveries_of(
    tx: Connection, webhook_id: int, *, before: int | None = None, limit: int = 50
) -> list[DeliveryRow]:
    """The webhook's deliveries, the newest first; those with an id below `before`."""
    asked = select(webhook_deliveries).where(webhook_deliveries.c.webhook_id == webhook_id)
    if before is not None:
        asked = asked.where(webhook_deliveries.c.id < before)
    return [
        DeliveryRow(
            row.id,
            row.message_id,
            Event(row.event),
            row.state,
            row.made_at,
            row.next_at,
            row.attempts,
            row.status,
            row.error,
            row.sent_at,
        )
        for row in tx.execute(asked.order_by(webhook_deliveries.c.id.desc()).limit(limit))
    ]


def event_of(tx: Connection, webhook_id: int, delivery_id: int) -> set[Event]:
    """The event of one delivery; nothing where there is no such delivery."""
    of_hook = (webhook_deliveries.c.id == delivery_id, webhook_deliveries.c.webhook_id == webhook_id)
    return set(map(Event, tx.scalars(select(webhook_deliveries.c.event).where(*of_hook))))


def events_waiting(tx: Connection, webhook_id: int) -> set[Event]:
    """The events of the deliveries that are still to go to the webhook's address."""
    of_hook = (webhook_deliveries.c.state == "waiting", webhook_deliveries.c.webhook_id == webhook_id)
    return set(map(Event, tx.scalars(select(webhook_deliveries.c.event.distinct()).where(*of_hook))))


def send_again(tx: Connection, webhook_id: int, delivery_id: int) -> str:
    """Queues a delivery to be sent again at once, under its own message id, which is returned. Raises
    NotFound, and Conflict for one that still waits."""
    of_hook = (webhook_deliveries.c.id == delivery_id, webhook_deliveries.c.webhook_id == webhook_id)
    found = tx.execute(
        select(webhook_deliveries.c.state, webhook_deliveries.c.message_id).where(*of_hook)
    ).first()
    if found is None:
        raise NotFound(Words("Webhook này không có lần gửi số %(n)s.", n=delivery_id))
    if found.state == "waiting":
        raise Conflict(Words("Lần gửi này vẫn đang chờ gửi."))
    tx.execute(update(webhook_deliveries).where(*of_hook).values(state="waiting", next_at=None, attempts=0))
    return str(found.message_id)


def ping(tx: Connection, webhook_id: int, now: datetime) -> str:
    """Queues a test event to one webhook, whatever it subscribed to; returns the delivery's message id."""
    whose = tx.execute(
        select(organisations.c.id, organisations.c.name)
        .join(webhooks, webhooks.c.organisation_id == organisations.c.id)
        .where(webhooks.c.id == webhook_id)
    ).one()
    row = delivery_of(webhook_id, Event.PING, {"organisation": {"id": whose.id, "name": whose.name}}, now)
    tx.execute(ADD_DELIVERY, [row])
    message_id: str = row["message_id"]
    return message_id
