"""What handlers work with: the store, the settings, the clock, the files and the stamps of one app, and
the holder of the link a request came by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from sqlalchemy import Connection
from starlette.requests import Request

from workflow.clock import Clock
from workflow.domain.errors import TiendoError
from workflow.reports.values import Report
from workflow.settings import Settings
from workflow.storage import Store, links
from workflow.storage.files import Files
from workflow.storage.links import Link, Purpose
from workflow.web.limiting import Limits, network_of
from workflow.web.stamps import Stamps

ReportOf = Callable[[Connection, int], Report | None]
"""The report of a period, or None where none was made yet."""


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


def site_of(request: Request) -> Site:
    """The site a request came to."""
    site: Site = request.app.state.site
    return site


async def _site(request: Request) -> Site:
    # Async, so that it is had without a turn in the thread pool.
    return site_of(request)


AtSite = Annotated[Site, Depends(_site)]


class DeadLink(TiendoError):
    """A link that is unknown, expired, revoked, or for something else: all told alike."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the link, and what its addresses begin with."""

    link: Link
    base: str
    address: str
    agent: str

    @property
    def person_id(self) -> int:
        """Who it was made for."""
        return self.link.person_id

    @property
    def period_id(self) -> int:
        """The period it was made for; 0 where it is bound to none."""
        return self.link.period_id or 0

    def note(self, tx: Connection, act: str, now: datetime) -> None:
        """Puts the use on record. What an act recorded bears the same moment in the audit log, by which
        the two are found together."""
        links.note_use(tx, self.link.id, act, self.address, self.agent, now)


def address_of(request: Request) -> str:
    """The network address a request came from."""
    return request.client.host if request.client else ""


def _held(request: Request, token: str, site: Site, *purposes: Purpose) -> Holder:
    now = site.clock.now()
    with site.store.reading() as tx:
        link = links.find(tx, token, now)
    kind = request.url.path.split("/")[1]
    rest = request.url.path.removeprefix(f"/{kind}/{token}") or "/"
    is_look = request.method in ("GET", "HEAD")
    network = network_of(address_of(request))
    if link is None:
        site.limits.wrong_tokens.take(network)
        raise DeadLink("Đường dẫn này không còn dùng được.")
    holder = Holder(link, f"/{kind}/{token}", address_of(request), request.headers.get("user-agent", ""))
    if not link.is_live or link.purpose not in purposes:
        site.limits.wrong_tokens.take(network)
        with site.store.begin() as tx:
            holder.note(tx, f"{link.state} {request.method} {rest}", now)
        raise DeadLink("Đường dẫn này không còn dùng được.")
    if is_look:
        with site.store.begin() as tx:
            holder.note(tx, f"{request.method} {rest}", now)
        return holder
    site.limits.posts_of_link.take(str(link.id))
    site.limits.posts_of_address.take(network)
    # What is posted is put on record with what it brings about; where it is refused, by `note_refused`.
    request.state.holder = holder
    return holder


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
        raise DeadLink("Đường dẫn này không còn dùng được.")
    return holder


def _reader(request: Request, token: str, site: AtSite) -> Holder:
    return _held(request, token, site, Purpose.REPORT)


def _officer(request: Request, token: str, site: AtSite) -> Holder:
    return _held(request, token, site, Purpose.OFFICE)


AsPerson = Annotated[Holder, Depends(_person)]
"""The holder of a link to their own duties in a period."""
AsReader = Annotated[Holder, Depends(_reader)]
"""The holder of a link to a period's issued reports."""
AsOfficer = Annotated[Holder, Depends(_officer)]
"""The holder of a link to the office's pages."""
