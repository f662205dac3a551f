"""Opens a document of any kind: looks at its first bytes and gives it to the reader that knows them.

A further reader is one line in `_READERS`. What can't be read is refused with what to do about it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workflow.domain.errors import UnreadablePlan
from workflow.importing.readers.text import read_text
from workflow.importing.table import Document

Reader = Callable[[bytes, str], Document]

_READERS: tuple[tuple[Callable[[bytes], bool], Reader], ...] = ()
"""For each kind of file that its first bytes give away: the test, and its reader."""

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "tệp Word hoặc Excel (.docx, .xlsx)"),
    (b"%PDF", "tệp PDF"),
    (b"\xd0\xcf\x11\xe0", "tệp Office đời cũ (.doc, .xls)"),
    (b"{\\rtf", "tệp RTF"),
    (b"\xff\xd8\xff", "tệp ảnh"),
    (b"\x89PNG", "tệp ảnh"),
)
_LARGEST_BYTES = 50 * 2**20


def open_document(source: Path | str | bytes, name: str = "") -> Document:
    """The document at that path or in those bytes; `UnreadablePlan` where it can't be opened or read."""
    if not isinstance(source, bytes):
        name = name or Path(source).name
        source = _bytes_of(Path(source))
    if len(source) > _LARGEST_BYTES:
        raise _too_large(name)
    for knows, read in _READERS:
        if knows(source):
            return read(source, name)
    for start, kind in _REFUSED:
        if source.startswith(start):
            raise UnreadablePlan(
                f"Chưa đọc được {kind}.",
                where=name,
                cure="Hãy lưu biểu kế hoạch thành văn bản UTF-8, các cột cách nhau bằng phím Tab.",
            )
    return read_text(source, name)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise _too_large(path.name)
        return path.read_bytes()
    except OSError as error:
        raise UnreadablePlan(
            f"Không mở được tệp: {error.strerror or error}.",
            where=str(path),
            cure="Hãy kiểm tra đường dẫn và quyền đọc tệp.",
        ) from None


def _too_large(name: str) -> UnreadablePlan:
    return UnreadablePlan(
        f"Tệp lớn hơn {_LARGEST_BYTES // 2**20} MB.",
        where=name,
        cure="Hãy tách riêng biểu kế hoạch ra một tệp rồi nhập lại.",
    )
