"""Signing an issued PDF with the office's certificate: a PKCS#12 file, or a key that never leaves its PKCS#11
token. Off unless set (`pdf_signing_file` or `pdf_signing_module`).

pyHanko does the signing (PAdES baseline B, ETSI EN 319 142-1, as an update at the end of the file, so that
PDF/A stays what it is); it is the extra `signature`, and imported only where a signature is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from workflow.domain.errors import TiendoError
from workflow.domain.words import Words
from workflow.settings import Settings

FIELD = "ChuKySo"
"""The name of the signature's field in the document."""


class SigningFailed(TiendoError):
    """A PDF that must be signed could not be; what it belongs to is not issued."""


@dataclass(slots=True)
class PdfSigner:
    """Signs with what the settings name. `told` says, after a signature, whose certificate it was made with:
    its subject and its SHA-256."""

    settings: Settings
    told: dict[str, str] = field(default_factory=dict)

    def signed(self, pdf: bytes) -> bytes:
        """The document with the signature; raises SigningFailed, which never repeats the secret."""
        try:
            from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
            from pyhanko.sign import PdfSignatureMetadata, sign_pdf
            from pyhanko.sign.fields import SigSeedSubFilter
        except ImportError:
            raise SigningFailed(
                Words("Chưa ký số được: chưa cài thư viện ký số."),
                cure=Words('Cài: pip install "tiendo[signature]".'),
            ) from None
        about = PdfSignatureMetadata(
            field_name=FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
        )
        with self._key() as key:
            certificate = key.signing_cert
            try:
                writer = IncrementalPdfFileWriter(BytesIO(pdf))
                made: Any = sign_pdf(writer, about, signer=key)
            except Exception as error:
                raise self._failed(error) from None
        self.told = {
            "subject": str(certificate.subject.human_friendly),
            "sha256": certificate.sha256.hex(),
            "pdf_field": FIELD,
        }
        return bytes(made.getvalue())

    @contextmanager
    def _key(self) -> Iterator[Any]:
        settings = self.settings
        secret = self._secret()
        if settings.pdf_signing_file:
            yield self._from_file(secret)
            return
        try:
            from pyhanko.config.pkcs11 import TokenCriteria
            from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
        except ImportError:
            raise SigningFailed(
                Words("Chưa ký số được: chưa cài thư viện ký số."),
                cure=Words('Cài: pip install "tiendo[signature]".'),
            ) from None
        try:
            token = TokenCriteria(label=settings.pdf_signing_token)
            session = open_pkcs11_session(settings.pdf_signing_module, token_criteria=token, user_pin=secret)
        except Exception as error:
            raise self._failed(error) from None
        with session:
            try:
                label = settings.pdf_signing_key
                key = PKCS11Signer(session, cert_label=label, key_label=label)
                key.signing_cert  # noqa: B018 - read now, so that a missing key is told as such
            except Exception as error:
                raise self._failed(error) from None
            yield key

    def _from_file(self, secret: str) -> Any:
        from pyhanko.sign import SimpleSigner

        path = Path(self.settings.pdf_signing_file)
        if not path.is_file():
            raise SigningFailed(
                Words("Chưa ký số được: không có tệp khóa %(file)s.", file=str(path)),
                cure=Words("Đặt lại tệp ấy, hoặc sửa thiết lập pdf_signing_file."),
            )
        found = SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]
            str(path), passphrase=secret.encode() or None
        )
        if found is None:
            raise SigningFailed(
                Words("Chưa ký số được: không mở được tệp khóa %(file)s.", file=str(path)),
                cure=Words("Kiểm tra mật khẩu của tệp và tệp có đúng là PKCS#12 (.p12, .pfx)."),
            )
        return found

    def _secret(self) -> str:
        settings = self.settings
        given = settings.pdf_signing_secret
        if given or not settings.pdf_signing_secret_file:
            return given
        try:
            return Path(settings.pdf_signing_secret_file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise SigningFailed(
                Words(
                    "Chưa ký số được: không đọc được tệp mật khẩu %(file)s.",
                    file=settings.pdf_signing_secret_file,
                ),
                cure=Words("Sửa thiết lập pdf_signing_secret_file, hoặc quyền đọc của tệp."),
            ) from None

    def _failed(self, error: Exception) -> SigningFailed:
        # The class alone where a library says nothing; its words never hold the secret, which they don't get.
        return SigningFailed(
            Words("Chưa ký số được: %(why)s.", why=f"{type(error).__name__} {error}".strip().rstrip(".")),
            cure=Words(
                "Kiểm tra chứng thư còn hạn, mật khẩu hoặc mã PIN, thiết bị đã cắm, rồi phát hành lại."
            ),
        )


def pdf_signer(settings: Settings) -> PdfSigner | None:
    """The signer the settings name; None where issued PDFs are not signed."""
    return PdfSigner(settings) if settings.pdf_signing_file or settings.pdf_signing_module else None
