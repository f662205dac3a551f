"""Compares a reading with a gold one, field by field, and counts precision and recall.

Both sides are held in one JSON shape (`as_gold`). Items and parts are paired by their code.
A field with one value (content, due) counts 1 where it is not empty; a field with a list (leaders, ids)
counts each of its values, in any order. Then over all items

    precision = values both have / values the reading gives
    recall    = values both have / values the gold reading has

so a wrong value costs both, a value left out costs recall, one made up costs precision, and what both
leave empty counts nowhere. An item that only one side has counts with all its values. Texts are compared
after folding white space. Coordinating units and ids that the gold reading holds as null (no careful
reading) are not compared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.domain.plans.plan import Plan, PlanItem, PlanPart
from workflow.importing.tables.table import folded

_PART_FIELDS = (
    "code",
    "content",
    "leaders",
    "lead_units",
    "lead_ids",
    "coordinating_units",
    "coordinating_ids",
    "coordinating_text",
    "start_text",
    "start",
    "deadline_text",
    "deadline",
    "due",
)
_ITEM_FIELDS = ("code", "number", "sections", *_PART_FIELDS[1:])
_LISTS = frozenset({"leaders", "lead_units", "lead_ids", "coordinating_units", "coordinating_ids"})
_READ_WITH_CARE = frozenset({"coordinating_units", "coordinating_ids"})

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where the two readings differ; None for what a side does not have."""

    field: str
    code: str
    gold: object
    read: object


@dataclass(frozen=True, slots=True)
class FieldScore:
    """How often a field was read as the gold reading has it."""

    field: str
    correct: int
    given: int
    expected: int
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def precision(self) -> float:
        """The share of the values read that are right; 1 where none was read."""
        return self.correct / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """The share of the gold values that were read; 1 where there is none."""
        return self.correct / self.expected if self.expected else 1.0


def compare(plan: Plan, gold: Record) -> tuple[FieldScore, ...]:
    """The score of each field of items, parts (`parts.due`) and headings (`declared`)."""
    read = as_gold(plan)
    items = _paired(read["items"], gold["items"])
    parts = _paired(_parts(read["items"]), _parts(gold["items"]))
    fields = [_score(name, name, items) for name in _ITEM_FIELDS]
    fields += [_score(f"parts.{name}", name, parts) for name in _PART_FIELDS]
    headings = ({"declared": _promises(side.get("declared", ()))} for side in (read, gold))
    fields.append(_score("declared", "declared", {"": (next(headings), next(headings))}))
    return tuple(fields)


def as_gold(plan: Plan) -> dict[str, Any]:
    """The plan in the shape gold readings are kept in."""
    return {
        "declared": [
            {
                "section": section.code,
                "title": section.title,
                "declared": [{"count": declared.count, "of": declared.of} for declared in section.declared],
            }
            for section in plan.sections
            if section.declared
        ],
        "items": [_item_as_gold(item) for item in plan.items],
    }


def _item_as_gold(item: PlanItem) -> dict[str, Any]:
    return {
        **_part_as_gold(item),
        "number": item.number,
        "sections": list(item.sections),
        "parts": [_part_as_gold(part) for part in item.parts],
    }


def _part_as_gold(part: PlanPart) -> dict[str, Any]:
    is_unread = bool(part.coordinating_text) and not part.coordinating_units
    return {
        "code": part.code,
        "content": part.content,
        "leaders": list(part.leaders),
        "lead_units": list(part.lead_units),
        "lead_ids": list(part.lead_ids),
        "coordinating_units": None if is_unread else list(part.coordinating_units),
        "coordinating_ids": None if is_unread else sorted(part.coordinating_ids),
        "coordinating_text": part.coordinating_text,
        "start_text": part.start_text,
        "start": part.start.as_json() if part.start else None,
        "deadline_text": part.deadline_text,
        "deadline": part.deadline.as_json() if part.deadline else None,
        "due": part.due.isoformat() if part.due else None,
    }


def _parts(items: Iterable[Record]) -> Iterator[Record]:
    for item in items:
        yield from item.get("parts", ())


def _paired(read: Iterable[Record], gold: Iterable[Record]) -> dict[str, tuple[Record, Record]]:
    """The records of both sides by code, gold's order first; an empty record where a side has none."""
    read_by_code = {record["code"]: record for record in read}
    gold_by_code = {record["code"]: record for record in gold}
    codes = dict.fromkeys((*gold_by_code, *read_by_code))
    return {code: (read_by_code.get(code, {}), gold_by_code.get(code, {})) for code in codes}


def _score(name: str, field: str, pairs: Mapping[str, tuple[Record, Record]]) -> FieldScore:
    correct = given = expected = 0
    mismatches: list[Mismatch] = []
    for code, (read, gold) in pairs.items():
        if gold and field in _READ_WITH_CARE and gold.get(field) is None:
            continue
        ours, theirs = _values(read.get(field), field), _values(gold.get(field), field)
        correct += (ours & theirs).total()
        given += ours.total()
        expected += theirs.total()
        if ours != theirs:
            mismatches.append(Mismatch(name, code, gold.get(field), read.get(field)))
    return FieldScore(name, correct, given, expected, tuple(mismatches))


def _values(value: Any, field: str) -> Counter[str]:
    """The values a field counts with: each of a list's, else the one, else none."""
    if field in _LISTS or field == "declared":
        return Counter(_key(one) for one in value or () if one)
    return Counter([_key(value)] if value else [])


def _key(value: Any) -> str:
    if isinstance(value, str):
        return folded(value)
    if isinstance(value, list):
        return json.dumps([_key(one) for one in value], ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _promises(headings: Iterable[Record]) -> list[str]:
    """Each count a heading promises, as one text."""
    return [
        f"{heading['section']} {folded(heading['title'])}: {declared['count']} {declared['of']}"
        for heading in headings
        for declared in heading["declared"]
    ]
