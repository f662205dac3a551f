"""One page of a PDF as it is seen: its characters, its ruled lines, and the fonts along it.

The only module that calls PDFium. Points have y growing downwards, whichever way the file turns its pages.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from workflow.domain.words import Words
from workflow.importing import limits
from workflow.importing.readers.ruled import Box

_PIECES_OF_A_PAGE = 100_000
_CHARACTERS_OF_A_PAGE = 200_000
_BOLD_WEIGHT = 600
_THIN = 3.0
_ONE_AT_A_TIME = threading.Lock()
"""PDFium must not be called from two threads at once."""
_TURNS = {0: (1, 0, 0, -1), 90: (0, 1, 1, 0), 180: (-1, 0, 0, 1), 270: (0, -1, -1, 0)}
"""From a point of the page to where it is seen."""


class Glyph(NamedTuple):
    """A character, where its box begins and ends, and the line it stands on."""

    left: float
    right: float
    middle: float
    base: float
    text: str


@dataclass(frozen=True, slots=True)
class Font:
    """A font's name, and whether it is bold."""

    name: str
    is_bold: bool


@dataclass(slots=True)
class PdfPage:
    """What a page shows."""

    glyphs: list[Glyph] = field(default_factory=list)
    lines: list[Box] = field(default_factory=list)
    fonts: list[tuple[float, float, Font]] = field(default_factory=list)
    """The middle of each stretch of text, and its font."""


def pages_of(source: bytes, name: str = "") -> Iterator[PdfPage]:
    """The pages one after another; PDFium's own error where the file is locked or broken."""
    with _ONE_AT_A_TIME:
        document = pdfium.PdfDocument(source)
        try:
            for index in range(limits.within(len(document), limits.PAGES, "trang", name)):
                page = document[index]
                yield _PageReader(page, name).read()
                page.close()
        finally:
            document.close()


class _PageReader:
    """Reads one page; fonts are looked up once a page."""

    def __init__(self, page: Any, name: str) -> None:
        self._page = page
        self._name = name
        self._turn = _TURNS[page.get_rotation()]
        self._fonts: dict[int, Font] = {}
        self._found = PdfPage()

    def read(self) -> PdfPage:
        count = limits.within(
            raw.FPDFPage_CountObjects(self._page), _PIECES_OF_A_PAGE, Words("nét vẽ"), self._name
        )
        for index in range(count):
            self._learn(raw.FPDFPage_GetObject(self._page, index))
        self._read_glyphs()
        return self._found

    def _read_glyphs(self) -> None:
        text = self._page.get_textpage()
        count = limits.within(
            text.count_chars(), _CHARACTERS_OF_A_PAGE, Words("ký tự trên một trang"), self._name
        )
        rect, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        handle = text.raw  # the helper object would be looked up again for every character
        at_rect, at_x, at_y = ctypes.byref(rect), ctypes.byref(x), ctypes.byref(y)
        a, b, c, d = self._turn
        # A page has thousands of characters: what is looked up once is not looked up for each.
        box_of, origin_of, keep = (
            raw.FPDFText_GetLooseCharBox,
            raw.FPDFText_GetCharOrigin,
            self._found.glyphs.append,
        )
        for index, letter in enumerate(_letters(handle, count)):
            box_of(handle, index, at_rect)
            left, right = rect.left, rect.right
            if left == right:  # PDFium's own guess of a space; ours looks at the finished line.
                continue
            bottom, top = rect.bottom, rect.top
            origin_of(handle, index, at_x, at_y)
            if a == 1:
                keep(Glyph(left, right, -(bottom + top) / 2, -y.value, letter))
                continue
            middle = (c * (left + right) + d * (bottom + top)) / 2
            left, right = sorted((a * left + b * bottom, a * right + b * top))
            keep(Glyph(left, right, middle, c * x.value + d * y.value, letter))
        text.close()

    def _learn(self, piece: Any) -> None:
        match raw.FPDFPageObj_GetType(piece):
            case raw.FPDF_PAGEOBJ_TEXT:
                box = self._bounds(piece)
                middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
                self._found.fonts.append((*middle, self._font(piece)))
            case raw.FPDF_PAGEOBJ_PATH:
                box = self._bounds(piece)
                if min(box.right - box.left, box.bottom - box.top) <= _THIN:
                    self._found.lines.append(box)
                else:
                    self._found.lines += self._segments(piece)

    def _bounds(self, piece: Any) -> Box:
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        raw.FPDFPageObj_GetBounds(piece, left, bottom, right, top)
        return self._seen(left.value, bottom.value, right.value, top.value)

    def _segments(self, path: Any) -> Iterator[Box]:
        """The straight pieces of a path, such as the sides of a rectangle."""
        matrix = raw.FS_MATRIX()
        raw.FPDFPageObj_GetMatrix(path, matrix)
        start = last = (0.0, 0.0)
        x, y = ctypes.c_float(), ctypes.c_float()
        count = min(raw.FPDFPath_CountSegments(path), _PIECES_OF_A_PAGE - len(self._found.lines))
        for index in range(count):
            segment = raw.FPDFPath_GetPathSegment(path, index)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            point = (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                start = point
            elif kind == raw.FPDF_SEGMENT_LINETO:
                yield self._seen(*last, *point)
            if raw.FPDFPathSegment_GetClose(segment):
                yield self._seen(*point, *start)
            last = point

    def _font(self, piece: Any) -> Font:
        font = raw.FPDFTextObj_GetFont(piece)
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self._fonts:
            buffer = ctypes.create_string_buffer(200)
            size = raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
            name = buffer.raw[: max(0, min(size, len(buffer)) - 1)].decode("utf-8", "replace")
            is_bold = "bold" in name.lower() or raw.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT
            self._fonts[key] = Font(name, is_bold)
        return self._fonts[key]

    def _seen(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        a, b, c, d = self._turn
        xs, ys = (a * x0 + b * y0, a * x1 + b * y1), (c * x0 + d * y0, c * x1 + d * y1)
        return Box(min(xs), min(ys), max(xs), max(ys))


def _letters(handle: Any, count: int) -> Sequence[str]:
    """The characters by their index: in one call where none is left out of it, else one by one."""
    buffer = (ctypes.c_ushort * (count + 1))()
    size = raw.FPDFText_GetText(handle, 0, count, buffer) - 1
    if size == count:
        text = bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
        if len(text) == count:
            return text
    return [chr(raw.FPDFText_GetUnicode(handle, index)) for index in range(count)]
