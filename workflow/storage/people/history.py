"""What was done to a unit or a person of the directory, in the organisation's log: when, by whom, and what
was before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.people.directory import Role
from workflow.storage.audit import AuditEntry
from workflow.storage.people.entries import PersonEntry, Staff, UnitEntry
from workflow.storage.private_values import revealed
from workflow.storage.tables import audit, persons

UNIT_ADDED, UNIT_CHANGED = "unit-added", "unit-changed"
PERSON_ADDED, PERSON_CHANGED = "person-added", "person-changed"
FILE_ACCEPTED = "directory-accepted"
ADDRESS_MENDED, LINKS_REVOKED = "address-mended", "links-revoked"
OFFICE_LINK_MADE = "office-link-made"
PERSON_FORGOTTEN, PERSON_EXPORTED = "person-forgotten", "person-exported"
SUBSTITUTED, SUBSTITUTION_ENDED = "substituted", "substitution-ended"

_OF_UNITS = (UNIT_ADDED, UNIT_CHANGED)
_OF_PERSONS = (
    PERSON_ADDED,
    PERSON_CHANGED,
    ADDRESS_MENDED,
    LINKS_REVOKED,
    OFFICE_LINK_MADE,
    PERSON_FORGOTTEN,
    PERSON_EXPORTED,
    SUBSTITUTED,
    SUBSTITUTION_ENDED,
)
MOST = 100
"""Happenings shown at once."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the log: `by` is empty where the system or the command line did it."""

    at: datetime
    by: str
    verb: str
    details: Mapping[str, Any]


def unit_history(tx: Connection, organisation_id: int, unit_id: int) -> tuple[Happening, ...]:
    """What was done to the unit, the latest first."""
    return _history(tx, organisation_id, _OF_UNITS, lambda details: details.get("unit") == unit_id)


def person_history(tx: Connection, organisation_id: int, person_id: int) -> tuple[Happening, ...]:
    """What was done to the person and their links and absences, the latest first."""
    return _history(
        tx,
        organisation_id,
        _OF_PERSONS,
        lambda details: person_id in (details.get("person"), details.get("substitute")),
    )


def _history(
    tx: Connection,
    organisation_id: int,
    verbs: tuple[str, ...],
    is_about: Callable[[Mapping[str, Any]], bool],
) -> tuple[Happening, ...]:
    rows = tx.execute(
        select(audit.c.at, persons.c.name, audit.c.verb, audit.c.details)
        .outerjoin(persons, persons.c.id == audit.c.person_id)
        .where(audit.c.chain == f"o{organisation_id}", audit.c.verb.in_(verbs))
        .order_by(audit.c.seq.desc())
    )
    found = [row for row, _ in zip((row for row in rows if is_about(row.details)), range(MOST), strict=False)]
    shown = revealed(tx, (row.details for row in found))
    return tuple(
        Happening(row.at, row.name or "", row.verb, details)
        for row, details in zip(found, shown, strict=True)
    )


def changes_between(before: UnitEntry | PersonEntry, after: UnitEntry | PersonEntry) -> dict[str, list[Any]]:
    """Each field that changed, before and after, as plain values. Of what is new, only what was not empty,
    and no address: nothing is ever erased from the log. A changed address goes there by `private_values`."""
    left_out = {"id"} if before.id else {"id", "email"}
    names = [one.name for one in fields(after) if one.name not in left_out]
    return {
        name: [_plain(getattr(before, name)), _plain(getattr(after, name))]
        for name in names
        if getattr(before, name) != getattr(after, name)
    }


def entries_between(before: Staff, after: Staff, by: int | None = None) -> list[AuditEntry]:
    """What a file changed, an entry of the log for each unit and person, so that each has its own history."""
    found: list[AuditEntry] = []
    for key, unit in after.units.items():
        was = before.units.get(key, UnitEntry())
        if was != unit:
            details = {"unit": key, "changes": changes_between(was, unit)}
            found.append(AuditEntry(UNIT_CHANGED if was.id else UNIT_ADDED, by, details))
    for key, person in after.persons.items():
        earlier = before.persons.get(key, PersonEntry())
        if earlier != person:
            details = {"person": key, "changes": changes_between(earlier, person)}
            found.append(AuditEntry(PERSON_CHANGED if earlier.id else PERSON_ADDED, by, details))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Role) else value
