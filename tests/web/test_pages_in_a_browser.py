"""Pages people open, in a real Chromium in light and dark colours: axe finds no serious fault, nothing is
asked of other hosts, the content policy is never broken, and each page is under 100 KB and no wider than a
phone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.builders import (
    CHAIR,
    OFFICER,
    StoppedClock,
    a_link,
    a_plan,
    a_store,
    an_open_period,
    confirmed,
    submitted,
)
from tests.web.browsing import MARKS, browsing, press, serious_faults
from tests.web.serving import served
from tests.web.signing import link_in, mails_sent
from workflow.domain.cycles.cycle import Verdict
from workflow.domain.rules.routing_rules import ApprovalRule, Rules
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import plan_path, scoring_path
from workflow.storage.access.links import Purpose
from workflow.storage.tables import rules

pytestmark = MARKS

LIMIT_BYTES = 100_000
OFFICE = (
    "",
    "/owing",
    "/plan",
    "/schedule",
    "/people",
    "/directory",
    "/directory/units",
    "/directory/people/new",
    "/directory/units/new",
    "/directory/absences",
    "/directory/file",
    "/rules/file",
    "/votes",
    "/paper",
    "/difficulties",
    "/overdue",
    "/mails",
)


@dataclass
class Looks:
    """What was found wrong with the pages looked at."""

    url: str
    page: Any
    faults: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    too_heavy: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))

    def at(self, address: str) -> None:
        """Goes there and looks."""
        # The page's own HTML, unpacked; the sheet and the script come on top.
        if len(self.page.goto(self.url + address).body()) > LIMIT_BYTES:
            self.too_heavy.append(address)
        self.here()

    def here(self) -> None:
        """Looks at the page that is open."""
        if self.page.evaluate("document.documentElement.scrollWidth") > 390:
            self.too_wide.append(self.page.url)
        self.faults += serious_faults(self.page)

    def check(self) -> None:
        """All were well."""
        assert self.faults == []
        assert [one for one in self.asked if not one.startswith(self.url)] == []
        # A dead link's page says so by its status, which Chromium notes.
        assert [one for one in self.complaints if "Content Security Policy" in one] == []
        assert self.too_heavy == []
        assert self.too_wide == []


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
        *(
            f"{desk}/directory/{kind}/{entry}{path}"
            for kind, entry in (("people", opened.person("ubnd")), ("units", opened.units["ubnd"]))
            for path in ("", "/leave")
        ),
        f"/l/{a_link(opened, 'pho-bi-thu')}/doc",
        "/sign-in",
        "/l/khong-co",
    ]
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True) as page:
        looks = Looks(url, page)
        for address in addresses:
            looks.at(address)
    looks.check()


def test_pages_met_on_the_way_are_so_too(tmp_path: Path) -> None:
    opened = an_open_period(
        a_store(tmp_path), rules=Rules(approval=ApprovalRule(one_time_code=True)), plan=a_plan(2)
    )
    for cycle in opened.cycles:
        submitted(opened, cycle)
        confirmed(opened, cycle, "mttq", "cong-an")
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring_path())))
    plan = tmp_path / "ke-hoach.txt"
    plan.write_text(plan_path().read_text("utf-8").replace("Tháng 12/2026", "lúc nông nhàn", 1), "utf-8")
    desk = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}"
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True) as page:
        looks = Looks(url, page)

        # A member votes by a code that comes in a mail of its own.
        page.goto(f"{url}/l/{a_link(opened, 'bi-thu')}")
        page.get_by_label("tự mình biểu quyết").check()
        press(page, "Tán thành tất cả còn lại")
        looks.here()
        code = re.search(
            r"\b\d{3} ?\d{3}\b", mails_sent(opened, tmp_path, StoppedClock(opened.now), url)[CHAIR]
        )
        assert code
        page.get_by_label("Mã").first.fill(code.group())
        press(page, "Xác nhận và ghi nhận phiếu")
        assert page.get_by_role("heading", name="Đã ghi nhận", exact=True).is_visible()
        looks.here()

        # The office uploads a plan with a time nobody can read, and looks at one of its rows.
        page.goto(f"{url}{desk}/plan")
        page.get_by_label("Tệp kế hoạch").set_input_files(plan)
        press(page, "Đọc tệp")
        looks.here()
        looks.at(page.locator("a[href*='/rows/']").first.get_attribute("href"))

        # It signs in by its mail, closes the period, and has the report and every point.
        page.goto(f"{url}/sign-in")
        page.get_by_label("Địa chỉ thư").fill(OFFICER)
        press(page, "Gửi đường dẫn đăng nhập")
        looks.here()
        page.goto(link_in(mails_sent(opened, tmp_path, StoppedClock(opened.now), url)[OFFICER]))
        looks.here()
        press(page, "Đăng nhập")
        looks.at(f"/o/me/people/{opened.person('ubnd')}")
        looks.at(f"/o/me/periods/{opened.period_id}/close")
        page.get_by_label("Tôi chắc chắn khóa kỳ này").check()
        press(page, "Khóa kỳ")
        report = ("/reports", *(f"/reports/2026-Q1/{one}" for one in ("edit", "recipients", "lock")))
        scores = ("/rollup", "/scores", f"/scores/{opened.units['ubnd']}")
        for path in ("", *report, "/report/2026-Q1", *scores):
            looks.at(f"/o/me{path}")
    looks.check()
