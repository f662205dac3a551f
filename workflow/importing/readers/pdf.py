"""Reader of PDF with a text layer: ruled tables, a table that goes on over pages, rows a page breaks.

A header repeated on each page is dropped, a cell merged over rows goes on over the page, and the first row
of a page is marked, for `rows` to join it to the row it may be the rest of. Scans are refused.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pypdfium2 import PdfiumError

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words
from workflow.importing import legacy, limits
from workflow.importing.readers.grid import Placed, table_of
from workflow.importing.readers.pdf_page import Font, Glyph, PdfPage, pages_of
from workflow.importing.readers.pdf_text import lines_of, unwrapped
from workflow.importing.readers.ruled import Box, RuledTable, ruled_tables
from workflow.importing.tables.table import Document, Paragraph, Place, Table, folded

_STREAM = re.compile(rb"stream\r?\n")
_PACKED_TWICE = re.compile(rb"/(?:FlateDecode|Fl|LZWDecode)\s*/(?:FlateDecode|Fl|LZWDecode)\b")
_PAGE_NUMBER = re.compile(r"[-–—]?\s*(?:trang\s+)?\d{1,4}(?:\s*/\s*\d{1,4})?\s*[-–—]?", re.IGNORECASE)
_CHUNK = 2**16
_SAME_EDGE = 4.0
_FEWEST_CHARACTERS_A_PAGE = 12
_FEW_EMPTY = 8
"""One empty cell to so many filled ones."""


def read_pdf(source: bytes, name: str = "") -> Document:
    """The document in that file; `UnreadablePlan` for a scan and for a file that is locked."""
    _refuse_bombs(source, name)
    reader = _PdfReader(name)
    pages = characters = 0
    try:
        for page in limits.in_time(pages_of(source, name), name):
            pages += 1
            characters += len(page.glyphs)
            limits.within(characters, limits.CHARACTERS, Words("ký tự"), name)
            reader.read(page, pages)
    except PdfiumError as error:
        raise _unopened(str(error), name) from None
    if characters < _FEWEST_CHARACTERS_A_PAGE * pages:
        raise UnreadablePlan(
            Words("Tệp PDF là bản quét (ảnh chụp), không có chữ để đọc."),
            where=name,
            cure=Words(
                "Hãy xin tệp Word gốc, hoặc dùng phần mềm nhận dạng chữ (OCR) lưu thành Word rồi nhập lại."
            ),
        )
    reader.end_table()
    return Document(tuple(reader.blocks), name)


@dataclass(frozen=True, slots=True)
class _PageTable:
    """A table's piece on one page, with the text, weight and place of each cell."""

    ruled: RuledTable
    texts: tuple[str, ...]
    bold: tuple[bool, ...]
    page: int

    def row(self, row: int) -> list[str]:
        """The texts of the cells that begin in a row."""
        cells = zip(self.ruled.cells, self.texts, strict=True)
        return [folded(text) for cell, text in cells if cell.row == row]


@dataclass(slots=True)
class _PdfReader:
    """The blocks found so far, and the pieces of the table being read."""

    name: str
    blocks: list[Paragraph | Table] = field(default_factory=list)
    _pieces: list[_PageTable] = field(default_factory=list)

    def read(self, page: PdfPage, number: int) -> None:
        """Read one page."""
        tables = ruled_tables(page.lines)
        inside, outside = _shared_out(page.glyphs, tables)
        fonts = _fonts_by_cell(page.fonts, tables)
        lines = [line for line in lines_of(outside) if not _PAGE_NUMBER.fullmatch(line.text)]
        at = 0
        for index, ruled in enumerate(tables):
            while at < len(lines) and lines[at].base < ruled.box.top:
                self._paragraph(lines[at].text, number)
                at += 1
            own = [fonts[index, cell] for cell in range(len(ruled.cells))]
            texts = tuple(
                _text(cell.box, inside[index, at_cell], own[at_cell])
                for at_cell, cell in enumerate(ruled.cells)
            )
            bold = tuple(bool(found) and all(font.is_bold for font in found) for found in own)
            self._add(_PageTable(ruled, texts, bold, number))
        for line in lines[at:]:
            self._paragraph(line.text, number)

    def end_table(self) -> None:
        """Make a table of the pieces read."""
        pieces, self._pieces = self._pieces, []
        if pieces and (table := _joined(pieces, self.name)):
            self.blocks.append(table)

    def _paragraph(self, text: str, page: int) -> None:
        self.end_table()
        self.blocks.append(Paragraph(text, Place(within=f"trang {page}")))

    def _add(self, piece: _PageTable) -> None:
        if self._pieces and not _goes_on(self._pieces[-1], piece):
            self.end_table()
        self._pieces.append(piece)


def _goes_on(above: _PageTable, piece: _PageTable) -> bool:
    """Whether a piece is the rest of a table: on the next page, and as wide."""
    ours, theirs = piece.ruled.box, above.ruled.box
    is_as_wide = abs(ours.left - theirs.left) + abs(ours.right - theirs.right) < 2 * _SAME_EDGE
    return piece.page == above.page + 1 and is_as_wide


def _joined(pieces: Sequence[_PageTable], name: str) -> Table | None:
    """One table of its pieces on several pages."""
    xs = _edges(pieces)
    headers = [pieces[0].row(row) for row in range(pieces[0].ruled.height)]
    placed: list[Placed] = []
    places: list[Place] = []
    breaks: set[int] = set()
    open_cells: dict[int, int] = {}
    merging = _merging_columns(pieces, xs)
    for number, piece in enumerate(pieces):
        skipped = _repeated(headers, piece) if number else 0
        start = len(places) - skipped
        breaks.add(len(places))
        within = f"trang {piece.page}"
        places += [Place(row + 1, row + 1, within=within) for row in range(skipped, piece.ruled.height)]
        is_broken = bool(number) and piece.row(skipped)[:1] == [""]
        still: dict[int, int] = {}
        for cell, text, bold in zip(piece.ruled.cells, piece.texts, piece.bold, strict=True):
            if cell.row < skipped:
                continue
            first, last = _nearest(xs, cell.box.left), _nearest(xs, cell.box.right)
            is_last = cell.row + cell.rows == piece.ruled.height
            above = open_cells.get(first) if cell.row == skipped and number else None
            is_merged = above is not None and max(cell.rows, placed[above].rows) > 1
            if above is not None and (
                (is_merged and (not text or is_broken)) or (not text and first in merging)
            ):
                begun = placed[above]
                whole = folded(f"{begun.text} {text}") if text else begun.text
                placed[above] = replace(begun, text=whole, rows=start + cell.row + cell.rows - begun.row)
                index = above
            else:
                index = len(placed)
                width = max(1, last - first)
                placed.append(Placed(start + cell.row, first, text, cell.rows, width, bold))
            if is_last:
                still[first] = index
        open_cells = still
    return table_of(placed, places.__getitem__, breaks=breaks - {0}, name=name)


def _edges(pieces: Sequence[_PageTable]) -> list[float]:
    """The edges of the columns of all pieces, those at nearly one place as one."""
    found: list[float] = []
    for x in sorted(x for piece in pieces for x in piece.ruled.xs):
        if not found or x - found[-1] > _SAME_EDGE:
            found.append(x)
    return found


def _merging_columns(pieces: Sequence[_PageTable], xs: Sequence[float]) -> set[int]:
    """The columns whose cells are merged over neighbouring rows, with hardly an empty cell.

    In such a column an empty cell at the top of a page continues the last cell of the page before: a page
    that ends just between two merged rows looks the same, and nothing else in the file distinguishes them.
    """
    merged: set[int] = set()
    filled: Counter[int] = Counter()
    empty: Counter[int] = Counter()
    for piece in pieces:
        for cell, text in zip(piece.ruled.cells, piece.texts, strict=True):
            first = _nearest(xs, cell.box.left)
            is_one_column = _nearest(xs, cell.box.right) == first + 1
            if is_one_column and cell.rows > 1 and text:
                merged.add(first)
            if text or cell.row > 1:  # above that, it may be the rest of a cell on the page before
                (filled if text else empty)[first] += is_one_column
    return {column for column in merged if empty[column] * _FEW_EMPTY <= filled[column]}


def _nearest(xs: Sequence[float], x: float) -> int:
    at = bisect_left(xs, x)
    return at - 1 if at == len(xs) or (at and x - xs[at - 1] < xs[at] - x) else at


def _repeated(headers: Sequence[list[str]], piece: _PageTable) -> int:
    """How many rows at the top of a page repeat the first rows of the table."""
    count = 0
    while count < min(len(headers), piece.ruled.height) and piece.row(count) == headers[count]:
        count += 1
    return count if count < piece.ruled.height else 0


def _shared_out(
    glyphs: Sequence[Glyph], tables: Sequence[RuledTable]
) -> tuple[dict[tuple[int, int], list[Glyph]], list[Glyph]]:
    """The characters of each cell of each table, and those outside all of them."""
    inside: dict[tuple[int, int], list[Glyph]] = defaultdict(list)
    outside: list[Glyph] = []
    for glyph in glyphs:
        left, right, middle, _, _ = glyph
        for index, table in enumerate(tables):
            cell = table.at((left + right) / 2, middle)
            if cell is not None:
                inside[index, cell].append(glyph)
                break
        else:
            outside.append(glyph)
    return inside, outside


def _fonts_by_cell(
    fonts: Sequence[tuple[float, float, Font]], tables: Sequence[RuledTable]
) -> dict[tuple[int, int], list[Font]]:
    found: dict[tuple[int, int], list[Font]] = defaultdict(list)
    for x, y, font in fonts:
        for index, table in enumerate(tables):
            cell = table.at(x, y)
            if cell is not None:
                found[index, cell].append(font)
    return found


def _text(box: Box, glyphs: Sequence[Glyph], fonts: Sequence[Font]) -> str:
    text = unwrapped(list(lines_of(glyphs)), box.left, box.right)
    if text.isascii() or not fonts:
        return text
    return legacy.from_font(text, fonts[0].name)


def _refuse_bombs(source: bytes, name: str) -> None:
    """Refuse a file whose streams unpack to too much; pictures are left packed, and so don't count."""
    if _PACKED_TWICE.search(source):
        raise limits.too_large(Words("Tệp PDF nén dữ liệu nhiều lần, có thể độc hại."), name)
    left = limits.UNPACKED_BYTES
    for match in limits.in_time(_STREAM.finditer(source), name):
        if b"/Image" not in source[max(0, match.start() - 400) : match.start()].rpartition(b"obj")[2]:
            left -= _unpacked_size(source, match.end(), left)
        if left <= 0:
            raise limits.too_large(
                Words(
                    "Tệp PDF bung ra lớn hơn %(unpacked_bytes)s MB.",
                    unpacked_bytes=limits.UNPACKED_BYTES // 2**20,
                ),
                name,
            )


def _unpacked_size(source: bytes, start: int, most: int) -> int:
    """How much a stream unpacks to, up to `most`, without keeping it."""
    unpacker = zlib.decompressobj()
    size, packed = 0, b""
    try:
        while size < most and not unpacker.eof:
            if not packed:
                packed = source[start : start + _CHUNK]
                start += len(packed)
            if not packed:
                break
            size += len(unpacker.decompress(packed, 16 * _CHUNK))
            packed = unpacker.unconsumed_tail
    except zlib.error:
        return size
    return size


def _unopened(reason: str, name: str) -> UnreadablePlan:
    if "password" in reason.lower():
        return UnreadablePlan(
            Words("Tệp PDF có mật khẩu."),
            where=name,
            cure=Words("Hãy mở tệp, bỏ mật khẩu, lưu lại rồi nhập."),
        )
    return UnreadablePlan(
        Words("Tệp PDF bị hỏng (%(reason)s).", reason=reason),
        where=name,
        cure=Words("Hãy xuất lại PDF từ Word, hoặc nhập tệp Word gốc."),
    )
