"""`/organisation`, `/units`, `/persons`, `/plans`: what is planned, and by whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from workflow.domain.events import Scope
from workflow.storage.outside.listings import (
    PersonRow,
    organisation_row,
    person_rows,
    plan_row,
    plan_rows,
    unit_rows,
)
from workflow.storage.plans.item_rows import read_items
from workflow.web.api.keys import AsReaderKey, Caller
from workflow.web.api.models import (
    Cursor,
    Id,
    Item,
    Limit,
    Organisation,
    Page,
    Part,
    Person,
    Plan,
    RoleIn,
    Unit,
    page_of,
    part_fields,
)
from workflow.web.api.problems import answers

router = APIRouter(tags=["plans"])

Code = Annotated[
    str | None,
    Query(max_length=40, pattern=r"^[^\x00-\x1f]*$", description="only items under the heading of this code"),
]


@router.get("/organisation", responses=answers())
def organisation(caller: AsReaderKey) -> Organisation:
    """The organisation the key belongs to; a key sees no other."""
    with caller.site.store.reading() as tx:
        return Organisation.model_validate(organisation_row(tx, caller.organisation_id))


@router.get("/units", responses=answers())
def units(caller: AsReaderKey, limit: Limit = 200, cursor: Cursor = None) -> Page[Unit]:
    """The units of the directory, those dropped from it included (`is_active` false)."""
    with caller.site.store.reading() as tx:
        found = unit_rows(tx, caller.organisation_id)
    entries = [Unit.model_validate(row) for row in found]
    return page_of(entries, [row.id for row in found], cursor, limit)


@router.get("/persons", responses=answers())
def persons(caller: AsReaderKey, limit: Limit = 200, cursor: Cursor = None) -> Page[Person]:
    """The persons of the directory; e-mail addresses only with the scope `read:people`."""
    with caller.site.store.reading() as tx:
        found = person_rows(tx, caller.organisation_id)
    entries = [_person(row, caller) for row in found]
    return page_of(entries, [row.id for row in found], cursor, limit)


def _person(row: PersonRow, caller: Caller) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        email=row.email if caller.may(Scope.READ_PEOPLE) else None,
        title=row.title,
        is_active=row.is_active,
        roles=[RoleIn(unit_id=unit, role=role) for unit, role in row.roles],
    )


@router.get("/plans", responses=answers())
def plans(caller: AsReaderKey, limit: Limit = 50, cursor: Cursor = None) -> Page[Plan]:
    """The organisation's plans, the last loaded first."""
    with caller.site.store.reading() as tx:
        found = plan_rows(tx, caller.organisation_id)
    return page_of([Plan.model_validate(row) for row in found], [row.id for row in found], cursor, limit)


@router.get("/plans/{plan_id}", responses=answers(404))
def plan(caller: AsReaderKey, plan_id: Id) -> Plan:
    """One plan."""
    with caller.site.store.reading() as tx:
        return Plan.model_validate(plan_row(tx, caller.organisation_id, plan_id))


@router.get("/plans/{plan_id}/items", responses=answers(404))
def items(
    caller: AsReaderKey, plan_id: Id, section: Code = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[Item]:
    """The plan's items in its order, with their parts and targets; withdrawn items are left out."""
    with caller.site.store.reading() as tx:
        plan_row(tx, caller.organisation_id, plan_id)
        found = read_items(tx, plan_id)
    shown = {
        item_id: item for item_id, item in found.items() if section is None or section in item.section_codes
    }
    entries = [
        Item(
            **part_fields(item),
            id=item_id,
            number=item.number,
            section_codes=list(item.section_codes),
            section_titles=list(item.sections),
            parts=[Part(**part_fields(part)) for part in item.parts],
        )
        for item_id, item in shown.items()
    ]
    return page_of(entries, list(shown), cursor, limit)
