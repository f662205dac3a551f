"""Signing in to the office's pages by an OpenID Connect provider.

`GET /sign-in/oidc`             sends the browser to the provider
`GET /sign-in/oidc/callback`    takes its answer: `code` and `state`, or `error`
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.access import links, sessions
from workflow.storage.access.links import Purpose
from workflow.web.access.oidc import NotProven, discover
from workflow.web.access.sign_in_pages import enter
from workflow.web.limiting import network_of
from workflow.web.pages import page
from workflow.web.site import AtSite, Site, address_of

router = APIRouter(include_in_schema=False)

COOKIE = "tiendo-oidc"
PATH = "/sign-in/oidc"
LASTS_SECONDS = 600


@router.get(PATH)
async def start(request: Request, site: AtSite) -> Response:
    """Sends the browser to the provider."""
    _check_configured(site)
    site.limits.sign_ins.take(network_of(address_of(request)))
    started = (await discover(site.settings)).start()
    answer = RedirectResponse(started.address, 303)
    kept = await run_in_threadpool(
        site.stamps.cookie, COOKIE, [started.state, started.nonce, started.verifier]
    )
    answer.set_cookie(
        COOKIE, kept, max_age=LASTS_SECONDS, path=PATH, httponly=True, samesite="lax", secure=site.is_https
    )
    return answer


@router.get(f"{PATH}/callback")
async def callback(
    request: Request, site: AtSite, code: str = "", state: str = "", error: str = ""
) -> Response:
    """Takes the provider's answer: a session for whose address is on file with rights, else a page that says
    why not."""
    _check_configured(site)
    site.limits.sign_ins.take(network_of(address_of(request)))
    cookie = request.cookies.get(COOKIE, "")
    kept = await run_in_threadpool(site.stamps.of_cookie, COOKIE, cookie, LASTS_SECONDS)
    if not kept or not state or kept[0] != state:
        raise NotProven(
            Words("Lần đăng nhập này không bắt đầu từ trình duyệt này, hoặc đã quá lâu."),
            cure=Words("Đăng nhập lại từ đầu."),
        )
    if error or not code:
        raise NotProven(
            Words("Chưa đăng nhập: máy chủ đăng nhập từ chối hoặc anh/chị đã thôi."), where=error[:80]
        )
    email = await (await discover(site.settings)).address_of(code, kept[1], kept[2])
    answer = await run_in_threadpool(_let_in, request, site, email)
    answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax", secure=site.is_https)
    return answer


def _let_in(request: Request, site: Site, email: str) -> Response:
    now = site.clock.now()
    with site.store.reading() as tx:
        found = [one for one in sessions.known_by(tx, email) if one.rights is not None]
    if not found:
        return page(request, "access/sign_in_unknown.html", status=403, email=email)
    if len(found) == 1:
        return enter(request, site, found[0].id, "oidc")
    # One address on file with several organisations: a sign-in link for each, to choose from.
    with site.store.begin() as tx:
        choices = [(one, links.make(tx, one.id, Purpose.SIGN_IN, None, now)) for one in found]
    return page(request, "access/sign_in_choose.html", choices=choices)


def _check_configured(site: Site) -> None:
    if not site.settings.has_oidc:
        raise NotFound(Words("Không có trang này."))
