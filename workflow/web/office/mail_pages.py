"""The office's page of mails: what did not arrive first, with the form that mends an address and sends again.

`GET /o/{token}/mails`                       the outbox of a period; `?state=&page=`
`POST /o/{token}/mails/{person_id}/again`    sends a person's mails that did not arrive again: `stamp`,
                                             `email`, the address as it is or mended; `keep`, `1` to leave
                                             the links alive that were sent to the former one
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed
from workflow.storage.access.mended_addresses import mend_address
from workflow.storage.post.office_mails import mail_counts, mails, send_again, unreached
from workflow.web.asked import Id
from workflow.web.forms import Posted, count_of, text_of
from workflow.web.frames import office_frame, office_period
from workflow.web.office.mail_words import KINDS, STATES
from workflow.web.pages import page
from workflow.web.paging import ON_A_PAGE, Pages, place
from workflow.web.site import AsOfficer, AtSite, Holder, Site

router = APIRouter(include_in_schema=False)

AGAIN = "again"


@dataclass(frozen=True, slots=True)
class AddressRefusal:
    """A refused address: whose, why, and what was typed."""

    person_id: int = 0
    why: str = ""
    email: str = ""


@router.api_route("/o/{token}/mails", methods=["GET", "HEAD"])
def mails_page(
    request: Request,
    site: AtSite,
    holder: AsOfficer,
    period: str = "",
    state: str = "",
    page: str = "",
) -> HTMLResponse:
    """The outbox of a period."""
    return _shown(request, site, holder, period, state, page, n_again=count_of(request, "again") or 0)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    period: str,
    state: str = "",
    asked_page: str = "",
    refusal: AddressRefusal | None = None,
    n_again: int = 0,
) -> HTMLResponse:
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        counts = mail_counts(tx, head.id)
        state = state if state in STATES else ""
        total = counts.get(state, 0) if state else sum(counts.values())
        number, n_pages, before = place(asked_page, total)
        found = mails(tx, head.id, state, ON_A_PAGE, before)
        not_reached = unreached(tx, head.id)
    return page(
        request,
        "office/mails.html",
        status=409 if refusal else 200,
        mails=found,
        pages=Pages(found, number, n_pages, total),
        state_words=STATES,
        kind_words=KINDS,
        unreached=not_reached,
        counts=counts,
        states=[one for one in STATES if counts.get(one)],
        state=state,
        refusal=refusal or AddressRefusal(),
        n_again=n_again,
        n_ended=count_of(request, "ended") or 0,
        stamp=site.stamps.made(holder.link.id, AGAIN),
        **office_frame(holder, head, known, "mails"),
    )


@router.post("/o/{token}/mails/{person_id}/again")
def send_to_person_again(
    request: Request, site: AtSite, holder: AsOfficer, person_id: Id, form: Posted, period: str = ""
) -> Response:
    """Puts a person's mails that did not arrive back into the outbox, to the address as mended."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, AGAIN)
    now, email = site.clock.now(), text_of(form, "email")
    try:
        with site.store.begin() as tx:
            head, _ = office_period(tx, holder, period)
            ended = mend_address(
                tx,
                holder.person_id,
                holder.link.organisation_id,
                person_id,
                email,
                now,
                ends_links=text_of(form, "keep") != "1",
                but_link=holder.link.id,
            )
            n_again = send_again(tx, head.id, person_id, now)
            mended = " mended" if ended is not None else ""
            holder.note(tx, f"POST /mails/{person_id}/again{mended}", now)
    except (Conflict, NotAllowed) as error:
        why = error.told
        return _shown(request, site, holder, period, refusal=AddressRefusal(person_id, why, email))
    query = urlencode({"period": head.code, "again": n_again, "ended": ended or 0})
    return RedirectResponse(f"{holder.base}/mails?{query}", 303)
