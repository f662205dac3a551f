"""Two repairs to Prefect 3.8.8's server, applied in our server process before the app is made.

Each has a test that fails without it (tests/flows: `many_writers_at_once`, `schedules_make_runs`); when one
passes without its repair on a newer Prefect, delete it here. No other file imports Prefect's server.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from prefect.server.api.server import create_app
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.server.database.dependencies import MODELS_DEPENDENCIES
from prefect.server.database.orm_models import FlowRun
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction
from sqlalchemy.ext.hybrid import hybrid_property

__all__ = ["create_app", "let_the_scheduler_insert_runs", "queue_for_the_write_lock"]


class PatientSqlite(AioSqliteConfiguration):
    """SQLite whose writers queue for the lock instead of failing with "database is locked".

    Prefect begins most transactions DEFERRED and reads before it writes. When another writer commits in
    between, SQLite refuses the upgrade at once (SQLITE_BUSY_SNAPSHOT) and no busy timeout applies. With
    BEGIN IMMEDIATE the lock is taken first, and Prefect's busy timeout of a minute does its work.
    """

    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = False
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        """Begin with the write lock (BEGIN IMMEDIATE), whatever mode was asked for."""
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction


def queue_for_the_write_lock(connection_url: str) -> None:
    """Make the server use `PatientSqlite`."""
    MODELS_DEPENDENCIES["database_config"] = PatientSqlite(connection_url=connection_url)


def let_the_scheduler_insert_runs() -> None:
    """Without this, schedules never create a run under SQLAlchemy 2.1.

    The scheduler bulk-inserts rows that carry an extra `state`, a hybrid property of the model. SQLAlchemy
    2.0 ignored it; 2.1 demands a `bulk_dml` function for it. Ours ignores it: the scheduler itself inserts
    the states afterwards.
    """
    state = inspect(FlowRun).all_orm_descriptors["state"]
    if isinstance(state, hybrid_property) and state.bulk_dml_setter is None:
        state.bulk_dml_setter = _ignore


def _ignore(cls: Any, mapping: MutableMapping[str, Any], value: Any) -> None:
    """Leave the mapping as it is."""
