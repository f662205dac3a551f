"""The checks that need a real browser: a scanner that runs scripts and clicks, and a person who means it.

Playwright is a development tool; where it or Chromium is missing these checks are skipped and reported as
skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workflow.cli.checks.link_checks import Check, CheckOutcome, Kit, outcome

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000


def missing() -> str:
    """What is missing on this machine to run the checks, or an empty string."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "chưa cài playwright"
    return "" if _chromium() else "chưa cài Chromium"


def _chromium() -> str:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


def outcomes(kit: Kit) -> list[CheckOutcome]:
    """Runs every check in Chromium, the person last."""
    with _browser() as browser:
        checks = [
            Check("Chromium chạy kịch bản, bấm đường dẫn đầu tiên", _clicking(browser, _first_link)),
            Check("Chromium bấm nút đầu tiên, không gõ gì", _clicking(browser, _first_button)),
            Check("Chromium bấm lần lượt mọi nút, không gõ gì", _clicking(browser, _every_button)),
        ]
        return [*(outcome(kit, check) for check in checks), _person(kit, browser)]


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def _page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def _clicking(browser: Any, click: Callable[[Any, str], None]) -> Callable[[Kit], str]:
    """The click, on the person's page and on a report form that comes filled in."""

    def play(kit: Kit) -> str:
        token = kit.scratch.link()
        for path in kit.pages(token)[:3]:
            with _page(browser) as page:
                click(page, kit.url + path)
                page.wait_for_load_state("networkidle")
        return ""

    return play


def _first_link(page: Any, address: str) -> None:
    page.goto(address)
    # By script, as a scanner does: the first one is there for the keyboard and outside the window.
    page.locator("a").first.dispatch_event("click")
    page.goto(address)
    page.locator("main a").first.dispatch_event("click")


def _first_button(page: Any, address: str) -> None:
    page.goto(address)
    page.locator("button:visible").first.click()


def _every_button(page: Any, address: str) -> None:
    page.goto(address)
    for place in range(page.locator("button:visible").count()):
        page.goto(address)
        page.locator("button:visible").nth(place).click()
        page.wait_for_load_state("networkidle")


def _person(kit: Kit, browser: Any) -> CheckOutcome:
    """Reports one item and votes on another, by clicks and keys alone."""
    name = "Người thật báo cáo và biểu quyết được trong Chromium"
    from playwright.sync_api import Error

    before = kit.scratch.facts()
    try:
        reported = _report_and_vote(kit, browser)
    except Error as error:
        return CheckOutcome(name, f"không làm được: {error.message.splitlines()[0]}")
    if not before < reported < kit.scratch.facts():
        return CheckOutcome(name, "trang nói đã ghi nhận mà không có sự việc nào")
    return CheckOutcome(name, "")


def _report_and_vote(kit: Kit, browser: Any) -> int:
    """By clicks and keys; returns how many facts there were between the two acts."""
    token = kit.scratch.link()
    with _page(browser) as page:
        page.goto(f"{kit.url}/l/{token}/report/{kit.scratch.cycles[0]}")
        page.get_by_label("Tiến độ thực hiện").fill("65")
        page.get_by_label("Kết quả thực hiện trong kỳ").fill("Đã xong phần chuẩn bị.")
        page.get_by_role("button", name="Gửi báo cáo").click()
        page.get_by_role("heading", name="Đã ghi nhận", exact=True).wait_for()
        kit.scratch.keep_quiet()
        reported = kit.scratch.facts()
        page.goto(f"{kit.url}/l/{token}")
        page.get_by_label("Tôi đã xem xét và tự mình biểu quyết").check()
        page.get_by_role("button", name="Tán thành tất cả còn lại").click()
        page.get_by_role("heading", name="Đã ghi nhận", exact=True).wait_for()
    return reported
