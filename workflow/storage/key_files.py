"""The file with the private key that signs manifests and anchors, and signing with the kinds of key an office
may have: Ed25519 (made here), RSA or an elliptic curve (of a PKCS#12).

It is stored apart from the database: write access to the database is not enough to sign what was altered.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from workflow.domain.errors import WrongSetting
from workflow.domain.words import Words

PrivateKey: TypeAlias = Ed25519PrivateKey | RSAPrivateKey | EllipticCurvePrivateKey
PublicKey: TypeAlias = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey

FILE_NAME = "signing-key.pem"
"""What the file is called in the data folder."""

SETTING = "TIENDO_SIGNING_KEY"

OPEN_TO_OTHERS = 0o027
"""Permission bits that make a key file refused: others may read it, or the group write it. A group may read
it, as files that a container is handed are read."""

_PKCS12 = (".p12", ".pfx")
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The file of the private key: PEM (PKCS#8), or PKCS#12 where the name ends in .p12 or .pfx."""

    path: Path
    password: str = field(default="", repr=False)

    @property
    def is_there(self) -> bool:
        """Whether there is such a file."""
        return self.path.is_file()

    def private(self) -> PrivateKey:
        """The key; raises WrongSetting where it is missing, open to others, or not to be read."""
        try:
            mode = self.path.stat().st_mode
            body = self.path.read_bytes()
        except OSError as error:
            raise WrongSetting(
                Words("Không đọc được tệp khóa ký: %(why)s.", why=error.strerror or ""),
                where=str(self.path),
                cure=Words("Đặt lại tệp khóa ấy, hoặc ghi đúng đường dẫn vào %(name)s.", name=SETTING),
            ) from error
        if mode & OPEN_TO_OTHERS:
            raise WrongSetting(
                Words("Tệp khóa ký mở cho người khác trên máy (quyền %(mode)s).", mode=f"{mode & 0o777:o}"),
                where=str(self.path),
                cure=Words("Chạy: chmod 600 %(path)s", path=self.path),
            )
        password = self.password.encode() or None
        try:
            found = (
                load_pkcs12(body, password).key
                if self.path.suffix.lower() in _PKCS12
                else load_pem_private_key(body, password)
            )
        except (ValueError, TypeError) as error:
            raise WrongSetting(
                Words("Tệp khóa ký không mở được: sai mật khẩu, hoặc không phải PEM hay PKCS#12."),
                where=str(self.path),
                cure=Words("Kiểm tra tệp và TIENDO_SIGNING_KEY_PASSWORD."),
            ) from error
        if not isinstance(found, Ed25519PrivateKey | RSAPrivateKey | EllipticCurvePrivateKey):
            raise WrongSetting(
                Words("Loại khóa ký này không dùng được."),
                where=str(self.path),
                cure=Words("Dùng khóa Ed25519, RSA hoặc đường cong elliptic."),
            )
        return found

    def make(self) -> None:
        """Generates an Ed25519 key there, readable by the owner only; an existing one stays."""
        body = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        # Written atomically: another process must not read half a key.
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(part, self.path)
            except FileExistsError:
                pass
            finally:
                part.unlink()
        except OSError as error:
            raise WrongSetting(
                Words("Không ghi được tệp khóa ký: %(why)s.", why=error.strerror or ""),
                where=str(self.path),
                cure=Words("Ghi vào %(name)s đường dẫn mà tiendo ghi được.", name=SETTING),
            ) from error


def sign(key: PrivateKey, body: bytes) -> str:
    """The signature over the bytes, base64: Ed25519, RSA-PSS with SHA-256, or ECDSA with SHA-256."""
    if isinstance(key, Ed25519PrivateKey):
        made = key.sign(body)
    elif isinstance(key, RSAPrivateKey):
        made = key.sign(body, _PSS, hashes.SHA256())
    else:
        made = key.sign(body, ECDSA(hashes.SHA256()))
    return base64.b64encode(made).decode()


def is_signed(key: PublicKey, signature: str, body: bytes) -> bool:
    """Whether the key's owner signed the bytes so."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(key, Ed25519PublicKey):
            key.verify(raw, body)
        elif isinstance(key, RSAPublicKey):
            key.verify(raw, body, _PSS, hashes.SHA256())
        else:
            key.verify(raw, body, ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def algorithm_of(key: PublicKey) -> str:
    """The name of how the key signs."""
    if isinstance(key, Ed25519PublicKey):
        return "Ed25519"
    return "RSA-PSS-SHA256" if isinstance(key, RSAPublicKey) else "ECDSA-SHA256"


def pem_of(key: PublicKey) -> str:
    """A public key as files and other programs have it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_key_of(pem: str) -> PublicKey:
    """A public key as `pem_of` wrote it; raises WrongSetting where it is none of ours."""
    try:
        found = load_pem_public_key(pem.encode())
    except (ValueError, TypeError) as error:
        raise WrongSetting(
            Words("Không đọc được khóa công khai."), cure=Words("Lấy lại: tiendo period key --out TỆP.")
        ) from error
    if not isinstance(found, Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey):
        raise WrongSetting(Words("Loại khóa công khai này không dùng được."))
    return found
