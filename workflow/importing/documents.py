"""Opens a document of any kind: picks the reader by the file's bytes, never by its name.

A file that can't be read is refused with a cure (`other_kinds`); how large a document may be is `limits`.
Pre-Unicode letters that a reader could not recognise by their font are converted here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words
from workflow.importing import legacy, limits
from workflow.importing.encodings import composed, decoded
from workflow.importing.legacy import LetterScript
from workflow.importing.other_kinds import refuse_other_kinds
from workflow.importing.readers.excel import read_excel
from workflow.importing.readers.markdown import is_markdown, read_markdown_text
from workflow.importing.readers.package import Package, checked_package, package_kind
from workflow.importing.readers.pdf import read_pdf
from workflow.importing.readers.text import read_lines
from workflow.importing.readers.web_page import read_web_page
from workflow.importing.readers.word import read_word
from workflow.importing.tables.table import Cell, Document, Paragraph, Row, Table

_ZIP = b"PK\x03\x04"
_PDF = re.compile(rb"\s{0,16}%PDF-")
_WEB_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{0,4096}?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style)\b",
    re.IGNORECASE | re.DOTALL,
)


def open_document(source: Path | str | bytes, name: str = "") -> Document:
    """The document at that path or in those bytes; `UnreadablePlan` where it can't be opened or read."""
    if not isinstance(source, bytes):
        name = name or Path(source).name
        source = _bytes_of(Path(source))
    if len(source) > limits.BYTES:
        raise _too_large(name)
    if not source.strip():
        raise UnreadablePlan(Words("Tệp trống."), where=name, cure=Words("Hãy chọn tệp có biểu kế hoạch."))
    return _modern(_read(source, name))


def _read(source: bytes, name: str) -> Document:
    refuse_other_kinds(source, name)
    if source.startswith(_ZIP):
        parts = checked_package(source, name).namelist()
        match package_kind(parts):
            case Package.WORD:
                return read_word(source, name)
            case Package.EXCEL:
                return read_excel(source, name)
        raise UnreadablePlan(
            Words("Tệp nén không phải tệp Word hay Excel."),
            where=name,
            cure=Words("Hãy mở tệp bằng Word hoặc Excel, lưu lại thành .docx hoặc .xlsx rồi nhập lại."),
        )
    if _PDF.match(source):
        return read_pdf(source, name)
    if _WEB_PAGE.match(_narrow(source[:8192])):
        return read_web_page(source, name)
    text = decoded(source, name)
    return read_markdown_text(text, name) if is_markdown(text) else read_lines(text, name)


def _narrow(head: bytes) -> bytes:
    """The first bytes of a file without what UTF-16 and UTF-8 put before and between plain letters."""
    return (
        head.replace(b"\0", b"")
        .removeprefix(b"\xff\xfe")
        .removeprefix(b"\xfe\xff")
        .removeprefix(b"\xef\xbb\xbf")
    )


def _modern(document: Document) -> Document:
    """The document with every text in composed Unicode."""
    lines = list(document.lines())
    limits.within(
        max((len(line.text) for line in lines), default=0),
        limits.CELL_CHARACTERS,
        Words("ký tự trong một ô hoặc đoạn"),
        document.name,
    )
    mostly = legacy.prevailing(line.text for line in lines)
    return replace(document, blocks=tuple(_modern_block(block, mostly) for block in document.blocks))


def _modern_block(block: Paragraph | Table, mostly: LetterScript) -> Paragraph | Table:
    if isinstance(block, Paragraph):
        return replace(block, text=_modern_text(block.text, mostly))
    return Table(tuple(_modern_row(row, mostly) for row in block.rows))


def _modern_row(row: Row, mostly: LetterScript) -> Row:
    return replace(row, cells=tuple(_modern_cell(cell, mostly) for cell in row.cells))


def _modern_cell(cell: Cell, mostly: LetterScript) -> Cell:
    text = _modern_text(cell.text, mostly)
    return cell if text == cell.text else replace(cell, text=text)


def _modern_text(text: str, mostly: LetterScript) -> str:
    return text if text.isascii() else composed(legacy.modernised(text, mostly))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > limits.BYTES:
            raise _too_large(path.name)
        return path.read_bytes()
    except OSError as error:
        raise UnreadablePlan(
            Words("Không mở được tệp: %(value)s.", value=error.strerror or error),
            where=str(path),
            cure=Words("Hãy kiểm tra đường dẫn và quyền đọc tệp."),
        ) from None


def _too_large(name: str) -> UnreadablePlan:
    return limits.too_large(Words("Tệp lớn hơn %(bytes)s MB.", bytes=limits.BYTES // 2**20), name)
