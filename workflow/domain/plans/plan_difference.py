"""What changed between two readings of one plan: items added, changed, withdrawn, and their order.

Only compares values. What a change means for cycles under way is `workflow.storage.amending.plan_changes`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from workflow.domain.plans.plan import Plan, PlanItem, PlanPart
from workflow.domain.words import Words

LABELS: Mapping[str, Words] = {
    "number": Words("Số trong kế hoạch"),
    "title": Words("Tên kế hoạch"),
    "year": Words("Năm"),
    "issued_on": Words("Ngày ban hành"),
    "issuer": Words("Cơ quan ban hành"),
    "sections": Words("Đề mục"),
    "section_codes": Words("Mã đề mục"),
    "code": Words("Mã"),
    "content": Words("Nội dung"),
    "leaders": Words("Lãnh đạo phụ trách"),
    "leader_ids": Words("Lãnh đạo phụ trách (trong danh bạ)"),
    "lead_units": Words("Đơn vị chủ trì"),
    "lead_ids": Words("Đơn vị chủ trì (trong danh bạ)"),
    "coordinating_units": Words("Đơn vị phối hợp"),
    "coordinating_ids": Words("Đơn vị phối hợp (trong danh bạ)"),
    "coordinating_text": Words("Phối hợp (nguyên văn)"),
    "start_text": Words("Thời gian thực hiện"),
    "start": Words("Thời gian thực hiện, hiểu là"),
    "deadline_text": Words("Thời hạn"),
    "deadline": Words("Thời hạn, hiểu là"),
    "targets": Words("Chỉ tiêu số"),
    "result": Words("Sản phẩm, kết quả"),
    "note": Words("Ghi chú"),
    "part": Words("Phần"),
    "source": Words("Chỗ trong bản gốc"),
}
"""Each field in Vietnamese."""

_PART_FIELDS = tuple(field.name for field in fields(PlanPart))
_ITEM_FIELDS = tuple(field.name for field in fields(PlanItem) if field.name != "parts")
_PLAN_FIELDS = tuple(field.name for field in fields(Plan) if field.name != "items")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of the plan (`code` empty), of an item or of a part; a whole part (`part`) may come or go."""

    code: str
    field: str
    before: Any
    after: Any

    @property
    def label(self) -> Words:
        """The field in Vietnamese."""
        return LABELS[self.field]


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item that both plans have, and that is no longer the same."""

    before: PlanItem
    after: PlanItem

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """Each field that changed, the item's before its parts'."""
        found = _changed_fields(self.before, self.after, _ITEM_FIELDS)
        was = {part.code: part for part in self.before.parts}
        now = {part.code: part for part in self.after.parts}
        for code in dict.fromkeys((*was, *now)):
            if code in was and code in now:
                found += _changed_fields(was[code], now[code], _PART_FIELDS)
            else:
                found.append(FieldChange(code, "part", was.get(code), now.get(code)))
        return tuple(found)

    @property
    def is_only_in_source(self) -> bool:
        """Whether only the place the row was read from changed, which is not reported to anybody."""
        return replace(self.after, source=self.before.source) == self.before


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """All that changed; `order` is every item's code in the later plan's order."""

    headings: tuple[FieldChange, ...] = ()
    added: tuple[PlanItem, ...] = ()
    changed: tuple[ItemChange, ...] = ()
    withdrawn: tuple[PlanItem, ...] = ()
    moved: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the two plans are the same."""
        return not (self.headings or self.added or self.changed or self.withdrawn or self.moved)

    @property
    def shown_changes(self) -> tuple[ItemChange, ...]:
        """The changed items to report to people: those where more changed than the place in the source."""
        return tuple(change for change in self.changed if not change.is_only_in_source)


def difference(before: Plan, after: Plan, renumbered: Mapping[str, str] | None = None) -> PlanDifference:
    """Returns the changes that turn `before` into `after`.

    Items are the same where their codes are; `renumbered` names those that have another code now, by
    their new code.
    """
    was = {item.code: item for item in before.items}
    earlier = _earlier_codes(was, after.items, renumbered or {})
    kept = set(earlier.values())
    return PlanDifference(
        headings=tuple(_changed_fields(before, after, _PLAN_FIELDS)),
        added=tuple(item for item in after.items if item.code not in earlier),
        changed=tuple(
            ItemChange(was[earlier[item.code]], item)
            for item in after.items
            if item.code in earlier and was[earlier[item.code]] != item
        ),
        withdrawn=tuple(item for item in before.items if item.code not in kept),
        moved=_moved([item.code for item in before.items], earlier),
        order=tuple(item.code for item in after.items),
    )


def applied(plan: Plan, changes: PlanDifference) -> Plan:
    """Returns the plan with the changes applied: `applied(a, difference(a, b)) == b`."""
    gone = {item.code for item in changes.withdrawn} | {change.before.code for change in changes.changed}
    items = {item.code: item for item in plan.items if item.code not in gone}
    items |= {item.code: item for item in (*changes.added, *(change.after for change in changes.changed))}
    headings = {change.field: change.after for change in changes.headings}
    return replace(plan, items=tuple(items[code] for code in changes.order), **headings)


def _earlier_codes(
    was: Mapping[str, PlanItem], items: Sequence[PlanItem], renumbered: Mapping[str, str]
) -> dict[str, str]:
    """The earlier code of each item that both plans have, by its present code and in the present order."""
    taken = set(renumbered.values())
    found: dict[str, str] = {}
    for item in items:
        code = renumbered.get(item.code, "" if item.code in taken else item.code)
        if code in was:
            found[item.code] = code
    return found


def _changed_fields(
    before: PlanPart | Plan, after: PlanPart | Plan, names: Sequence[str]
) -> list[FieldChange]:
    code = after.code if isinstance(after, PlanPart) else ""
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    return [FieldChange(code, name, was, now) for name, was, now in pairs if was != now]


def _moved(before: Sequence[str], earlier: Mapping[str, str]) -> tuple[str, ...]:
    """The smallest set of items whose move explains the new order, among those in both plans."""
    place = {code: at for at, code in enumerate(before)}
    places = [place[code] for code in earlier.values()]
    stays = set(_longest_rising(places))
    return tuple(code for code, at in zip(earlier, places, strict=True) if at not in stays)


def _longest_rising(places: Sequence[int]) -> list[int]:
    """The longest rising subsequence of distinct numbers."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(ends, place)
        before[place] = ends[at - 1] if at else None
        ends[at : at + 1] = [place]
    found: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        found.append(last)
        last = before[last]
    return found
