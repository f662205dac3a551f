"""What every table is made with: the metadata, ids and references; settings of the data, and the log."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, Text, UniqueConstraint

from workflow.storage.types import Json, Moment

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


def own_id() -> Column[int]:
    """The column of a row's own id."""
    return Column("id", Integer, primary_key=True)


def id_of(table: str, *, nullable: bool = False, index: bool = False, name: str = "") -> Column[int]:
    """A column that refers to a row of `table`, named for it in the singular or by `name`."""
    singular = name or f"{table.removesuffix('s')}_id"
    return Column(singular, ForeignKey(f"{table}.id"), nullable=nullable, index=index)


deployment = Table(
    "deployment",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    comment="Settings that belong to the data, such as the demo's clock.",
)

audit = Table(
    "audit",
    metadata,
    own_id(),
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
