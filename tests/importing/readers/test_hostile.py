"""Files made to do harm end in a clear message, soon, and in bounded memory; so do kinds we don't read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.importing.hostile import FILES, make_files
from tests.importing.make_documents import SOFFICE, as_docx, as_pdf, plan_to_make
from tests.importing.plans import a_document, a_row
from workflow.domain.errors import UnreadablePlan
from workflow.importing.documents import open_document

MOST_SECONDS = 10
"""Of the child's own work: other tests may run beside it."""
MOST_MEGABYTES = 800
HARMLESS = {"entities_in_a_page", "a_line_of_spaces"}
"""Read after all: what a page refers to is not fetched, and spaces are one space."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What came of each file, in one child process with little memory."""
    folder = tmp_path_factory.mktemp("hostile")
    make_files(folder)
    command = [sys.executable, "-m", "tests.importing.hostile", str(folder), "--open"]
    root = Path(__file__).parents[3]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=root, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FILES, "two_hundred_megabytes"])
def test_a_hostile_file_ends_in_a_clear_message_in_time_and_in_little_memory(outcomes, name):
    outcome = outcomes[name]
    assert outcome["seconds"] < MOST_SECONDS
    assert outcome["peak_mb"] < MOST_MEGABYTES
    assert "root:" not in outcome["said"]
    if name not in HARMLESS:
        assert outcome["cure"]
        assert outcome["said"].endswith(".")


def test_an_empty_file_is_refused():
    with pytest.raises(UnreadablePlan, match="trống"):
        open_document(b" \n", "a.txt")


@pytest.mark.parametrize(
    ("source", "what", "cure"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), r"\.doc\b", ".docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), r"\.xls\b", ".xlsx"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "mật khẩu",
            "bỏ mật khẩu",
        ),
        (b"\xff\xd8\xff\xe0", "ảnh", "OCR"),
        (b"\x89PNG\r\n", "ảnh", "OCR"),
        (b"{\\rtf1", "RTF", ".docx"),
        (b"PK\x03\x04 other.txt", "Word hay Excel", "giải nén"),
        (b"PK\x03\x04 xl/workbook.bin", "xlsb", ".xlsx"),
        (b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.text", "odt", ".docx"),
        (b"PK\x03\x04 word/document.xml", "hỏng", "lưu lại"),
        (b"%PDF-1.7 broken", "hỏng", "Word"),
        (b"Rar!\x1a\x07", "nén", "giải nén"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_place_and_cure(source, what, cure):
    with pytest.raises(UnreadablePlan, match=what) as refused:
        open_document(source, "ke-hoach")
    assert refused.value.where == "ke-hoach"
    assert cure in refused.value.cure


def test_a_scan_is_refused_with_what_to_do(tmp_path):
    scan = pypdfium2.PdfDocument.new()
    scan.new_page(595, 842)
    scan.save(tmp_path / "scan.pdf")
    with pytest.raises(UnreadablePlan, match="bản quét") as refused:
        open_document(tmp_path / "scan.pdf")
    assert "OCR" in refused.value.cure


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not here to print")
def test_a_pdf_with_a_password_is_refused_with_what_to_do():
    locked = as_pdf(as_docx(plan_to_make(a_document([a_row()]), is_broken=False)), password="mở")
    with pytest.raises(UnreadablePlan, match="mật khẩu") as refused:
        open_document(locked, "a.pdf")
    assert "bỏ mật khẩu" in refused.value.cure
