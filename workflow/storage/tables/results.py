"""What a closed period's results are kept as, and what proves them."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

results = Table(
    "results",
    metadata,
    own_id(),
    id_of("periods", index=True),
    Column("kind", String(20), nullable=False, comment="records, rollup, scores, commendations or manifest"),
    Column("version", Integer, nullable=False, server_default="1", comment="1 at the close; never changed"),
    Column("because", Text, nullable=False, server_default="", comment="why there is a later version"),
    Column("body", Json, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
)

kept_records = Table(
    "kept_records",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    id_of("periods", index=True),
    id_of("organisations"),
    Column("item_id", ForeignKey("items.id"), nullable=False, comment="the first row the plan had it in"),
    Column("code", String(40), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("as_of", Date, nullable=False, comment="the day the status is judged on"),
    Column("stage", String(24), nullable=False),
    Column("status", String(20), nullable=False),
    Column("precedence", Integer, nullable=False, comment="of an item's records, the least decides"),
    Column("kind", String(10), nullable=False),
    Column("section_codes", Json, nullable=False, comment="from the outermost in"),
    Column("section_titles", Json, nullable=False),
    Column("lead_unit_id", ForeignKey("units.id"), comment="the main one"),
    Column("due", Date),
    Column("done_on", Date, comment="the day an approved report says it was done"),
    Column("submitted", Integer, nullable=False, comment="this and what follows: 0 of a withdrawn cycle"),
    Column("reports_on_time", Integer, nullable=False),
    Column("returns_by_objection", Integer, nullable=False),
    Column("returns_by_committee", Integer, nullable=False),
    Column("figures", Integer, nullable=False, comment="of an approved report"),
    Column("figures_reached", Integer, nullable=False),
    Column("progress", Integer, comment="percent; of an approved report of something that arose"),
    comment="a closed period's records as its last results have them, to be summed; never a fact",
)

# These refer to cycles, not to `kept_records`: PostgreSQL plans a check once for a connection, and while that
# table is empty it plans to read the whole of it, for every row to come.
kept_leaders = Table(
    "kept_leaders",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False, comment="among the record's leaders"),
    Column("person_id", ForeignKey("persons.id"), comment="who it is, where that was known"),
    Column("name", Text, nullable=False, comment="as printed; what counts where the person is not known"),
)

kept_answers = Table(
    "kept_answers",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    Column("unit_id", ForeignKey("units.id"), primary_key=True),
    Column("verdict", String(10), nullable=False, comment="empty where the unit kept silent"),
    Column("deemed", Integer, nullable=False),
    Column("on_time", Integer, nullable=False),
)

kept_figures = Table(
    "kept_figures",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False, comment="among the item's targets"),
    Column("text", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("comparison", String(20), nullable=False),
    Column("aggregation", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("expected", Text, nullable=False, comment="exact decimals: SQLite has no numbers for them"),
    Column("reached", Text),
    Column("weight", Text),
    Column("before", Text, nullable=False, comment="what the year's earlier periods add"),
    comment="targets of approved reports",
)

manifests = Table(
    "manifests",
    metadata,
    own_id(),
    id_of("periods"),
    Column("number", Integer, nullable=False),
    Column("body", Json, nullable=False, comment="hashes of every fact, rule, result and file"),
    Column("sha256", String(64), nullable=False),
    Column("signature", Text, nullable=False, comment="base64, by the kind of key"),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("period_id", "number"),
    comment="what a closed period was locked with; each names the one before it",
)

unit_summaries = Table(
    "unit_summaries",
    metadata,
    own_id(),
    id_of("periods", index=True),
    id_of("units"),
    Column("text", Text, nullable=False, comment="what the unit says of the whole span"),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    comment="answers to an evaluated period's one question; only ever added to, the last one counts",
)

signing_keys = Table(
    "signing_keys",
    metadata,
    own_id(),
    Column("public_key", Text, nullable=False, unique=True, comment="PEM; the private half is never here"),
    Column("begun_at", Moment, nullable=False),
    Column("retired_at", Moment),
    Column("statement", Json, comment="what it had signed when it was retired"),
    Column("signature", Text, comment="of the statement, by the next key"),
    comment="the keys that manifests and anchors were signed with, the one in use last",
)

anchors = Table(
    "anchors",
    metadata,
    own_id(),
    id_of("organisations"),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Json, nullable=False, comment="the chains' heads that moved since the one before"),
    Column("sha256", String(64), nullable=False, comment="of the body; this is what is mailed"),
    Column("signature", Text, nullable=False, comment="base64, by the kind of key"),
    UniqueConstraint("organisation_id", "number"),
    comment="where the audit log stood, day by day; each names the one before it",
)
