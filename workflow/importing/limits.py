"""How large a document may be: one place for every bound that makes a hostile file harmless.

A plan of a thousand items is some hundred kilobytes and well under a hundred pages, so an honest document
exceeds none of these. Exceeding one raises `TooLarge`, whose message has the bound and the cure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words

BYTES = 50 * 2**20
"""Of the file as it lies on disk."""
UNPACKED_BYTES = 200 * 2**20
"""Of all parts of a packed file (DOCX, XLSX) or of all streams of a PDF, once unpacked."""
XML_BYTES = 40 * 2**20
"""Of one XML part of a packed file, which is held in memory as a tree some ten times as large."""
PACKED_FILES = 5_000
"""Parts in one packed file."""
ROWS = 20_000
"""Rows with anything in them, in one table."""
PARAGRAPHS = 100_000
"""Outside tables."""
COLUMNS = 200
"""Columns with anything in them."""
CELLS = 500_000
"""Cells of one document, each merged cell counted as often as it is spread."""
PAGES = 600
CHARACTERS = 20_000_000
"""Of text in one document."""
CELL_CHARACTERS = 50_000
"""Of text in one cell or paragraph: what reads them looks at each letter many times."""
DEPTH = 256
"""Of elements within elements; kept by libxml2, which reads no deeper."""
SECONDS = 8.0
"""Of work on reading one document, so that a busy machine refuses nothing an idle one reads."""

T = TypeVar("T")


class TooLarge(UnreadablePlan):
    """A document beyond one of the bounds."""


def too_large(what: str, name: str = "") -> TooLarge:
    """The refusal of a document that has too much of something."""
    return TooLarge(what, where=name, cure=Words("Hãy tách riêng biểu kế hoạch ra một tệp mới rồi nhập lại."))


def within(count: int, limit: int, of: str, name: str = "") -> int:
    """The count, where it is within the limit."""
    if count > limit:
        raise too_large(
            Words("Tệp có quá %(limit)s %(of)s.", limit=f"{limit:,}".replace(",", "."), of=of), name
        )
    return count


def in_time(
    things: Iterable[T], name: str = "", clock: Callable[[], float] = time.thread_time
) -> Iterator[T]:
    """The things one after another, refused once they have taken longer than a document may."""
    end = clock() + SECONDS
    for thing in things:
        yield thing
        if clock() > end:
            raise too_large(Words("Đọc tệp mất quá %(seconds)s giây.", seconds=f"{SECONDS:.0f}"), name)
