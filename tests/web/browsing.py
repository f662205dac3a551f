"""A real Chromium over the pages, with scripts on or off."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from workflow.cli.checks.browser_checks import ARGUMENTS

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or ""
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium"),
]


@contextmanager
def browsing(*, scripts: bool, width: int = 390) -> Iterator[Any]:
    """A page of a fresh browser, of a phone's width unless told."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        context = browser.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": 844}, locale="vi-VN"
        )
        yield context.new_page()
        browser.close()


def serious_faults(page: Any) -> list[str]:
    """What axe finds that keeps somebody from using the page: everything in light colours, and the contrast
    again in dark ones."""
    page.emulate_media(color_scheme="light")
    violations = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    violations += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    found = [one for one in violations if one["impact"] in ("serious", "critical")]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found]


def press(page: Any, name: str) -> None:
    """Presses a button and waits for the whole page that answers; a bare click waits for neither."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def follow(page: Any, name: str) -> None:
    """Follows a link and waits for its whole page."""
    with page.expect_navigation():
        page.get_by_role("link", name=name).click()


def choose(page: Any, group: str, name: str) -> None:
    """Opens a group of the office's menu and follows one of its links."""
    page.locator(".tabs summary", has_text=group).click()
    with page.expect_navigation():
        page.locator(".tabs [open]").get_by_role("link", name=name, exact=True).click()
