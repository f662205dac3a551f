"""What changed between two directories: units and persons added, changed, dropped.

The order of aliases, members and roles carries no meaning, so it is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from workflow.domain.people.directory import Directory, Person, Unit
from workflow.domain.words import Words

Entry = TypeVar("Entry", Unit, Person)

LABELS: Mapping[str, str] = {
    "id": Words("Mã"),
    "name": Words("Tên"),
    "aliases": Words("Tên gọi khác"),
    "members": Words("Thành viên nhóm"),
    "is_committee": Words("Ban biểu quyết"),
    "body": Words("Loại tập thể biểu quyết"),
    "cluster": Words("Cụm thi đua"),
    "email": Words("Thư điện tử"),
    "title": Words("Chức danh"),
    "roles": Words("Vai trò"),
}
"""Each field of a unit or person in Vietnamese."""


@dataclass(frozen=True, slots=True)
class EntryChange(Generic[Entry]):
    """A unit or person that both directories have, and that is no longer the same."""

    before: Entry
    after: Entry

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that changed."""
        names = [field.name for field in fields(self.after)]
        return tuple(
            name for name in names if _plain(getattr(self.before, name)) != _plain(getattr(self.after, name))
        )


@dataclass(frozen=True, slots=True)
class Changes(Generic[Entry]):
    """What changed among the units, or among the persons."""

    added: tuple[Entry, ...] = ()
    changed: tuple[EntryChange[Entry], ...] = ()
    dropped: tuple[Entry, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.changed or self.dropped)


@dataclass(frozen=True, slots=True)
class DirectoryDifference:
    """All that changed. Units are the same by id, persons by e-mail address."""

    units: Changes[Unit]
    persons: Changes[Person]

    @property
    def is_empty(self) -> bool:
        """Whether the two directories are equal."""
        return self.units.is_empty and self.persons.is_empty


def directory_difference(before: Directory, after: Directory) -> DirectoryDifference:
    """Returns the changes that turn `before` into `after`."""
    return DirectoryDifference(
        units=_changes(before.units, after.units, lambda unit: unit.id),
        persons=_changes(before.persons, after.persons, lambda person: person.email),
    )


def _changes(
    before: tuple[Entry, ...], after: tuple[Entry, ...], name: Callable[[Entry], str]
) -> Changes[Entry]:
    was = {name(entry): entry for entry in before}
    now = {name(entry): entry for entry in after}
    pairs = [EntryChange(was[key], entry) for key, entry in now.items() if key in was]
    return Changes(
        added=tuple(entry for key, entry in now.items() if key not in was),
        changed=tuple(change for change in pairs if change.fields),
        dropped=tuple(entry for key, entry in was.items() if key not in now),
    )


def _plain(value: Any) -> Any:
    return frozenset(value) if isinstance(value, tuple) else value
