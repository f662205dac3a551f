"""Stamps: each form carries one, so that only a page we showed to the holder of the link can be posted.
Cookies are sealed with the same secret.

A stamp is bound to the link, to the form's name, and to what the page showed (cycles and versions).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from workflow.domain.errors import NotAllowed
from workflow.domain.words import Words
from workflow.storage import Store
from workflow.storage.deployment import page_secret

Shown = tuple[int | str, ...]


class NotFromThePage(NotAllowed):
    """A form was posted that no page of ours showed to this link."""

    def __init__(self) -> None:
        super().__init__(
            Words("Chưa ghi nhận gì: yêu cầu này không được gửi từ trang đã mở bằng đường dẫn."),
            cure=Words("Mở lại đường dẫn trong thư, chọn lại rồi bấm nút gửi trên trang."),
        )


@dataclass(frozen=True, slots=True)
class Stamp:
    """The contents of a posted form's stamp. `mark` names this very form among the link's uses."""

    mark: str
    shown: tuple[Shown, ...]


class Stamps:
    """Makes stamps and reads them back, with the deployment's secret."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _secret(self) -> str:
        with self._store.begin() as tx:
            return page_secret(tx)

    @cached_property
    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt="tiendo.form")

    @cached_property
    def _cookies(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt="tiendo.cookie")

    def cookie(self, name: str, value: Any) -> str:
        """A value signed for the cookie of that name: readable by the browser, not forgeable."""
        return str(self._cookies.dumps([name, value]))

    def of_cookie(self, name: str, kept: str, lasts_seconds: int | None = None) -> Any:
        """The value of `cookie`, or None where it is not ours, of another name, or older than that."""
        try:
            found = self._cookies.loads(kept, max_age=lasts_seconds)
        except BadData:
            return None
        return found[1] if isinstance(found, list) and len(found) == 2 and found[0] == name else None

    def made(self, link_id: int, form: str, shown: Iterable[Shown] = ()) -> str:
        """A stamp for a form that shows this."""
        return str(self._serializer.dumps([link_id, form, secrets.token_hex(6), list(shown)]))

    def read(self, value: str, link_id: int, form: str) -> Stamp:
        """The stamp's contents; raises NotFromThePage unless it was issued for this link and form."""
        made_for, name, nonce, shown = self._loaded(value, 4)
        if (made_for, name) != (link_id, form):
            raise NotFromThePage
        return Stamp(f"{form} {nonce}", tuple(tuple(one) for one in shown))

    def sealed(self, link_id: int, *what: int | str) -> str:
        """Values the page must send back unchanged, signed."""
        return str(self._serializer.dumps([link_id, *what]))

    def unsealed(self, value: str, link_id: int, length: int) -> list[Any]:
        """The values of `sealed`; raises NotFromThePage unless they were sealed for this link."""
        made_for, *what = self._loaded(value, length + 1)
        if made_for != link_id:
            raise NotFromThePage
        return what

    def _loaded(self, value: str, length: int) -> list[Any]:
        try:
            found = self._serializer.loads(value)
        except BadData:
            raise NotFromThePage from None
        if not isinstance(found, list) or len(found) != length:
            raise NotFromThePage
        return found
