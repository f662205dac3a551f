"""The deployment's own secret, made once and kept beside the data, with which pages seal their forms."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, select

from workflow.storage.tables import deployment
from workflow.storage.writing import insert_new

KEY = "page_secret"


def page_secret(tx: Connection) -> str:
    """The secret; the first to ask makes it."""
    insert_new(tx, deployment, [{"key": KEY, "value": secrets.token_urlsafe(32)}], ["key"])
    found: str = tx.execute(select(deployment.c.value).where(deployment.c.key == KEY)).scalar_one()
    return found
