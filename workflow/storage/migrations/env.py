"""Alembic's way in: migrates the connection that `Store.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from workflow.storage.tables import metadata
from workflow.storage.types import Json, Moment, PeriodLabel


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our column types by their own names, so that a migration reads like the tables."""
    if kind == "type" and isinstance(item, Moment):
        autogen.imports.add("from workflow.storage.types import Moment")
        return "Moment()"
    if kind == "type" and isinstance(item, type(Json)):
        autogen.imports.add("from workflow.storage.types import Json")
        return "Json"
    if kind == "type" and isinstance(item, PeriodLabel):
        return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
