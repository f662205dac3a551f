"""Headings, items and parts: the hierarchy of a plan's rows, and the code of each.

A code is unique in the plan: numbers that start again under a new heading carry the heading's code
before them (`I.1.1`, `II.1.1`). Cells are left unread; that is `reading`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from workflow.domain.plans.plan import Declared
from workflow.importing.folding import fold
from workflow.importing.tables.columns import Column
from workflow.importing.tables.numbering import NO_LABEL, Label, Rank, letter, roman
from workflow.importing.tables.rows import PlanRow
from workflow.importing.tables.scopes import HeadingScope, scopes_of
from workflow.importing.tables.table import Place

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
_MONTH_OR_QUARTER = re.compile(r"(thang|quy) (\d{1,2}|i{1,3}|iv)\b")
_AGAIN = ("bis", "ter", "quater", "quinquies")


@dataclass(frozen=True, slots=True)
class TableHeading:
    """A heading of the table, with the code its items are counted under."""

    code: str
    label: Label
    title: str
    declared: tuple[Declared, ...]
    place: Place

    @property
    def printed(self) -> str:
        """The heading as the table prints it, number first."""
        match self.label.kind:
            case Rank.ANNEX | Rank.OUTER:
                return self.title
            case Rank.PART:
                return f"Phần {self.label.text.removeprefix('P')} {self.title}"
            case _:
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
    path: tuple[TableHeading, ...]
    parts: list[OutlinePart] = field(default_factory=list)

    @property
    def number(self) -> str | None:
        """The number as printed, without its last point; None for a row without one."""
        return self.row.number or None


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole table: its headings and its items, each in reading order."""

    headings: tuple[TableHeading, ...]
    items: tuple[OutlineItem, ...]


def declared_counts(title: str) -> tuple[Declared, ...]:
    """The counts a heading promises in brackets at its end: `(05 dự án, 10 nội dung)`, `((44 chỉ tiêu))`."""
    for bracketed in reversed(_BRACKETED.findall(title)):
        if _ONLY_COUNTS.fullmatch(bracketed):
            return tuple(Declared(int(count), of.lower()) for count, of in _COUNT.findall(bracketed))
    return ()


def outline(rows: Sequence[PlanRow]) -> Outline:
    """The headings, items and parts among the rows."""
    rows, are_headings = _headings_apart(rows)
    scopes = scopes_of([row.label for row in rows], are_headings)
    building = _Building()
    for row, is_heading, scope in zip(rows, are_headings, scopes, strict=True):
        if is_heading:
            building.add_heading(row, scope)
        elif building.takes_part(row):
            building.add_part(row)
        else:
            building.add_item(row, scope)
    return Outline(tuple(building.headings), tuple(building.items))


def _headings_apart(rows: Sequence[PlanRow]) -> tuple[list[PlanRow], list[bool]]:
    """Which rows are headings; one without a number that stands above numbered headings is marked so."""
    are_headings = [_is_heading(row, following) for row, following in zip_longest(rows, rows[1:])]
    marked = list(rows)
    outermost: Label | None = None
    for at, (row, is_heading) in enumerate(zip(rows, are_headings, strict=True)):
        if not is_heading:
            continue
        label = row.label
        if label is NO_LABEL:
            below = rows[at + 1].label if at + 1 < len(rows) and are_headings[at + 1] else NO_LABEL
            if below.is_first and (outermost is None or outermost.depth == below.depth):
                marked[at] = replace(row, label=Label("", Rank.OUTER))
        elif label.kind is not Rank.STAR and (outermost is None or label.depth < outermost.depth):
            outermost = label
    return marked, are_headings


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
        self.headings: list[TableHeading] = []
        self.items: list[OutlineItem] = []
        self._path: list[TableHeading] = []
        self._codes: set[str] = set()
        self._outer: Rank | None = None
        self._counts: Counter[str] = Counter()

    def add_heading(self, row: PlanRow, scope: HeadingScope) -> None:
        """Open a heading, and close those it does not stand under."""
        label = row.label if row.label is not NO_LABEL else Label("", Rank.STAR)
        if label.kind is Rank.ANNEX:
            self._outer = None
        elif self._outer is None and label.kind in (Rank.ROMAN, Rank.UPPER):
            self._outer = label.kind
        while self._path and self._depth(self._path[-1].label) >= self._depth(label):
            self._path.pop()
        title = row.content.flat
        if not label.text and scope.restarts:
            code = self._unused_heading(self._own_mark(title))
        else:
            code = self._code(label, mark="*")
        heading = TableHeading(code, label, title, declared_counts(title), row.place)
        self._path.append(heading)
        self.headings.append(heading)

    def add_item(self, row: PlanRow, scope: HeadingScope) -> None:
        """Add an item under the open headings."""
        if row.label.kind is Rank.DECIMAL:
            self._close_siblings(row.label)
        if row.number:
            code = self._code(row.label, mark=row.number)
        elif scope.is_unnumbered:
            above = self._coded()[-1:]
            prefix = "".join(f"{heading.code}." for heading in above)
            self._counts[prefix] += 1
            code = f"{prefix}{self._counts[prefix]}"
        elif last := self._last_item():
            code = last.code
        else:
            code = self._code(NO_LABEL, mark="1")
        self.items.append(OutlineItem(self._unused(code), row, tuple(self._path)))

    def takes_part(self, row: PlanRow) -> bool:
        """Whether a row is a part of the item above it: lettered or bulleted, and under the same heading."""
        last = self._last_item()
        if last is None or last.row.label.kind is Rank.LOWER:
            return False
        if row.label.kind is Rank.LOWER or row.is_within_above:
            return True
        # Of rows that bear nothing but bullets, only a deeper bullet is a part of the one above.
        is_deeper = bool(last.row.number) or row.bullet != last.row.bullet
        return not row.number and bool(row.bullet) and is_deeper

    def add_part(self, row: PlanRow) -> None:
        """Add a part to the item above; its own row is the first part where both bear one mark or number."""
        item = self.items[-1]
        is_alike = row.is_within_above or (bool(row.bullet) and row.bullet == item.row.bullet)
        if not item.parts and is_alike:
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

    def _coded(self) -> list[TableHeading]:
        """The open headings that stand in the codes below them."""
        return [heading for heading in self._path if not heading.code.endswith("*")]

    def _code(self, label: Label, mark: str) -> str:
        """The code of a label under the open headings; `mark` stands for a label that has no text."""
        above = self._coded()
        if label.kind in (Rank.DECIMAL, Rank.ROMAN, Rank.UPPER):
            for heading in reversed(above):
                if label.extends(heading.label):
                    return heading.code + label.text.removeprefix(heading.label.text)
                if label.text.startswith(f"{heading.code}."):
                    return label.text
            if label.kind is Rank.DECIMAL and "." in label.text:
                above = [heading for heading in above if heading.label.kind is not Rank.DECIMAL]
        text = mark if label.kind in (Rank.STAR, Rank.NONE, Rank.OUTER) else label.text
        return ".".join((*(heading.code for heading in above[-1:]), text))

    def _own_mark(self, title: str) -> str:
        """The code of a heading without a number: its month or quarter, else its place among its like."""
        above = self._coded()
        prefix = "".join(f"{heading.code}." for heading in above[-1:])
        if time := _MONTH_OR_QUARTER.match(fold(title)):
            return f"{prefix}{'T' if time[1] == 'thang' else 'Q'}{time[2].upper().lstrip('0')}"
        self._counts[f"{prefix}*"] += 1
        count = self._counts[f"{prefix}*"]
        is_within_roman = any(heading.label.kind is Rank.ROMAN for heading in above)
        return prefix + (letter(count - 1).upper() if is_within_roman else roman(count))

    def _unused_heading(self, code: str) -> str:
        taken = {heading.code for heading in self.headings}
        return next(found for found in self._candidates(code) if found not in taken)

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
