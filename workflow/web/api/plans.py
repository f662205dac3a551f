"""`/organisation`, `/units`, `/persons`, `/plans`: what is planned, and by whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from workflow.domain.errors import Conflict
from workflow.domain.events import KeyScope
from workflow.domain.periods.period import Span
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.words import Words
from workflow.storage.opening.asking import asking_of
from workflow.storage.opening.opening import dates_at_opening, period_opened
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.plans.item_rows import read_items
from workflow.storage.plans.listings import (
    ListedPerson,
    organisation_row,
    person_rows,
    plan_row,
    plan_rows,
    unit_rows,
)
from workflow.storage.rules import rules_in_force
from workflow.web.api.keys import AsReaderKey, Caller
from workflow.web.api.models import (
    Cursor,
    Id,
    Item,
    ItemAskedAnswer,
    Limit,
    ListPage,
    OrganisationAnswer,
    PartAnswer,
    PeriodAsking,
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


@router.get("/plans/{plan_id}/asking", responses=answers(404, 409))
def asking(
    caller: AsReaderKey,
    plan_id: Id,
    period: Annotated[
        str,
        Query(pattern=r"^20[0-9]{2}(-(Q[1-4]|M(0[1-9]|1[0-2])|H[12]))?$", description="as `2026-Q1`"),
    ],
) -> PeriodAsking:
    """Each item of the plan, asked about in a period that is not open yet or not, and why: by the rules in
    force, what is approved so far, and what the office ticked. The dates are those of an opening today."""
    now, span = caller.site.clock.now(), Span.parse(period)
    with caller.site.store.reading() as tx:
        plan_row(tx, caller.organisation_id, plan_id)
        if period_opened(tx, plan_id, span):
            raise Conflict(Words("%(period)s đã mở.", period=span.label))
        _, rules = rules_in_force(tx, caller.organisation_id) or (None, Rules())
        calendar = organisation_calendar(tx, caller.organisation_id)
        dates = dates_at_opening(tx, plan_id, span, rules, calendar, calendar.day_of(now))
        found = asking_of(tx, plan_id, span, rules)
    return PeriodAsking(
        code=span.code,
        label=span.label,
        due_on=dates.due_on,
        confirm_by=dates.confirm_by,
        approve_by=dates.approve_by,
        cut_off=dates.cut_off,
        items=[
            ItemAskedAnswer(
                item_id=one.item_id,
                code=one.code,
                is_asked=one.is_asked,
                because=one.answer.because,
                reason=one.answer.reason,
            )
            for one in found
        ],
    )


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
