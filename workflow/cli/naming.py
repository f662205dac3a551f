"""Units and persons as they are named on the command line."""

from __future__ import annotations

from sqlalchemy import Connection, select

from workflow.domain.errors import NotFound
from workflow.domain.vietnamese import fold
from workflow.storage.periods.periods import Period
from workflow.storage.plans.listings import ListedPerson, person_rows
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


def people_named(tx: Connection, organisation_id: int, named: str) -> list[ListedPerson]:
    """The organisation's people, also those who left, of that address, number or name; a name with or without
    its diacritics and capitals. Raises NotFound."""
    known = person_rows(tx, organisation_id)
    wanted = named.strip()
    found = [one for one in known if one.email.lower() == wanted.lower() or str(one.id) == wanted]
    found = found or [one for one in known if fold(one.name) == fold(wanted)]
    if not found:
        raise NotFound(f"Không có ai tên hay có địa chỉ “{named}” trong danh bạ.")
    return found


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
