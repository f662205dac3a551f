"""The migrations make exactly the tables the code speaks of."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from workflow.storage.tables import metadata


def test_the_migrations_and_the_tables_agree(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_does_nothing(store):
    store.migrate()
    assert store.is_current()
