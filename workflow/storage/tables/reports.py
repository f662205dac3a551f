"""Issued reports: drafts, approval, numbers and files."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

report_issues = Table(
    "report_issues",
    metadata,
    own_id(),
    id_of("organisations"),
    id_of("periods"),
    Column("sequence", Integer, nullable=False, comment="1 is the period's first report"),
    Column("kind", String(12), nullable=False, comment="first, replacement or correction"),
    Column("because", Text, nullable=False, comment="why it replaces the one before"),
    Column("recipients", Json, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("begun_by", ForeignKey("persons.id")),
    Column("number", Text, nullable=False, server_default="", comment="as printed: 12-BC/ĐU"),
    Column("number_key", String(80), comment="what numbers of a year are compared by"),
    Column("year", Integer),
    Column("dated_on", Date),
    Column("draft_version", Integer, comment="the version that was issued"),
    Column("issued_at", Moment),
    Column("issued_by", ForeignKey("persons.id")),
    Column("recalled_at", Moment),
    Column("recalled_by", ForeignKey("persons.id")),
    Column("recall_reason", Text, nullable=False, server_default=""),
    UniqueConstraint("period_id", "sequence"),
    UniqueConstraint("organisation_id", "year", "number_key"),
    comment="a period's report as one document, from its first draft to its recall",
)

minutes_numbers = Table(
    "minutes_numbers",
    metadata,
    own_id(),
    id_of("organisations"),
    id_of("periods"),
    Column("number", Text, nullable=False, comment="as printed: 03-BB/ĐU"),
    Column("number_key", String(80), nullable=False, comment="what numbers of a year are compared by"),
    Column("year", Integer, nullable=False),
    Column("dated_on", Date, nullable=False),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    UniqueConstraint("period_id"),
    UniqueConstraint("organisation_id", "year", "number_key"),
    comment="the number and day of the minutes of a period's votes",
)

report_drafts = Table(
    "report_drafts",
    metadata,
    own_id(),
    id_of("report_issues"),
    Column("version", Integer, nullable=False),
    Column("results_version", Integer, nullable=False, comment="the figures it speaks of"),
    Column("passages", Json, nullable=False),
    Column("sha256", String(64), nullable=False),
    id_of("persons", nullable=True),
    Column("at", Moment, nullable=False),
    UniqueConstraint("report_issue_id", "version"),
    comment="the text of a report, version by version; only ever added to",
)

report_approvals = Table(
    "report_approvals",
    metadata,
    own_id(),
    id_of("report_issues", index=True),
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, comment="of the draft that was read"),
    Column("approval", String(12), nullable=False, comment="chair or committee"),
    Column("roll", Json, nullable=False, comment="who decides: members, chair"),
    Column("asked_by", ForeignKey("persons.id"), nullable=False),
    Column("asked_at", Moment, nullable=False),
    comment="a version of a draft put before those who approve it",
)

report_ballots = Table(
    "report_ballots",
    metadata,
    own_id(),
    id_of("report_approvals", index=True),
    Column("member_id", ForeignKey("persons.id"), nullable=False),
    id_of("persons"),
    Column("choice", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    comment="what a member, or who stands in for one, said of a draft; of several the last stands",
)

reports = Table(
    "reports",
    metadata,
    own_id(),
    id_of("periods", index=True),
    id_of("report_issues"),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
)
