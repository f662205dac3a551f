"""English pages and mails: with data that has no diacritics, no Vietnamese letter is left on them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_directory, a_link, a_part, a_plan, an_item, confirmed, submitted, voted
from tests.web.visiting import Visit, a_visit, form_of, page_of, post
from workflow.domain.cycle import Choice, Verdict
from workflow.domain.directory import Person, Role
from workflow.domain.rules import ApprovalRule, Rules
from workflow.storage import Store
from workflow.storage.links import Purpose

_VIETNAMESE = re.compile(r"[^\x00-\x7f“”‘’–—…·•‹›→−×≥≤©✓↑↓▲▼ ]*[À-ỹđĐ][^<>\n]*")
_OFFICE = (
    "",
    "/owing",
    "/plan",
    "/schedule",
    "/people",
    "/votes",
    "/paper",
    "/difficulties",
    "/overdue",
    "/mails",
    "/periods",
    "/rules",
    "/scores",
    "/search?q=cai",
)


def plain(value: Any) -> Any:
    """The same value, each text in it without diacritics."""
    if isinstance(value, str) and not isinstance(value, Enum):
        bare = unicodedata.normalize("NFD", value.replace("đ", "d").replace("Đ", "D"))
        return "".join(one for one in bare if not unicodedata.combining(one))
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: plain(getattr(value, one.name)) for one in fields(value)})
    return value


def left_in(html: str) -> list[str]:
    """What is still Vietnamese on a page: its texts, and the attributes people are told."""
    page = page_of_text(html)
    for switch in page.select("[hreflang], [lang=vi]"):
        switch.decompose()
    told = [str(text) for text in page.find_all(string=True)]
    for tag in page.find_all(True):
        told += [str(tag[name]) for name in ("title", "aria-label", "alt", "placeholder") if tag.has_attr(name)]
        told += [str(tag["value"])] if tag.name == "button" and tag.has_attr("value") else []
    return [text.strip() for text in told if re.search(r"[À-ỹđĐ]", text)]


def page_of_text(html: str) -> Any:
    from bs4 import BeautifulSoup

    return BeautifulSoup(html, "html.parser")


def _a_ward(folder: Path) -> Visit:
    items = [an_item(n + 1) for n in range(6)]
    items[1] = replace(items[1], parts=(a_part("I.2.1.a", "Phần một"),))
    visit = a_visit(folder, directory=plain(a_directory()), plan=plain(a_plan(items=items)))
    opened = visit.opened
    for cycle in opened.cycles[:4]:
        submitted(opened, cycle, body="Xong.", difficulties="Kinh phi cham.", proposals="Cap som.")
    for cycle in opened.cycles[:2]:
        confirmed(opened, cycle, "mttq", "cong-an")
    confirmed(opened, opened.cycles[2], "mttq", verdict=Verdict.OBJECT, reason="So lieu chua khop.")
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    return visit


def test_no_vietnamese_is_left_on_the_english_pages(tmp_path: Path) -> None:
    visit = _a_ward(tmp_path)
    opened = visit.opened
    desk = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}"
    lead = f"/l/{a_link(opened, 'ubnd')}"
    chair = f"/l/{a_link(opened, 'bi-thu')}"
    addresses = [
        *(f"{desk}{path}" for path in _OFFICE),
        *(f"{desk}/item/{cycle}" for cycle in opened.cycles[:3]),
        f"{desk}/people/{opened.person('ubnd')}",
        f"{desk}/scores/{opened.units['ubnd']}",
        *(f"{lead}{path}" for path in ("", "/send", "/sheet", "/late", "/difficulties")),
        *(f"{lead}/report/{cycle}" for cycle in opened.cycles[2:]),
        f"/l/{a_link(opened, 'mttq')}",
        *(f"{chair}{path}" for path in ("", "/doc", "/difficulties")),
        "/sign-in",
        "/l/khong-co",
        "/khong-co",
    ]
    visit.clock.set(opened.now + timedelta(days=2))
    left = {}
    for address in addresses:
        answer = visit.client.get(address, params={"lang": "en"})
        assert answer.status_code in (200, 404, 410), address
        if found := left_in(answer.text):
            left[address[-40:]] = found
    assert left == {}
