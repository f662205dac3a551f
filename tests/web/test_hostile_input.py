"""Whatever is sent in, each address answers in good time and in its own form: a page to people, a problem to
machines, and never a failure of ours."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import Response
from starlette.routing import BaseRoute, Mount

from tests.builders import a_link, a_plan, a_target, an_issued_file, an_item, confirmed, submitted
from tests.web.asking import a_key
from tests.web.visiting import Visit, a_visit, page_of, text_of
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage import Store
from workflow.storage.access.links import Purpose
from workflow.storage.files import Files
from workflow.storage.tables import rules
from workflow.web.limiting import Limit, Limits, Rate

LONG = "9" * 5_000
"""More digits than Python itself is willing to read."""
HOSTILE = (
    "9223372036854775808",
    "2147483648",
    LONG,
    "1e-16000000",
    "1e999999999",
    "-1",
    "0",
    "NaN",
    "Infinity",
    "１２３",
    "٣",
    "1_000",
    "0x10",
    "abc",
    "a\x00b",
    "0000-00-00",
    "9999-12-31",
    "2026-W01-1",
    "9999-Q9",
    "0-Q1",
    "99999-M01",
    "%s%n{{7*7}}",
    "'\"><b>",
    "\ud7ff\ufffe" + "đ" * 3000,
)
FEW = ("9223372036854775808", LONG, "1e-16000000", "a\x00b", "9999-Q9", "１２３", "abc", "'\"><b>")
"""What stands for all of them where there are many places to try."""
SECONDS = 3.0
"""Of CPU; what it guards against takes minutes. A first answer may load a library."""
_PAGES = ("/l/", "/o/")


def routes_of(routes: list[BaseRoute], base: str = "") -> Iterator[tuple[str, APIRoute]]:
    """Every route of an app and of what is mounted in it, with its whole path."""
    for one in routes:
        if isinstance(one, APIRoute):
            yield base + one.path, one
        elif isinstance(one, Mount):
            yield from routes_of(one.app.routes, base + one.path)  # type: ignore[attr-defined]
        elif (router := getattr(one, "original_router", None)) is not None:
            yield from routes_of(router.routes, base)


@dataclass(slots=True)
class Site:
    """A site with something in every list, and what opens its pages."""

    visit: Visit
    held: dict[str, str]
    key: str

    @property
    def routes(self) -> list[tuple[str, APIRoute]]:
        """Every route there is."""
        app = self.visit.client.app
        assert isinstance(app, FastAPI)
        found = list(routes_of(app.routes))
        assert len(found) > 120, "the routes of this FastAPI lie elsewhere"
        return found

    def known(self, path: str, name: str) -> str:
        """A value for a part of the path that leads somewhere."""
        opened = self.visit.opened
        if name == "token":
            return self.held[path[:3]] if path.startswith(_PAGES) else "unknown"
        return {
            "cycle_id": str(opened.cycles[0]),
            "sha256": "a" * 64,
            "period": "2026-Q1",
            "period_code": "2026-Q1",
            "code": "2026-Q2",
            "form": "xlsx",
            "name": "board",
        }.get(name, "1")

    def ask(self, method: str, address: str, **more: Any) -> Response:
        """One request, held against what every answer must be."""
        headers = {"Authorization": f"Bearer {self.key}"} if address.startswith("/api/") else {}
        # Of the process, so that a busy machine fails nothing.
        begun = time.process_time()
        answer: Response = self.visit.client.request(method, address, headers=headers, **more)
        took = time.process_time() - begun
        told = f"{method} {address[:200]} {str(more)[:300]}"
        assert answer.status_code < 500, f"{told}: {answer.status_code}"
        assert took < SECONDS, f"{told}: {took:.1f} s"
        kind = answer.headers.get("content-type", "")
        if answer.status_code >= 400 and method != "HEAD":
            wanted = "application/problem+json" if address.startswith("/api/") else "text/html"
            assert kind.startswith(wanted), f"{told}: {answer.status_code} {kind}"
        return answer


@pytest.fixture
def site(store: Store, tmp_path: Path) -> Site:
    plan = a_plan(items=[an_item(n, targets=(a_target(),)) for n in range(1, 5)])
    visit = a_visit(tmp_path, store=store, plan=plan)
    opened = visit.opened
    boundless = Limit(Rate(1e9, 1e9))
    app_site = visit.client.app.state.site  # type: ignore[attr-defined]
    object.__setattr__(app_site, "limits", Limits(*[boundless] * len(Limits.__dataclass_fields__)))
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring_path())))
    submitted(opened, opened.cycles[0], difficulties="Thiếu vốn.")
    submitted(opened, opened.cycles[1])
    confirmed(opened, opened.cycles[1], "mttq", "cong-an")
    an_issued_file(opened, Files(f"file://{tmp_path / 'files'}").put(b"%PDF-1"), "a.pdf", "application/pdf")
    held = {"/o/": a_link(opened, "van-phong", Purpose.OFFICE), "/l/": a_link(opened, "ubnd")}
    return Site(visit, held, a_key(opened))


def test_every_route_answers_hostile_ids_in_its_own_form(site: Site) -> None:
    for path, route in site.routes:
        names = re.findall(r"{(\w+)}", path)
        for name in names:
            for value in HOSTILE if name.endswith("_id") else FEW if name != "token" else FEW[-3:]:
                parts = {one: value if one == name else site.known(path, one) for one in names}
                address = path
                for one, said in parts.items():
                    address = address.replace(f"{{{one}}}", quote(said, safe=""))
                site.ask(min(route.methods), address)


def test_every_route_answers_hostile_queries_in_its_own_form(site: Site) -> None:
    for path, route in site.routes:
        address = path
        for one in re.findall(r"{(\w+)}", path):
            address = address.replace(f"{{{one}}}", site.known(path, one))
        asked = {one.alias for one in route.dependant.query_params} | _GUESSED
        if "GET" not in route.methods:
            continue
        for value in FEW[:5]:
            # A period that can't be hides whatever is read after it.
            # The stream of counters ends when its reader goes: asked for a period alone.
            others = [] if path.endswith("/counters") else sorted(asked - {"period"})
            # By few at a time: an address has at most 64 KB.
            for at in range(0, len(others), 10):
                site.ask("GET", f"{address}?{urlencode(dict.fromkeys(others[at : at + 10], value))}")
            if "period" in asked:
                site.ask("GET", f"{address}?{urlencode({'period': value})}")


_GUESSED = {
    *("page", "stage", "unit", "leader", "section", "q", "late", "done", "urged", "added", "changed"),
    *("withdrawn", "cycles", "lang", "at", "sheet"),
}
"""Fields that handlers read from the address themselves."""


def _addresses(site: Site) -> list[str]:
    """Every page that a person reaches by following links from their own."""
    waiting = [f"/o/{site.held['/o/']}", f"/l/{site.held['/l/']}"]
    seen = dict.fromkeys(waiting)
    while waiting and len(seen) < 400:
        answer = site.visit.client.get(waiting.pop(0))
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for tag in page_of(answer).find_all(["a", "iframe"]):
            to = str(tag.get("href") or tag.get("src") or "").partition("#")[0]
            if to.startswith(_PAGES) and to not in seen and "lang=" not in to:
                seen[to] = None
                waiting.append(to)
    return list(seen)


def test_every_form_answers_hostile_values_with_a_page(site: Site) -> None:
    forms: dict[str, dict[str, str]] = {}
    for address in _addresses(site):
        answer = site.visit.client.get(address)
        if answer.headers.get("content-type", "").startswith("text/html"):
            for tag in page_of(answer).find_all("form", method="post"):
                action = str(tag.get("action") or address.partition("?")[0])
                fields = {
                    str(one["name"]): str(one.get("value") or "")
                    for one in tag.find_all(["input", "textarea", "select", "button"])
                    if one.get("name")
                }
                forms.setdefault(re.sub(r"\d+", "N", action), {"": action} | fields)
    assert len(forms) > 20, sorted(forms)
    for fields in forms.values():
        action = fields.pop("")
        whole = {name: fields.get(name) or "1" for name in fields} | {"sure": "1"}
        for value in HOSTILE:
            typed = {name: value for name in fields if name != "stamp"} | {"sure": "1"}
            site.ask("POST", action, data=typed | {"stamp": fields.get("stamp", "")})
        for name in fields:
            if name not in ("stamp", "all"):
                for value in (HOSTILE[0], LONG, "1e-16000000", "１２３"):
                    site.ask("POST", action, data=whole | {name: value})
    assert site.visit.client.get(f"/o/{site.held['/o/']}").status_code == 200


@pytest.mark.parametrize("address", ["/o/{o}/item/abc", "/o/{o}/item/9223372036854775808", "/cycle/x"])
def test_an_address_of_nothing_is_told_with_a_page_in_the_readers_language(site: Site, address: str) -> None:
    answer = site.visit.client.get(address.format(o=site.held["/o/"]) + "?lang=en")
    assert answer.status_code == 404
    assert "There is no such page" in text_of(answer)
