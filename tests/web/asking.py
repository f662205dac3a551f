"""Asking the API as another system does: a site with an open period, and a key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from httpx import Response

from tests.builders import Opened
from tests.web.visiting import Visit, a_visit
from workflow.domain.events import KeyScope
from workflow.storage import Store
from workflow.storage.access.api_keys import make_key

BASE = "/api/v1"


@dataclass(slots=True)
class System:
    """Another system with its key."""

    visit: Visit
    token: str

    @property
    def opened(self) -> Opened:
        """The open period of the key's organisation."""
        return self.visit.opened

    def ask(
        self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, **more: Any
    ) -> Response:
        """One request with the key."""
        told = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        answer: Response = self.visit.client.request(method, BASE + path, headers=told, **more)
        return answer


def a_key(opened: Opened, *scopes: KeyScope, name: str = "Hệ thống của thành phố") -> str:
    """A new key's token for the period's organisation; all scopes where none is named."""
    with opened.store.begin() as tx:
        wanted: Iterable[KeyScope] = scopes or list(KeyScope)
        return make_key(tx, opened.organisation_id, name, wanted, opened.now, timedelta(days=30))[1]


def a_system(folder: Path, *scopes: KeyScope, store: Store | None = None, **period: Any) -> System:
    """A site over a store (a fresh SQLite one) with an open period, and a key of these scopes (or all)."""
    visit = a_visit(folder, store=store, **period)
    return System(visit, a_key(visit.opened, *scopes))
