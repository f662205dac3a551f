"""Reader of HTML: pages, Word and Excel files saved as pages, and tables that scanners leave in text.

Nothing a page refers to is fetched, and nothing in it is run. Tables within cells are flattened to lines;
a table that only lays out a larger one within it is looked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words
from workflow.importing import limits
from workflow.importing.encodings import decoded
from workflow.importing.readers.grid import Placed, table_of
from workflow.importing.tables.table import Document, Paragraph, Place, Table, lined

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
_UNSEEN = frozenset({"script", "style", "head", "title", "del", "template", "noscript", "svg", "object"})
_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
        "section", "table", "tr", "ul", "body", "html",
    )
)  # fmt: skip
_BOLD_TAGS = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)
_LIGHT_STYLE = re.compile(r"font-weight\s*:\s*(normal|[1-5]00)", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_WIDEST_SPAN, _TALLEST_SPAN = 1000, 65_534
"""The limits browsers apply to `colspan` and `rowspan`."""


def read_web_page(source: bytes, name: str = "") -> Document:
    """The document in that page."""
    return read_markup(_decoded(source, name), name)


def read_markup(text: str, name: str = "") -> Document:
    """The document in that markup, decoded."""
    limits.within(len(text), limits.CHARACTERS, Words("ký tự"), name)
    reader = _HtmlReader(name)
    reader.read(_parsed(text, name))
    return Document(tuple(reader.blocks), name)


def _decoded(source: bytes, name: str) -> str:
    """The page's text in the encoding it names, or the one it is really in."""
    if match := _CHARSET.search(source, 0, 4096):
        try:
            return source.decode(match[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(source, name)


def _parsed(text: str, name: str) -> etree._Element:
    parser = etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, encoding="utf-8")
    root = etree.fromstring(_XML_HEAD.sub("", text).encode("utf-8", "replace"), parser)
    if any("depth" in error.message.lower() for error in parser.error_log):
        raise limits.too_large(Words("Trang có quá %(depth)s lớp thẻ lồng nhau.", depth=limits.DEPTH), name)
    if root is None:
        raise UnreadablePlan(
            Words("Trang HTML không có nội dung."), where=name, cure=Words("Hãy chọn tệp có biểu kế hoạch.")
        )
    return root


@dataclass(slots=True)
class _HtmlReader:
    """The blocks found so far and the paragraph being read."""

    name: str
    blocks: list[Paragraph | Table] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _tables: int = 0

    def read(self, root: etree._Element) -> None:
        """Read everything below the root."""
        self._walk(root)
        self._end_paragraph()

    def _walk(self, element: etree._Element) -> None:
        tag = _tag(element)
        if tag in _UNSEEN or _is_hidden(element):
            return
        if tag in _BLOCKS:
            self._end_paragraph()
        if tag == "table" and not _is_layout(element):
            self._table(element)
            return
        self._text.append(element.text or "")
        for child in element:
            self._walk(child)
            self._text.append(child.tail or "")
        if tag in _BLOCKS or tag in {"td", "th"}:
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        text = lined("".join(self._text).replace("\n", " "))
        self._text.clear()
        if text:
            self.blocks.append(
                Paragraph(text, Place(len(self.blocks) + 1, len(self.blocks) + 1, Words("đoạn")))
            )

    def _table(self, element: etree._Element) -> None:
        self._tables += 1
        within = Words("bảng %(tables)s", tables=self._tables)
        cells = limits.in_time(_placed(element, self.name), self.name)
        table = table_of(cells, lambda row: Place(row + 1, row + 1, within=within), name=self.name)
        if table:
            self.blocks.append(table)


def _placed(table: etree._Element, name: str) -> Iterator[Placed]:
    """The table's cells; a column taken by a cell from above is passed over."""
    taken_until: dict[int, int] = {}
    for row, element in enumerate(_rows(table)):
        limits.within(row, limits.ROWS, Words("dòng"), name)
        column = 0
        for cell in element.iterchildren("td", "th"):
            while taken_until.get(column, 0) > row:
                column += 1
            limits.within(column, limits.COLUMNS * 10, Words("cột"), name)
            columns = min(_span(cell, "colspan"), _WIDEST_SPAN)
            rows = min(_span(cell, "rowspan") or _TALLEST_SPAN, _TALLEST_SPAN)
            if not _is_hidden(cell):
                pieces = list(_pieces(cell, is_bold=_is_bold(cell, is_bold=False)))
                is_bold = all(bold for text, bold in pieces if text.strip())
                yield Placed(row, column, _cell_text(pieces), rows, max(columns, 1), is_bold)
            for covered in range(column, column + max(columns, 1)):
                taken_until[covered] = row + rows
            column += max(columns, 1)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The table's own rows, not those of tables within its cells."""
    for child in table:
        tag = _tag(child)
        if tag == "tr" and not _is_hidden(child):
            yield child
        elif tag in {"thead", "tbody", "tfoot", "form"}:
            yield from _rows(child)


def _pieces(element: etree._Element, *, is_bold: bool) -> Iterator[tuple[str, bool]]:
    """The pieces of text in an element, each with whether it is bold; blocks and list marks as lines."""
    yield " ".join((element.text or "").split("\n")), is_bold
    for child in element:
        tag = _tag(child)
        if tag not in _UNSEEN and not _is_hidden(child):
            if tag in _BLOCKS:
                yield "\n", is_bold
            if tag == "li" and _tag(element) == "ul":
                yield "- ", is_bold
            yield from _pieces(child, is_bold=_is_bold(child, is_bold=is_bold))
            if tag in _BLOCKS:
                yield "\n", is_bold
            elif tag in {"td", "th"}:
                yield " ", is_bold
        yield " ".join((child.tail or "").split("\n")), is_bold


def _cell_text(pieces: list[tuple[str, bool]]) -> str:
    return lined("".join(text for text, _ in pieces))


def _is_layout(table: etree._Element) -> bool:
    """Whether a table only holds a larger one."""
    within = [sum(1 for _ in _rows(inner)) for inner in table.iterdescendants("table")]
    return bool(within) and max(within) > sum(1 for _ in _rows(table))


def _span(cell: etree._Element, attribute: str) -> int:
    text = (cell.get(attribute) or "1").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 1


def _tag(element: etree._Element) -> str:
    return element.tag.lower() if isinstance(element.tag, str) else "script"


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and bool(_HIDDEN_STYLE.search(style)))


def _is_bold(element: etree._Element, *, is_bold: bool) -> bool:
    style = element.get("style") or ""
    if _LIGHT_STYLE.search(style):
        return False
    return is_bold or _tag(element) in _BOLD_TAGS or bool(_BOLD_STYLE.search(style))
