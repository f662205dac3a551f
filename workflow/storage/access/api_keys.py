"""Keys of other systems to the API: 256 random bits, of which only the hash is stored; bound to one
organisation and some scopes, expiring, revocable, the last use on record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Select, select, update

from workflow.domain.errors import NotFound, TiendoError
from workflow.domain.events import KeyScope
from workflow.storage.access.links import token_hash
from workflow.storage.audit import AuditEntry, record
from workflow.storage.tables import api_tokens, organisations

PREFIX = "tiendo_"
"""The prefix of every key, by which scanners for leaked secrets recognise it."""
NOTED_EVERY = timedelta(minutes=1)
"""Uses closer together are put on record as one: a system that reads all day must not write all day."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is on record; its token is known to its holder alone."""

    id: int
    organisation_id: int
    organisation: str
    name: str
    scopes: frozenset[KeyScope]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_from: str

    def is_live(self, now: datetime) -> bool:
        """Whether it may be used."""
        return self.revoked_at is None and self.expires_at > now


def make_key(
    tx: Connection,
    organisation_id: int,
    name: str,
    scopes: Iterable[KeyScope],
    now: datetime,
    lifetime: timedelta,
) -> tuple[Key, str]:
    """Adds a key; returns it and its token, which is shown here and never again."""
    wanted = sorted({scope.value for scope in scopes})
    if not name.strip() or not wanted or lifetime <= timedelta(0):
        raise TiendoError(
            "Khóa API phải có tên, ít nhất một quyền và thời hạn.",
            cure=f"Các quyền có: {', '.join(KeyScope)}.",
        )
    token = PREFIX + secrets.token_urlsafe(32)
    key_id: int = tx.execute(
        api_tokens.insert()
        .values(
            organisation_id=organisation_id,
            name=name.strip(),
            token_sha256=token_hash(token),
            scopes=wanted,
            made_at=now,
            expires_at=now + lifetime,
        )
        .returning(api_tokens.c.id)
    ).scalar_one()
    details = {"key": key_id, "name": name.strip(), "scopes": wanted}
    record(tx, organisation_id, now, AuditEntry("api-key-made", details=details))
    return _key(tx.execute(_KEYS.where(api_tokens.c.id == key_id)).one()), token


def find_key(tx: Connection, token: str) -> Key | None:
    """The key of a token, whatever its state, or None where there is no such key."""
    row = tx.execute(_KEYS.where(api_tokens.c.token_sha256 == token_hash(token))).first()
    return _key(row) if row else None


def keys_of(tx: Connection, organisation_id: int | None = None) -> list[Key]:
    """The keys of an organisation, or of all, the newest first."""
    asked = _KEYS.order_by(api_tokens.c.id.desc())
    if organisation_id is not None:
        asked = asked.where(api_tokens.c.organisation_id == organisation_id)
    return [_key(row) for row in tx.execute(asked)]


def revoke_key(tx: Connection, key_id: int, now: datetime) -> Key:
    """Revokes a key; revoking a revoked one changes nothing. Raises NotFound."""
    row = tx.execute(_KEYS.where(api_tokens.c.id == key_id)).first()
    if row is None:
        raise NotFound(f"Không có khóa API số {key_id}.", cure="Xem: tiendo api token list.")
    if row.revoked_at is None:
        tx.execute(update(api_tokens).where(api_tokens.c.id == key_id).values(revoked_at=now))
        details = {"key": key_id, "name": row.name}
        record(tx, row.organisation_id, now, AuditEntry("api-key-revoked", details=details))
    return _key(tx.execute(_KEYS.where(api_tokens.c.id == key_id)).one())


def note_key_used(tx: Connection, key_id: int, address: str, now: datetime) -> None:
    """Puts the last use on record."""
    tx.execute(
        update(api_tokens)
        .where(api_tokens.c.id == key_id)
        .values(last_used_at=now, last_used_from=address[:60])
    )


_KEYS: Select[tuple[object, ...]] = select(api_tokens, organisations.c.name.label("organisation")).join(
    organisations, organisations.c.id == api_tokens.c.organisation_id
)


def _key(row: Row[tuple[object, ...]]) -> Key:
    return Key(
        row.id,
        row.organisation_id,
        row.organisation,
        row.name,
        frozenset(map(KeyScope, row.scopes)),
        row.made_at,
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
        row.last_used_from,
    )
