"""Plans, their items and uploaded offers."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

plans = Table(
    "plans",
    metadata,
    own_id(),
    id_of("organisations"),
    Column("number", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("issued_on", Date),
    Column("issuer", Text, nullable=False),
    Column("source_name", Text, nullable=False),
    Column("source_sha256", String(64), nullable=False),
    Column("loaded_at", Moment, nullable=False),
    Column("findings", Json, nullable=False),
)

sections = Table(
    "sections",
    metadata,
    own_id(),
    id_of("plans"),
    Column("code", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("declared", Json, nullable=False),
    Column("position", Integer, nullable=False),
)

items = Table(
    "items",
    metadata,
    own_id(),
    id_of("plans"),
    Column("code", String(40), nullable=False),
    Column("number", String(40)),
    Column(
        "position",
        BigInteger,
        nullable=False,
        comment="the plan's own order; with room between, so that a row stays where it is when others come",
    ),
    Column("section_codes", Json, nullable=False),
    Column("section_titles", Json, nullable=False),
    Column("content", Text, nullable=False),
    Column("leaders", Json, nullable=False, comment="as printed; item_leaders has who they are"),
    Column("lead_units", Json, nullable=False, comment="as printed; item_units has what they mean"),
    Column("coordinating_units", Json, nullable=False, comment="as printed"),
    Column("coordinating_text", Text, nullable=False),
    Column("start_text", Text, nullable=False),
    Column("start", Json),
    Column("deadline_text", Text, nullable=False),
    Column("deadline", Json),
    Column("due", Date),
    Column("result", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column(
        "folded",
        Text,
        nullable=False,
        server_default="",
        comment="what a search looks into: code, content, leaders and units, without diacritics",
    ),
    Column("withdrawn_at", Moment, comment="no longer the plan's; kept for the cycles that were about it"),
    Column("replaced_by", ForeignKey("items.id"), comment="the row that says how the item reads now"),
    Index(
        "uq_items_current_code",
        "plan_id",
        "code",
        unique=True,
        sqlite_where=text("withdrawn_at IS NULL"),
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
)

parts = Table(
    "parts",
    metadata,
    own_id(),
    id_of("items"),
    Column("code", String(40), nullable=False),
    Column("position", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("leaders", Json, nullable=False, comment="as printed; item_leaders has who they are"),
    Column("lead_units", Json, nullable=False, comment="as printed; item_units has what they mean"),
    Column("coordinating_units", Json, nullable=False, comment="as printed"),
    Column("coordinating_text", Text, nullable=False),
    Column("start_text", Text, nullable=False),
    Column("start", Json),
    Column("deadline_text", Text, nullable=False),
    Column("deadline", Json),
    Column("due", Date),
    Column("result", Text, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("item_id", "code"),
)

item_units = Table(
    "item_units",
    metadata,
    own_id(),
    id_of("items", index=True),
    id_of("parts", nullable=True),
    id_of("units"),
    Column("role", String(20), nullable=False, comment="lead or coordinating"),
    Column("position", Integer, nullable=False, comment="among the units of its role"),
)

item_leaders = Table(
    "item_leaders",
    metadata,
    own_id(),
    id_of("items", index=True),
    id_of("parts", nullable=True),
    Column("position", Integer, nullable=False, comment="among the leaders printed in the row"),
    Column(
        "person_id",
        ForeignKey("persons.id"),
        index=True,
        comment="none where somebody said that the leader is no one of the directory",
    ),
    comment="who the printed leaders are, where that is known; names are only shown",
)

targets = Table(
    "targets",
    metadata,
    own_id(),
    id_of("items", index=True),
    id_of("parts", nullable=True),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("value", Numeric(20, 4), nullable=False),
    Column("upper", Numeric(20, 4)),
    Column("comparison", String(20), nullable=False),
    Column("measure", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("kind", String(10), nullable=False, comment="what its values over periods make together"),
)

plan_offers = Table(
    "plan_offers",
    metadata,
    own_id(),
    id_of("organisations", index=True),
    id_of("persons"),
    Column("name", Text, nullable=False, comment="of the uploaded file"),
    Column("source_sha256", String(64), nullable=False, comment="of the uploaded file"),
    Column("form_sha256", String(64), nullable=False, comment="of the form as it is mended so far"),
    Column("is_document", Boolean, nullable=False, comment="brings no directory of its own"),
    Column("amending", Json, comment="how an amendment was laid over the running plan"),
    Column("running_sha256", String(64), nullable=False, comment="of the plan that ran at the upload"),
    Column("made_at", Moment, nullable=False),
    Column("accepted_at", Moment),
    comment="plans uploaded to be mended and accepted: never in force by themselves",
)

item_matches = Table(
    "item_matches",
    metadata,
    Column("organisation_id", ForeignKey("organisations.id"), primary_key=True, autoincrement=False),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("code", String(40), primary_key=True),
    Column("superior_code", String(40), nullable=False, comment="the superior's item; empty for none"),
    comment="items of a subordinate that have another code in the superior's plan",
)
