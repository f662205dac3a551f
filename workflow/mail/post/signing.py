"""Signing mails with DKIM, for a deployment whose mail server does not do it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dkim

from workflow.domain.errors import WrongSetting
from workflow.settings import Settings

SIGNED = (
    b"From",
    b"To",
    b"Reply-To",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"In-Reply-To",
    b"References",
    b"MIME-Version",
    b"Content-Type",
    b"Auto-Submitted",
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one domain, by the key whose public half is in DNS under the selector."""

    selector: str
    domain: str
    key: bytes

    @classmethod
    def of(cls, settings: Settings) -> Signer | None:
        """The signer of the settings, or None where they name none. Raises WrongSetting for half a setting,
        or a key that does not sign."""
        given = (settings.dkim_selector, settings.dkim_key_file)
        if not any(given):
            return None
        if not all(given):
            missing = "dkim_key_file" if settings.dkim_selector else "dkim_selector"
            raise WrongSetting(
                f"Thiết lập chữ ký DKIM thiếu {missing}.",
                where=f"TIENDO_{missing.upper()}",
                cure="Đặt cả dkim_selector và dkim_key_file, hoặc bỏ cả hai.",
            )
        domain = settings.dkim_domain or settings.mail_from.rpartition("@")[2]
        try:
            signer = cls(settings.dkim_selector, domain, Path(settings.dkim_key_file).read_bytes())
            signer.signed(b"From: a@b.example\r\n\r\n.\r\n")
        except OSError as error:
            raise _wrong_key(settings, f"không đọc được ({error.strerror})") from None
        except Exception:
            # The library lets errors of many kinds through for a file that is no key.
            raise _wrong_key(settings, "không phải khóa RSA riêng dạng PEM") from None
        return signer

    def signed(self, body: bytes) -> bytes:
        """The message with its signature on top."""
        signature: bytes = dkim.sign(
            body,
            self.selector.encode(),
            self.domain.encode("idna"),
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=list(SIGNED),
        )
        return signature + body


def _wrong_key(settings: Settings, why: str) -> WrongSetting:
    return WrongSetting(
        f"Tệp khóa DKIM {why}.",
        where=f"TIENDO_DKIM_KEY_FILE: {settings.dkim_key_file}",
        cure="Tạo khóa bằng: openssl genrsa -out dkim.pem 2048, rồi công bố khóa công khai trong DNS.",
    )
