"""Changes as text for the office: field values in words, and which changes are worth showing.

The command line and the pages show a plan's changes in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from workflow.domain import vietnamese
from workflow.domain.people.directory import Person, Role, Unit
from workflow.domain.people.directory_difference import LABELS, Changes
from workflow.domain.plans.plan import PlanPart, Schedule, Section, Target
from workflow.domain.plans.plan_difference import FieldChange
from workflow.domain.words import Words
from workflow.importing.cells.schedule_words import said
from workflow.importing.form.form import COMPARISONS, ROLES


def printed(value: Any) -> str:
    """Formats a field's value for the office."""
    match value:
        case None | "" | ():
            return Words("(trống)")
        case bool():
            return Words("có") if value else Words("không")
        case Schedule():
            return said(value)
        case Target():
            words = f"{COMPARISONS[value.comparison]} {vietnamese.quantity(value.value, value.measure)}"
            about = "; ".join(one for one in (value.scope, value.kind.label) if one)
            return f"{words} ({about})"
        case PlanPart():
            return value.content
        case Section():
            return f"{value.code} {value.title}"
        case (str() as unit, Role() as role):
            return f"{unit}: {ROLES[role].lower()}"
        case tuple():
            return "; ".join(printed(one) for one in value if one is not None)
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else str(value)


def worth_telling(changes: Sequence[FieldChange]) -> Iterator[FieldChange]:
    """The changes without those that another change already shows: the ids behind unit names, a time that
    reads as it is written."""
    by_field = {(change.code, change.field): change for change in changes}
    for change in changes:
        names = (change.code, change.field.replace("_ids", "_units"))
        text = by_field.get((change.code, f"{change.field}_text"))
        is_as_written = text is not None and printed(text.after) == printed(change.after)
        is_behind_names = change.field.endswith("_ids") and names in by_field
        if change.field != "source" and not is_as_written and not is_behind_names:
            yield change


def entry_rows(changes: Changes[Any]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yields each entry added, changed or dropped: a sign, its name, the field, before and after."""
    for entry in changes.added:
        yield "+", named(entry), Words("Thêm"), "", ""
    for change in changes.changed:
        for field in change.fields:
            before, after = getattr(change.before, field), getattr(change.after, field)
            yield "~", named(change.after), LABELS[field], printed(before), printed(after)
    for entry in changes.dropped:
        yield "-", named(entry), Words("Bỏ (điều đã ghi vẫn lưu)"), "", ""


def named(entry: Unit | Person) -> str:
    """A unit's name, or a person's with the address."""
    return f"{entry.name} <{entry.email}>" if isinstance(entry, Person) else entry.name
