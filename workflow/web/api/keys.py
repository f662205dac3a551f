"""Who calls the API: the key of the `Authorization: Bearer` header, its scopes, and how often it may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from workflow.domain.errors import TiendoError
from workflow.domain.events import KeyScope
from workflow.domain.words import Words
from workflow.storage.access.api_keys import NOTED_EVERY, Key, find_key, note_key_used
from workflow.web.api.problems import NoKey, OutOfScope
from workflow.web.limiting import network_of
from workflow.web.site import AtSite, Site, address_of

_BEARER = HTTPBearer(
    scheme_name="key", description="A key made with `tiendo api token create`.", auto_error=False
)
_Given = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


@dataclass(frozen=True, slots=True)
class Caller:
    """The system that calls, by its key."""

    key: Key
    site: Site

    @property
    def organisation_id(self) -> int:
        """The one organisation the key sees."""
        return self.key.organisation_id

    @property
    def by(self) -> dict[str, Any]:
        """The details that identify the key in the audit log."""
        return {"api_key": self.key.id, "api_key_name": self.key.name}

    def may(self, scope: KeyScope) -> bool:
        """Whether the key has the scope."""
        return scope in self.key.scopes


def _caller(request: Request, site: AtSite, given: _Given) -> Caller:
    address = address_of(request)
    if given is None:
        raise NoKey(
            Words("Yêu cầu không kèm khóa API."),
            cure=Words("Gửi tiêu đề Authorization: Bearer <khóa>."),
        )
    now = site.clock.now()
    with site.store.reading() as tx:
        key = find_key(tx, given.credentials)
    if key is None or not key.is_live(now):
        site.limits.wrong_tokens.take(network_of(address))
        raise NoKey(
            Words("Khóa API này không dùng được."), cure=Words("Xin khóa mới: tiendo api token create.")
        )
    site.limits.calls_of_key.take(str(key.id))
    if key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY:
        with site.store.begin() as tx:
            note_key_used(tx, key.id, address, now)
    _check_parameters(request)
    return Caller(key, site)


def _check_parameters(request: Request) -> None:
    """Refuses a parameter the operation does not have, or that is repeated: a filter with a misspelt
    name would return everything."""
    # None of the dependencies has a parameter of its own.
    known = {one.alias for one in request.scope["route"].dependant.query_params}
    if wrong := [name for name in request.query_params if name not in known]:
        cure = (
            Words("Các tham số có: %(names)s.", names=", ".join(sorted(known)))
            if known
            else Words("Ở đây không có tham số nào.")
        )
        raise TiendoError(Words("Không có tham số “%(name)s” ở đây.", name=wrong[0][:100]), cure=cure)
    if len(request.query_params.multi_items()) > len(request.query_params):
        raise TiendoError(Words("Mỗi tham số chỉ được ghi một lần."))


def _with(scope: KeyScope) -> Callable[[Caller], Caller]:
    def checked(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        if not caller.may(scope):
            raise OutOfScope(Words("Khóa API này không có quyền “%(scope)s”.", scope=scope.value))
        return caller

    return checked


AsReaderKey = Annotated[Caller, Depends(_with(KeyScope.READ))]
"""A key that may read."""
AsUrgingKey = Annotated[Caller, Depends(_with(KeyScope.URGE))]
"""A key that may have people reminded."""
AsOrderKey = Annotated[Caller, Depends(_with(KeyScope.ORDERS))]
"""A key that may give orders about items in an officer's name."""
AsHookKey = Annotated[Caller, Depends(_with(KeyScope.WEBHOOKS))]
"""A key that may make webhooks."""
