"""A change in the office's words: values as they are read, and which changes are worth telling.

The command line and the pages tell a plan's changes in the same words.
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
    """A field's value as the office reads it."""
    match value:
        case None | "" | ():
            return Words("(trống)")
        case bool():
            return Words("có") if value else Words("không")
        case Schedule():
            return said(value)
        case Target():
            words = f"{COMPARISONS[value.comparison]} {vietnamese.quantity(value.value, value.measure)}"
            return f"{words} ({value.scope})" if value.scope else words
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
    """The changes without those that another one tells already: the units behind names, a time read as it
    is written."""
    told = {(change.code, change.field): change for change in changes}
    for change in changes:
        names = (change.code, change.field.replace("_ids", "_units"))
        text = told.get((change.code, f"{change.field}_text"))
        is_as_written = text is not None and printed(text.after) == printed(change.after)
        is_behind_names = change.field.endswith("_ids") and names in told
        if change.field != "source" and not is_as_written and not is_behind_names:
            yield change


def entry_rows(changes: Changes[Any]) -> Iterator[tuple[str, str, str, str, str]]:
    """Each entry that came, changed or went: a sign, its name, the field, before and after."""
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
