"""Links, codes and API keys."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

links = Table(
    "links",
    metadata,
    own_id(),
    Column("token_sha256", String(64), nullable=False, unique=True),
    id_of("persons", index=True),
    Column("purpose", String(20), nullable=False),
    id_of("periods", nullable=True),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

link_uses = Table(
    "link_uses",
    metadata,
    own_id(),
    id_of("links", index=True),
    Column("at", Moment, nullable=False),
    Column("act", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
)

codes = Table(
    "codes",
    metadata,
    own_id(),
    id_of("persons", index=True),
    id_of("periods"),
    Column("browser_sha256", String(64), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("salt", String(32), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default="", comment="empty until it is mailed"),
    Column("expires_at", Moment, comment="of the code, then of the trust that entering it gave"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("entered_at", Moment),
    comment="one-time codes mailed to a person, for one browser",
)

api_tokens = Table(
    "api_tokens",
    metadata,
    own_id(),
    id_of("organisations", index=True),
    Column("name", Text, nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
    Column("last_used_from", Text, nullable=False, server_default=""),
    comment="keys of other systems",
)
