"""Entries about scores, the council's sittings and votes, commendations."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Numeric, String, Table, Text

from workflow.storage.tables.base import id_of, metadata, own_id
from workflow.storage.types import Json, Moment

score_reviews = Table(
    "score_reviews",
    metadata,
    own_id(),
    id_of("periods", index=True),
    id_of("units"),
    Column(
        "code", String(40), nullable=False, comment="of the criterion, bonus or deduction; empty: the whole"
    ),
    Column("text", Text, nullable=False, comment="the reason"),
    Column("evidence", Json, nullable=False, comment="files: sha256, name, media_type, size"),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    comment="a unit's request that the council look again at its score; answered by entries that name it",
)

score_entries = Table(
    "score_entries",
    metadata,
    own_id(),
    id_of("periods", index=True),
    id_of("units"),
    Column("kind", String(12), nullable=False, comment="initiative, extra, adjustment, self or uphold"),
    Column("code", String(40), nullable=False, comment="of the criterion, or the kind of bonus or deduction"),
    Column("points", Numeric(10, 4), nullable=False, server_default="0"),
    Column("text", Text, nullable=False, comment="what is claimed, or the reason"),
    Column("evidence", Text, nullable=False, server_default=""),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    Column("review_id", ForeignKey("score_reviews.id"), comment="the request for a review that it answers"),
    comment="what people entered about a unit's score; only ever added to",
)

score_decisions = Table(
    "score_decisions",
    metadata,
    Column("entry_id", ForeignKey("score_entries.id"), primary_key=True),
    Column("minutes", Text, nullable=False, comment="number of the meeting's minutes"),
    Column("met_on", Date, nullable=False),
    Column("members", Json, nullable=False, comment="the council: persons entitled to vote"),
    id_of("persons"),
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

sittings = Table(
    "sittings",
    metadata,
    own_id(),
    id_of("periods", index=True),
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
    own_id(),
    id_of("sittings", index=True),
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
    own_id(),
    id_of("motions", index=True),
    id_of("persons"),
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

nominations = Table(
    "nominations",
    metadata,
    own_id(),
    id_of("periods", index=True),
    Column("kind", String(12), nullable=False, comment="collective, person or model"),
    Column("award", Text, nullable=False, comment="the commendation asked for, in words"),
    Column("unit_id", ForeignKey("units.id"), comment="none for a body outside the organisation"),
    Column("outside", Text, nullable=False, comment="the body's name, where it is no unit"),
    Column("name", Text, nullable=False, comment="of a person or model; empty for a collective"),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False, comment="the achievement, or what the model is"),
    Column("why", Text, nullable=False, comment="the occasion, or why it is worth copying"),
    Column("evidence", Text, nullable=False),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    comment="ad hoc proposals for commendations, and models worth copying; only ever added to",
)

award_requests = Table(
    "award_requests",
    metadata,
    own_id(),
    id_of("periods", index=True),
    Column("addressee", Text, nullable=False),
    Column("text", Text, nullable=False, comment="the grounds"),
    Column("recipients", Json, nullable=False),
    Column("lines", Json, nullable=False, comment="the list: award, who, title, body, text"),
    Column("number", Text, nullable=False, comment="as printed; empty: written by hand"),
    Column("number_key", String(80), nullable=False, comment="what numbers of a year are compared by"),
    Column("year", Integer, nullable=False),
    Column("dated_on", Date),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    comment="submissions to the superior body that ask for commendations",
)

commendation_entries = Table(
    "commendation_entries",
    metadata,
    own_id(),
    id_of("periods", index=True),
    Column("award", String(40), nullable=False, comment="the commendation's code"),
    id_of("units"),
    Column("name", Text, nullable=False, comment="of a person; empty for the unit itself"),
    Column("title", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False, comment="the reason"),
    Column("evidence", Text, nullable=False, server_default=""),
    id_of("persons"),
    Column("at", Moment, nullable=False),
    comment="who was put forward by hand, by the office or the unit; only ever added to",
)
