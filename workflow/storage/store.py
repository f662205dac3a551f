"""One database, by URL: SQLite (WAL) or PostgreSQL; transactions begin here and nowhere else."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from workflow.domain.errors import TiendoError
from workflow.storage.key_files import FILE_NAME, KeyFile
from workflow.storage.signing_keys import OPTION
from workflow.storage.tables import deployment
from workflow.storage.writing import insert_new

BUSY_SECONDS = 30
RESTED_SECONDS = 5


_SQLITE_BEGIN: ContextVar[str] = ContextVar("_SQLITE_BEGIN", default="BEGIN DEFERRED")


class Store:
    """A database tiendo keeps its facts in.

    `begin()` is for writing: on SQLite it takes the write lock at once, so that two writers queue instead
    of failing half-way. `reading()` is a snapshot that never writes.
    """

    def __init__(self, url: str, signing_key: KeyFile | None = None) -> None:
        """`signing_key` is the file of the key that manifests are signed with: on SQLite it lies beside the
        database where none is given; PostgreSQL has no folder, and signing then says what is missing."""
        self.url = url
        self.engine = _engine(url)
        if signing_key is None and self.engine.url.get_backend_name() == "sqlite":
            signing_key = KeyFile(Path(self.engine.url.database or "").parent / FILE_NAME)
        self.engine.update_execution_options(**{OPTION: signing_key})
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on any error."""
        with self.engine.connect() as connection:
            mode = _SQLITE_BEGIN.set("BEGIN IMMEDIATE")
            try:
                transaction = connection.begin()
            finally:
                _SQLITE_BEGIN.reset(mode)
            with transaction:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent snapshot; what is written in it is rolled back."""
        with self.engine.connect() as connection:
            yield connection
            connection.rollback()

    def migrate(self) -> None:
        """Migrates the tables to this version of tiendo; does nothing when they are current."""
        config = self._alembic()
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        with self.begin() as tx:
            insert_new(tx, deployment, [{"key": "installation", "value": uuid.uuid4().hex[:12]}], ["key"])

    def is_current(self) -> bool:
        """Whether the tables are those of this version."""
        head = ScriptDirectory.from_config(self._alembic()).get_current_head()
        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head

    def scrub(self) -> None:
        """Rewrites an SQLite file, so that what was deleted is in none of its bytes either; PostgreSQL
        does that by itself in time (autovacuum)."""
        if not self.is_sqlite:
            return
        # Not by SQLAlchemy's connection: that begins a transaction, in which SQLite does not do this.
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()

    def _alembic(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        return config


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except Exception as error:
        raise TiendoError(
            f"Địa chỉ cơ sở dữ liệu “{url}” không hợp lệ.",
            where="TIENDO_DATABASE_URL",
            cure="Viết như sqlite:////duong/dan/tiendo.db hoặc postgresql://ten:mat-khau@may/csdl.",
        ) from error
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(
            parsed,
            pool_size=10,
            max_overflow=10,
            json_serializer=_as_json,
            json_deserializer=orjson.loads,
            # A click repeats a few statements over six joined tables: planning them again each time costs
            # the server more than running them. Their parameters are ids, so one plan serves all.
            connect_args={"options": "-c plan_cache_mode=force_generic_plan -c jit=off"},
        )
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", _check_rested)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise TiendoError(
            f"tiendo chưa chạy trên {parsed.get_backend_name()}.",
            where="TIENDO_DATABASE_URL",
            cure="Dùng sqlite hoặc postgresql.",
        )
    engine = create_engine(
        parsed,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=10,
        json_serializer=_as_json,
        json_deserializer=orjson.loads,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    # Not an engine event: SQLAlchemy would then look for events at every statement.
    engine.dialect.do_begin = _begin_sqlite  # type: ignore[method-assign, assignment]
    return engine


def _as_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _check_rested(connection: Any, record: Any, _proxy: Any) -> None:
    """Pings a connection that was idle (the server may have been restarted); one in constant use is not
    pinged, which would cost a tenth of what a ballot costs."""
    if time.monotonic() - record.info.get("rests_since", 0.0) < RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late to queue writers; ours is issued by the event below.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: what a page called recorded must survive the plug being pulled.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    connection.execute(_SQLITE_BEGIN.get())
