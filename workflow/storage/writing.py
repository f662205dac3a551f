"""Inserts that mean the same on SQLite and PostgreSQL: upserts, and inserts that yield to what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, TextClause
from sqlalchemy.dialects import postgresql, sqlite


def _insert(tx: Connection, table: Table) -> Any:
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


@contextmanager
def sent_together(tx: Connection) -> Iterator[None]:
    """On PostgreSQL, what is executed within goes to the server in one go (libpq's pipeline mode), for
    statements that give nothing back; an error is raised at the end of the block."""
    if tx.dialect.name != "postgresql":
        yield
        return
    with tx.connection.driver_connection.pipeline():  # type: ignore[union-attr]
        yield


def upsert(tx: Connection, table: Table, rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> None:
    """Inserts the rows; where one with the same keys is there, its other columns are set anew."""
    if not rows:
        return
    statement = _insert(tx, table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = (
        statement.on_conflict_do_update(index_elements=keys, set_=changed)
        if changed
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    tx.execute(statement, list(rows))


def insert_new(
    tx: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    keys: Sequence[str],
    where: TextClause | None = None,
) -> None:
    """Inserts the rows that are not there yet, by the unique index over `keys` (partial: `where`)."""
    if rows:
        statement = _insert(tx, table).inline().on_conflict_do_nothing(index_elements=keys, index_where=where)
        tx.execute(statement, list(rows))
