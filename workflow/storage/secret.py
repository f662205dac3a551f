"""The deployment's own secret, generated once and stored beside the data: pages seal their forms with it. The
key that signs manifests of closed periods is not here: see `workflow.storage.signing_keys`."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, select

from workflow.storage.tables import deployment
from workflow.storage.writing import insert_new

PAGES = "page_secret"


def page_secret(tx: Connection) -> str:
    """The secret of forms and cookies; the first to ask makes it."""
    return _kept(tx, PAGES, secrets.token_urlsafe(32))


def _kept(tx: Connection, name: str, made: str) -> str:
    insert_new(tx, deployment, [{"key": name, "value": made}], ["key"])
    found: str = tx.execute(select(deployment.c.value).where(deployment.c.key == name)).scalar_one()
    return found
