"""Writes that mean the same on SQLite and PostgreSQL: many statements at once, upserts, and inserts that skip
existing rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Connection,
    Insert,
    Table,
    TextClause,
    UpdateBase,
    bindparam,
    create_mock_engine,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.visitors import replacement_traverse

Writing = tuple[UpdateBase, Sequence[dict[str, Any]]]
"""A statement that returns no rows, and the parameters of each run of it."""


def write_together(tx: Connection, writings: Iterable[Writing]) -> None:
    """Runs the writings, in any order: no two of them may touch the same row.

    SQLite gets one after the other. PostgreSQL gets what a click writes as one statement (data-modifying
    CTEs), which spares the client and the server most of their work for it, and what a sweep writes in one
    go (libpq's pipeline mode; an error is raised at its end).
    """
    todo = [(statement, rows) for statement, rows in writings if rows]
    if tx.dialect.name != "postgresql":
        for statement, rows in todo:
            tx.execute(statement, list(rows))
    elif sum(len(rows) for _, rows in todo) <= AT_A_CLICK:
        if single := [(statement, row) for statement, rows in todo for row in rows]:
            tx.execute(
                _joined(tuple((statement, tuple(row)) for statement, row in single)),
                {
                    _name(place, n): value
                    for place, (_, row) in enumerate(single)
                    for n, value in enumerate(row.values())
                },
            )
    else:
        with tx.connection.driver_connection.pipeline():  # type: ignore[union-attr]
            for statement, rows in todo:
                tx.execute(statement, list(rows))


@lru_cache(maxsize=256)
def _joined(parts: tuple[tuple[UpdateBase, tuple[str, ...]], ...]) -> UpdateBase:
    """The statements, each with the columns it is given, as one: the last with the others as its CTEs."""
    *others, last = (_numbered(place, *part) for place, part in enumerate(parts))
    return last.add_cte(*(one.cte(f"w{place}") for place, one in enumerate(others)))


def _numbered(place: int, statement: UpdateBase, columns: tuple[str, ...]) -> UpdateBase:
    """The statement with its parameters named by its place and theirs, so that none meets another's; and
    shortly: psycopg keeps no words above 4,096 characters."""
    names = {column: _name(place, n) for n, column in enumerate(columns)}
    if isinstance(statement, Insert):
        return statement.values({column: bindparam(name) for column, name in names.items()})

    def renamed(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key in names:
            return bindparam(names[element.key], type_=element.type)
        return None

    return cast(UpdateBase, replacement_traverse(statement, {}, renamed))


def _name(place: int, n: int) -> str:
    return f"p{place}_{n}"


_POSTGRESQL = create_mock_engine("postgresql+psycopg://", lambda *_: None).dialect
AT_A_CLICK = 24
"""Rows written by one act of one person on a few cycles; more are a sweep's or an evening's work."""


def insert_many(tx: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts hundreds of new rows that all name the same columns; PostgreSQL gets them as one COPY, a tenth
    of the work of as many inserts."""
    if not rows:
        return
    if tx.dialect.name != "postgresql":
        tx.execute(table.insert(), list(rows))
        return
    names = tuple(rows[0])
    words, processes = _copying(table, names)
    with tx.connection.cursor() as cursor, cursor.copy(words) as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(
                [
                    process(row[name]) if process else row[name]
                    for name, process in zip(names, processes, strict=True)
                ]
            )


@cache
def _copying(table: Table, names: tuple[str, ...]) -> tuple[str, tuple[Callable[[Any], Any] | None, ...]]:
    quoted = _POSTGRESQL.identifier_preparer.quote
    columns = ", ".join(map(quoted, names))
    processes = (table.c[name].type.dialect_impl(_POSTGRESQL).bind_processor(_POSTGRESQL) for name in names)
    return f"COPY {quoted(table.name)} ({columns}) FROM STDIN", tuple(processes)


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def upsert(tx: Connection, table: Table, rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> None:
    """Inserts the rows; where a row with the same keys exists, its other columns are updated."""
    if not rows:
        return
    statement = _insert(tx.dialect.name, table)
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
) -> None:
    """Inserts the rows that are not there yet, by the unique index over `keys`."""
    if rows:
        tx.execute(inserting_new(tx.dialect.name, table, tuple(keys)), list(rows))


@cache
def inserting_new(
    dialect: str, table: Table, keys: tuple[str, ...], where: TextClause | None = None
) -> UpdateBase:
    """The insert that skips existing rows, by the unique index over `keys` (partial: `where`)."""
    inserting = _insert(dialect, table).inline()
    yielding: UpdateBase = inserting.on_conflict_do_nothing(index_elements=keys, index_where=where)
    return yielding
