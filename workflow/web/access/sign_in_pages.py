"""Signing in to the office's pages by a mailed link, and out again.

`GET, POST /sign-in`            the address; field `email`. The answer is the same whoever has it, or nobody
`GET, POST /sign-in/{token}`    the mailed link: a button; pressing it begins a session
`POST /o/me/sign-out`           ends the session, or all of the person's; fields `stamp`, `all`

Signing in by a provider is `workflow.web.access.oidc_pages`.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import TiendoError
from workflow.domain.words import Words
from workflow.storage.access import links, sessions
from workflow.storage.access.links import SIGN_IN_LASTS, Link, Purpose
from workflow.web.forms import Posted, text_of
from workflow.web.limiting import network_of
from workflow.web.pages import page
from workflow.web.site import (
    ME,
    SIGN_OUT,
    AsVisitor,
    AtSite,
    NotSignedIn,
    Site,
    address_of,
    check_same_site,
    session_token,
)

router = APIRouter(include_in_schema=False)

HOME = f"/o/{ME}"
NEXT_COOKIE = "tiendo-next"
_NEXT = re.compile(rf"{HOME}([/?][\w/.?=&%~+-]*)?", re.ASCII)
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_LONGEST_ADDRESS = 254


async def not_signed_in(request: Request, error: Exception) -> Response:
    """Redirects a GET to the sign-in page and back; answers a posted form that nothing was recorded."""
    assert isinstance(error, NotSignedIn)
    if request.method in ("GET", "HEAD"):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?{urlencode({'next': wanted})}", 303)
    return page(request, "error.html", status=401, what=error.what, where="", cure=error.cure)


@router.api_route("/sign-in", methods=["GET", "HEAD"])
def sign_in(request: Request, site: AtSite, next: str = "") -> Response:
    """Where the address is typed in."""
    answer = _address_page(request, site)
    if is_ours(next):
        remember_next(answer, site, next)
    return answer


@router.post("/sign-in")
def ask(request: Request, site: AtSite, form: Posted) -> Response:
    """Mails a sign-in link to the address's holder, if there is one; runs after the answer, so that the
    response time reveals nothing either."""
    check_same_site(request, site)
    email = text_of(form, "email")
    network = network_of(address_of(request))
    site.limits.posts_of_address.take(network)
    # Frequent requests aren't refused: an officer may be behind the same router, and one link in a quarter of
    # an hour is guaranteed to each address.
    is_seldom = site.limits.sign_ins.has_left(network)
    if not _ADDRESS.fullmatch(email) or len(email) > _LONGEST_ADDRESS:
        return _address_page(request, site, email=email, is_wrong=True)

    # Counted whether or not anybody has the address, so that the response time reveals nothing.
    in_the_name = f"{network} {email.lower()}"
    is_seldom = site.limits.sign_ins_in_a_name.has_left(in_the_name) and is_seldom

    def mail() -> None:
        with site.store.begin() as tx:
            sessions.ask(tx, email, site.clock.now(), is_seldom=is_seldom)

    answer = page(request, "access/sign_in_asked.html", email=email, minutes=_minutes())
    answer.background = BackgroundTask(mail)
    return answer


def _address_page(request: Request, site: Site, *, email: str = "", is_wrong: bool = False) -> HTMLResponse:
    settings = site.settings
    answer = page(
        request,
        "access/sign_in.html",
        status=422 if is_wrong else 200,
        email=email,
        is_wrong=is_wrong,
        minutes=_minutes(),
        has_oidc=settings.has_oidc,
        provider=settings.oidc_name,
    )
    return _telling_origin(answer)


def _telling_origin(answer: HTMLResponse) -> HTMLResponse:
    """Lets the page's forms say which site they are of, without the address itself, for `check_same_site`."""
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


@router.api_route("/sign-in/{token}", methods=["GET", "HEAD"])
def confirm(request: Request, site: AtSite, token: str) -> Response:
    """The mailed link: a button, for a mail scanner opens links and presses none."""
    link = _sign_in_link(request, site, token)
    if link is None:
        return page(request, "access/sign_in_dead.html", status=410)
    answer = page(request, "access/sign_in_confirm.html", link=link, action=f"/sign-in/{token}", home=HOME)
    return _telling_origin(answer)


@router.post("/sign-in/{token}")
def begin(request: Request, site: AtSite, token: str) -> Response:
    """Uses the link up and begins a session."""
    site.limits.posts_of_address.take(network_of(address_of(request)))
    check_same_site(request, site)
    link = _sign_in_link(request, site, token)
    if link is None:
        return page(request, "access/sign_in_dead.html", status=410)
    now = site.clock.now()
    with site.store.begin() as tx:
        is_first = sessions.use_up(tx, link, now)
        has_rights = sessions.office_rights(tx, link.person_id) is not None
    if not is_first or not has_rights:
        return page(request, "access/sign_in_dead.html", status=410)
    return enter(request, site, link.person_id, "mail")


def _sign_in_link(request: Request, site: Site, token: str) -> Link | None:
    """The live sign-in link of the token; its use is recorded."""
    now = site.clock.now()
    with site.store.reading() as tx:
        link = links.find(tx, token, now)
    if link is None or link.purpose is not Purpose.SIGN_IN:
        site.limits.wrong_tokens.take(network_of(address_of(request)))
        return None
    with site.store.begin() as tx:
        use = f"{link.state} {request.method} /sign-in"
        links.note_use(tx, link.id, use, address_of(request), request.headers.get("user-agent", ""), now)
    return link if link.is_live else None


def enter(request: Request, site: Site, person_id: int, way: str) -> Response:
    """Begins a session of the person in this browser, in the place of any other, and leads on."""
    now = site.clock.now()
    earlier = session_token(request, site)
    with site.store.begin() as tx:
        if earlier and (old := links.find(tx, earlier, now)):
            sessions.end(tx, old.id, now)
        token = sessions.begin(tx, person_id, now, site.session_ends)
        made = links.find(tx, token, now)
        assert made is not None
        agent = request.headers.get("user-agent", "")
        links.note_use(tx, made.id, f"signed in by {way}", address_of(request), agent, now)
    wanted = str(site.stamps.of_cookie(NEXT_COOKIE, request.cookies.get(NEXT_COOKIE, "")) or "")
    answer = RedirectResponse(wanted if is_ours(wanted) else HOME, 303)
    answer.set_cookie(
        site.session_cookie,
        site.stamps.cookie(site.session_cookie, token),
        max_age=site.settings.session_hours * 3600,
        path="/",
        httponly=True,
        samesite="lax",
        secure=site.is_https,
    )
    answer.delete_cookie(NEXT_COOKIE, path="/sign-in", httponly=True, samesite="lax", secure=site.is_https)
    return answer


@router.post("/o/{token}/sign-out")
def sign_out(site: AtSite, holder: AsVisitor, form: Posted) -> Response:
    """Ends the session; with `all`, every session of the person, wherever it was begun."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, SIGN_OUT)
    if holder.link.purpose is not Purpose.SESSION:
        raise TiendoError(Words("Trang này mở bằng đường dẫn riêng, không phải bằng phiên đăng nhập."))
    now = site.clock.now()
    with site.store.begin() as tx:
        if text_of(form, "all") == "1":
            sessions.end_all(tx, holder.person_id, now)
        else:
            sessions.end(tx, holder.link.id, now)
        holder.note(tx, "signed out", now)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(site.session_cookie, path="/", httponly=True, samesite="lax", secure=site.is_https)
    return answer


def is_ours(wanted: str) -> bool:
    """Whether an address to go on to is one of the office's pages of who is signed in."""
    return len(wanted) < 500 and _NEXT.fullmatch(wanted) is not None


def remember_next(answer: Response, site: Site, wanted: str) -> None:
    """Remembers the requested page, so that this browser returns to it once signed in."""
    answer.set_cookie(
        NEXT_COOKIE,
        site.stamps.cookie(NEXT_COOKIE, wanted),
        max_age=int(SIGN_IN_LASTS.total_seconds()),
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=site.is_https,
    )


def _minutes() -> int:
    return int(SIGN_IN_LASTS.total_seconds() // 60)
