"""The client's address behind a proxy: `X-Forwarded-For` is trusted from the proxies named in the settings
only, else any client could send a new address with each request.

What comes through a proxy that is not named is refused where people evidently reach the pages through one:
all of them would be counted as one client, and lock each other out on the last evening. Where none is
expected the header comes from another network (a school's cache, say) and is ignored.
"""

from __future__ import annotations

import logging

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from workflow.domain.words import Words
from workflow.hosts import address, host_of, is_in
from workflow.settings import Settings
from workflow.web.pages import page

log = logging.getLogger(__name__)


class Proxies:
    """Replaces a named proxy's address by the client's."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.named = settings.proxies
        self.is_expected = settings.has_proxy
        self.has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the request, or refuses one from a proxy that is not named."""
        forwarded = Headers(scope=scope).getlist("x-forwarded-for") if scope["type"] == "http" else []
        if forwarded:
            peer = scope["client"][0] if scope.get("client") else ""
            if is_in(peer, self.named):
                scope = {**scope, "client": (self._asker(",".join(forwarded), peer), 0)}
            elif self.is_expected:
                await self._refusal(scope, peer)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _asker(self, forwarded: str, peer: str) -> str:
        """The last address that is not a named proxy's: addresses before it come from the client."""
        found = peer
        for one in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            # Some proxies append the port: each connection would count as another client.
            asker = address(one) or address(host_of(one))
            if asker is None:
                break
            found = str(asker)
            if not is_in(found, self.named):
                break
        return found

    def _refusal(self, scope: Scope, peer: str) -> ASGIApp:
        if not self.has_warned:
            self.has_warned = True
            log.warning(
                "a proxy at %s is not among TIENDO_TRUSTED_PROXIES; what comes through it is refused", peer
            )
        return page(
            Request(scope),
            "error.html",
            status=421,
            what=Words(
                "Máy chủ trung gian %(address)s chưa được khai báo nên yêu cầu bị từ chối.", address=peer
            ),
            where="TIENDO_TRUSTED_PROXIES",
            cure=Words(
                "Báo cho người quản trị hệ thống thêm địa chỉ ấy vào thiết lập TIENDO_TRUSTED_PROXIES."
            ),
        )
