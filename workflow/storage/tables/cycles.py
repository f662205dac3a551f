"""One item in one period: seats, duties and every fact of it."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

cycles = Table(
    "cycles",
    metadata,
    own_id(),
    id_of("periods", index=True),
    id_of("items"),
    Column("stage", String(24), nullable=False),
    Column("stage_since", Moment, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("standing", Json, nullable=False, comment="what pages show of the routing: reasons, objections"),
    Column("withdrawn_at", Moment),
    Column("layers", Json, nullable=False, server_default="[]", comment="the rules' overrides that meet it"),
    Column("interests", Json, nullable=False, server_default="{}", comment="members with a part in it"),
    Column("flow_run_id", String(36)),
    Column("shown_stage", String(24), nullable=False, server_default=""),
    Column("audit_seq", Integer, nullable=False, server_default="0"),
    Column("audit_hash", String(64), nullable=False, server_default=""),
    UniqueConstraint("period_id", "item_id"),
    Index(
        "ix_cycles_not_shown",
        "id",
        sqlite_where=text("shown_stage != stage"),
        postgresql_where=text("shown_stage <> stage"),
    ),
)

cycle_units = Table(
    "cycle_units",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
    Column("role", String(20), primary_key=True, comment="lead or confirming; groups expanded"),
    Column("position", Integer, nullable=False),
)

duties = Table(
    "duties",
    metadata,
    own_id(),
    id_of("cycles", index=True),
    Column("duty", String(10), nullable=False),
    Column("unit_id", ForeignKey("units.id"), index=True),
    Column("person_id", ForeignKey("persons.id"), index=True),
    Column("since", Moment, nullable=False),
    comment="who owes what now; written only by routing, a consequence of facts",
)

submissions = Table(
    "submissions",
    metadata,
    own_id(),
    id_of("cycles"),
    Column("version", Integer, nullable=False),
    id_of("units"),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    Column("progress", Integer, nullable=False, comment="percent, 0 to 100"),
    Column("reported", String(20), nullable=False, comment="how the lead says the item stands"),
    Column("done_on", Date, comment="the day the item was finished, where it is"),
    Column("body", Text, nullable=False),
    Column("difficulties", Text, nullable=False),
    Column("proposals", Text, nullable=False),
    Column("figures", Json, nullable=False),
    Column("parts", Json, nullable=False),
    Column("acted_for", ForeignKey("persons.id"), comment="the absent person in whose place it was sent"),
    Column("touches", Json, comment="the units the change concerns; none where it concerns all"),
    Column(
        "oddities",
        Json,
        nullable=False,
        server_default="[]",
        comment="what was odd about it, and the reasons its unit gave",
    ),
    UniqueConstraint("cycle_id", "version"),
)

confirmations = Table(
    "confirmations",
    metadata,
    own_id(),
    id_of("cycles", index=True),
    Column("version", Integer, nullable=False),
    id_of("units"),
    id_of("persons"),
    Column("verdict", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("acted_for", ForeignKey("persons.id"), comment="the absent person in whose place it was said"),
)

ballots = Table(
    "ballots",
    metadata,
    own_id(),
    id_of("cycles", index=True),
    Column("version", Integer, nullable=False),
    id_of("persons"),
    Column("choice", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("acted_for", ForeignKey("persons.id"), comment="the absent member whose vote it is"),
    comment="cast by link; those on paper are paper_ballots",
)

paper_ballots = Table(
    "paper_ballots",
    metadata,
    own_id(),
    id_of("cycles", index=True),
    Column("version", Integer, nullable=False),
    id_of("persons"),
    Column("choice", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("scan_sha256", String(64), nullable=False),
    Column("scan_name", Text, nullable=False),
    Column("entered_by", ForeignKey("persons.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("struck_by", ForeignKey("persons.id"), comment="who struck a wrong entry out before it counted"),
    Column("struck_at", Moment),
    comment="a member's ballot on paper, as one person of the office entered it",
)

countersigns = Table(
    "countersigns",
    metadata,
    Column("paper_ballot_id", ForeignKey("paper_ballots.id"), primary_key=True),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    comment="a second person found the entry to be what the paper says: from then on it counts",
)

orders = Table(
    "orders",
    metadata,
    own_id(),
    id_of("cycles", index=True),
    Column(
        "kind",
        String(10),
        nullable=False,
        comment="recall, reopen, withdraw, reassign, extend, to-vote, second, drop",
    ),
    Column("version", Integer, nullable=False),
    id_of("persons"),
    Column("acted_for", ForeignKey("persons.id")),
    Column("reason", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Column("about", ForeignKey("orders.id"), unique=True, comment="the order it confirms or takes back"),
    comment="what was ordered about a cycle beside its reports and votes; only ever added to",
)

attachments = Table(
    "attachments",
    metadata,
    own_id(),
    id_of("submissions", index=True),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes"),
)

difficulties = Table(
    "difficulties",
    metadata,
    own_id(),
    id_of("cycles", index=True),
    Column("version", Integer, nullable=False, comment="the newest version of the report that has it"),
    Column("unit_id", ForeignKey("units.id"), nullable=False, comment="whose report raises it"),
    Column("text", Text, nullable=False),
    Column("proposal", Text, nullable=False),
    Column("raised_by", ForeignKey("persons.id"), nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("state", String(10), nullable=False, comment="what its steps amount to"),
    Column("replaced_by", ForeignKey("difficulties.id")),
    Column("responsible_unit_id", ForeignKey("units.id"), index=True),
    Column("due_on", Date, comment="the last day for the responsible unit"),
    Column("opinion", Text, nullable=False, server_default=""),
    Column("opined_by", ForeignKey("persons.id")),
    Column("opined_at", Moment),
    Column("done_at", Moment),
    Column("closed_at", Moment),
    Column("closing_note", Text, nullable=False, server_default=""),
)

difficulty_steps = Table(
    "difficulty_steps",
    metadata,
    own_id(),
    Column("difficulty_id", ForeignKey("difficulties.id"), nullable=False),
    Column("number", Integer, nullable=False, comment="counts the steps of one difficulty from 1"),
    Column("step", String(10), nullable=False),
    id_of("persons"),
    Column("text", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("difficulty_id", "number"),
    comment="what happened to a difficulty; only ever added to",
)

escalations = Table(
    "escalations",
    metadata,
    own_id(),
    id_of("cycles"),
    Column("matter", String(10), nullable=False, comment="a duty, or difficulty"),
    Column("number", Integer, nullable=False, comment="the version owed on, or the difficulty"),
    Column("step", String(20), nullable=False, comment="who is told, and after how many days: head-2"),
    id_of("persons", index=True),
    Column("last_day", Date, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("cycle_id", "matter", "number", "step", "person_id"),
    comment="who was told of what is late; each step of the ladder once",
)

drafts = Table(
    "drafts",
    metadata,
    own_id(),
    id_of("persons"),
    id_of("periods", index=True),
    Column("form", String(40), nullable=False, comment="report-{cycle}, confirm or vote"),
    Column("fields", Json, nullable=False),
    Column("writer", String(60), nullable=False, comment="the page that saved it"),
    Column("revision", Integer, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("other", Json, comment="what another page had saved and this one replaced unseen"),
    Column("other_at", Moment),
    UniqueConstraint("person_id", "period_id", "form"),
    comment="what is typed and not sent: never a fact",
)
