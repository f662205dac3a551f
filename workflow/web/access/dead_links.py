"""Dead links: one page whatever the reason, and a button that mails a new link to the address on file.

Form: `POST /l/{token}/renew` (or `/o/...`), no fields. The answer is the same whether or not the link was
ever issued, so that it does not reveal who has one.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from workflow.storage.access import links
from workflow.storage.access.links import Link, Purpose
from workflow.storage.access.sessions import send_new_link
from workflow.web.limiting import network_of
from workflow.web.pages import page
from workflow.web.site import AtSite, address_of

router = APIRouter()


async def dead_link(request: Request, _error: Exception) -> HTMLResponse:
    """The page of a link that can't be used."""
    _, kind, token, *_rest = request.url.path.split("/")
    return page(request, "access/dead_link.html", status=410, action=f"/{kind}/{token}/renew")


@router.post("/l/{token}/renew", include_in_schema=False)
@router.post("/o/{token}/renew", include_in_schema=False)
def renew(request: Request, token: str, site: AtSite) -> HTMLResponse:
    """Mails a new link to the address on file, if there is one."""
    now = site.clock.now()
    site.limits.posts_of_address.take(network_of(address_of(request)))
    with site.store.begin() as tx:
        link = links.find(tx, token, now)
        if link is None:
            site.limits.wrong_tokens.take(network_of(address_of(request)))
        else:
            agent = request.headers.get("user-agent", "")
            links.note_use(tx, link.id, f"{link.state} POST /renew", address_of(request), agent, now)
        if link is not None and _may_have_another(link):
            send_new_link(tx, link.organisation_id, link.period_id, link.person_id, link.purpose, now)
    return page(request, "access/renewed.html")


def _may_have_another(link: Link) -> bool:
    return link.is_person_active and link.purpose not in (Purpose.SESSION, Purpose.SIGN_IN)
