"""From the characters of a page to lines of text, as a reader's eye puts them together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from workflow.importing.readers.pdf_page import Glyph
from workflow.importing.table import folded

_SAME_LINE = 0.45
"""Of a character's width, roughly its height's half: how far apart baselines of one line may be."""
_LEAST_APART = 2.5
_WORD_GAP = 0.22
"""Of the mean width of the line's characters."""
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-"})
_STARTS_LINE = re.compile(r"\s*(?:[-–—+•▪○●*]\s*\S|đ/?c\b|đợt\s+\d|\d{1,2}[.)]\s+\S|[a-hđ]\)\s)", re.IGNORECASE)


def lines_of(glyphs: Iterable[Glyph]) -> Iterator[tuple[float, str]]:
    """The lines of text from the top down, each with the height it stands at."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(_with_marks(glyphs), key=lambda glyph: glyph.base):
        apart = max(_LEAST_APART, _SAME_LINE * (glyph.right - glyph.left))
        if rows and glyph.base - rows[-1][-1].base <= apart:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in rows:
        if text := _line(sorted(row, key=lambda glyph: glyph.left)):
            yield row[0].base, text


def unwrapped(lines: Sequence[str]) -> str:
    """A cell's lines with those joined that only its width has parted: a line of its own has a mark."""
    found: list[str] = []
    for line in lines:
        if found and not _STARTS_LINE.match(line):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return "\n".join(found)


def _line(glyphs: Sequence[Glyph]) -> str:
    widths = [glyph.right - glyph.left for glyph in glyphs if not glyph.text.isspace()]
    if not widths:
        return ""
    gap = max(1.0, _WORD_GAP * sum(widths) / len(widths))
    pieces = [glyphs[0].text]
    for before, after in zip(glyphs, glyphs[1:], strict=False):
        if after.left - before.right > gap:
            pieces.append(" ")
        pieces.append(after.text)
    return folded("".join(pieces).translate(_HYPHENS))


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
