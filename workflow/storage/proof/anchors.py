"""Anchors: once a day the heads of the audit log are signed, stored, and mailed out of reach, so that history
rewritten later, however consistently, no longer agrees with what somebody holds.

An anchor lists the heads that moved since the one before and names that one's hash: the newest mail vouches
for every earlier day. Taking one costs a few statements, whatever the number of entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, tuple_

from workflow.domain.people.directory import Role
from workflow.domain.words import Words
from workflow.storage.canonical import canonical_bytes
from workflow.storage.key_files import sign
from workflow.storage.mailed import ANCHOR, KeptAnchor
from workflow.storage.people.addressees import persons_at
from workflow.storage.people.directory import holders
from workflow.storage.post import intents
from workflow.storage.results.lock_checks import LockDifference
from workflow.storage.signing_keys import Trust, signing_key
from workflow.storage.tables import anchors, audit, cycles, organisations, periods, plans

ANCHORED = "anchored"
"""`about` of the notice that carries an anchor."""

FROM_HOUR = 17
"""The day's anchor is taken at the first look after this hour of the organisation's own time: the day's work
is in it, and the mail comes before the night."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stored anchor; `organisation` is the slug."""

    id: int
    organisation: str
    number: int
    at: datetime
    sha256: str


def anchor_due(tx: Connection, now: datetime, outside: Sequence[str] = ()) -> list[Anchor]:
    """Takes the day's anchor of each organisation whose log has moved, and mails it to its office and to the
    addresses outside; says which were taken. A second call on the same day takes none."""
    taken = []
    for row in tx.execute(_ORGANISATIONS).all():
        zone = ZoneInfo(row.zone)
        if now.astimezone(zone).hour < FROM_HOUR:
            continue
        last = tx.scalar(
            select(anchors.c.at)
            .where(anchors.c.organisation_id == row.id)
            .order_by(anchors.c.number.desc())
            .limit(1)
        )
        if last is not None and last.astimezone(zone).date() >= now.astimezone(zone).date():
            continue
        taken += _mailed(tx, row.id, now, outside)
    return taken


def anchor_every(tx: Connection, now: datetime, outside: Sequence[str] = ()) -> list[Anchor]:
    """Takes an anchor of each organisation whose log has moved, whatever the hour, and mails it."""
    return [
        anchor for row in tx.execute(_ORGANISATIONS).all() for anchor in _mailed(tx, row.id, now, outside)
    ]


def anchor_now(tx: Connection, organisation_id: int, now: datetime) -> Anchor | None:
    """Signs and stores the heads of the organisation's chains; None where none moved since the last one."""
    slug = tx.scalars(
        select(organisations.c.slug).where(organisations.c.id == organisation_id).with_for_update()
    ).one()
    before = _anchors(tx, organisation_id)
    known: dict[str, list[Any]] = {}
    for row in before:
        known |= row.body["heads"]
    moved = {
        chain: [seq, digest]
        for chain, seq, digest in _heads(tx, organisation_id)
        if known.get(chain) != [seq, digest]
    }
    if not moved:
        return None
    number = before[-1].number + 1 if before else 1
    body = {
        "format": ANCHOR,
        "organisation": slug,
        "number": number,
        "previous": before[-1].sha256 if before else None,
        "at": now.astimezone(timezone.utc).isoformat(),
        "heads": moved,
    }
    signed = canonical_bytes(body)
    digest = hashlib.sha256(signed).hexdigest()
    made: int = tx.execute(
        anchors.insert()
        .values(
            organisation_id=organisation_id,
            number=number,
            at=now,
            body=body,
            sha256=digest,
            signature=sign(signing_key(tx, now), signed),
        )
        .returning(anchors.c.id)
    ).scalar_one()
    return Anchor(made, slug, number, now, digest)


def _mailed(tx: Connection, organisation_id: int, now: datetime, outside: Sequence[str]) -> list[Anchor]:
    """The anchor, if one was to be taken, its mail intended."""
    anchor = anchor_now(tx, organisation_id, now)
    if anchor is None:
        return []
    office = holders(tx, organisation_id, Role.OFFICE)
    others = persons_at(tx, organisation_id, dict.fromkeys(outside, ""))
    people = list(dict.fromkeys([*office, *others]))
    context = {"about": ANCHORED, "anchor": anchor.id}
    intents.intend(tx, intents.NOTICE, organisation_id, None, people, context, now)
    return [anchor]


def anchor_of(tx: Connection, anchor_id: int) -> Anchor:
    """An anchor, for the mail that carries it; its moment in the organisation's own time."""
    row = tx.execute(_ANCHORS.where(anchors.c.id == anchor_id)).one()
    return Anchor(row.id, row.slug, row.number, row.at.astimezone(ZoneInfo(row.zone)), row.sha256)


def check_anchors(
    tx: Connection, trusted: Trust | None, kept: KeptAnchor | None = None
) -> tuple[int, list[LockDifference]]:
    """How many anchored heads were compared with the log, and each difference. `trusted` says who may have
    signed them, None where nobody ever did; `kept` is one that was mailed."""
    rows = tx.execute(_ANCHORS.order_by(anchors.c.organisation_id, anchors.c.number)).all()
    faults = list(_chained(rows, trusted))
    if kept is not None:
        faults += _against(kept, rows)
    wanted: dict[tuple[str, int], tuple[str, Row[Any]]] = {}
    for row in rows:
        for chain, (seq, digest) in row.body["heads"].items():
            wanted[chain, seq] = (digest, row)
    there = _hashes(tx, wanted)
    lost: dict[str, tuple[int, Row[Any]]] = {}
    for (chain, seq), (digest, row) in sorted(wanted.items()):
        if there.get((chain, seq)) != digest:
            # The first is where it begins: every later one of the chain is then another too.
            lost.setdefault(chain, (seq, row))
    for chain, (seq, row) in lost.items():
        what = Words(
            "Nhật ký đã bị viết lại: mục %(n)s không còn như khi lập mốc số %(number)s ngày %(day)s.",
            n=seq,
            number=row.number,
            day=f"{row.at:%d/%m/%Y}",
        )
        faults.append(LockDifference(what, chain))
    return len(wanted), faults


_ORGANISATIONS = select(organisations.c.id, organisations.c.zone).order_by(organisations.c.id)
_ANCHORS = select(anchors, organisations.c.slug, organisations.c.zone).join(
    organisations, organisations.c.id == anchors.c.organisation_id
)


def _anchors(tx: Connection, organisation_id: int) -> Sequence[Row[Any]]:
    asked = select(anchors).where(anchors.c.organisation_id == organisation_id).order_by(anchors.c.number)
    return tx.execute(asked).all()


def _heads(tx: Connection, organisation_id: int) -> Iterator[tuple[str, int, str]]:
    """The head of each chain of the organisation that has an entry."""
    own = select(organisations.c.audit_seq, organisations.c.audit_hash)
    row = tx.execute(own.where(organisations.c.id == organisation_id)).one()
    if row.audit_seq:
        yield f"o{organisation_id}", row.audit_seq, row.audit_hash
    for cycle in tx.execute(
        select(cycles.c.id, cycles.c.audit_seq, cycles.c.audit_hash)
        .join(periods, periods.c.id == cycles.c.period_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(plans.c.organisation_id == organisation_id, cycles.c.audit_seq > 0)
    ):
        yield f"c{cycle.id}", cycle.audit_seq, cycle.audit_hash


def _chained(rows: Sequence[Row[Any]], trusted: Trust | None) -> Iterator[LockDifference]:
    """Anchors that were altered, are missing among the others, or that our key never signed."""
    before: dict[int, Row[Any]] = {}
    for row in rows:
        at = Words("mốc nhật ký số %(n)s", n=row.number)
        signed = canonical_bytes(row.body)
        if hashlib.sha256(signed).hexdigest() != row.sha256:
            yield LockDifference(Words("Nội dung mốc đã bị sửa."), at)
        if trusted is None or not trusted.has_signed(row.sha256, row.signature, signed):
            yield LockDifference(Words("Chữ ký không đúng."), at)
        last = before.get(row.organisation_id)
        expected = (last.number + 1, last.sha256) if last else (1, None)
        if (row.number, row.body.get("previous")) != expected or row.body.get("number") != row.number:
            yield LockDifference(Words("Không nối với mốc trước."), at)
        before[row.organisation_id] = row


def _against(kept: KeptAnchor, rows: Iterable[Row[Any]]) -> Iterator[LockDifference]:
    at = Words("mốc nhật ký số %(n)s đã gửi qua thư", n=kept.number)
    here = next((row for row in rows if (row.slug, row.number) == (kept.organisation, kept.number)), None)
    if here is None:
        yield LockDifference(Words("Mốc ấy không còn ở đây."), at)
    elif here.sha256 != kept.sha256:
        yield LockDifference(Words("Mốc ở đây là bản khác."), at)


AT_ONCE = 400
"""Heads looked for with one statement: databases limit its parameters."""


def _hashes(tx: Connection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    keys = list(wanted)
    found: dict[tuple[str, int], str] = {}
    for start in range(0, len(keys), AT_ONCE):
        some = tuple_(audit.c.chain, audit.c.seq).in_(keys[start : start + AT_ONCE])
        for row in tx.execute(select(audit.c.chain, audit.c.seq, audit.c.hash).where(some)):
            found[row.chain, row.seq] = row.hash
    return found
