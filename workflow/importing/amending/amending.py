"""Applies a later document to the running plan of the same year: a supplement, an adjustment, a replacement.
Each row is matched by its code, else by its words; how it was matched is shown before it takes effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from workflow.domain.plans.plan import Plan, PlanItem, PlanPart, Section
from workflow.domain.words import Words
from workflow.importing.amending.renumbering import Pair, pairs
from workflow.importing.cells.leaders import keeping_all_bindings, keeping_bindings
from workflow.importing.cells.target_kinds import keeping_kinds
from workflow.importing.folding import fold

_WITHDRAWN = (
    r"bai bo|huy bo|khong (?:tiep tuc )?thuc hien|dung thuc hien|rut (?:khoi|noi dung|nhiem vu)|dua ra khoi"
)
_STARTS_SO = re.compile(
    rf"[\s\-+*•]*(?:{_WITHDRAWN})\b\s*(?:(?:noi dung|nhiem vu|chi tieu|muc|viec|thuc hien)\b)?[\s:.\-]*"
)
_SAYS_SO = re.compile(rf"\b(?:{_WITHDRAWN})\b|^\s*rut\W*$")
_CODE = re.compile(r"(?<![\w.])(?:[IVX]+\.)?\d{1,3}(?:\.\d{1,3})*(?:\.[a-zđ])?(?:bis)?(?![\w/-])")
_INSERTED = re.compile(r"(.*\d) ?(?:[a-zđ]|bis|ter|quater)", re.IGNORECASE)
"""A number inserted between two existing ones: `12a`, `I.1bis`."""
_COUNT = re.compile(r"\s*\(+[^()]*\d[^()]*\)+\s*:?\s*$")


class AmendmentKind(StrEnum):
    """What a later document does to the plan."""

    SUPPLEMENT = "supplement"
    ADJUSTMENT = "adjustment"
    REPLACING = "replacing"

    @property
    def label(self) -> Words:
        """The kind in Vietnamese."""
        return _KINDS[self]


_KINDS = {
    AmendmentKind.SUPPLEMENT: Words("bổ sung"),
    AmendmentKind.ADJUSTMENT: Words("điều chỉnh"),
    AmendmentKind.REPLACING: Words("thay thế"),
}


class RowMatch(StrEnum):
    """How a row of the document was matched."""

    BY_CODE = "by-code"
    BY_WORDS = "by-words"
    NEW = "new"
    WITHDRAWAL = "withdrawal"

    @property
    def label(self) -> Words:
        """The match in Vietnamese."""
        return _HOW[self]


_HOW = {
    RowMatch.BY_CODE: Words("trùng mã"),
    RowMatch.BY_WORDS: Words("lời gần giống"),
    RowMatch.NEW: Words("nội dung mới"),
    RowMatch.WITHDRAWAL: Words("bãi bỏ"),
}


@dataclass(frozen=True, slots=True)
class TakenRow:
    """One row of the document: its place, the item it was matched to (its code in the amended plan), and the
    similarity of their words, 0 to 100."""

    place: str
    code: str
    how: RowMatch
    likeness: int = 0

    @property
    def is_unsure(self) -> bool:
        """Whether a person should check it: the row was matched by its words alone."""
        return self.how is RowMatch.BY_WORDS or (self.how is RowMatch.WITHDRAWAL and self.likeness < 100)


@dataclass(frozen=True, slots=True)
class Amended:
    """The amended plan, how each row was matched, and the rows that could not be."""

    kind: AmendmentKind
    plan: Plan
    taken: tuple[TakenRow, ...]
    renumbered: dict[str, str]
    unmatched: tuple[str, ...] = ()
    """Places of rows that withdraw an item the plan does not have."""


def kind_of(document: Plan) -> AmendmentKind:
    """Returns the kind that a document's title states."""
    title = fold(document.title)
    if "thay the" in title:
        return AmendmentKind.REPLACING
    return AmendmentKind.ADJUSTMENT if "dieu chinh" in title else AmendmentKind.SUPPLEMENT


def amended(
    running: Plan, document: Plan, lines: Sequence[str] = (), *, kind: AmendmentKind | None = None
) -> Amended:
    """Applies the document to the running plan. `lines` are its text outside the table.

    Items it does not name stay, unless it replaces the plan; an item is withdrawn only where the document
    states so.
    """
    kind = kind or kind_of(document)
    if kind is AmendmentKind.REPLACING:
        return _replaced(running, document)
    withdrawing = [item for item in document.items if _withdraws(item)] + _withdrawing_headings(document)
    kept = [item for item in document.items if not _withdraws(item)]
    found = {pair.code: pair for pair in _pairs(running, kept, kind)}
    gone, unmatched = _withdrawals(running, withdrawing, lines, kind)
    items = {item.code: item for item in running.items}
    taken: list[TakenRow] = []
    fresh: list[PlanItem] = []
    follows: dict[str, str] = {}
    above = ""
    sections = list(running.sections)
    for item in kept:
        if pair := found.get(item.code):
            items[pair.before] = merged(items[pair.before], item)
            taken.append(_taken(item, pair))
            above = pair.before
        else:
            there = [*items.values(), *fresh]
            new = _between(item, there) or _placed(item, running, there, document, sections)
            if base := _numbered_after(new, there):
                follows[new.code] = base.code
            elif kind is AmendmentKind.ADJUSTMENT and above:
                # An adjustment lists rows in the plan's order; a supplement counts its own from 1.
                follows[new.code] = above
            fresh.append(new)
            taken.append(TakenRow(item.source, new.code, RowMatch.NEW))
            above = new.code
    stay = [item for item in items.values() if item.code not in {one.code for one in gone}]
    plan = replace(running, items=tuple(_with_new(stay, fresh, follows)), sections=tuple(sections))
    return Amended(kind, plan, (*taken, *gone), {}, tuple(unmatched))


def merged(item: PlanItem, row: PlanItem) -> PlanItem:
    """The item updated with the row's values; code, place and what the row leaves empty are unchanged."""
    said = {
        field.name: getattr(row, field.name)
        for field in fields(PlanPart)
        if field.name not in ("code", "leader_ids") and getattr(row, field.name)
    }
    # A filled cell replaces all values read from it, also where nothing could be read.
    for cell, read in (("start_text", "start"), ("deadline_text", "deadline"), ("content", "targets")):
        if cell in said:
            said[read] = getattr(row, read)
    if "targets" in said:
        said["targets"] = keeping_kinds(row.targets, item.targets)
    for names, ids in (("lead_units", "lead_ids"), ("coordinating_units", "coordinating_ids")):
        if names in said:
            said[ids] = getattr(row, ids)
    if "leaders" in said:
        said["leader_ids"] = keeping_bindings(row, item).leader_ids
    parts = {part.code: part for part in item.parts}
    for part in row.parts:
        code = item.code + part.code.removeprefix(row.code)
        parts[code] = replace(keeping_bindings(part, parts[code]) if code in parts else part, code=code)
    return replace(item, **said, parts=tuple(parts.values()))


def _replaced(running: Plan, document: Plan) -> Amended:
    found = pairs(running.items, document.items)
    by_code = {pair.code: pair for pair in found}
    kept = {pair.before for pair in found}
    taken = [
        _taken(item, by_code[item.code])
        if item.code in by_code
        else TakenRow(item.source, item.code, RowMatch.NEW)
        for item in document.items
    ]
    taken += [TakenRow("", item.code, RowMatch.WITHDRAWAL) for item in running.items if item.code not in kept]
    renumbered = {pair.code: pair.before for pair in found if pair.is_renumbered}
    plan = keeping_all_bindings(document, running, {pair.code: pair.before for pair in found})
    return Amended(AmendmentKind.REPLACING, plan, tuple(taken), renumbered)


def _pairs(running: Plan, rows: Sequence[PlanItem], kind: AmendmentKind) -> tuple[Pair, ...]:
    """A supplement numbers its rows 1, 2, 3: only in an adjustment does the code alone identify the item."""
    return pairs(running.items, rows, by_code=kind is AmendmentKind.ADJUSTMENT)


def _taken(item: PlanItem, pair: Pair) -> TakenRow:
    how = RowMatch.BY_CODE if pair.code == pair.before else RowMatch.BY_WORDS
    return TakenRow(item.source, pair.before if how is RowMatch.BY_WORDS else pair.code, how, pair.likeness)


# --- withdrawing --------------------------------------------------------------------------------------------


def _withdraws(item: PlanItem) -> bool:
    """Whether a row withdraws its item: `Bãi bỏ nội dung ...`, in its notes, or by the heading above it."""
    if any(_STARTS_SO.match(fold(text)) for text in (item.content, *map(_without_label, item.sections))):
        return True
    return any(_SAYS_SO.search(fold(text)) for text in (item.note, item.result, item.deadline_text))


def _withdrawing_headings(document: Plan) -> list[PlanItem]:
    """Rows that withdraw by their words alone, so that the reading took them for headings."""
    used = {code for item in document.items for code in item.section_codes}
    return [
        PlanItem(f"*{section.code}", section.title, source=Words("mục %(code)s", code=section.code))
        for section in document.sections
        if section.code not in used and _STARTS_SO.match(fold(section.title))
    ]


def _withdrawals(
    running: Plan, rows: Sequence[PlanItem], lines: Sequence[str], kind: AmendmentKind
) -> tuple[list[TakenRow], list[str]]:
    gone: dict[str, TakenRow] = {}
    unmatched: list[str] = []
    bare = [replace(row, content=_without_phrase(row.content)) for row in rows]
    by_words = {pair.code: pair for pair in _pairs(running, bare, kind)}
    for row in rows:
        if named := list(_named(row.content, running)):
            gone |= {code: TakenRow(row.source, code, RowMatch.WITHDRAWAL, 100) for code in named}
        elif pair := by_words.get(row.code):
            gone[pair.before] = TakenRow(row.source, pair.before, RowMatch.WITHDRAWAL, pair.likeness)
        else:
            unmatched.append(f"{row.source}: {row.content}")
    for line in lines:
        if _SAYS_SO.search(fold(line)):
            for code in _named(line, running):
                gone.setdefault(code, TakenRow(line, code, RowMatch.WITHDRAWAL, 100))
    return list(gone.values()), unmatched


def _without_phrase(content: str) -> str:
    found = _STARTS_SO.match(fold(content))
    # Folding keeps the number of words, so what is cut there is cut here.
    return " ".join(content.split()[len(found[0].split()) :]) if found else content


def _named(text: str, running: Plan) -> Iterator[str]:
    """The items a text names by code, or by a printed number that only one item has."""
    codes = {item.code for item in running.items}
    by_number: dict[str, list[str]] = {}
    for item in running.items:
        if item.number and "." in item.number:
            by_number.setdefault(item.number, []).append(item.code)
    for match in _CODE.finditer(text):
        if match[0] in codes and "." in match[0]:
            yield match[0]
        elif len(found := by_number.get(match[0], [])) == 1:
            yield found[0]


# --- adding -------------------------------------------------------------------------------------------------


def _placed(
    item: PlanItem, running: Plan, taken: Sequence[PlanItem], document: Plan, sections: list[Section]
) -> PlanItem:
    """A new item under the running plan's heading of the same title, with the next number there. Without such
    a heading it stays under its own, with its code marked to be unique."""
    codes = {one.code for one in taken}
    home = _section_like(item, taken)
    if home is not None:
        last = max(_last_number(one.code) for one in taken if one.section_codes == home.section_codes)
        code = _unused(f"{home.section_codes[-1].rstrip('.*')}.{last + 1}", codes)
        return replace(_recoded(item, code), sections=home.sections, section_codes=home.section_codes)
    own = {section.code: section for section in document.sections}
    prefixed = tuple(f"BS.{code}" for code in item.section_codes)
    for code, new in zip(item.section_codes, prefixed, strict=True):
        if code in own and new not in {section.code for section in sections}:
            sections.append(replace(own[code], code=new))
    return replace(_recoded(item, _unused(f"BS.{item.code}", codes)), section_codes=prefixed)


def _between(item: PlanItem, others: Sequence[PlanItem]) -> PlanItem | None:
    """A new item numbered after one that is there (`12a`, `I.1bis`), with that number, under its heading."""
    base = _numbered_after(item, others)
    if base is None or item.code in {one.code for one in others}:
        return None
    return replace(item, sections=base.sections, section_codes=base.section_codes)


def _numbered_after(item: PlanItem, others: Sequence[PlanItem]) -> PlanItem | None:
    found = _INSERTED.fullmatch(item.code)
    return next((one for one in others if found and one.code == found[1]), None)


def _section_like(item: PlanItem, others: Sequence[PlanItem]) -> PlanItem | None:
    if not item.sections:
        return None
    title = _bare_title(item.sections[-1])
    return next((one for one in others if one.sections and _bare_title(one.sections[-1]) == title), None)


def _bare_title(printed: str) -> str:
    return fold(_COUNT.sub("", _without_label(printed)))


def _without_label(printed: str) -> str:
    """A printed heading without its number: `2.1 Cải cách hành chính` is `Cải cách hành chính`."""
    label, _, rest = printed.partition(" ")
    return rest if rest and re.fullmatch(r"(?:[\d.]+|[IVX]+|[a-zA-Z]|\*)[.)]?", label) else printed


def _last_number(code: str) -> int:
    found = re.search(r"(\d{1,9})\D*$", code)
    return int(found[1]) if found else 0


def _unused(code: str, codes: set[str]) -> str:
    while code in codes:
        code = f"{code}bis"
    return code


def _recoded(item: PlanItem, code: str) -> PlanItem:
    parts = tuple(replace(part, code=code + part.code.removeprefix(item.code)) for part in item.parts)
    return replace(item, code=code, parts=parts)


def _with_new(
    items: Sequence[PlanItem], fresh: Sequence[PlanItem], follows: Mapping[str, str]
) -> list[PlanItem]:
    """The items with each new one after the one it follows, where that stands under its heading; else after
    the last of its heading."""
    found = list(items)
    for new in fresh:
        own = [at for at, item in enumerate(found) if item.section_codes == new.section_codes]
        before = follows.get(new.code)
        at = next((at for at in own if found[at].code == before), None)
        if at is None:
            at = own[-1] if own else len(found) - 1
        # New items that follow the same one keep the document's order.
        while before and at + 1 < len(found) and follows.get(found[at + 1].code) == before:
            at += 1
        found.insert(at + 1, new)
    return found
