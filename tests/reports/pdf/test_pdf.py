"""The PDF of a report: kept for the archive, signed where the office wants it; read by second tools."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from tests.reports.issuing import CLOSED, ended
from tests.reports.quarter import a_record, a_report
from workflow.reports.issuing import issue_report
from workflow.reports.pdf.libreoffice import as_pdf, libreoffice
from workflow.reports.pdf.preview import Previews
from workflow.reports.pdf.signing import SigningFailed, pdf_signer
from workflow.reports.word.docx import write_docx
from workflow.settings import Settings
from workflow.storage import Store

SECRET = "mật khẩu của dấu"
NEEDS_LIBREOFFICE = pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not installed")


def a_key_file(folder: Path) -> Path:
    """A PKCS#12 file with a key and its own certificate, closed with SECRET."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Đảng ủy phường Hòa Xuân")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(SECRET.encode())
    path = folder / "dau.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"dau", key, made, None, lock))
    return path


def a_pdf() -> bytes:
    written = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(written)
    return written.getvalue()


def _pdfsig(pdf: bytes, folder: Path) -> str:
    (folder / "ky.pdf").write_bytes(pdf)
    command = [shutil.which("pdfsig") or "pdfsig", "-nocert", "ky.pdf"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


def test_a_signed_pdf_is_valid_to_another_tool_and_an_altered_one_is_not(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    settings = Settings(pdf_signing_file=str(a_key_file(tmp_path)), pdf_signing_secret_file=str(secret))
    signer = pdf_signer(settings)
    assert signer is not None
    signed = signer.signed(a_pdf())
    assert "Signature is Valid" in _pdfsig(signed, tmp_path)
    assert "Đảng ủy phường Hòa Xuân" in signer.told["subject"]
    altered = signed.replace(b"/MediaBox [ 0 0 612 792 ]", b"/MediaBox [ 0 0 611 792 ]")
    assert altered != signed
    assert "Signature is Valid" not in _pdfsig(altered, tmp_path)


def test_a_wrong_passphrase_is_told_without_repeating_it(tmp_path: Path) -> None:
    signer = pdf_signer(Settings(pdf_signing_file=str(a_key_file(tmp_path)), pdf_signing_secret="nhầm-hẳn"))
    assert signer is not None
    with pytest.raises(SigningFailed, match="không mở được tệp khóa") as failed:
        signer.signed(a_pdf())
    assert "nhầm-hẳn" not in str(failed.value)


def test_nothing_is_signed_unless_it_is_set() -> None:
    assert pdf_signer(Settings()) is None


def test_a_report_that_cannot_be_signed_is_not_issued_and_nothing_is_lost(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ended(sqlite_store, tmp_path)
    found.say("bi-thu")
    monkeypatch.setattr("workflow.reports.report_files.as_pdf", lambda document: a_pdf())
    issue, number = found.issue(), "12-BC/ĐU"
    wrong = pdf_signer(Settings(pdf_signing_file=str(tmp_path / "khong-co.p12")))
    seen = issue.draft.version
    day, office = CLOSED.date(), found.office
    with pytest.raises(SigningFailed, match="không có tệp khóa"):
        issue_report(sqlite_store, found.files, issue.id, seen, number, day, office, CLOSED, signer=wrong)
    assert found.issue() == issue
    right = pdf_signer(Settings(pdf_signing_file=str(a_key_file(tmp_path)), pdf_signing_secret=SECRET))
    out = issue_report(sqlite_store, found.files, issue.id, seen, number, day, office, CLOSED, signer=right)
    kept = found.files.get(next(one.sha256 for one in out.files if one.name.endswith(".pdf")))
    assert "Signature is Valid" in _pdfsig(kept, tmp_path)


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_the_pdf_is_for_the_archive_with_every_font_in_it(tmp_path: Path) -> None:
    made = as_pdf(write_docx(a_report(a_record())))
    with pikepdf.open(BytesIO(made)) as document:
        with document.open_metadata() as about:
            assert about.pdfa_status == "2B"
        assert "/MarkInfo" in document.Root
    (tmp_path / "a.pdf").write_bytes(made)
    fonts = subprocess.run(["pdffonts", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True)
    rows = fonts.stdout.splitlines()[2:]
    assert rows
    assert all(row.split()[-5] == "yes" for row in rows)


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_a_preview_shows_each_page_and_is_made_once(tmp_path: Path) -> None:
    previews, asked = Previews(tmp_path / "previews"), []

    def document() -> bytes:
        asked.append(1)
        return write_docx(a_report(a_record()))

    key = "a" * 64
    assert previews.of(key, document).pages == 0
    previews._making[key][1].result(120)
    state = previews.of(key, document)
    assert state.pages >= 3
    assert previews.picture(key, state.pages).startswith(b"\x89PNG")
    assert len(asked) == 1


def test_without_libreoffice_the_preview_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.reports.pdf.preview.libreoffice", lambda: None)
    state = Previews(tmp_path).of("b" * 64, bytes)
    assert state.error is not None
    assert "LibreOffice" in state.error.what
