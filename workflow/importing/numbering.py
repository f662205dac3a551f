"""Number cells: roman, decimal, letter and star labels, and the order of ranks they stand in.

Knows single labels only; which row is a heading and which an item is `structure`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

_DECIMAL = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,5}")
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})")
_SPACED = re.compile(r"[\d.\s]+")
_IN_CONTENT = re.compile(
    r"(?P<label>\d{1,3}(?:\.\d{1,3})+[.)]?|\d{1,3}[.)]|[IVX]{1,5}[.)]|[A-H][.)]|[a-zđ]\))\s+(?P<rest>\S.*)",
    re.DOTALL,
)


class Rank(IntEnum):
    """The kinds of label; a lower rank encloses a higher one, whole document over."""

    UPPER = 0
    ROMAN = 1
    DECIMAL = 2
    """Each further decimal place stands one rank deeper."""
    LOWER = 20
    STAR = 21
    NONE = 30


@dataclass(frozen=True, slots=True)
class Label:
    """A number cell, read: `2.1.` is `2.1`, of rank DECIMAL + 1."""

    text: str
    kind: Rank

    @property
    def depth(self) -> int:
        """The rank with decimal places told apart."""
        return self.kind + self.text.count(".") if self.kind is Rank.DECIMAL else int(self.kind)

    @property
    def ordinal(self) -> int | None:
        """The last figure of a decimal label."""
        return int(self.text.rpartition(".")[2]) if self.kind is Rank.DECIMAL else None

    def extends(self, other: Label) -> bool:
        """Whether this is a decimal within the other: `2.1.3` in `2.1`."""
        return self.kind is other.kind is Rank.DECIMAL and self.text.startswith(f"{other.text}.")


NO_LABEL = Label("", Rank.NONE)


def read_label(cell: str) -> Label:
    """The label in a number cell; `NO_LABEL` where it is empty or no label.

    A scan breaks figures apart (`2. 1.15`), so white space between figures and points does not count.
    """
    text = cell.strip()
    if _SPACED.fullmatch(text):
        text = "".join(text.split())
    text = text.strip("().").rstrip(":/").strip()
    if _DECIMAL.fullmatch(text):
        return Label(text, Rank.DECIMAL)
    if _ROMAN.fullmatch(text):
        return Label(text, Rank.ROMAN)
    if len(text) == 1 and text.isalpha():
        return Label(text, Rank.UPPER if text.isupper() else Rank.LOWER)
    if text and set(text) <= set("*★"):
        return Label(text, Rank.STAR)
    return NO_LABEL


def split_label(content: str) -> tuple[Label, str]:
    """A label at the start of a content cell, and the rest: for tables without a number column."""
    if match := _IN_CONTENT.match(content):
        label = read_label(match["label"])
        if label is not NO_LABEL:
            return label, match["rest"]
    return NO_LABEL, content


def letter(index: int) -> str:
    """a, b, ... z, aa, ab, ...: the codes of an item's parts."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(ord("a") + rest) + found
    return found
