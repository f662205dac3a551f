"""What was done to a unit or a person of the directory, from the organisation's log: when, by whom, and what
was before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.storage.tables import audit, persons

UNIT_ADDED, UNIT_CHANGED = "unit-added", "unit-changed"
PERSON_ADDED, PERSON_CHANGED = "person-added", "person-changed"
FILE_ACCEPTED = "directory-accepted"
ADDRESS_MENDED, LINKS_REVOKED = "address-mended", "links-revoked"
SUBSTITUTED, SUBSTITUTION_ENDED = "substituted", "substitution-ended"

_OF_UNITS = (UNIT_ADDED, UNIT_CHANGED)
_OF_PERSONS = (
    PERSON_ADDED,
    PERSON_CHANGED,
    ADDRESS_MENDED,
    LINKS_REVOKED,
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
    return _history(tx, organisation_id, _OF_UNITS, lambda told: told.get("unit") == unit_id)


def person_history(tx: Connection, organisation_id: int, person_id: int) -> tuple[Happening, ...]:
    """What was done to the person and their links and absences, the latest first."""
    return _history(
        tx,
        organisation_id,
        _OF_PERSONS,
        lambda told: person_id in (told.get("person"), told.get("substitute")),
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
    found = (
        Happening(row.at, row.name or "", row.verb, row.details) for row in rows if is_about(row.details)
    )
    return tuple(one for one, _ in zip(found, range(MOST), strict=False))
