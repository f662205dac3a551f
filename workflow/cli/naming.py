"""Units and persons as they are named on the command line."""

from __future__ import annotations

from sqlalchemy import Connection

from workflow.domain.errors import NotFound
from workflow.domain.vietnamese import fold
from workflow.storage.periods.periods import Period
from workflow.storage.plans.listings import ListedPerson, person_rows, unit_rows


def unit_named(tx: Connection, period: Period, named: str) -> int:
    """The unit of that code or name."""
    known = unit_rows(tx, period.organisation_id)
    found = next((one.id for one in known if named in (one.slug, one.name)), None)
    if found is None:
        raise NotFound(f"Không có đơn vị “{named}”.")
    return found


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
    known = person_rows(tx, period.organisation_id)
    found = next((one.id for one in known if one.email == email), None)
    if found is None:
        raise NotFound(f"Không có ai dùng địa chỉ “{email}”.")
    return found
