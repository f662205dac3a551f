"""What the deployment keeps about itself, by name: the secret that pages seal their forms with, and how far a
demo's clock is moved. The key that signs what periods are locked with is not here: see
`workflow.storage.signing_keys`."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import Connection, select

from workflow.storage.tables import deployment
from workflow.storage.writing import insert_new, upsert

PAGES = "page_secret"
CLOCK_OFFSET = "clock_offset_seconds"


def page_secret(tx: Connection) -> str:
    """The secret of forms and cookies; the first to ask makes it."""
    insert_new(tx, deployment, [{"key": PAGES, "value": secrets.token_urlsafe(32)}], ["key"])
    found = _value(tx, PAGES)
    assert found is not None
    return found


def clock_offset(tx: Connection) -> timedelta:
    """How far the deployment's clock is ahead of the real one; nothing but a demo moves it."""
    found = _value(tx, CLOCK_OFFSET)
    return timedelta(seconds=float(found)) if found else timedelta()


def set_clock_offset(tx: Connection, offset: timedelta) -> None:
    """Moves the clock of every process of the deployment to that far ahead of the real one."""
    upsert(tx, deployment, [{"key": CLOCK_OFFSET, "value": str(offset.total_seconds())}], ["key"])


def _value(tx: Connection, name: str) -> str | None:
    return tx.scalar(select(deployment.c.value).where(deployment.c.key == name))
