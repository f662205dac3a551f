"""What the database shows of how its secrets and its history are protected, for
`tiendo doctor security`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from workflow.storage.tables import anchors, audit, deployment, organisations


def private_keys_kept(tx: Connection) -> list[str]:
    """The names under which a private key for signing lies in the database: whoever can write there could
    sign what they altered. The secret of forms and cookies is none; all processes share it there."""
    rows = tx.execute(select(deployment.c.key, deployment.c.value).order_by(deployment.c.key))
    return [row.key for row in rows if row.key.endswith("_key") or "PRIVATE KEY" in row.value]


@dataclass(frozen=True, slots=True)
class Anchored:
    """How far an organisation's own chain of the log is anchored: its first and newest entries, and the
    newest anchor (None: never)."""

    organisation: str
    begun_at: datetime
    moved_at: datetime
    anchored_at: datetime | None


def anchored(tx: Connection) -> list[Anchored]:
    """The organisations with entries in their chain, by name."""
    own = anchors.c.organisation_id
    newest = dict(tx.execute(select(own, func.max(anchors.c.at)).group_by(own)).tuples().all())
    found = []
    for row in tx.execute(select(organisations.c.id, organisations.c.name).order_by(organisations.c.name)):
        times = select(func.min(audit.c.at), func.max(audit.c.at)).where(audit.c.chain == f"o{row.id}")
        begun, moved = tx.execute(times).one()
        if moved is not None:
            found.append(Anchored(row.name, begun, moved, newest.get(row.id)))
    return found
