"""A report's pages as pictures, as they will be printed: made once by LibreOffice for each state of a draft,
kept as a PDF in a folder, drawn page by page by pypdfium2.

Making takes seconds, so it runs beside the request that asks for it: `Previews.of` says at once whether the
pages are there, being made, or could not be.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from workflow.domain.errors import NotFound, TiendoError
from workflow.domain.words import Words
from workflow.reports.pdf.libreoffice import as_pdf, libreoffice

MOST_KEPT = 20
"""Documents of which the pages are kept; the one looked at longest ago goes first."""
DOTS_PER_INCH = 110
_ONE_AT_A_TIME = threading.Lock()
"""PDFium may be in use by one thread only."""
MOST_WAITING = 4
"""Documents that may wait to be made: each takes LibreOffice for seconds."""


@dataclass(frozen=True, slots=True)
class PreviewState:
    """Where a preview is: `pages` where it is made, else for how many `seconds` it is being made, or why it
    could not be (`error`)."""

    key: str
    pages: int = 0
    seconds: int = 0
    error: TiendoError | None = None


@dataclass(slots=True)
class Previews:
    """The previews kept in a folder, one made at a time."""

    folder: Path
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "preview"))
    _making: dict[str, tuple[float, Future[None]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, key: str, document: Callable[[], bytes]) -> PreviewState:
        """The preview of that key (a SHA-256 of all that is printed); begins to make it from the Word
        `document` where there is none. A failure is told once: the next look tries again."""
        if (path := self._path(key)).is_file():
            os.utime(path)
            return PreviewState(key, pages=_count(path))
        if libreoffice() is None:
            return PreviewState(
                key,
                error=TiendoError(
                    Words("Máy chủ này không có LibreOffice nên chưa xem được từng trang."),
                    cure=Words("Nhờ quản trị cài libreoffice-writer, hoặc tải bản thảo Word về xem."),
                ),
            )
        with self._lock:
            since, making = self._making.get(key, (0.0, None))
            if making is None:
                if len(self._making) >= MOST_WAITING:
                    return PreviewState(key, seconds=0)
                since = time.monotonic()
                self._making[key] = since, self._pool.submit(self._make, path, document())
                return PreviewState(key)
            if not making.done():
                return PreviewState(key, seconds=int(time.monotonic() - since))
            del self._making[key]
        error = making.exception()
        if error is None:
            return PreviewState(key, pages=_count(path))
        if isinstance(error, TiendoError):
            return PreviewState(key, error=error)
        raise error

    def picture(self, key: str, number: int) -> bytes:
        """One page, from 1, as PNG; raises NotFound."""
        path = self._path(key)
        if path.is_file():
            with _opened(path) as document:
                if 1 <= number <= len(document):
                    image = document[number - 1].render(scale=DOTS_PER_INCH / 72).to_pil().convert("L")
                    written = BytesIO()
                    image.save(written, "PNG", optimize=True)
                    return written.getvalue()
        raise NotFound(Words("Không có trang này."), cure=Words("Mở lại trang xem trước."))

    def _make(self, path: Path, document: bytes) -> None:
        made = as_pdf(document)
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(made)
        part.replace(path)
        kept = sorted(self.folder.glob("*.pdf"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in kept[MOST_KEPT:]:
            old.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.pdf"


def _count(path: Path) -> int:
    with _opened(path) as document:
        return len(document)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with _ONE_AT_A_TIME:
        document = pdfium.PdfDocument(path)
        try:
            yield document
        finally:
            document.close()
