"""Reader of Markdown as scanners and converters leave it: pipe tables, HTML tables, leftover marks.

A table ends at the first line without a bar; the next table goes on with its columns where it has no
header of its own (that is `rows`), so a plan cut into one table a page reads as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workflow.importing.encodings import decoded
from workflow.importing.readers.grid import Placed, table_of
from workflow.importing.readers.text import clean, is_bold, read_lines
from workflow.importing.readers.web_page import read_markup
from workflow.importing.tables.table import Document, Paragraph, Place, Table

_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)+\|?\s*")
_ROW = re.compile(r"\s*\|.*\|\s*")
_BAR = re.compile(r"(?<!\\)\|")
_MARKUP_TABLE = re.compile(r"(<table\b.*?</table\s*>)", re.IGNORECASE | re.DOTALL)
_LEAST_BARS = 2


def is_markdown(text: str) -> bool:
    """Whether a text holds tables as Markdown writes them."""
    if _MARKUP_TABLE.search(text):
        return True
    lines = text.split("\n")
    if any("--" in line and _RULE.fullmatch(line) for line in lines):
        return True
    rows = [bool(_ROW.fullmatch(line)) for line in lines if _is_row(line)]
    return len(rows) > 1 and all(rows)


def read_markdown(source: bytes, name: str = "") -> Document:
    """The document in that Markdown."""
    return read_markdown_text(decoded(source, name), name)


def read_markdown_text(text: str, name: str = "") -> Document:
    """The document in that Markdown, decoded."""
    blocks: list[Paragraph | Table] = []
    at = 0
    for piece in _MARKUP_TABLE.split(text):
        if _MARKUP_TABLE.fullmatch(piece):
            blocks += read_markup(piece, name).blocks
        elif piece.strip():
            blocks += _blocks(piece.split("\n"), at, name)
        at += piece.count("\n")
    return Document(tuple(blocks), name)


def _blocks(lines: Sequence[str], before: int, name: str) -> Iterator[Paragraph | Table]:
    """The paragraphs and pipe tables in lines of which so many stand before."""
    rest: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _is_row(lines[end]):
            end += 1
        if end - at > 1 or (end > at and _ROW.fullmatch(lines[at])):
            yield from _paragraphs(rest, before + at - len(rest), name)
            rest = []
            if table := _table(lines[at:end], before + at, name):
                yield table
            at = end
        else:
            rest.append(lines[at])
            at += 1
    yield from _paragraphs(rest, before + at - len(rest), name)


def _paragraphs(lines: Sequence[str], before: int, name: str) -> Iterator[Paragraph | Table]:
    """What stands between tables, read as text, which may hold tables with tabs."""
    if any(line.strip() for line in lines):
        yield from read_lines("\n" * before + "\n".join(lines), name).blocks


def _table(lines: Sequence[str], before: int, name: str) -> Table | None:
    rows = [(number, line) for number, line in enumerate(lines, before + 1) if not _RULE.fullmatch(line)]
    is_framed = all(line.lstrip().startswith("|") for _, line in rows)
    cells = [
        Placed(row, column, clean(text), is_bold=is_bold(text))
        for row, (_, line) in enumerate(rows)
        for column, text in enumerate(_cells(line, is_framed=is_framed))
    ]
    return table_of(cells, lambda row: Place(rows[row][0], rows[row][0]), name=name)


def _cells(line: str, *, is_framed: bool) -> list[str]:
    """The cells of a line; in a framed table its first bar parts nothing."""
    line = line.strip()
    inner = line[1:] if is_framed else line
    cells = [cell.replace("\\|", "|").strip() for cell in _BAR.split(inner)]
    return cells[:-1] if line.endswith("|") and len(cells) > 1 else cells


def _is_row(line: str) -> bool:
    return line.count("|") >= _LEAST_BARS
