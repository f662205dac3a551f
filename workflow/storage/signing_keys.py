"""The public keys that manifests and anchors were signed with: the one in use and those before it.

The table proves nothing by itself, for who writes to the database may write to it too. What is trusted is the
key of the key file, or one kept elsewhere; of an older key only what its successor signed that it had signed.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, delete, select, update

from workflow.domain.errors import NotFound, WrongSetting
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import canonical_bytes
from workflow.storage.key_files import (
    SETTING,
    KeyFile,
    PrivateKey,
    PublicKey,
    is_signed,
    pem_of,
    public_key_of,
    sign,
)
from workflow.storage.tables import anchors, deployment, manifests, organisations, signing_keys

OPTION = "signing_key"
"""The engine's execution option that holds the key file (set by `workflow.storage.store`)."""

FORMER_PLACE = "manifest_key"
"""The key of `deployment` where the private key was stored before it had a file of its own."""

RETIRED = "tiendo-retired-key/1"


def key_file(tx: Connection) -> KeyFile:
    """The file of the private key; raises WrongSetting where none is configured."""
    found: KeyFile | None = tx.get_execution_options().get(OPTION)
    if found is None:
        raise WrongSetting(
            Words("Chưa cho biết tệp khóa ký ở đâu."),
            where=SETTING,
            cure=Words("Ghi vào %(name)s đường dẫn của tệp khóa, như nhau trên mọi máy.", name=SETTING),
        )
    return found


def signing_key(tx: Connection, now: datetime) -> PrivateKey:
    """The private key to sign with. The first call generates it; another key in its file takes over from it.

    Raises NotFound where there was a key and its file is gone: silently generating one would hide the loss.
    """
    file = key_file(tx)
    is_moved = _took_out_of_table(tx, now)
    current = tx.execute(_CURRENT).first()
    if not file.is_there:
        if current is not None and not is_moved:
            raise NotFound(
                Words("Không có tệp khóa ký."),
                where=str(file.path),
                cure=Words("Đặt lại tệp khóa ấy, hoặc ghi đúng đường dẫn vào %(name)s.", name=SETTING),
            )
        file.make()
    key = file.private()
    if current is None or current.public_key != pem_of(key.public_key()):
        _take_over(tx, key, now)
    return key


def is_in_table(tx: Connection) -> bool:
    """Whether the private key is still in the database, where earlier versions stored it."""
    return tx.scalar(select(deployment.c.key).where(deployment.c.key == FORMER_PLACE)) is not None


def present_key(tx: Connection) -> PublicKey | None:
    """The public key in use, from the key file; None where nothing was ever signed. Raises NotFound where the
    file is gone."""
    file = key_file(tx)
    if file.is_there:
        return file.private().public_key()
    if tx.execute(_CURRENT).first() is None:
        return None
    raise NotFound(
        Words("Không có tệp khóa ký."),
        where=str(file.path),
        cure=Words("Đặt lại tệp khóa ấy, hoặc kiểm tra bằng khóa công khai giữ ở nơi khác (--key TỆP)."),
    )


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys whose signatures are accepted: `key`, and each older one for the hashes listed beside it."""

    key: PublicKey
    older: tuple[tuple[PublicKey, frozenset[str]], ...] = ()

    def has_signed(self, sha256: str, signature: str, body: bytes) -> bool:
        """Whether the body, whose hash that is, was signed by the key, or by an older one in its time."""
        if is_signed(self.key, signature, body):
            return True
        return any(sha256 in known and is_signed(key, signature, body) for key, known in self.older)


def trust_in(tx: Connection, key: PublicKey) -> Trust:
    """The key with those before it, as far as each one's successor signed for it."""
    rows = list(tx.execute(select(signing_keys).order_by(signing_keys.c.id)))
    while rows and rows[-1].public_key != pem_of(key):
        rows.pop()
    older = []
    successor = key
    for row in reversed(rows[:-1]):
        statement = row.statement or {}
        is_vouched = statement.get("public_key") == row.public_key and statement.get("format") == RETIRED
        if not is_vouched or not is_signed(successor, row.signature or "", canonical_bytes(statement)):
            break
        successor = public_key_of(row.public_key)
        older.append((successor, frozenset(statement["signed"])))
    return Trust(key, tuple(older))


_CURRENT = select(signing_keys).where(signing_keys.c.retired_at.is_(None))


def _took_out_of_table(tx: Connection, now: datetime) -> bool:
    """Removes a private key from the database and keeps its public half. Whoever could read the database, or
    a copy of it, may have it: a new one takes over, and what it signed so far is listed."""
    kept = tx.scalar(select(deployment.c.value).where(deployment.c.key == FORMER_PLACE).with_for_update())
    if kept is None:
        return False
    tx.execute(delete(deployment).where(deployment.c.key == FORMER_PLACE))
    if tx.execute(_CURRENT).first() is None:
        former = Ed25519PrivateKey.from_private_bytes(base64.b64decode(kept)).public_key()
        tx.execute(signing_keys.insert().values(public_key=pem_of(former), begun_at=now))
    return True


def _take_over(tx: Connection, key: PrivateKey, now: datetime) -> None:
    """Makes the key the current one; the one before it is retired with the list of what it signed."""
    # One at a time, and read again under the lock: of two processes with a new key, one records it.
    tx.execute(select(deployment.c.key).where(deployment.c.key == "installation").with_for_update())
    current = tx.execute(_CURRENT).first()
    pem = pem_of(key.public_key())
    if current is not None and current.public_key == pem:
        return
    retired = tx.scalar(select(signing_keys.c.retired_at).where(signing_keys.c.public_key == pem))
    if retired is not None:
        raise WrongSetting(
            Words("Khóa ký này đã thôi dùng từ %(day)s.", day=f"{retired:%d/%m/%Y}"),
            where=str(key_file(tx).path),
            cure=Words("Mọi máy phải dùng cùng một tệp khóa ký, là khóa mới nhất."),
        )
    if current is not None:
        _retire(tx, current, key, now)
    tx.execute(signing_keys.insert().values(public_key=pem, begun_at=now))
    if current is not None:
        details = {"before": fingerprint(current.public_key), "after": fingerprint(pem)}
        for organisation_id in tx.scalars(select(organisations.c.id).order_by(organisations.c.id)).all():
            record(tx, organisation_id, now, AuditEntry("signing-key-changed", details=details))


def _retire(tx: Connection, current: Row[Any], successor: PrivateKey, now: datetime) -> None:
    trusted = trust_in(tx, public_key_of(current.public_key))
    signed = [
        row.sha256
        for table in (manifests, anchors)
        for row in tx.execute(select(table.c.sha256, table.c.signature, table.c.body).order_by(table.c.id))
        if trusted.has_signed(row.sha256, row.signature, canonical_bytes(row.body))
    ]
    statement = {
        "format": RETIRED,
        "public_key": current.public_key,
        "retired_at": now.astimezone(timezone.utc).isoformat(),
        "signed": signed,
    }
    tx.execute(
        update(signing_keys)
        .where(signing_keys.c.id == current.id)
        .values(retired_at=now, statement=statement, signature=sign(successor, canonical_bytes(statement)))
    )


def fingerprint(pem: str) -> str:
    """A short name of a public key: SHA-256 of its PEM text."""
    return hashlib.sha256(pem.encode()).hexdigest()
