"""Rules, and the periods that are pinned to them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, String, Table, Text, UniqueConstraint

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment, PeriodLabel

rules = Table(
    "rules",
    metadata,
    own_id(),
    id_of("organisations"),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("routing", Json, nullable=False),
    Column("scoring", Json, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("saved_at", Moment, nullable=False),
    UniqueConstraint("organisation_id", "sha256"),
)

periods = Table(
    "periods",
    metadata,
    own_id(),
    id_of("plans"),
    id_of("rules", name="rules_id"),
    Column("code", String(20), nullable=False),
    Column("label", PeriodLabel, nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("confirm_by", Date, nullable=False),
    Column("approve_by", Date, nullable=False),
    Column("cut_off", Date, nullable=False),
    Column("committee", Json, nullable=False, comment="the rolls when the period opened"),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column(
        "reopened_seen",
        String(64),
        nullable=False,
        server_default="",
        comment="the reopened cycles as they stood when the results were last compared with them",
    ),
    Column(
        "evaluation", Json, comment="what it is made from, where closed periods are: nobody reports in it"
    ),
    UniqueConstraint("plan_id", "code"),
)

planned_periods = Table(
    "planned_periods",
    metadata,
    own_id(),
    id_of("plans"),
    Column("code", String(20), nullable=False),
    Column("dates", Json, comment="the office's own dates; none where the rules' hold"),
    Column("is_held", Boolean, nullable=False),
    Column(
        "ticks",
        Json,
        nullable=False,
        server_default="{}",
        comment="items asked about (true) or left out (false) against the rules, by code",
    ),
    Column("reason", Text, nullable=False),
    Column("person_id", ForeignKey("persons.id"), comment="none where it was said at the command line"),
    Column("at", Moment, nullable=False),
    UniqueConstraint("plan_id", "code"),
    comment="what the office said last of a period before it opens; the audit log has it all",
)

schedule_notices = Table(
    "schedule_notices",
    metadata,
    own_id(),
    id_of("plans"),
    Column("code", String(20), nullable=False),
    Column("about", String(10), nullable=False),
    Column("text", Text, nullable=False, comment="what went wrong, where something did"),
    Column("at", Moment, nullable=False),
    UniqueConstraint("plan_id", "code", "about"),
    comment="what the office was told of a period by its schedule; each once",
)
