"""What every reader returns: a document as paragraphs and tables, each piece with the place it came from.

A reader (`readers`: text, DOCX, XLSX, PDF, HTML) only finds rows and cells; what the columns mean is
`columns`, what the rows mean is `structure`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from workflow.domain.words import Words, recognised


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the source, for a person to look it up: `dòng 214-219`."""

    first: int = 0
    last: int = 0
    measure: str = "dòng"
    within: str = ""
    """The page, sheet or table the lines are counted in, where the source has such."""

    def through(self, other: Place) -> Place:
        """The place from the start of this one to the end of the other."""
        if self.within != other.within or self.measure != other.measure:
            return self
        return replace(self, first=min(self.first, other.first), last=max(self.last, other.last))

    def __str__(self) -> str:
        if not self.first:
            return self.within
        lines = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return ", ".join(part for part in (self.within, f"{self.measure} {lines}") if part)


_PLACES = (
    Words("dòng %(lines)s"),
    Words("đoạn %(lines)s"),
    Words("trang tính “%(title)s”"),
    Words("trang %(page)s"),
    Words("bảng %(tables)s"),
)


def place_from_text(text: str) -> str:
    """A place that was stored as plain text, as `Words` that can be translated again."""
    return Words.joined((recognised(part, *_PLACES) for part in text.split(", ")), by=", ")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's clean text (paragraphs separated by newlines) and its place.

    A merged cell is repeated in every row and column it covers, with its text; all but the first are marked.
    """

    text: str = ""
    place: Place = Place()
    is_bold: bool = False
    is_from_above: bool = False
    """The cell is merged with the one above it and has the same text."""
    is_from_left: bool = False
    """The cell is merged with the one on its left and has the same text."""

    @property
    def flat(self) -> str:
        """The text on one line."""
        return folded(self.text)

    def joined(self, other: Cell) -> Cell:
        """This cell with the rest of it, found on a later row or page."""
        if not other.text or other.is_from_above:
            return self
        if not self.text:
            return other
        rest = other.text
        gap = "\n" if rest.startswith(("-", "+", "•", "*")) else " "
        return replace(
            self,
            text=f"{self.text}{gap}{rest}",
            place=self.place.through(other.place),
            is_bold=self.is_bold and other.is_bold,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the source has it. Each row of a table is as wide as the source made it."""

    cells: tuple[Cell, ...]
    place: Place = Place()
    is_after_break: bool = False
    """A page ended just before this row, so it may be the rest of the row above."""

    def __getitem__(self, column: int) -> Cell:
        """The cell in that column, an empty one where the row is too short."""
        return self.cells[column] if column < len(self.cells) else Cell(place=self.place)

    @property
    def texts(self) -> tuple[str, ...]:
        """The cells' texts, each on one line."""
        return tuple(cell.flat for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows one after another, header rows among them."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of text outside the plan's tables."""

    text: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader could not read of a source that is otherwise readable."""

    place: Place
    message: str
    cure: str


@dataclass(frozen=True, slots=True)
class Document:
    """A source in reading order."""

    blocks: tuple[Paragraph | Table, ...]
    name: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in reading order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    def lines(self) -> Iterator[Paragraph]:
        """Every paragraph, and every cell of every table as one: letterheads are often tables too."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield block
            else:
                yield from (
                    Paragraph(line, cell.place)
                    for row in block.rows
                    for cell in row.cells
                    if not (cell.is_from_above or cell.is_from_left)
                    for line in cell.text.splitlines()
                )


def folded(text: str) -> str:
    """The text in composed Unicode with every run of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def lined(text: str) -> str:
    """The text with the white space of each line folded, and no empty lines."""
    return "\n".join(line for line in map(folded, text.splitlines()) if line)


@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """Lower-case letters, digits and single spaces without diacritics: the form headers are matched in."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    letters = (char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char))
    return " ".join("".join(letters).split())
