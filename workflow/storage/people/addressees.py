"""Mail addresses as persons: one of the directory, or one outside it who is only written to."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select, update

from workflow.storage.tables import persons


def persons_at(tx: Connection, organisation_id: int, names: Mapping[str, str]) -> list[int]:
    """The person of each address, in their order, given what to call each (empty: as they are called); an
    address the directory does not know becomes one that is outside it."""
    wanted = {email.lower(): (email, name) for email, name in names.items()}
    known = {
        row.email.lower(): row
        for row in tx.execute(
            select(persons).where(
                persons.c.organisation_id == organisation_id, func.lower(persons.c.email).in_(wanted)
            )
        )
    }
    found = []
    for lower, (email, name) in wanted.items():
        row = known.get(lower)
        if row is None:
            made: int = tx.execute(
                persons.insert()
                .values(
                    organisation_id=organisation_id,
                    name=name or email,
                    email=email,
                    is_active=True,
                    is_outside=True,
                )
                .returning(persons.c.id)
            ).scalar_one()
            found.append(made)
            continue
        if row.is_outside or not row.is_active:
            # Who left the directory is written to as anybody else outside it.
            tx.execute(
                update(persons)
                .where(persons.c.id == row.id)
                .values(name=name or row.name, is_active=True, is_outside=True)
            )
        found.append(row.id)
    return found
