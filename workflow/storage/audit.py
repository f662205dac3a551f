"""The append-only, hash-chained record of every act.

One chain per cycle (`c17`) and one per organisation (`o1`): a chain's head is in the row it is about, so
that writers of different cycles never wait for each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from workflow.storage.tables import audit, cycles, organisations


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: what was done (`verb`), by whom, with which details (plain JSON)."""

    verb: str
    person_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


def chained(
    chain: str, seq: int, previous: str, at: datetime, entries: list[AuditEntry]
) -> tuple[list[dict[str, Any]], int, str]:
    """The audit rows for the entries after (`seq`, `previous`), and the chain's new head."""
    rows = []
    for entry in entries:
        seq += 1
        digest = entry_hash(chain, seq, at, entry.person_id, entry.verb, entry.details, previous)
        rows.append(
            {
                "chain": chain,
                "seq": seq,
                "at": at,
                "person_id": entry.person_id,
                "verb": entry.verb,
                "details": entry.details,
                "previous": previous,
                "hash": digest,
            }
        )
        previous = digest
    return rows, seq, previous


def entry_hash(
    chain: str,
    seq: int,
    at: datetime,
    person_id: int | None,
    verb: str,
    details: dict[str, Any],
    previous: str,
) -> str:
    """SHA-256 over the entry and the hash before it."""
    text = json.dumps(
        [chain, seq, at.timestamp(), person_id, verb, details, previous],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def record(tx: Connection, organisation_id: int, at: datetime, *entries: AuditEntry) -> None:
    """Adds entries to the organisation's own chain."""
    head = tx.execute(
        select(organisations.c.audit_seq, organisations.c.audit_hash)
        .where(organisations.c.id == organisation_id)
        .with_for_update()
    ).one()
    rows, seq, digest = chained(f"o{organisation_id}", head[0], head[1], at, list(entries))
    tx.execute(audit.insert(), rows)
    tx.execute(
        update(organisations)
        .where(organisations.c.id == organisation_id)
        .values(audit_seq=seq, audit_hash=digest)
    )


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A place where a chain is broken or altered."""

    chain: str
    seq: int
    what: str


def verify(tx: Connection, chains: Collection[str] | None = None) -> tuple[int, list[ChainFault]]:
    """How many entries were checked, and where a chain is broken, changed, or cut off at its end; of every
    chain, or of those named."""
    asked = select(audit).order_by(audit.c.chain, audit.c.seq)
    if chains is not None:
        asked = asked.where(audit.c.chain.in_(chains))
    heads: dict[str, tuple[int, str]] = {}
    faults: list[ChainFault] = []
    checked = 0
    for row in tx.execute(asked).mappings():
        checked += 1
        seq, digest = heads.get(row["chain"], (0, ""))
        expected = entry_hash(
            row["chain"],
            row["seq"],
            row["at"],
            row["person_id"],
            row["verb"],
            row["details"],
            row["previous"],
        )
        if row["seq"] != seq + 1:
            faults.append(ChainFault(row["chain"], row["seq"], "thiếu mục trước đó"))
        elif row["previous"] != digest:
            faults.append(ChainFault(row["chain"], row["seq"], "không nối với mục trước"))
        if expected != row["hash"]:
            faults.append(ChainFault(row["chain"], row["seq"], "nội dung đã bị sửa"))
        heads[row["chain"]] = (row["seq"], row["hash"])
    owners = [
        (f"c{row.id}", row.audit_seq, row.audit_hash)
        for row in tx.execute(select(cycles.c.id, cycles.c.audit_seq, cycles.c.audit_hash))
    ] + [
        (f"o{row.id}", row.audit_seq, row.audit_hash)
        for row in tx.execute(
            select(organisations.c.id, organisations.c.audit_seq, organisations.c.audit_hash)
        )
    ]
    for chain, seq, digest in owners:
        if (chains is None or chain in chains) and heads.get(chain, (0, "")) != (seq, digest):
            faults.append(ChainFault(chain, seq, "phần cuối chuỗi đã mất hoặc bị thay"))
    return checked, faults
