"""Reader of DOCX: paragraphs, tables with merged cells, automatic numbers, fonts of before Unicode.

Deleted text of tracked changes, hidden text and field codes are left out; tables within cells become
lines of the cell. What the file refers to is not fetched.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

import docx
from lxml import etree

from workflow.domain.words import Words
from workflow.importing import legacy, limits
from workflow.importing.readers.grid import Placed, table_of
from workflow.importing.readers.package import checked_package, readable_package
from workflow.importing.readers.word_numbering import Numbering, W
from workflow.importing.tables.table import Document, Paragraph, Place, Table, lined

_LEFT_OUT = frozenset(
    f"{W}{tag}" for tag in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "tcPr", "trPr")
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXTS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": " ", f"{W}noBreakHyphen": "-"}
_OFF = frozenset({"0", "false", "off", "none"})
_NEAR_TWIPS = 150
"""Edges of columns nearer than this, a quarter of a centimetre, are one edge drawn twice."""


def read_word(source: bytes, name: str = "") -> Document:
    """The document in that file."""
    checked_package(source, name)
    with readable_package(name):
        opened = docx.Document(io.BytesIO(source))
        part = opened.part
        has_numbering = any(rel.reltype.endswith("/numbering") for rel in part.rels.values())
        numbering = Numbering(part.numbering_part.element if has_numbering else None)
        reader = _WordReader(name, numbering, _styles(opened.styles.element))
        reader.read(opened.element.body)
    return Document(tuple(reader.blocks), name)


@dataclass(frozen=True, slots=True)
class _Style:
    """The properties a style sets; None and empty for those it inherits from the style it is based on."""

    is_bold: bool | None = None
    font: str = ""
    list_id: str = ""
    level: int = 0


_NO_STYLE = _Style()


@dataclass(slots=True)
class _WordReader:
    """The blocks found so far, and what of the document a paragraph's text depends on."""

    name: str
    numbering: Numbering
    styles: dict[str, _Style]
    blocks: list[Paragraph | Table] = field(default_factory=list)
    _tables: int = 0

    def read(self, body: etree._Element) -> None:
        """Read the paragraphs and tables of the body."""
        for block in limits.in_time(_inner(body, ("p", "tbl")), self.name):
            limits.within(len(self.blocks), limits.PARAGRAPHS, Words("đoạn văn"), self.name)
            if block.tag == f"{W}tbl":
                self._table(block)
            else:
                text, _ = self._paragraph(block)
                for line in lined(text).split("\n"):
                    if line:
                        at = len(self.blocks) + 1
                        self.blocks.append(Paragraph(line, Place(at, at, Words("đoạn"))))

    def _table(self, element: etree._Element) -> None:
        self._tables += 1
        within = Words("bảng %(tables)s", tables=self._tables)
        cells = self._placed(element)
        if table := table_of(cells, lambda row: Place(row + 1, row + 1, within=within), name=self.name):
            self.blocks.append(table)

    def _placed(self, table: etree._Element) -> list[Placed]:
        """The table's cells; a cell that goes on downwards grows the one it began with."""
        edge = _edges(table)
        placed: list[Placed] = []
        growing: dict[int, int] = {}
        rows = [row for row in _inner(table, ("tr",)) if row.find(f"{W}trPr/{W}del") is None]
        limits.within(len(rows), limits.ROWS, Words("dòng"), self.name)
        for row, element in enumerate(limits.in_time(rows, self.name)):
            at = _number(element.find(f"{W}trPr/{W}gridBefore"))
            still: dict[int, int] = {}
            for cell in _inner(element, ("tc",)):
                end = at + max(1, min(_number(cell.find(f"{W}tcPr/{W}gridSpan"), 1), limits.COLUMNS * 10))
                limits.within(end, limits.COLUMNS * 20, Words("cột"), self.name)
                first, last = edge(at), edge(end)
                at = end
                merge = cell.find(f"{W}tcPr/{W}vMerge")
                if merge is not None and merge.get(f"{W}val") != "restart" and first in growing:
                    still[first] = growing[first]
                    begun = placed[growing[first]]
                    placed[growing[first]] = replace(begun, rows=row - begun.row + 1)
                    continue
                text, is_bold = self._cell(cell)
                if last > first or text:
                    if merge is not None:
                        still[first] = len(placed)
                    placed.append(Placed(row, first, text, 1, max(1, last - first), is_bold))
            growing = still
        return placed

    def _cell(self, cell: etree._Element) -> tuple[str, bool]:
        """The cell's lines, those of tables within it too, and whether all its text is bold."""
        lines: list[str] = []
        bold = True
        for paragraph in _inner(cell, ("p",), through=("tbl", "tr", "tc")):
            text, is_bold = self._paragraph(paragraph)
            if text := lined(text):
                lines.append(text)
                bold = bold and is_bold
        return "\n".join(lines), bold and bool(lines)

    def _paragraph(self, paragraph: etree._Element) -> tuple[str, bool]:
        """The paragraph's text after its automatic number, and whether all of it is bold."""
        own = _read_style(paragraph.find(f"{W}pPr"))
        style_id = paragraph.find(f"{W}pPr/{W}pStyle")
        named = self.styles.get(_val(style_id), _NO_STYLE) if style_id is not None else self.styles[""]
        pieces = list(self._pieces(paragraph, named))
        text = legacy.from_fonts((text, font) for text, font, _ in pieces)
        is_bold = all(bold for text, _, bold in pieces if text.strip())
        list_id = own.list_id or named.list_id
        label = self.numbering.label(list_id, own.level if own.list_id else named.level) if list_id else ""
        return f"{label} {text}" if label else text, is_bold

    def _pieces(self, element: etree._Element, style: _Style) -> Iterator[tuple[str, str, bool]]:
        """The pieces of text in an element, each with its font and whether it is bold."""
        for child in element:
            if child.tag in _LEFT_OUT or child.tag == _FALLBACK:
                continue
            if child.tag == f"{W}r":
                properties = child.find(f"{W}rPr")
                if properties is not None and _is_on(properties.find(f"{W}vanish")):
                    continue
                yield from self._pieces(child, self._run_style(properties, style))
            elif child.tag == f"{W}t":
                yield child.text or "", style.font, bool(style.is_bold)
            elif child.tag == f"{W}sym":
                code = int(child.get(f"{W}char") or "20", 16)
                yield chr(code), child.get(f"{W}font") or style.font, bool(style.is_bold)
            elif child.tag in _TEXTS:
                yield _TEXTS[child.tag], style.font, bool(style.is_bold)
            else:
                yield from self._pieces(child, style)
                if child.tag == f"{W}p":
                    yield "\n", style.font, bool(style.is_bold)

    def _run_style(self, properties: etree._Element | None, style: _Style) -> _Style:
        if properties is None:
            return style
        named = self.styles.get(_val(properties.find(f"{W}rStyle")) or "-", _NO_STYLE)
        own = _own_style(properties)
        bold = next((found for found in (own.is_bold, named.is_bold) if found is not None), style.is_bold)
        return _Style(bold, own.font or named.font or style.font)


def _styles(element: etree._Element) -> dict[str, _Style]:
    """The properties of each style, inherited ones included; `""` is the default."""
    default = _own_style(element.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
    elements = {style.get(f"{W}styleId") or "": style for style in element.iterchildren(f"{W}style")}
    found: dict[str, _Style] = {}
    for style_id in elements:
        chain: list[_Style] = []
        seen: set[str] = set()
        current = style_id
        while current in elements and current not in seen:
            seen.add(current)
            style = elements[current]
            run, paragraph = _own_style(style.find(f"{W}rPr")), _read_style(style.find(f"{W}pPr"))
            chain.append(replace(run, list_id=paragraph.list_id, level=paragraph.level))
            current = _val(style.find(f"{W}basedOn"))
        is_paragraph = elements[style_id].get(f"{W}type") == "paragraph"
        found[style_id] = _merged([*chain, default] if is_paragraph else chain)
        if is_paragraph and _is_default(elements[style_id]):
            found[""] = found[style_id]
    found.setdefault("", default)
    return found


def _merged(chain: list[_Style]) -> _Style:
    numbered = next((style for style in chain if style.list_id), _NO_STYLE)
    return _Style(
        next((style.is_bold for style in chain if style.is_bold is not None), None),
        next((style.font for style in chain if style.font), ""),
        numbered.list_id,
        numbered.level,
    )


def _own_style(properties: etree._Element | None) -> _Style:
    """The properties that run properties set themselves."""
    if properties is None:
        return _NO_STYLE
    bold, fonts = properties.find(f"{W}b"), properties.find(f"{W}rFonts")
    font = "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""
    return _Style(None if bold is None else _is_on(bold), font)


def _read_style(properties: etree._Element | None) -> _Style:
    """The list and level paragraph properties name."""
    numbered = None if properties is None else properties.find(f"{W}numPr")
    if numbered is None:
        return _NO_STYLE
    list_id = _val(numbered.find(f"{W}numId"))
    return _Style(list_id=list_id, level=_number(numbered.find(f"{W}ilvl")))


def _inner(
    element: etree._Element, tags: tuple[str, ...], through: tuple[str, ...] = ()
) -> Iterator[etree._Element]:
    """The children of those kinds, also those wrapped in content controls and insertions."""
    wanted = {f"{W}{tag}" for tag in tags}
    wrapping = {
        f"{W}{tag}" for tag in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", *through)
    }
    for child in element:
        if child.tag in wanted:
            yield child
        elif child.tag in wrapping:
            yield from _inner(child, tags, through)


def _edges(table: etree._Element) -> Callable[[int], int]:
    """From the index of a grid column's left edge to that of the edges that are really apart."""
    columns = table.findall(f"{W}tblGrid/{W}gridCol")
    widths = [_twips(column.get(f"{W}w")) for column in columns]
    if not widths or min(widths) <= 0:
        return lambda index: index
    edges = [0, *accumulate(widths)]
    merged = [0]
    for before, after in pairwise(edges):
        merged.append(merged[-1] + (after - before > _NEAR_TWIPS))
    return lambda index: merged[index] if index < len(merged) else merged[-1] + index - len(merged) + 1


def _twips(text: str | None) -> int:
    try:
        return int(float(text or 0))
    except (ValueError, OverflowError):
        return 0


def _val(element: etree._Element | None) -> str:
    return "" if element is None else element.get(f"{W}val") or ""


def _number(element: etree._Element | None, otherwise: int = 0) -> int:
    text = _val(element)
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


def _is_on(element: etree._Element | None) -> bool:
    return element is not None and (element.get(f"{W}val") or "1") not in _OFF


def _is_default(style: etree._Element) -> bool:
    return (style.get(f"{W}default") or "0") not in _OFF
