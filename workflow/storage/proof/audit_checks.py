"""The whole check of `tiendo audit verify`: the log's chains, the facts against the log, the anchors against
the chains; and when it last passed, for the monitoring of the deployment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from workflow.domain.words import Words
from workflow.storage.audit import verify
from workflow.storage.canonical import canonical_bytes
from workflow.storage.key_files import PublicKey
from workflow.storage.mailed import KeptAnchor
from workflow.storage.proof.anchors import check_anchors
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.results.lock_checks import LockDifference
from workflow.storage.signing_keys import Trust, present_key, trust_in
from workflow.storage.tables import anchors, deployment, manifests, periods
from workflow.storage.writing import upsert

VERIFIED = "audit_verified_at"
ANCHOR_VERIFIED = "anchor_verified_at"
"""Rows of `deployment`: when `audit verify` last passed, and when it last did against a mailed anchor."""


@dataclass(frozen=True, slots=True)
class AuditState:
    """The result of a check of the log and the facts: how much was compared, and what is wrong."""

    entries: int
    facts: int
    anchored: int
    faults: tuple[LockDifference, ...]

    @property
    def holds(self) -> bool:
        """Whether the check found no fault."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class LastChecks:
    """When the last anchor was taken, when the check of the audit log last passed, and when against an anchor
    from a mail; None for what never happened."""

    anchored_at: datetime | None
    verified_at: datetime | None
    anchor_verified_at: datetime | None


def check_audit(
    tx: Connection, *, key: PublicKey | None = None, kept: KeptAnchor | None = None
) -> AuditState:
    """Runs every check. `key` is a public key saved elsewhere, without it that of the key file; `kept` an
    anchor from a mail. Raises NotFound where the key file is gone and no key was given."""
    entries, broken = verify(tx)
    facts, odd = check_facts(tx)
    key = key or present_key(tx)
    trusted = trust_in(tx, key) if key else None
    anchored, moved = check_anchors(tx, trusted, kept)
    faults = [
        LockDifference(Words("Nhật ký: %(what)s (mục %(n)s).", what=one.what, n=one.seq), one.chain)
        for one in broken
    ]
    return AuditState(entries, facts, anchored, (*faults, *odd, *_not_ours(tx, trusted), *moved))


def _not_ours(tx: Connection, trusted: Trust | None) -> Iterator[LockDifference]:
    """Manifests that our key never signed. What they hold is compared with by `tiendo period verify`."""
    for row in tx.execute(
        select(manifests, periods.c.code)
        .join(periods, periods.c.id == manifests.c.period_id)
        .order_by(manifests.c.id)
    ):
        signed = canonical_bytes(row.body)
        is_ours = trusted is not None and trusted.has_signed(row.sha256, row.signature, signed)
        if not is_ours or hashlib.sha256(signed).hexdigest() != row.sha256:
            yield LockDifference(
                Words("Bản kê số %(n)s: chữ ký hoặc nội dung không đúng.", n=row.number), row.code
            )


def note_checked(tx: Connection, now: datetime, *, with_anchor: bool = False) -> None:
    """Stores that the check passed at this moment."""
    names = (VERIFIED, ANCHOR_VERIFIED) if with_anchor else (VERIFIED,)
    upsert(tx, deployment, [{"key": name, "value": now.isoformat()} for name in names], ["key"])


def last_checks(tx: Connection) -> LastChecks:
    """When the audit log was last anchored and last checked, over all organisations."""
    kept = {
        row.key: datetime.fromisoformat(row.value)
        for row in tx.execute(select(deployment).where(deployment.c.key.in_((VERIFIED, ANCHOR_VERIFIED))))
    }
    anchored = tx.scalar(select(func.max(anchors.c.at)))
    return LastChecks(anchored, kept.get(VERIFIED), kept.get(ANCHOR_VERIFIED))
