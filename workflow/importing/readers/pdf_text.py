"""From the characters of a page to lines of text, as a reader's eye puts them together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from workflow.importing.readers.pdf_page import Glyph
from workflow.importing.tables.table import folded

_SAME_LINE = 0.45
"""Of a character's width, roughly its height's half: how far apart baselines of one line may be."""
_LEAST_APART = 2.5
_WORD_GAP = 0.22
"""Of the mean width of the line's characters."""
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-"})
_STARTS_LINE = re.compile(r"[-–—+•▪○●*]|đ/?c\b|đợt\s+\d|\d{1,2}[.)]|[a-hđ]\)", re.IGNORECASE)
_CODE_GOES_ON = re.compile(r"\d-\n(?=[A-ZĐ])")
"""The number of a document parted at its hyphen: `211-` and `KH/QU`."""
_BY_BASE, _BY_LEFT = attrgetter("base"), attrgetter("left")
_CLEAR_ROOM, _SOME_ROOM = 6.0, 2.5
"""Points left beside a word that would have fitted, for a line without and with a mark of its own."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, the height and width it stands at, and the width of its first word."""

    text: str
    base: float
    left: float
    right: float
    first: float


def lines_of(glyphs: Iterable[Glyph]) -> Iterator[TextLine]:
    """The lines of text from the top down."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(_with_marks(glyphs), key=_BY_BASE):
        apart = max(_LEAST_APART, _SAME_LINE * (glyph.right - glyph.left))
        if rows and glyph.base - rows[-1][-1].base <= apart:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in rows:
        if line := _line(sorted(row, key=_BY_LEFT)):
            yield line


def unwrapped(lines: Sequence[TextLine], left: float, right: float) -> str:
    """The text of a cell between those edges, with the lines joined that only its width has parted.

    A line was parted from the one above where its first word would not have fitted there.
    """
    found: list[str] = []
    padding = min((line.left for line in lines), default=left) - left
    edge = right - padding
    for above, line in zip([None, *lines], lines, strict=False):
        room = _SOME_ROOM if _STARTS_LINE.match(line.text) else _CLEAR_ROOM
        if above is None or edge - above.right > line.first + room:
            found.append(line.text)
        elif _CODE_GOES_ON.search(f"{above.text}\n{line.text}"):
            found[-1] += line.text
        else:
            found[-1] = f"{found[-1]} {line.text}"
    return "\n".join(found)


def _line(glyphs: Sequence[Glyph]) -> TextLine | None:
    seen = [glyph for glyph in glyphs if not glyph.text.isspace()]
    if not seen:
        return None
    gap = max(1.0, _WORD_GAP * sum(glyph.right - glyph.left for glyph in seen) / len(seen))
    pieces = [glyphs[0].text]
    first = 0.0
    for before, after in pairwise(glyphs):
        if after.left - before.right > gap:
            pieces.append(" ")
        if not first and (pieces[-1].isspace() or after.text.isspace()) and before.left >= seen[0].left:
            first = before.right - seen[0].left
        pieces.append(after.text)
    text = folded("".join(pieces).translate(_HYPHENS))
    return TextLine(text, seen[0].base, seen[0].left, seen[-1].right, first or seen[-1].right - seen[0].left)


def _with_marks(glyphs: Iterable[Glyph]) -> Iterator[Glyph]:
    """The characters, each with the combining marks drawn over it."""
    held: Glyph | None = None
    for glyph in glyphs:
        if held is not None and unicodedata.combining(glyph.text):
            held = held._replace(text=held.text + glyph.text)
            continue
        if held is not None:
            yield held
        held = glyph
    if held is not None:
        yield held
