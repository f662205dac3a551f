"""Headings, items and parts: what the rows of a plan's table are to each other, and the code of each.

A code is unique in the plan: numbers that start again under a new heading carry the heading's code
before them (`I.1.1`, `II.1.1`). Cells are left unread; that is `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from workflow.domain.plan import Declared
from workflow.importing.columns import Column
from workflow.importing.numbering import NO_LABEL, Label, Rank, letter
from workflow.importing.rows import PlanRow
from workflow.importing.table import Place

_COUNTED = (
    "chỉ tiêu|nội dung|nhiệm vụ|dự án|công trình|đề án|công việc|đầu việc|phần việc|hoạt động|mô hình"
    "|giải pháp|văn bản|chương trình|mục tiêu|kế hoạch|chuyên đề|báo cáo|nghị quyết|hội nghị|mục|việc"
)
_COUNT = re.compile(rf"(\d{{1,3}})\s+({_COUNTED})\b", re.IGNORECASE)
_BRACKETED = re.compile(r"\(([^()]*)\)")
_ONLY_COUNTS = re.compile(
    rf"\s*(?:(?:gồm|tổng(?: số)?|có)\s*:?\s*)?(?:\d{{1,3}}\s+(?:{_COUNTED})[\s,;.]*(?:và\s*)?)+",
    re.IGNORECASE,
)
_AGAIN = ("bis", "ter", "quater", "quinquies")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the table, with the code its items are counted under."""

    code: str
    label: Label
    title: str
    declared: tuple[Declared, ...]
    place: Place

    @property
    def printed(self) -> str:
        """The heading as the table prints it, number first."""
        return f"{self.label.text} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class OutlinePart:
    """A part of an item: a row of its own, or the item's own row where that is the first of its parts."""

    code: str
    row: PlanRow


@dataclass(slots=True)
class OutlineItem:
    """An item's row with the headings above it, outermost first, and the rows that are its parts."""

    code: str
    row: PlanRow
    path: tuple[Heading, ...]
    parts: list[OutlinePart] = field(default_factory=list)

    @property
    def number(self) -> str | None:
        """The number as printed, without its last point; None for a row without one."""
        return self.row.number or None


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole table: its headings and its items, each in reading order."""

    headings: tuple[Heading, ...]
    items: tuple[OutlineItem, ...]


def declared_counts(title: str) -> tuple[Declared, ...]:
    """What a heading promises in brackets at its end: `(05 dự án, 10 nội dung)`, `((44 chỉ tiêu))`."""
    for bracketed in reversed(_BRACKETED.findall(title)):
        if _ONLY_COUNTS.fullmatch(bracketed):
            return tuple(Declared(int(count), of.lower()) for count, of in _COUNT.findall(bracketed))
    return ()


def outline(rows: Sequence[PlanRow]) -> Outline:
    """The headings, items and parts among the rows."""
    building = _Building()
    for row, following in zip_longest(rows, rows[1:]):
        if _is_heading(row, following):
            building.add_heading(row)
        elif building.takes_part(row):
            building.add_part(row)
        else:
            building.add_item(row)
    return Outline(tuple(building.headings), tuple(building.items))


def _is_heading(row: PlanRow, following: PlanRow | None) -> bool:
    """Whether a row is a heading: a title alone, and rows below that stand under it.

    Bold type only decides where numbers leave it open: a scan marks some headings bold and others not.
    """
    label, title = row.label, row.content.flat
    if row.has_work:
        return _is_led_heading(row, following)
    if label.kind in (Rank.ROMAN, Rank.UPPER, Rank.STAR) or label is NO_LABEL or declared_counts(title):
        return True
    if following is None:
        return False
    below = following.label
    if below.extends(label) or below.kind is Rank.STAR:
        return True
    if below.kind is not Rank.DECIMAL or label.kind is not Rank.DECIMAL:
        return row.content.is_bold or (label.kind is Rank.LOWER and below.kind is Rank.DECIMAL)
    if below.depth < label.depth or _follows(below, label):
        return row.content.is_bold
    return True


def _is_led_heading(row: PlanRow, following: PlanRow | None) -> bool:
    """A heading may name who leads the whole of it: no time beside it, and deeper numbers below."""
    if following is None or row.label.kind not in (Rank.ROMAN, Rank.UPPER):
        return False
    has_time = bool(row[Column.START].text or row[Column.DEADLINE].text)
    is_deeper = bool(following.number) and following.label.depth > row.label.depth
    return is_deeper and following.has_work and not has_time


def _follows(label: Label, earlier: Label) -> bool:
    """Whether a decimal label comes after another under the same heading: `3.5` after `3.4`."""
    same = label.text.rpartition(".")[0] == earlier.text.rpartition(".")[0]
    return same and (label.ordinal or 0) > (earlier.ordinal or 0)


class _Building:
    """The outline so far: the path of open headings and the codes already given."""

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self.items: list[OutlineItem] = []
        self._path: list[Heading] = []
        self._codes: set[str] = set()
        self._outer: Rank | None = None

    def add_heading(self, row: PlanRow) -> None:
        """Open a heading, and close those it does not stand under."""
        label = row.label if row.label is not NO_LABEL else Label("", Rank.STAR)
        if self._outer is None and label.kind in (Rank.ROMAN, Rank.UPPER):
            self._outer = label.kind
        while self._path and self._depth(self._path[-1].label) >= self._depth(label):
            self._path.pop()
        title = row.content.flat
        heading = Heading(self._code(label, mark="*"), label, title, declared_counts(title), row.place)
        self._path.append(heading)
        self.headings.append(heading)

    def add_item(self, row: PlanRow) -> None:
        """Add an item under the open headings."""
        if row.label.kind is Rank.DECIMAL:
            self._close_siblings(row.label)
        if row.label is NO_LABEL and not row.number and (last := self._last_item()):
            code = last.code
        else:
            code = self._code(row.label, mark=row.number or "1")
        self.items.append(OutlineItem(self._unused(code), row, tuple(self._path)))

    def takes_part(self, row: PlanRow) -> bool:
        """Whether a row is a part of the item above it: lettered or bulleted, and under the same heading."""
        last = self._last_item()
        if last is None or last.row.label.kind is Rank.LOWER:
            return False
        return row.label.kind is Rank.LOWER or (not row.number and bool(row.bullet))

    def add_part(self, row: PlanRow) -> None:
        """Add a part to the item above; that item's own row is its first part where both bear one mark."""
        item = self.items[-1]
        if not item.parts and row.bullet and row.bullet == item.row.bullet:
            item.parts.append(OutlinePart(f"{item.code}.{letter(0)}", item.row))
        code = f"{item.code}.{row.label.text if row.label.kind is Rank.LOWER else letter(len(item.parts))}"
        item.parts.append(OutlinePart(self._unused(code), row))

    def _depth(self, label: Label) -> int:
        if label.kind in (Rank.ROMAN, Rank.UPPER):
            return 0 if label.kind is self._outer else 1
        return label.depth

    def _last_item(self) -> OutlineItem | None:
        """The last item, where no heading has come after it."""
        if self.items and self.items[-1].path == tuple(self._path):
            return self.items[-1]
        return None

    def _close_siblings(self, label: Label) -> None:
        """Close a numbered heading the item stands beside: item 3 after heading 2 with its 2.1 and 2.2."""
        while numbered := next((h for h in reversed(self._path) if h.label.kind is Rank.DECIMAL), None):
            if label.extends(numbered.label):
                return
            if label.depth != numbered.label.depth or not _follows(label, numbered.label):
                return
            own = (item for item in self.items if numbered in item.path)
            if not any(item.row.label.extends(numbered.label) for item in own):
                return
            del self._path[self._path.index(numbered) :]

    def _code(self, label: Label, mark: str) -> str:
        """The code of a label under the open headings; `mark` stands for a label that has no text."""
        above = [heading for heading in self._path if heading.label.kind is not Rank.STAR]
        if label.kind is Rank.DECIMAL:
            for heading in reversed(above):
                if label.extends(heading.label):
                    return heading.code + label.text.removeprefix(heading.label.text)
            if "." in label.text:
                above = [heading for heading in above if heading.label.kind is not Rank.DECIMAL]
        text = mark if label.kind in (Rank.STAR, Rank.NONE) else label.text
        return ".".join((*(heading.code for heading in above[-1:]), text))

    def _unused(self, code: str) -> str:
        """The code, or where it is taken the code with `bis`, `ter`, ... after it."""
        found = next(code for code in self._candidates(code) if code not in self._codes)
        self._codes.add(found)
        return found

    def _candidates(self, code: str) -> Iterator[str]:
        stem = re.sub(rf"({'|'.join(_AGAIN)})$", "", code)
        yield code
        yield from (f"{stem}{again}" for again in _AGAIN)
        yield from (f"{stem}-{count}" for count in range(6, 10_000))
