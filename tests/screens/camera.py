"""Takes a page's picture at a desktop's and a phone's width, small enough to be kept beside the code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.web.browsing import CHROMIUM
from workflow.cli.checks.browser_checks import ARGUMENTS

WIDTHS = {"desktop": 1280, "phone": 390}
TALLEST = 3000
"""Pixels of a picture; what lies below is left out."""
COLOURS = 256

KEPT = (
    "unit-list-phone",
    "unit-report-phone",
    "unit-report-desktop",
    "coordinator-phone",
    "member-vote-phone",
    "member-vote-desktop",
    "office-board-desktop",
    "office-item-desktop",
    "office-schedule-desktop",
    "office-plan-desktop",
    "end-report-desktop",
    "end-score-desktop",
    "end-approval-desktop",
    "mail-digest-1-phone",
    "mail-receipt-1-phone",
)
"""The pictures that the docs show; the rest is made when somebody wants to look."""

KEPT_TALLEST = {"desktop": 900, "phone": 1400}
KEPT_COLOURS = 64
KEPT_BYTES = 60_000


def keep_a_few(taken: Path, docs: Path) -> None:
    """Puts the upper part of each of `KEPT` into the docs, in fewer colours, at most `KEPT_BYTES` each."""
    docs.mkdir(parents=True, exist_ok=True)
    for old in docs.glob("*.png"):
        old.unlink()
    for name in KEPT:
        shot = Image.open(taken / f"{name}.png").convert("RGB")
        tall = min(shot.height, KEPT_TALLEST[name.rpartition("-")[2]])
        colours = KEPT_COLOURS
        path = docs / f"{name}.png"
        while not path.exists() or path.stat().st_size > KEPT_BYTES:
            few = shot.crop((0, 0, shot.width, tall)).quantize(
                colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
            )
            few.save(path, optimize=True)
            colours = colours * 3 // 4


@dataclass
class Camera:
    """A browser, and the folder its pictures go to."""

    browser: Any
    folder: Path
    only: str = ""
    language: str = "vi"
    taken: list[tuple[str, str]] = field(default_factory=list)

    def take(self, name: str, title: str, address: str, prepare: Any = None, widths: Any = WIDTHS) -> None:
        """The page at that address, in each width; `prepare(page)` may fill something in first."""
        if self.only and self.only not in name:
            return
        for width_name in widths:
            page = self.browser.new_page(
                viewport={"width": WIDTHS[width_name], "height": 844}, locale=self.language
            )
            page.goto(address)
            if prepare:
                prepare(page)
            self._keep(page, self.folder / f"{name}-{width_name}.png")
            page.close()
        self.taken.append((name, title))
        print(f"  {name}: {title}", flush=True)

    def _keep(self, page: Any, path: Path) -> None:
        tall = page.evaluate("document.documentElement.scrollHeight")
        width = page.viewport_size["width"]
        clip = {"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST)}
        shot = Image.open(BytesIO(page.screenshot(full_page=True, clip=clip)))
        path.parent.mkdir(parents=True, exist_ok=True)
        # Fewer colours, or the most frequent ones alone, would make the tones of the stages alike.
        few = shot.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        few.save(path, optimize=True)


@contextmanager
def a_camera(folder: Path, only: str = "", language: str = "vi") -> Iterator[Camera]:
    """A camera while the block runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield Camera(browser, folder, only, language)
        browser.close()
