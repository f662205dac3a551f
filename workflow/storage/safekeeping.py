"""What a look at the database tells of how its secrets and its history are kept, for
`tiendo doctor security`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from workflow.storage.tables import audit, deployment, metadata, organisations


def private_keys_kept(tx: Connection) -> list[str]:
    """The names under which a private key for signing lies in the database: whoever can write there could
    sign what they altered. The secret of forms and cookies is none; all processes share it there."""
    rows = tx.execute(select(deployment.c.key, deployment.c.value).order_by(deployment.c.key))
    return [row.key for row in rows if row.key.endswith("_key") or "PRIVATE KEY" in row.value]


@dataclass(frozen=True, slots=True)
class Anchored:
    """How far an organisation's own chain of the log is anchored: the newest anchor (None: never), and the
    newest entry."""

    organisation: str
    anchored_at: datetime | None
    moved_at: datetime


def anchored(tx: Connection) -> list[Anchored] | None:
    """The organisations with entries in their chain, by name; None where this version takes no anchors."""
    anchors = metadata.tables.get("anchors")
    if anchors is None:
        return None
    newest = {
        row.organisation_id: row.at
        for row in tx.execute(
            select(anchors.c.organisation_id, func.max(anchors.c.at).label("at")).group_by(
                anchors.c.organisation_id
            )
        )
    }
    found = []
    for row in tx.execute(select(organisations.c.id, organisations.c.name).order_by(organisations.c.name)):
        moved = tx.scalar(select(func.max(audit.c.at)).where(audit.c.chain == f"o{row.id}"))
        if moved is not None:
            found.append(Anchored(row.name, newest.get(row.id), moved))
    return found
