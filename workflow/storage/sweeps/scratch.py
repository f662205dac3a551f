"""What a scratch organisation in a live database needs beside the acts of its people: that nothing goes out
of it, that a link's time is over, a count of its facts, and its removal to the last row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Table, delete, func, or_, select, update

from workflow.storage.access.links import token_hash
from workflow.storage.tables import (
    audit,
    ballots,
    confirmations,
    cycles,
    links,
    metadata,
    organisations,
    outbox,
    submissions,
)

NAME = "tiendo doctor – kiểm tra đường dẫn"
"""The name of a scratch organisation, which no other has."""

FACTS = (submissions, confirmations, ballots)


def expire_link(tx: Connection, token: str, now: datetime) -> None:
    """Lets a link's time be over at `now`."""
    tx.execute(update(links).where(links.c.token_sha256 == token_hash(token)).values(expires_at=now))


def keep_quiet(tx: Connection, organisation_id: int, period_id: int) -> None:
    """Lets no mail of the organisation and no Prefect run of the period come of what was done."""
    waiting = (outbox.c.organisation_id == organisation_id, outbox.c.state == "waiting")
    tx.execute(update(outbox).where(*waiting).values(state="void"))
    tx.execute(update(cycles).where(cycles.c.period_id == period_id).values(shown_stage=cycles.c.stage))


def count_facts(tx: Connection, cycle_ids: Collection[int]) -> int:
    """How many reports, confirmations, ballots and entries of the log there are about the cycles."""
    counted = [tx.scalar(select(func.count()).where(table.c.cycle_id.in_(cycle_ids))) for table in FACTS]
    chains = [f"c{cycle}" for cycle in cycle_ids]
    counted.append(tx.scalar(select(func.count()).where(audit.c.chain.in_(chains))))
    return sum(one or 0 for one in counted)


def remove_scratch(tx: Connection) -> None:
    """Takes away the scratch organisation and every row that refers to it, and nothing else."""
    roots = tx.scalars(select(organisations.c.id).where(organisations.c.name == NAME)).all()
    if not roots:
        return
    known: dict[str, list[int]] = {organisations.name: list(roots)}
    doomed: list[Table] = []
    for table in metadata.sorted_tables:
        refers = [
            key.parent.in_(known[key.column.table.name])
            for key in table.foreign_keys
            if key.column.table.name in known and key.column.table is not table
        ]
        if table is organisations or not refers:
            continue
        doomed.append(table)
        if "id" in table.c:
            known[table.name] = list(tx.scalars(select(table.c.id).where(or_(*refers))))
    chains = [f"o{one}" for one in roots] + [f"c{one}" for one in known[cycles.name]]
    tx.execute(delete(audit).where(audit.c.chain.in_(chains)))
    for table in reversed(doomed):
        keys = [key for key in table.foreign_keys if key.column.table.name in known]
        if table is not audit:
            tx.execute(
                delete(table).where(or_(*(key.parent.in_(known[key.column.table.name]) for key in keys)))
            )
    tx.execute(delete(organisations).where(organisations.c.id.in_(roots)))
