"""Pages people open, in a real Chromium in light and dark colours: axe finds no serious fault, nothing is
asked of other hosts, the content policy is never broken, and each page is under 100 KB and no wider than a
phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.builders import a_link, a_plan, a_store, an_open_period, confirmed, submitted
from tests.web.browsing import MARKS, browsing
from tests.web.serving import served
from workflow.domain.cycle import Verdict
from workflow.storage.links import Purpose

pytestmark = MARKS

LIMIT_BYTES = 100_000
OFFICE = (
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
)


def _faults(page: Any) -> list[str]:
    """Everything in light colours, and the contrast again in dark ones."""
    page.emulate_media(color_scheme="light")
    violations = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    violations += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    found = [one for one in violations if one["impact"] in ("serious", "critical")]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found]


def test_pages_are_accessible_small_and_ask_nothing_elsewhere(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(6))
    for cycle in opened.cycles[:4]:
        submitted(opened, cycle, difficulties="Kinh phí cấp về chậm so với kế hoạch.")
    for cycle in opened.cycles[:2]:
        confirmed(opened, cycle, "mttq", "cong-an")
    confirmed(opened, opened.cycles[2], "mttq", verdict=Verdict.OBJECT, reason="Số liệu chưa khớp.")
    lead = f"/l/{a_link(opened, 'ubnd')}"
    desk = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}"
    addresses = [
        lead,
        f"{lead}/report/{opened.cycles[-1]}",
        *(f"{lead}{path}" for path in ("/send", "/sheet", "/late", "/difficulties")),
        f"/l/{a_link(opened, 'mttq')}",
        f"/l/{a_link(opened, 'bi-thu')}",
        *(
            f"{desk}{path}"
            for path in (*OFFICE, "/reports", "/periods", "/rules", f"/item/{opened.cycles[2]}")
        ),
        f"/l/{a_link(opened, 'pho-bi-thu')}/doc",
        "/sign-in",
        "/l/khong-co",
    ]
    asked: list[str] = []
    complaints: list[str] = []
    weights: dict[str, int] = {}
    faults: list[str] = []
    too_wide: list[str] = []
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        for address in addresses:
            # The page's own HTML, unpacked; the sheet and the script come on top.
            answer = page.goto(url + address)
            weights[address] = len(answer.body())
            if page.evaluate("document.documentElement.scrollWidth") > 390:
                too_wide.append(address)
            faults += _faults(page)
    assert faults == []
    assert [one for one in asked if not one.startswith(url)] == []
    # A dead link's page says so by its status, which Chromium notes.
    assert [one for one in complaints if "Content Security Policy" in one] == []
    assert {address: size for address, size in weights.items() if size > LIMIT_BYTES} == {}
    assert too_wide == []
