"""Number cells: roman, decimal, letter and star labels, and the order of ranks they stand in.

Knows single labels only; which row is a heading and which an item is `structure`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

_DECIMAL = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,5}")
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})")
_LOWER_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})")
_UNDER_A_LETTER = re.compile(r"(?:[A-Z]|[IVX]{1,6})(?:\.(?:[A-Z]|[IVX]{1,6}))*(?:\.\d{1,3}){0,4}")
_PART_OF_A_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,4}[.\s]?[a-zđ]")
_SPACED = re.compile(r"[\d.\s]+")
_NAMED = re.compile(
    r"(?:bài|mục|số|điểm|câu|điều|việc|nhiệm vụ|nội dung|đề án|dự án|chuyên đề|nv|nd)\s*\.?\s*(?=\d)",
    re.IGNORECASE,
)
_PART = re.compile(r"(?:phần|chương)\s+(?:thứ\s+)?(?P<number>\d{1,2}|[IVX]{1,5}|[^\W\d_]+)", re.IGNORECASE)
_PART_WORDS = ("nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười")
_IN_CONTENT = re.compile(
    r"(?P<label>(?i:phần|chương)\s+(?i:thứ\s+)?(?:\d{1,2}|[IVX]{1,5}|[^\W\d_]+)\s*[.:)–-]"
    r"|(?i:bài|mục|nhiệm vụ|đề án|dự án|chuyên đề)\s+(?i:số\s+)?\d{1,3}\s*[.:)–-]"
    r"|(?:[A-Z]|[IVX]{1,5})(?:\.\d{1,3})+[.):]?|\(\d{1,3}\)|\d{1,3}/(?!\d)"
    r"|\d{1,3}(?:\.\d{1,3})+[.):]?|\d{1,3}[.):]|\d{1,3}\s*[–-](?=\s)"
    r"|[IVX]{1,5}\s*[.):/–-]|[A-H]\s*[.):/](?!\w)|[a-zđ][)/])\s+(?P<rest>\S.*)",
    re.DOTALL,
)
BULLETS = frozenset("-–—+•▪○●")


class Rank(IntEnum):
    """The kinds of label; a lower rank encloses a higher one, whole document over."""

    ANNEX = -3
    PART = -2
    OUTER = -1
    """A heading without a number that stands above numbered ones."""
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
    def figures(self) -> str:
        """The label without the roman figures and letters before its first point: `1.2` of `II.1.2`."""
        return re.sub(r"^(?:[A-ZĐ]+\.)+", "", self.text)

    @property
    def depth(self) -> int:
        """The rank, counting each decimal place as a level of its own."""
        return self.kind + self.figures.count(".") if self.kind is Rank.DECIMAL else int(self.kind)

    @property
    def ordinal(self) -> int | None:
        """The last figure of a decimal label."""
        return int(self.text.rpartition(".")[2]) if self.kind is Rank.DECIMAL else None

    @property
    def is_first(self) -> bool:
        """Whether a count starts with it: 1, 01, I, A, a."""
        return self.text in {"1", "01", "I", "A", "a"}

    def extends(self, other: Label) -> bool:
        """Whether this is a decimal within the other: `2.1.3` in `2.1`, `II.1` in `II`."""
        within = (Rank.DECIMAL, Rank.ROMAN, Rank.UPPER)
        return self.kind is Rank.DECIMAL and other.kind in within and self.text.startswith(f"{other.text}.")


NO_LABEL = Label("", Rank.NONE)


def read_label(cell: str) -> Label:
    """The label in a number cell; `NO_LABEL` where it is empty or no label.

    A scan breaks figures apart (`2. 1.15`), so white space between figures and points does not count.
    """
    text = cell.strip()
    if part := _PART.fullmatch(text.strip(" .:-–")):
        return _part(part["number"])
    text = _NAMED.sub("", text, count=1)
    if _SPACED.fullmatch(text):
        text = "".join(text.split())
    text = text.strip("().[] ").rstrip(":/)-– ").rstrip(".").strip()
    if _DECIMAL.fullmatch(text):
        return Label(text, Rank.DECIMAL)
    if _ROMAN.fullmatch(text):
        return Label(text, Rank.ROMAN)
    if len(text) == 1 and text.isalpha():
        return Label(text, Rank.UPPER if text.isupper() else Rank.LOWER)
    if _LOWER_ROMAN.fullmatch(text):
        return Label(text, Rank.LOWER)
    if "." in text and _UNDER_A_LETTER.fullmatch(text):
        last = text.rpartition(".")[2]
        return Label(text, Rank.DECIMAL if last.isdigit() else read_label(last).kind)
    if _PART_OF_A_NUMBER.fullmatch(text):
        return Label(text[-1], Rank.LOWER)
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


def roman(number: int) -> str:
    """I, II, ... XXXIX: the codes of headings that the plan leaves without a number."""
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


def _part(number: str) -> Label:
    """`Phần thứ hai`, `Chương II`, `Phần 2`."""
    if number.isdigit() or _ROMAN.fullmatch(number):
        return Label(f"P{number}", Rank.PART)
    word = number.lower()
    return Label(f"P{_PART_WORDS.index(word) + 1}", Rank.PART) if word in _PART_WORDS else NO_LABEL


def letter(index: int) -> str:
    """a, b, ... z, aa, ab, ...: the codes of an item's parts."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(ord("a") + rest) + found
    return found
