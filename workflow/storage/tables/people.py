"""Organisations, their directory, who stands in for whom; the keys of values that name a person."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

organisations = Table(
    "organisations",
    metadata,
    own_id(),
    Column("slug", String(80), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("superior_id", ForeignKey("organisations.id"), comment="whose rollups its closed figures go into"),
    Column("kind", String(30), nullable=False, comment="of domain.people.organisations"),
    Column("zone", String(60), nullable=False),
    Column("days_off", Json, nullable=False),
    Column("days_worked", Json, nullable=False),
    Column(
        "has_webhooks",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="whether anyone is to be told of events",
    ),
    Column("letterhead", Json, comment="superior body, place, signature and template of its reports"),
    Column("report_recipients", Json, comment="who reports go to, as the office saved it last"),
    Column("audit_seq", Integer, nullable=False, server_default="0"),
    Column("audit_hash", String(64), nullable=False, server_default=""),
)

units = Table(
    "units",
    metadata,
    own_id(),
    id_of("organisations"),
    Column("slug", String(80), nullable=False),
    Column("name", Text, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("is_committee", Boolean, nullable=False),
    Column(
        "body",
        String(20),
        nullable=False,
        server_default="committee",
        comment="where it votes: committee or council",
    ),
    Column("cluster", Text, nullable=False, server_default=""),
    Column("is_active", Boolean, nullable=False),
    UniqueConstraint("organisation_id", "slug"),
)

unit_members = Table(
    "unit_members",
    metadata,
    Column("group_id", ForeignKey("units.id"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
)

persons = Table(
    "persons",
    metadata,
    own_id(),
    id_of("organisations"),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    Column("is_active", Boolean, nullable=False),
    Column(
        "is_outside",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="not of the directory: an address issued reports are sent to",
    ),
    UniqueConstraint("organisation_id", "email"),
)

roles = Table(
    "roles",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Index("ix_roles_unit_id_role", "unit_id", "role"),
)

private_values = Table(
    "private_values",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), index=True, comment="none of an address outside"),
    Column("salt", String(32), nullable=False),
    Column("value", Text, nullable=False),
    comment="what the log says of a person only by its salted hash, so that it can be erased",
)

substitutions = Table(
    "substitutions",
    metadata,
    own_id(),
    id_of("persons", index=True),
    Column("substitute_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False, comment="the last day, included"),
    Column("votes", Boolean, nullable=False, comment="whether the substitute also votes"),
    Column("made_by", ForeignKey("persons.id")),
    Column("made_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("begun_at", Moment, comment="when the substitute was told that it began"),
    Column("ended_at", Moment, comment="when the person was told that it ended"),
    comment="who stands in for whom, by day",
)
