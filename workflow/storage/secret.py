"""The deployment's own secrets, made once and kept beside the data: what pages seal their forms with, and the
key that signs what closed periods are locked with."""

from __future__ import annotations

import base64
import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, select

from workflow.storage.tables import deployment
from workflow.storage.writing import insert_new

PAGES = "page_secret"
MANIFESTS = "manifest_key"


def page_secret(tx: Connection) -> str:
    """The secret of forms and cookies; the first to ask makes it."""
    return _kept(tx, PAGES, secrets.token_urlsafe(32))


def manifest_key(tx: Connection) -> Ed25519PrivateKey:
    """The key that signs manifests; the first to ask makes it."""
    kept = _kept(tx, MANIFESTS, base64.b64encode(secrets.token_bytes(32)).decode())
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(kept))


def manifest_public_key(tx: Connection) -> Ed25519PublicKey | None:
    """What manifests are checked with; None where nothing was ever signed."""
    kept = tx.scalar(select(deployment.c.value).where(deployment.c.key == MANIFESTS))
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(kept)).public_key() if kept else None


def pem_of(key: Ed25519PublicKey) -> str:
    """A public key as files and other programs have it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _kept(tx: Connection, name: str, made: str) -> str:
    insert_new(tx, deployment, [{"key": name, "value": made}], ["key"])
    found: str = tx.execute(select(deployment.c.value).where(deployment.c.key == name)).scalar_one()
    return found
