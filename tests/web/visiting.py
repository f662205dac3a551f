"""Visiting pages as a plain client does: fetch, read the form's fields, change some, post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from httpx import Response
from sqlalchemy import Table, func, select
from starlette.testclient import TestClient

from tests.builders import Opened, StoppedClock, a_store, an_open_period
from workflow.settings import Settings
from workflow.storage import Store
from workflow.web.app import create_app


@dataclass(slots=True)
class Visit:
    """A site with an open period, and a client of it."""

    opened: Opened
    clock: StoppedClock
    client: TestClient

    def count(self, table: Table) -> int:
        """How many rows a table has."""
        with self.opened.store.reading() as tx:
            return tx.scalar(select(func.count()).select_from(table)) or 0


def a_visit(
    folder: Path, *, store: Store | None = None, settings: Mapping[str, Any] | None = None, **period: Any
) -> Visit:
    """A site over a store (a fresh SQLite one) with an open period."""
    opened = an_open_period(store or a_store(folder), **period)
    clock = StoppedClock(opened.now)
    app = create_app(opened.store, Settings(data=folder, **(settings or {})), clock)  # type: ignore[arg-type]
    return Visit(opened, clock, TestClient(app, follow_redirects=True, raise_server_exceptions=False))


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, and its fields as a browser would send them untouched. `is_asked`
    says that the form wants its box ticked (`sure`)."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    is_asked: bool = False

    def filled(self, **changes: str) -> dict[str, str]:
        """The fields with some changed, and the box ticked; `_` in a name stands for `-`."""
        sure = {"sure": "1"} if self.is_asked else {}
        return self.fields | sure | {name.replace("_", "-"): value for name, value in changes.items()}


def page_of(response: Response) -> BeautifulSoup:
    """The page, parsed."""
    return BeautifulSoup(response.text, "html.parser")


def form_of(response: Response, ending: str = "") -> Form:
    """The page's form whose action ends so; a form without an action goes to the page itself."""
    for tag in page_of(response).find_all("form"):
        action = str(tag.get("action") or response.request.url.path)
        if action.endswith(ending):
            return Form(action, _fields(tag), tag.find("input", attrs={"name": "sure"}) is not None)
    raise AssertionError(f"no form that goes to {ending!r}")


def _fields(form: Tag) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in form.find_all(["input", "textarea", "select"]):
        name, kind = tag.get("name"), tag.get("type")
        if not name or kind == "file" or (kind in ("radio", "checkbox") and not tag.has_attr("checked")):
            continue
        found[str(name)] = tag.text if tag.name == "textarea" else str(tag.get("value", ""))
    return found


def post(visit: Visit, form: Form, fields: Mapping[str, str], **more: Any) -> Response:
    """Posts the form."""
    answer: Response = visit.client.post(form.action, data=dict(fields), **more)
    return answer


def text_of(response: Response) -> str:
    """What the page says, spaces made single."""
    return " ".join(page_of(response).get_text(" ").split())
