"""What handlers work with: the store, the settings, the clock, the files and the stamps of one app, and
the holder a request comes from: by the link in its address or, at `/o/me`, by the session in its cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends
from sqlalchemy import Connection
from starlette.requests import Request

from workflow.clock import Clock
from workflow.domain.errors import NotAllowed, TiendoError
from workflow.domain.words import Words
from workflow.hosts import origin_of
from workflow.reports.values import PrintedReport
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.access import links, sessions
from workflow.storage.access.links import Link, Purpose
from workflow.storage.access.sessions import Ends, Rights
from workflow.storage.files import Files
from workflow.web.limiting import Limits, network_of
from workflow.web.stamps import Stamps

ME = "me"
"""Used in an address in place of a token: the holder is whoever is signed in."""
SIGN_OUT = "sign-out"
_COOKIE = "tiendo-session"

ReportOf = Callable[[Connection, int], PrintedReport | None]
"""Returns the report of a period, or None where there is none yet."""


@dataclass(frozen=True, slots=True)
class Site:
    """One app's belongings."""

    store: Store
    settings: Settings
    clock: Clock
    files: Files
    stamps: Stamps
    report_of: ReportOf
    limits: Limits

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages by HTTPS."""
        return self.settings.is_https

    @property
    def session_cookie(self) -> str:
        """The name of the session cookie. Browsers accept the prefixed one (`__Host-`) over HTTPS only, and
        from no other host."""
        return f"__Host-{_COOKIE}" if self.is_https else _COOKIE

    @property
    def session_ends(self) -> Ends:
        """When sessions end."""
        return Ends(
            timedelta(minutes=self.settings.session_idle_minutes),
            timedelta(hours=self.settings.session_hours),
        )


def site_of(request: Request) -> Site:
    """The site a request came to."""
    site: Site = request.app.state.site
    return site


async def _site(request: Request) -> Site:
    # Async, so that it is had without a turn in the thread pool.
    return site_of(request)


AtSite = Annotated[Site, Depends(_site)]


class DeadLink(TiendoError):
    """A link that is unknown, expired, revoked, or for something else: all answered alike."""


class NotSignedIn(TiendoError):
    """No session, or one that has ended."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the link or the session, and the prefix of its addresses. `may_act` is false where they may
    only read; `sign_out` is the stamp of the form that ends the session, empty for a link."""

    link: Link
    base: str
    address: str
    agent: str
    may_act: bool = True
    sign_out: str = ""

    @property
    def person_id(self) -> int:
        """The id of the person it was issued to."""
        return self.link.person_id

    @property
    def period_id(self) -> int:
        """The id of the period it was issued for; 0 where it is bound to none."""
        return self.link.period_id or 0

    def note(self, tx: Connection, act: str, now: datetime) -> None:
        """Records the use of the link. An act's entry in the audit log has the same moment, which joins the
        two."""
        links.note_use(tx, self.link.id, act, self.address, self.agent, now)


def address_of(request: Request) -> str:
    """The network address a request came from."""
    return request.client.host if request.client else ""


def session_token(request: Request, site: Site) -> str:
    """The token of the session in the request's cookie; empty where there is none of ours."""
    kept = request.cookies.get(site.session_cookie, "")
    return str(site.stamps.of_cookie(site.session_cookie, kept) or "") if kept else ""


def is_from_elsewhere(request: Request) -> bool:
    """Whether the browser's headers say that another site's page caused the request."""
    return request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def check_same_site(request: Request, site: Site) -> None:
    """Raises NotAllowed for a form of the sign-in pages that another site's page sends: nobody is to be
    signed in, or sent mails, by opening a page elsewhere.

    What a browser says of the page (`Sec-Fetch-Site`, `Origin`) is all there is to go by before there is a
    session. `Origin: null` is what a page without an address of its own sends; ours say theirs, for
    the referrer policy of the sign-in pages lets them.
    """
    fetch_site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    is_ours = not is_from_elsewhere(request)
    if fetch_site is None and origin is not None:
        found = origin_of(origin)
        # By the address people use, or the one this browser used: `localhost`, a tunnel.
        is_ours = found is not None and (
            found == origin_of(site.settings.where_pages)
            or found[1:] == (origin_of(f"{found[0]}://{request.headers.get('host', '')}") or ("",))[1:]
        )
    if not is_ours:
        raise NotAllowed(
            Words("Yêu cầu đăng nhập này do một trang khác gửi đi."),
            cure=Words("Mở lại đường dẫn trong thư."),
        )


def _held(request: Request, token: str, site: Site, *purposes: Purpose) -> Holder:
    now = site.clock.now()
    is_session = token == ME and Purpose.SESSION in purposes
    if is_session and not (token := session_token(request, site)):
        raise _turned_away(is_session)
    with site.store.reading() as tx:
        link = links.find(tx, token, now)
        rights = _rights(tx, link)
    kind = request.url.path.split("/")[1]
    base = f"/{kind}/{ME if is_session else token}"
    rest = request.url.path.removeprefix(base) or "/"
    is_look = request.method in ("GET", "HEAD")
    network = network_of(address_of(request))
    if link is None:
        site.limits.wrong_tokens.take(network)
        raise _turned_away(is_session)
    holder = Holder(
        link,
        base,
        address_of(request),
        request.headers.get("user-agent", ""),
        may_act=rights is Rights.ACTS,
        sign_out=site.stamps.made(link.id, SIGN_OUT) if is_session else "",
    )
    is_right = (link.purpose is Purpose.SESSION) == is_session and link.purpose in purposes
    if not link.is_live or not is_right or rights is None:
        site.limits.wrong_tokens.take(network)
        with site.store.begin() as tx:
            holder.note(tx, f"{link.state} {request.method} {rest}", now)
        raise _turned_away(is_session)
    if is_look:
        with site.store.begin() as tx:
            holder.note(tx, f"{request.method} {rest}", now)
            if is_session:
                sessions.keep_alive(tx, link, now, site.session_ends)
        return holder
    site.limits.posts_of_link.take(str(link.id))
    site.limits.posts_of_address.take(network)
    # A POST is recorded with the act it causes; where it is refused, by `note_refused`.
    request.state.holder = holder
    if is_session and is_from_elsewhere(request):
        raise NotAllowed(
            Words("Chưa ghi nhận gì: yêu cầu này do một trang khác gửi đi."), cure=Words("Mở lại trang.")
        )
    return holder


def _turned_away(is_session: bool) -> TiendoError:
    if is_session:
        return NotSignedIn(
            Words("Phiên làm việc đã hết nên chưa ghi nhận gì."),
            cure=Words("Đăng nhập lại ở một thẻ khác của trình duyệt, rồi quay lại trang trước và bấm lại."),
        )
    return DeadLink(Words("Đường dẫn này không còn dùng được."))


def _rights(tx: Connection, link: Link | None) -> Rights | None:
    """What the link's person may do by it now. On the office's pages that is what their roles say at this
    moment, whatever they were when the link was sent."""
    if link is not None and link.purpose in (Purpose.OFFICE, Purpose.SESSION):
        return sessions.office_rights(tx, link.person_id)
    return Rights.ACTS


def note_refused(request: Request) -> None:
    """Puts a posted form on record that was refused before anything was done with it."""
    holder = getattr(request.state, "holder", None)
    if holder is not None:
        site = site_of(request)
        rest = request.url.path.removeprefix(holder.base)
        with site.store.begin() as tx:
            holder.note(tx, f"refused {request.method} {rest}", site.clock.now())


def _person(request: Request, token: str, site: AtSite) -> Holder:
    holder = _held(request, token, site, Purpose.DUTIES)
    if holder.link.period_id is None:
        raise DeadLink(Words("Đường dẫn này không còn dùng được."))
    return holder


def _reader(request: Request, token: str, site: AtSite) -> Holder:
    return _held(request, token, site, Purpose.REPORT)


def _approver(request: Request, token: str, site: AtSite) -> Holder:
    # A digest lists this with everything else the person owes, and has one link for all of it.
    holder = _held(request, token, site, Purpose.APPROVAL, Purpose.DUTIES)
    if holder.link.period_id is None:
        raise DeadLink(Words("Đường dẫn này không còn dùng được."))
    return holder


def _visitor(request: Request, token: str, site: AtSite) -> Holder:
    return _held(request, token, site, Purpose.OFFICE, Purpose.SESSION)


def _officer(request: Request, holder: Annotated[Holder, Depends(_visitor)]) -> Holder:
    if not holder.may_act and request.method not in ("GET", "HEAD"):
        raise NotAllowed(
            Words("Chưa ghi nhận gì: quyền của anh/chị trên các trang này là chỉ xem."),
            cure=Words("Cần thay đổi điều gì, xin liên hệ Văn phòng."),
        )
    return holder


AsPerson = Annotated[Holder, Depends(_person)]
"""The holder of a link to their own duties in a period."""
AsReader = Annotated[Holder, Depends(_reader)]
"""The holder of a link to a period's issued reports."""
AsApprover = Annotated[Holder, Depends(_approver)]
"""The holder of a link to a period's report before it is issued, to read and approve it."""
AsOfficer = Annotated[Holder, Depends(_officer)]
"""The holder of a link to the office's pages, or who is signed in to them; to change anything, only those
whose role lets them."""
AsVisitor = Annotated[Holder, Depends(_visitor)]
"""The same, for what those may do too who only look: ending their own session."""
