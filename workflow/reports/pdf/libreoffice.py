"""A Word document as PDF/A, by LibreOffice where it is on the machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from workflow.domain.errors import TiendoError

PDF = "application/pdf"
LIMIT_SECONDS = 120
# SelectPdfVersion 2 is PDF/A-2b (ISO 19005-2), which has every font in the file and needs nothing from
# outside: what an archive keeps reads the same in twenty years. Tagged, for who has it read aloud.
_EXPORT = (
    'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},'
    '"UseTaggedPDF":{"type":"boolean","value":"true"}}'
)


def libreoffice() -> str | None:
    """The program, None where it isn't installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def as_pdf(document: bytes, *, limit_seconds: float = LIMIT_SECONDS) -> bytes:
    """The DOCX as PDF. LibreOffice gets a folder and a profile of its own, so that several may run at once
    and nobody's open LibreOffice is disturbed."""
    program = libreoffice()
    if program is None:
        raise TiendoError(
            "Máy này không có LibreOffice nên chưa làm được bản PDF.",
            cure="Cài LibreOffice (Debian, Ubuntu: apt-get install libreoffice-writer), hoặc mở tệp Word và "
            "lưu thành PDF.",
        )
    with TemporaryDirectory(prefix="tiendo-pdf-") as place:
        folder = Path(place)
        (folder / "bao-cao.docx").write_bytes(document)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--norestore", "--convert-to", _EXPORT, "bao-cao.docx"]
        try:
            done = subprocess.run(  # noqa: S603 - the program is of the machine, the names are ours
                command, cwd=folder, capture_output=True, text=True, timeout=limit_seconds
            )
        except subprocess.TimeoutExpired:
            raise TiendoError(
                f"LibreOffice không xong bản PDF trong {limit_seconds:g} giây.",
                cure="Thử lại khi máy bớt việc, hoặc mở tệp Word và lưu thành PDF.",
            ) from None
        made = folder / "bao-cao.pdf"
        if not made.is_file():
            said = (done.stderr or done.stdout).strip().splitlines()
            raise TiendoError(
                f"LibreOffice không làm được bản PDF: {said[-1] if said else 'không nói lý do'}.",
                cure="Mở tệp Word và lưu thành PDF.",
            )
        return made.read_bytes()
