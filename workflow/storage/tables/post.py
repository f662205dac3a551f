"""The outbox: what is to be told, and what became of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

outbox = Table(
    "outbox",
    metadata,
    own_id(),
    Column("message_id", String(120), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    id_of("organisations"),
    id_of("periods", nullable=True),
    id_of("persons"),
    Column("context", Json, nullable=False),
    Column(
        "state", String(10), nullable=False, comment="waiting, sending, retry, sent, void, failed, bounced"
    ),
    Column("made_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column(
        "doubts",
        Integer,
        nullable=False,
        server_default="0",
        comment="times a sender died between sending and saying so",
    ),
    Column("sent_at", Moment),
    Column("address", Text, nullable=False, server_default="", comment="where it was sent"),
    Column("undelivered_at", Moment, comment="when it was given up, or came back"),
    Column("error", Text, nullable=False, server_default=""),
    Index(
        "uq_outbox_one_waiting",
        "period_id",
        "person_id",
        "kind",
        unique=True,
        sqlite_where=text("state = 'waiting' AND kind IN ('digest', 'escalation', 'office')"),
        postgresql_where=text("state = 'waiting' AND kind IN ('digest', 'escalation', 'office')"),
    ),
    Index(
        "uq_outbox_one_schedule",
        "person_id",
        unique=True,
        sqlite_where=text("state = 'waiting' AND kind = 'schedule'"),
        postgresql_where=text("state = 'waiting' AND kind = 'schedule'"),
    ),
    Index("ix_outbox_state_not_before", "state", "not_before"),
    Index("ix_outbox_person_id_kind", "person_id", "kind"),
)
