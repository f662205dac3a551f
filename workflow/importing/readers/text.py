"""Reader of text whose table rows are lines with tabs, or bars, between the cells.

Such text comes from scans and converted files: cells broken over lines, leftover tags and asterisks,
page numbers inside the table. It returns the model of `table`; joining rows broken by a page is `rows`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow.domain.words import Words
from workflow.importing import limits
from workflow.importing.encodings import decoded
from workflow.importing.tables.columns import read_columns
from workflow.importing.tables.numbering import NO_LABEL, Rank, read_label, split_label
from workflow.importing.tables.table import Cell, Document, Paragraph, Place, Row, Table, lined

_BREAKING_TAG = re.compile(r"\s*</?(?:p|br|div|li|ul|ol|tr)\b[^<>]*>\s*", re.IGNORECASE)
_OTHER_TAG = re.compile(r"</?(?:b|i|u|s|em|strong|span|font|sup|sub|a|td|th|h[1-6])\b[^<>]*>", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]*[^\s*])\*(?![\w*])")
_BOLD = re.compile(r"\s*(?:<(b|strong)\b[^<>]*>.*</\1>|\*\*.+\*\*)\s*", re.DOTALL | re.IGNORECASE)
_OPEN_TAG = re.compile(r"<(p|b|i|u|em|strong|span|div)\b[^<>]*>", re.IGNORECASE)
_CLOSE_TAG = re.compile(r"</(p|b|i|u|em|strong|span|div)>", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"\s*[-–—]?\s*(?:trang\s+)?\d{1,4}(?:\s*/\s*\d{1,4})?\s*[-–—]?\s*", re.IGNORECASE)
_LONGEST_CELL_LINES = 40
_SPACES = re.compile(r"[ \u00a0\u2000-\u200a\u3000]{2,}")
_FEWEST_TABS = 2
"""A first line with fewer is a paragraph: lists and letterheads use single tabs."""
_LINES_BETWEEN_ROWS = 4


def read_text(source: bytes, name: str = "") -> Document:
    """The document in that text; `UnreadablePlan` where the bytes are no Vietnamese text."""
    return read_lines(decoded(source, name), name)


def read_lines(text: str, name: str = "") -> Document:
    """The document in that text, decoded."""
    lines = _tabbed(_SPACES.sub(" ", text).split("\n"))
    return Document(tuple(limits.in_time(_blocks(lines, name), name)), name)


def clean(text: str) -> str:
    """The text without leftover tags, emphasis marks and invisible characters; `<p>` parts lines."""
    text = html.unescape(_OTHER_TAG.sub("", _BREAKING_TAG.sub("\n", text)))
    text = _EMPHASIS.sub(r"\1", text.replace("**", "").replace("\\*", "*"))
    return lined(text)


def is_bold(raw: str) -> bool:
    """Whether the whole of a cell stands in marks of bold type."""
    return bool(_BOLD.fullmatch(raw))


def _tabbed(lines: Sequence[str]) -> Sequence[str]:
    """The lines with tabs between the cells where bars part them: `TT | Nội dung | Đơn vị chủ trì`."""
    if any(line.count("\t") >= _FEWEST_TABS and read_columns(line.split("\t")) for line in lines):
        return lines
    if not any(line.count("|") >= _FEWEST_TABS and read_columns(line.split("|")) for line in lines):
        return lines
    return [line.replace("|", "\t") for line in lines]


@dataclass(slots=True)
class _OpenTable:
    """The table being read: its width is its first row's, or the last header's."""

    rows: list[Row]
    width: int
    is_after_break: bool = False


def _blocks(lines: Sequence[str], name: str) -> Iterator[Paragraph | Table]:
    table: _OpenTable | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            if table:
                table.is_after_break = True
            at += 1
            continue
        if table and "\t" not in line and _PAGE_NUMBER.fullmatch(line):
            table.is_after_break = True
            at += 1
            continue
        is_within = table is not None and ("\t" in line or _rows_follow(lines, at + 1))
        if not is_within and line.count("\t") < _FEWEST_TABS:
            if table:
                yield Table(tuple(table.rows))
                table = None
            if text := clean(line.lstrip("#> ")):
                yield Paragraph(text.replace("\n", " "), Place(at + 1, at + 1))
            at += 1
            continue
        if columns := read_columns(clean(cell) for cell in line.split("\t")):
            if table is None:
                table = _OpenTable([], columns.width)
            table.width = columns.width
        elif table is None:
            table = _OpenTable([], line.count("\t") + 1)
        limits.within(line.count("\t"), limits.COLUMNS, Words("cột"), name)
        limits.within(len(table.rows), limits.ROWS, Words("dòng"), name)
        end = _row_end(lines, at, table.width)
        table.rows.append(_row(lines[at:end], at + 1, table.is_after_break))
        table.is_after_break = False
        at = end
    if table:
        yield Table(tuple(table.rows))


def _rows_follow(lines: Sequence[str], at: int) -> bool:
    """Whether the table goes on after a line without tabs, so that the line stands inside it."""
    ahead = [line for line in lines[at : at + 2 * _LINES_BETWEEN_ROWS] if line.strip()]
    return any(line.count("\t") >= _FEWEST_TABS for line in ahead[:_LINES_BETWEEN_ROWS])


def _row_end(lines: Sequence[str], at: int, width: int) -> int:
    """The line after the row that starts at `at`.

    A row short of tabs goes on where the next lines bring exactly the missing ones, or while a tag it
    opened is not closed; otherwise the missing cells are empty ones an editor has trimmed.
    """
    missing = width - 1 - lines[at].count("\t")
    is_open = _is_open(lines[at])
    end = at + 1
    for ahead in range(at + 1, min(len(lines), at + _LONGEST_CELL_LINES)):
        line = lines[ahead]
        if (missing <= 0 and not is_open) or _starts_row(line) or _is_header(line):
            break
        if ahead == at + 1 and _is_title(lines[at]):
            break
        missing -= line.count("\t")
        if missing < 0:
            break
        if is_open:
            end = ahead + 1
            is_open = _is_open(line) or not _CLOSE_TAG.search(line)
        elif missing == 0 and line.strip():
            end = ahead + 1
    return end


def _is_header(line: str) -> bool:
    return "\t" in line and read_columns(clean(cell) for cell in line.split("\t")) is not None


def _is_title(line: str) -> bool:
    """Whether a line without tabs is a heading of its own: numbered as headings are, or all in capitals."""
    text = clean(line)
    label, title = split_label(text)
    is_heading = label.kind in (Rank.PART, Rank.UPPER, Rank.ROMAN) or (
        title.upper() == title != title.lower()
    )
    return "\t" not in line and is_heading


def _is_open(line: str) -> bool:
    return len(_OPEN_TAG.findall(line)) > len(_CLOSE_TAG.findall(line))


def _starts_row(line: str) -> bool:
    first, tab, _ = line.partition("\t")
    return bool(tab) and (not first.strip() or read_label(clean(first)) is not NO_LABEL)


def _row(lines: Sequence[str], first: int, is_after_break: bool) -> Row:
    cells: list[Cell] = []
    number = first
    for raw in "\n".join(lines).split("\t"):
        last = number + raw.count("\n")
        text = clean(raw)
        cells.append(Cell(text, Place(number, last), bool(text) and is_bold(raw)))
        number = last
    return Row(tuple(cells), Place(first, first + len(lines) - 1), is_after_break)
