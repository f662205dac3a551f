"""Writes that mean the same on SQLite and PostgreSQL: many statements at once, upserts, and inserts that skip
existing rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

from sqlalchemy import Connection, Table, TextClause, UpdateBase, create_mock_engine
from sqlalchemy.dialects import postgresql, sqlite

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
        if single := [(_compiled(statement, tuple(row)), row) for statement, rows in todo for row in rows]:
            tx.exec_driver_sql(_joined(tuple(one for one, _ in single)), _numbered(single))
    else:
        with tx.connection.driver_connection.pipeline():  # type: ignore[union-attr]
            for statement, rows in todo:
                tx.execute(statement, list(rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Compiled:
    """A statement in PostgreSQL's words, its parameters between `%(` and `)s`."""

    words: str
    fixed: dict[str, Any]
    bound: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    """Each parameter's name, and what turns its value into the driver's."""


@cache
def _compiled(statement: UpdateBase, columns: tuple[str, ...]) -> _Compiled:
    compiled = statement.compile(dialect=_POSTGRESQL, column_keys=columns)
    fixed = compiled.params
    bound = tuple(
        (name, parameter.type.dialect_impl(_POSTGRESQL).bind_processor(_POSTGRESQL))
        for parameter, name in compiled.bind_names.items()
    )
    return _Compiled(str(compiled), {name: fixed[name] for name, _ in bound}, bound)


@lru_cache(maxsize=256)
def _joined(parts: tuple[_Compiled, ...]) -> str:
    """The statements as one, each but the last a CTE; the parameters of each numbered apart, and shortly:
    psycopg keeps no words above 4,096 characters."""
    shortened = []
    for place, part in enumerate(parts):
        places = {name: n for n, (name, _) in enumerate(part.bound)}
        shortened.append(_PARAMETER.sub(partial(_short, place, places), part.words))
    *first, last = shortened
    beside = ", ".join(f"w{place} AS ({words})" for place, words in enumerate(first))
    return f"WITH {beside} {last}" if first else last


def _short(place: int, places: dict[str, int], found: re.Match[str]) -> str:
    return f"%(p{place}_{places[found[1]]})s"


def _numbered(single: Sequence[tuple[_Compiled, dict[str, Any]]]) -> dict[str, Any]:
    found = {}
    for place, (one, row) in enumerate(single):
        for n, (name, process) in enumerate(one.bound):
            value = row[name] if name in row else one.fixed[name]
            found[f"p{place}_{n}"] = process(value) if process else value
    return found


_POSTGRESQL = create_mock_engine("postgresql+psycopg://", lambda *_: None).dialect
_PARAMETER = re.compile(r"%\((\w+)\)s")
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
