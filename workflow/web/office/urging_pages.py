"""One click to urge: from the board those its filter shows, from the list of who owes one or all or the late,
from an item's page those it waits for.

`POST /o/{token}/urge`    fields `stamp` (says which period), `at` (the page: board, owing or item), and
                          `person`, `cycle`, or the fields of the board's filter; none of them: everyone
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from workflow.domain.typed import whole_number
from workflow.storage.duties.board import Filter, board
from workflow.storage.duties.debtors import debtors
from workflow.storage.duties.urging import urge
from workflow.storage.periods.periods import Period
from workflow.web.forms import Posted, text_of
from workflow.web.frames import office_period
from workflow.web.office.filters import fields_of, filter_of
from workflow.web.office.urging import URGE, UrgedCount
from workflow.web.site import AsOfficer, AtSite, Site

router = APIRouter(include_in_schema=False)


@router.post("/o/{token}/urge")
def urge_people(site: AtSite, holder: AsOfficer, form: Posted) -> RedirectResponse:
    """Urges the people of the form, each at most once a day, and shows on the same page how many."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, URGE)
    now = site.clock.now()
    with site.store.begin() as tx:
        head, _ = office_period(tx, holder, "", int(stamp.shown[0][0]))
        people = urge(tx, head.id, _asked(site, tx, head, form), now, officer_id=holder.person_id)
        urged = UrgedCount.of(people)
        holder.note(tx, f"urged {urged.intended}", now)
    query = {"period": head.code, "urged": str(urged)}
    match text_of(form, "at"):
        case "owing":
            path = "/owing"
        case "item":
            path = f"/item/{_number(form, 'cycle') or 0}"
        case _:
            path = ""
            query |= fields_of(filter_of(form))
    return RedirectResponse(f"{holder.base}{path}?{urlencode(query)}#da-nhac", 303)


def _asked(site: Site, tx: Connection, period: Period, form: FormData) -> list[int]:
    """Whom the form asks for: one person; who owes what an item or a filtered list waits for; the late."""
    now = site.clock.now()
    if (person := _number(form, "person")) is not None:
        return [person] if any(one.person_id == person for one in debtors(tx, period.id, now)) else []
    if (cycle := _number(form, "cycle")) is not None:
        return [one.person_id for one in debtors(tx, period.id, now, [cycle])]
    wanted = filter_of(form)
    if text_of(form, "at") == "owing":
        # The list's own button for the late: those it marks so, not all whom a late item waits for.
        found = debtors(tx, period.id, now)
        return [one.person_id for one in found if one.is_late or not wanted.late]
    if wanted == Filter():
        return [one.person_id for one in debtors(tx, period.id, now)]
    shown = [row.cycle.id for row in board(tx, period.id, now).rows if wanted.lets(row)]
    return [one.person_id for one in debtors(tx, period.id, now, shown)]


def _number(form: FormData, name: str) -> int | None:
    value = text_of(form, name)
    return whole_number(value)
