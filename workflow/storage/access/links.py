"""Links: 256 random bits, of which only the hash is stored; bound to a person, a purpose and a period.

GET never changes anything but the record of use.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select, update

from workflow.storage.tables import link_uses, links, periods, persons


class Purpose(StrEnum):
    """What a link is for; nothing beyond it is shown or done."""

    DUTIES = "duties"
    """What the person owes in the period: submit, confirm, vote."""
    OFFICE = "office"
    """The office's board."""
    REPORT = "report"
    """The issued reports of a closed period."""
    APPROVAL = "approval"
    """Reading a closed period's report before it is issued, and approving it."""
    SIGN_IN = "sign-in"
    """Beginning a session on the office's pages, once."""
    SESSION = "session"
    """A session on the office's pages; its token is in a cookie, never in an address."""


SIGN_IN_LASTS = timedelta(minutes=15)

NEW_LINK = "new-link"
"""`about` of the notice that brings a new link; its `purpose` is the link's, `by` is `office` where the
office sent it, having revoked the earlier ones."""

SIGN_IN = "sign-in"
"""`about` of the notice that brings a sign-in link."""

GRACE = timedelta(days=14)
"""A link lives this long past its period's cut-off."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link someone holds, as found by its token. `state` is live, expired or revoked."""

    id: int
    person_id: int
    person: str
    email: str
    organisation_id: int
    purpose: Purpose
    period_id: int | None
    state: str
    made_at: datetime
    expires_at: datetime
    is_person_active: bool
    """Whether the person is still in the directory; the link of one who left it is revoked."""

    @property
    def is_live(self) -> bool:
        """Whether it may be used."""
        return self.state == "live"


def make(
    tx: Connection,
    person_id: int,
    purpose: Purpose,
    period_id: int | None,
    now: datetime,
    *,
    lifetime: timedelta | None = None,
) -> str:
    """Adds a link; returns its token, to be put into a mail and nowhere else."""
    if lifetime is None and purpose is Purpose.SIGN_IN:
        lifetime = SIGN_IN_LASTS
    if lifetime is None:
        cut_off = tx.scalar(select(periods.c.cut_off).where(periods.c.id == period_id))
        ends = datetime.combine(cut_off, datetime.min.time(), now.tzinfo) + GRACE if cut_off else now
        lifetime = max(ends - now, GRACE)
    token = secrets.token_urlsafe(32)
    tx.execute(
        links.insert().values(
            token_sha256=token_hash(token),
            person_id=person_id,
            purpose=purpose.value,
            period_id=period_id,
            made_at=now,
            expires_at=now + lifetime,
        )
    )
    return token


def token_hash(token: str) -> str:
    """The hash of a token, which is all that is stored of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(tx: Connection, token: str, now: datetime) -> Link | None:
    """The link of a token, whatever its state, or None where there is no such link."""
    row = tx.execute(
        select(links, persons.c.name, persons.c.email, persons.c.organisation_id, persons.c.is_active)
        .join(persons, persons.c.id == links.c.person_id)
        .where(links.c.token_sha256 == token_hash(token))
    ).first()
    if row is None:
        return None
    state = "live"
    if row.revoked_at is not None or not row.is_active:
        state = "revoked"
    elif row.expires_at <= now:
        state = "expired"
    return Link(
        row.id,
        row.person_id,
        row.name,
        row.email,
        row.organisation_id,
        Purpose(row.purpose),
        row.period_id,
        state,
        row.made_at,
        row.expires_at,
        row.is_active,
    )


def note_use(tx: Connection, link_id: int, act: str, address: str, agent: str, now: datetime) -> None:
    """Records a use: what was requested, from which network address, with which browser."""
    tx.execute(
        link_uses.insert().values(link_id=link_id, at=now, act=act[:40], address=address, agent=agent[:300])
    )


def revoke(tx: Connection, person_id: int, period_id: int, now: datetime) -> int:
    """Revokes a person's live links of a period; returns how many."""
    return tx.execute(
        update(links)
        .where(links.c.person_id == person_id, links.c.period_id == period_id, links.c.revoked_at.is_(None))
        .values(revoked_at=now)
    ).rowcount


def revoke_all(tx: Connection, person_ids: Collection[int], now: datetime) -> int:
    """Revokes every live link and session of these people; returns how many."""
    return tx.execute(
        update(links)
        .where(links.c.person_id.in_(person_ids), links.c.revoked_at.is_(None), links.c.expires_at > now)
        .values(revoked_at=now)
    ).rowcount
