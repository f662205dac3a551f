"""Webhooks and their deliveries."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

webhooks = Table(
    "webhooks",
    metadata,
    own_id(),
    id_of("organisations", index=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("form", String(10), nullable=False, comment="tiendo, teams or text"),
    Column("events", Json, nullable=False),
    Column("secret", Text, nullable=False, comment="what deliveries are signed with"),
    Column("made_at", Moment, nullable=False),
    Column("removed_at", Moment),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    own_id(),
    id_of("webhooks", index=True),
    Column("message_id", String(60), nullable=False, unique=True),
    Column("event", String(40), nullable=False),
    Column("body", Json, nullable=False, comment="the event as it was when it happened"),
    Column("state", String(10), nullable=False, comment="waiting, sent or failed"),
    Column("made_at", Moment, nullable=False),
    Column("next_at", Moment, comment="real time, not the organisation's; none for at once"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("status", Integer, comment="the receiver's last answer"),
    Column("error", Text, nullable=False, server_default=""),
    Column("sent_at", Moment),
    Index(
        "ix_webhook_deliveries_waiting",
        "webhook_id",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    comment="one row is one event to tell one webhook, written with the fact",
)
