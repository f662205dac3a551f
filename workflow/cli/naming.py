"""Units and persons as they are named on the command line."""

from __future__ import annotations

from sqlalchemy import Connection, select

from workflow.domain.errors import NotFound
from workflow.storage.queries import Period
from workflow.storage.tables import persons, units


def unit_named(tx: Connection, period: Period, named: str) -> int:
    """The unit of that code or name."""
    found = tx.scalar(
        select(units.c.id).where(
            units.c.organisation_id == period.organisation_id,
            (units.c.slug == named) | (units.c.name == named),
        )
    )
    if found is None:
        raise NotFound(f"Không có đơn vị “{named}”.")
    return int(found)


def person_named(tx: Connection, period: Period, email: str) -> int:
    """The person with that address."""
    found = tx.scalar(
        select(persons.c.id).where(
            persons.c.organisation_id == period.organisation_id, persons.c.email == email
        )
    )
    if found is None:
        raise NotFound(f"Không có ai dùng địa chỉ “{email}”.")
    return int(found)
