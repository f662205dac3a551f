"""`/organisation`, `/units`, `/persons`, `/plans`: what is planned, and by whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from workflow.domain.events import KeyScope
from workflow.storage.plans.item_rows import read_items
from workflow.storage.plans.listings import (
    ListedPerson,
    organisation_row,
    person_rows,
    plan_row,
    plan_rows,
    unit_rows,
)
from workflow.web.api.keys import AsReaderKey, Caller
from workflow.web.api.models import (
    Cursor,
    Id,
    Item,
    Limit,
    ListPage,
    OrganisationAnswer,
    PartAnswer,
    PersonAnswer,
    PlanAnswer,
    RoleIn,
    UnitAnswer,
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
def organisation(caller: AsReaderKey) -> OrganisationAnswer:
    """The organisation the key belongs to; a key sees no other."""
    with caller.site.store.reading() as tx:
        return OrganisationAnswer.model_validate(organisation_row(tx, caller.organisation_id))


@router.get("/units", responses=answers())
def units(caller: AsReaderKey, limit: Limit = 200, cursor: Cursor = None) -> ListPage[UnitAnswer]:
    """The units of the directory, those dropped from it included (`is_active` false)."""
    with caller.site.store.reading() as tx:
        found = unit_rows(tx, caller.organisation_id)
    entries = [UnitAnswer.model_validate(row) for row in found]
    return page_of(entries, [row.id for row in found], cursor, limit)


@router.get("/persons", responses=answers())
def persons(caller: AsReaderKey, limit: Limit = 200, cursor: Cursor = None) -> ListPage[PersonAnswer]:
    """The persons of the directory; e-mail addresses only with the scope `read:people`."""
    with caller.site.store.reading() as tx:
        found = person_rows(tx, caller.organisation_id)
    entries = [_person(row, caller) for row in found]
    return page_of(entries, [row.id for row in found], cursor, limit)


def _person(row: ListedPerson, caller: Caller) -> PersonAnswer:
    return PersonAnswer(
        id=row.id,
        name=row.name,
        email=row.email if caller.may(KeyScope.READ_PEOPLE) else None,
        title=row.title,
        is_active=row.is_active,
        roles=[RoleIn(unit_id=unit, role=role) for unit, role in row.roles],
    )


@router.get("/plans", responses=answers())
def plans(caller: AsReaderKey, limit: Limit = 50, cursor: Cursor = None) -> ListPage[PlanAnswer]:
    """The organisation's plans, the last loaded first."""
    with caller.site.store.reading() as tx:
        found = plan_rows(tx, caller.organisation_id)
    return page_of(
        [PlanAnswer.model_validate(row) for row in found], [row.id for row in found], cursor, limit
    )


@router.get("/plans/{plan_id}", responses=answers(404))
def plan(caller: AsReaderKey, plan_id: Id) -> PlanAnswer:
    """One plan."""
    with caller.site.store.reading() as tx:
        return PlanAnswer.model_validate(plan_row(tx, caller.organisation_id, plan_id))


@router.get("/plans/{plan_id}/items", responses=answers(404))
def items(
    caller: AsReaderKey, plan_id: Id, section: Code = None, limit: Limit = 50, cursor: Cursor = None
) -> ListPage[Item]:
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
            parts=[PartAnswer(**part_fields(part)) for part in item.parts],
        )
        for item_id, item in shown.items()
    ]
    return page_of(entries, list(shown), cursor, limit)
