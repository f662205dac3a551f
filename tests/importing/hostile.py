"""Files made to do harm, each small; and a child process that opens them with little memory.

python -m tests.importing.hostile FOLDER     makes them, opens each, prints what came of it as JSON
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl

MEMORY_BYTES = 2 * 2**30
"""Of address space, most of which is libraries: PDFium, lxml and Python map some hundred megabytes."""

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ENTITIES = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'


def _saved(document: docx.document.Document | openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _with_part(source: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one part changed, or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(source)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, change(old.read(name) if name in old.namelist() else b""))
    return buffer.getvalue()


def _word() -> bytes:
    return _saved(docx.Document())


def _workbook(fill: Callable[[openpyxl.worksheet.worksheet.Worksheet], object]) -> bytes:
    workbook = openpyxl.Workbook()
    fill(workbook.active)
    return _saved(workbook)


def bomb_in_one_part() -> bytes:
    body = f'<w:document xmlns:w="{_W}"><w:body/></w:document>'.encode()
    return _with_part(_word(), "word/document.xml", lambda _: body + b" " * (60 * 2**20))


def bomb_in_many_parts() -> bytes:
    source = _word()
    for index in range(6):
        source = _with_part(source, f"word/media/{index}.bin", lambda _: bytes(38 * 2**20))
    return source


def a_million_texts() -> bytes:
    texts = b"<sst>" + b"<si><t>a</t></si>" * 1_000_000 + b"</sst>"
    return _with_part(_workbook(lambda sheet: sheet.append(["TT"])), "xl/sharedStrings.xml", lambda _: texts)


def columns_in_a_workbook() -> bytes:
    return _workbook(lambda sheet: sheet.append(["TT", *("x" for _ in range(9_999))]))


def columns_in_text() -> bytes:
    return b"\t".join([b"TT"] * 10_000) * 2 + b"\n"


def columns_in_a_page() -> bytes:
    return b"<html><table><tr>" + b"<td>x" * 10_000 + b"</table></html>"


def paragraphs_in_word() -> bytes:
    paragraphs = "<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 1_000_000
    body = f'<w:document xmlns:w="{_W}"><w:body>{paragraphs}</w:body></w:document>'
    return _with_part(_word(), "word/document.xml", lambda _: body.encode())


def columns_in_word() -> bytes:
    cells = "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>" * 10_000
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    body = f'<w:document xmlns:w="{_W}"><w:body>{table}</w:body></w:document>'
    return _with_part(_word(), "word/document.xml", lambda _: body.encode())


def entities_in_word() -> bytes:
    return _with_part(
        _word(),
        "word/document.xml",
        lambda xml: xml.replace(b"<w:document", _ENTITIES.encode() + b"<w:document", 1),
    )


def entities_in_a_workbook() -> bytes:
    return _with_part(
        _workbook(lambda sheet: sheet.append(["TT"])),
        "xl/worksheets/sheet1.xml",
        lambda xml: _ENTITIES.encode() + xml,
    )


def entities_in_a_page() -> bytes:
    return f"{_ENTITIES.replace('DOCTYPE x', 'DOCTYPE html')}<table><tr><td>&secret;<td>x</table>".encode()


def merged_everywhere() -> bytes:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        for row in range(1, 1_501):
            sheet.append([str(row), "x", "y"])
            sheet.merged_cells.ranges.add(openpyxl.worksheet.cell_range.CellRange(f"A{row}:XFD1048576"))

    return _workbook(fill)


def spans_everywhere() -> bytes:
    row = "<tr>" + "<td rowspan=65534 colspan=1000>x" * 20 + "</tr>"
    return f"<html><table>{row * 3000}</table></html>".encode()


def a_deep_page() -> bytes:
    return b"<html>" + b"<div>" * 100_000 + b"x"


def deep_tables() -> bytes:
    return b"<html>" + b"<table><tr><td>" * 20_000 + b"x"


def a_line_of_spaces() -> bytes:
    return b"TT\tN\xe1\xbb\x99i dung\tx\n1\t" + b" " * 15_000_000 + b"<\tx\n"


def a_giant_cell() -> bytes:
    return b"TT\ta\tb\n1\t" + b"<b " * 1_000_000 + b"\tx\n"


def streams_in_a_pdf() -> bytes:
    packed = zlib.compress(bytes(100 * 2**20), 1)
    stream = b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream\nendobj\n" % (len(packed), packed)
    return b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%b" % (index, stream) for index in range(1, 4))


def a_pdf_packed_twice() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<</Filter[/FlateDecode /FlateDecode]>>\nstream\nx\nendstream\nendobj\n"


def a_pdf_of_many_pages() -> bytes:
    kids = b"3 0 R " * 100_000
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 100000/Kids["
        + kids
        + b"]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n"
    )


FILES = {
    make.__name__: make
    for make in (
        bomb_in_one_part, bomb_in_many_parts, a_million_texts, columns_in_a_workbook, columns_in_text,
        columns_in_a_page, columns_in_word, paragraphs_in_word,
        entities_in_word, entities_in_a_workbook, entities_in_a_page,
        merged_everywhere, spans_everywhere, a_deep_page, deep_tables, a_line_of_spaces, a_giant_cell,
        streams_in_a_pdf, a_pdf_packed_twice, a_pdf_of_many_pages,
    )
}  # fmt: skip


def make_files(folder: Path) -> None:
    """Write each file, and one of 200 MB that takes no room."""
    for name, make in FILES.items():
        (folder / name).write_bytes(make())
    with (folder / "two_hundred_megabytes").open("wb") as sparse:
        sparse.truncate(200 * 2**20)


def main() -> None:
    """Make the files, or open them and print for each what came of it."""
    folder = Path(sys.argv[1])
    if "--open" not in sys.argv:
        make_files(folder)
        return
    from workflow.domain.errors import UnreadablePlan
    from workflow.importing.documents import open_document

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    found = {}
    for file in sorted(folder.iterdir()):
        start = time.process_time()
        try:
            document = open_document(file)
            said, cure = repr(document.blocks[:3])[:2000], ""
        except UnreadablePlan as error:
            said, cure = error.what, error.cure
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        found[file.name] = {
            "said": said,
            "cure": cure,
            "seconds": time.process_time() - start,
            "peak_mb": peak,
        }
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
