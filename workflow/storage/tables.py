"""Every table, in the design's words. A migration follows each change here (`tests/storage` compares)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from workflow.storage.types import Json, Moment, PeriodLabel

LEAD = "lead"
COORDINATING = "coordinating"
CONFIRMING = "confirming"
"""What a unit is to an item (`item_units`: leads or coordinates) and to a cycle (`cycle_units`: leads or is
to confirm)."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _of(table: str, *, nullable: bool = False, index: bool = False, name: str = "") -> Column[int]:
    singular = name or f"{table.removesuffix('s')}_id"
    return Column(singular, ForeignKey(f"{table}.id"), nullable=nullable, index=index)


deployment = Table(
    "deployment",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    comment="Settings that belong to the data, such as the demo's clock.",
)

organisations = Table(
    "organisations",
    metadata,
    _id(),
    Column("slug", String(80), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("superior_id", ForeignKey("organisations.id"), comment="whose rollups its closed figures go into"),
    Column("is_party", Boolean, nullable=False),
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
    _id(),
    _of("organisations"),
    Column("slug", String(80), nullable=False),
    Column("name", Text, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("is_committee", Boolean, nullable=False),
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
    _id(),
    _of("organisations"),
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

plans = Table(
    "plans",
    metadata,
    _id(),
    _of("organisations"),
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
    _id(),
    _of("plans"),
    Column("code", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("declared", Json, nullable=False),
    Column("position", Integer, nullable=False),
)

items = Table(
    "items",
    metadata,
    _id(),
    _of("plans"),
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
    _id(),
    _of("items"),
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
    _id(),
    _of("items", index=True),
    _of("parts", nullable=True),
    _of("units"),
    Column("role", String(20), nullable=False, comment="lead or coordinating"),
    Column("position", Integer, nullable=False, comment="among the units of its role"),
)

item_leaders = Table(
    "item_leaders",
    metadata,
    _id(),
    _of("items", index=True),
    _of("parts", nullable=True),
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
    _id(),
    _of("items", index=True),
    _of("parts", nullable=True),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("value", Numeric(20, 4), nullable=False),
    Column("upper", Numeric(20, 4)),
    Column("comparison", String(20), nullable=False),
    Column("measure", Text, nullable=False),
    Column("scope", Text, nullable=False),
)

rules = Table(
    "rules",
    metadata,
    _id(),
    _of("organisations"),
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
    _id(),
    _of("plans"),
    _of("rules", name="rules_id"),
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
    UniqueConstraint("plan_id", "code"),
)

planned_periods = Table(
    "planned_periods",
    metadata,
    _id(),
    _of("plans"),
    Column("code", String(20), nullable=False),
    Column("dates", Json, comment="the office's own dates; none where the rules' hold"),
    Column("is_held", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person_id", ForeignKey("persons.id"), comment="none where it was said at the command line"),
    Column("at", Moment, nullable=False),
    UniqueConstraint("plan_id", "code"),
    comment="what the office said last of a period before it opens; the audit log has it all",
)

schedule_notices = Table(
    "schedule_notices",
    metadata,
    _id(),
    _of("plans"),
    Column("code", String(20), nullable=False),
    Column("about", String(10), nullable=False),
    Column("text", Text, nullable=False, comment="what went wrong, where something did"),
    Column("at", Moment, nullable=False),
    UniqueConstraint("plan_id", "code", "about"),
    comment="what the office was told of a period by its schedule; each once",
)

cycles = Table(
    "cycles",
    metadata,
    _id(),
    _of("periods", index=True),
    _of("items"),
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
    _id(),
    _of("cycles", index=True),
    Column("duty", String(10), nullable=False),
    Column("unit_id", ForeignKey("units.id"), index=True),
    Column("person_id", ForeignKey("persons.id"), index=True),
    Column("since", Moment, nullable=False),
    comment="who owes what now; written only by routing, a consequence of facts",
)

submissions = Table(
    "submissions",
    metadata,
    _id(),
    _of("cycles"),
    Column("version", Integer, nullable=False),
    _of("units"),
    _of("persons"),
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
    UniqueConstraint("cycle_id", "version"),
)

confirmations = Table(
    "confirmations",
    metadata,
    _id(),
    _of("cycles", index=True),
    Column("version", Integer, nullable=False),
    _of("units"),
    _of("persons"),
    Column("verdict", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("acted_for", ForeignKey("persons.id"), comment="the absent person in whose place it was said"),
)

ballots = Table(
    "ballots",
    metadata,
    _id(),
    _of("cycles", index=True),
    Column("version", Integer, nullable=False),
    _of("persons"),
    Column("choice", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("acted_for", ForeignKey("persons.id"), comment="the absent member whose vote it is"),
    comment="cast by link; those on paper are paper_ballots",
)

paper_ballots = Table(
    "paper_ballots",
    metadata,
    _id(),
    _of("cycles", index=True),
    Column("version", Integer, nullable=False),
    _of("persons"),
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
    _of("persons"),
    Column("at", Moment, nullable=False),
    comment="a second person found the entry to be what the paper says: from then on it counts",
)

orders = Table(
    "orders",
    metadata,
    _id(),
    _of("cycles", index=True),
    Column("kind", String(10), nullable=False, comment="recall, reopen, withdraw or reassign"),
    Column("version", Integer, nullable=False),
    _of("persons"),
    Column("acted_for", ForeignKey("persons.id")),
    Column("reason", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("at", Moment, nullable=False),
    comment="what was ordered about a cycle beside its reports and votes; only ever added to",
)

substitutions = Table(
    "substitutions",
    metadata,
    _id(),
    _of("persons", index=True),
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

attachments = Table(
    "attachments",
    metadata,
    _id(),
    _of("submissions", index=True),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes"),
)

difficulties = Table(
    "difficulties",
    metadata,
    _id(),
    _of("cycles", index=True),
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
    _id(),
    Column("difficulty_id", ForeignKey("difficulties.id"), nullable=False),
    Column("number", Integer, nullable=False, comment="counts the steps of one difficulty from 1"),
    Column("step", String(10), nullable=False),
    _of("persons"),
    Column("text", Text, nullable=False),
    Column("details", Json, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("difficulty_id", "number"),
    comment="what happened to a difficulty; only ever added to",
)

escalations = Table(
    "escalations",
    metadata,
    _id(),
    _of("cycles"),
    Column("matter", String(10), nullable=False, comment="a duty, or difficulty"),
    Column("number", Integer, nullable=False, comment="the version owed on, or the difficulty"),
    Column("step", String(20), nullable=False, comment="who is told, and after how many days: head-2"),
    _of("persons", index=True),
    Column("last_day", Date, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("cycle_id", "matter", "number", "step", "person_id"),
    comment="who was told of what is late; each step of the ladder once",
)

links = Table(
    "links",
    metadata,
    _id(),
    Column("token_sha256", String(64), nullable=False, unique=True),
    _of("persons", index=True),
    Column("purpose", String(20), nullable=False),
    _of("periods", nullable=True),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

link_uses = Table(
    "link_uses",
    metadata,
    _id(),
    _of("links", index=True),
    Column("at", Moment, nullable=False),
    Column("act", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    _id(),
    _of("persons"),
    _of("periods", index=True),
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

plan_offers = Table(
    "plan_offers",
    metadata,
    _id(),
    _of("organisations", index=True),
    _of("persons"),
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

codes = Table(
    "codes",
    metadata,
    _id(),
    _of("persons", index=True),
    _of("periods"),
    Column("browser_sha256", String(64), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("salt", String(32), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default="", comment="empty until it is mailed"),
    Column("expires_at", Moment, comment="of the code, then of the trust that entering it gave"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("entered_at", Moment),
    comment="one-time codes mailed to a person, for one browser",
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("message_id", String(120), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    _of("organisations"),
    _of("periods", nullable=True),
    _of("persons"),
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

results = Table(
    "results",
    metadata,
    _id(),
    _of("periods", index=True),
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
    _of("periods", index=True),
    _of("organisations"),
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
    Column("expected", Text, nullable=False, comment="exact decimals: SQLite has no numbers for them"),
    Column("reached", Text),
    Column("weight", Text),
    Column("before", Text, nullable=False, comment="what the year's earlier periods add"),
    comment="targets of approved reports",
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

score_entries = Table(
    "score_entries",
    metadata,
    _id(),
    _of("periods", index=True),
    _of("units"),
    Column("kind", String(12), nullable=False, comment="initiative, extra, adjustment or self"),
    Column("code", String(40), nullable=False, comment="of the criterion, or the kind of bonus or deduction"),
    Column("points", Numeric(10, 4), nullable=False, server_default="0"),
    Column("text", Text, nullable=False, comment="what is claimed, or the reason"),
    Column("evidence", Text, nullable=False, server_default=""),
    _of("persons"),
    Column("at", Moment, nullable=False),
    comment="what people entered about a unit's score; only ever added to",
)

score_decisions = Table(
    "score_decisions",
    metadata,
    Column("entry_id", ForeignKey("score_entries.id"), primary_key=True),
    Column("minutes", Text, nullable=False, comment="number of the meeting's minutes"),
    Column("met_on", Date, nullable=False),
    Column("members", Json, nullable=False, comment="the council: persons entitled to vote"),
    _of("persons"),
    Column("at", Moment, nullable=False),
    comment="the council's vote on an entry, as the office entered it from the minutes; once",
)

score_ballots = Table(
    "score_ballots",
    metadata,
    Column("entry_id", ForeignKey("score_entries.id"), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("choice", String(10), nullable=False),
)

report_issues = Table(
    "report_issues",
    metadata,
    _id(),
    _of("organisations"),
    _of("periods"),
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
    _id(),
    _of("organisations"),
    _of("periods"),
    Column("number", Text, nullable=False, comment="as printed: 03-BB/ĐU"),
    Column("number_key", String(80), nullable=False, comment="what numbers of a year are compared by"),
    Column("year", Integer, nullable=False),
    Column("dated_on", Date, nullable=False),
    _of("persons"),
    Column("at", Moment, nullable=False),
    UniqueConstraint("period_id"),
    UniqueConstraint("organisation_id", "year", "number_key"),
    comment="the number and day of the minutes of a period's votes",
)

report_drafts = Table(
    "report_drafts",
    metadata,
    _id(),
    _of("report_issues"),
    Column("version", Integer, nullable=False),
    Column("results_version", Integer, nullable=False, comment="the figures it speaks of"),
    Column("passages", Json, nullable=False),
    Column("sha256", String(64), nullable=False),
    _of("persons", nullable=True),
    Column("at", Moment, nullable=False),
    UniqueConstraint("report_issue_id", "version"),
    comment="the text of a report, version by version; only ever added to",
)

report_approvals = Table(
    "report_approvals",
    metadata,
    _id(),
    _of("report_issues", index=True),
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
    _id(),
    _of("report_approvals", index=True),
    Column("member_id", ForeignKey("persons.id"), nullable=False),
    _of("persons"),
    Column("choice", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    comment="what a member, or who stands in for one, said of a draft; of several the last stands",
)

sittings = Table(
    "sittings",
    metadata,
    _id(),
    _of("periods", index=True),
    Column("matter", String(16), nullable=False, comment="scores or commendations"),
    Column("until", Date, nullable=False, comment="the last day for ballots"),
    Column("members", Json, nullable=False, comment="the council: persons entitled to vote"),
    Column("is_secret", Boolean, nullable=False),
    Column("opened_by", ForeignKey("persons.id"), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", ForeignKey("persons.id"), comment="none where all had voted, or the day was over"),
    comment="the emulation council asked by link",
)

motions = Table(
    "motions",
    metadata,
    _id(),
    _of("sittings", index=True),
    Column("position", Integer, nullable=False),
    Column("subject", String(80), nullable=False, comment="what it is about; once in an undecided sitting"),
    Column("entry_id", ForeignKey("score_entries.id"), index=True, comment="of a motion about scores"),
    Column("title", Text, nullable=False),
    Column("details", Json, nullable=False, comment="what the members were shown"),
    Column("rule", Json, nullable=False, comment="more_than, of, quorum"),
    Column("is_carried", Boolean, comment="none until the sitting is closed"),
    Column("counted", Json, comment="ballots of each kind, when the sitting was closed"),
)

sitting_turnouts = Table(
    "sitting_turnouts",
    metadata,
    Column("sitting_id", ForeignKey("sittings.id"), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("at", Moment, nullable=False, comment="of the member's last ballots"),
    comment="who has voted, whatever they voted",
)

motion_ballots = Table(
    "motion_ballots",
    metadata,
    _id(),
    _of("motions", index=True),
    _of("persons"),
    Column("choice", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    comment="of a named vote; the last one of each member stands",
)

motion_counts = Table(
    "motion_counts",
    metadata,
    Column("motion_id", ForeignKey("motions.id"), primary_key=True),
    Column("choice", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
    comment="of a secret vote: how many, never who",
)

commendation_entries = Table(
    "commendation_entries",
    metadata,
    _id(),
    _of("periods", index=True),
    Column("award", String(40), nullable=False, comment="the commendation's code"),
    _of("units"),
    Column("name", Text, nullable=False, comment="of a person; empty for the unit itself"),
    Column("title", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False, comment="the reason"),
    Column("evidence", Text, nullable=False, server_default=""),
    _of("persons"),
    Column("at", Moment, nullable=False),
    comment="who was put forward by hand, by the office or the unit; only ever added to",
)

reports = Table(
    "reports",
    metadata,
    _id(),
    _of("periods", index=True),
    _of("report_issues"),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
)

manifests = Table(
    "manifests",
    metadata,
    _id(),
    _of("periods"),
    Column("number", Integer, nullable=False),
    Column("body", Json, nullable=False, comment="hashes of every fact, rule, result and file"),
    Column("sha256", String(64), nullable=False),
    Column("signature", Text, nullable=False, comment="base64, by the kind of key"),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("period_id", "number"),
    comment="what a closed period was locked with; each names the one before it",
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    _of("organisations", index=True),
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

webhooks = Table(
    "webhooks",
    metadata,
    _id(),
    _of("organisations", index=True),
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
    _id(),
    _of("webhooks", index=True),
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

signing_keys = Table(
    "signing_keys",
    metadata,
    _id(),
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
    _id(),
    _of("organisations"),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Json, nullable=False, comment="the chains' heads that moved since the one before"),
    Column("sha256", String(64), nullable=False, comment="of the body; this is what is mailed"),
    Column("signature", Text, nullable=False, comment="base64, by the kind of key"),
    UniqueConstraint("organisation_id", "number"),
    comment="where the audit log stood, day by day; each names the one before it",
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("chain", String(40), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person_id", ForeignKey("persons.id")),
    Column("verb", String(40), nullable=False),
    Column("details", Json, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("chain", "seq"),
)
