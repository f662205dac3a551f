"""`python -m tests.screens`: plays the sample quarter and takes every picture on the way."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tests.screens import mails, pages
from tests.screens.camera import KEPT, WIDTHS, Camera, a_camera, keep_a_few
from tests.screens.ward import a_ward

ROOT = Path(__file__).parents[2]
OUT = ROOT / "screens"
"""Where all pictures go: made anew with each look, and not kept beside the code."""

DOCS = ROOT / "docs" / "screens"


def main(
    out: Annotated[Path, typer.Option(help="The folder the pictures go to.")] = OUT,
    only: Annotated[str, typer.Option(help="Only pictures whose name has this in it.")] = "",
    language: Annotated[str, typer.Option(help="The language of pages and mails: vi or en.")] = "vi",
) -> None:
    """Takes pictures of every page, at 1280 and 390 pixels, and of every kind of mail."""
    started = time.monotonic()
    with (
        TemporaryDirectory() as folder,
        a_ward(Path(folder), language) as ward,
        a_camera(out, only, language) as camera,
    ):
        pages.on_the_first_day(ward, camera)
        period = ward.period
        is_taken = False

        def after(day: date) -> None:
            nonlocal is_taken
            print(f"{day:%d/%m/%Y}", flush=True)
            if not is_taken and (pages.is_busy(ward) or day >= period.approve_by):
                is_taken = True
                pages.in_the_middle(ward, camera)

        ward.play(after, lambda: pages.with_a_draft(ward, camera))
        pages.at_the_end(ward, camera)
        mails.of_each_kind(ward, camera)
        if not only:
            (out / "README.md").write_text(_index(camera.taken), encoding="utf-8")
            if out == OUT and language == "vi":
                keep_a_few(OUT, DOCS)
                (DOCS / "README.md").write_text(_index_of_kept(camera.taken), encoding="utf-8")
        _say(camera, out, time.monotonic() - started)


def _index(taken: Iterable[tuple[str, str]]) -> str:
    """A page that shows them all."""
    lines = ["# Pages and mails", "", "Made by `./run screens`; the ward and its people are made up.", ""]
    for name, title in taken:
        shown = " ".join(f"[{width}]({name}-{width}.png)" for width in WIDTHS)
        lines.append(f"- {title}: {shown}")
    return "\n".join(lines) + "\n"


def _index_of_kept(taken: Iterable[tuple[str, str]]) -> str:
    """A page of the few that the docs keep."""
    lines = [
        "# A few pages and mails",
        "",
        "The ward and its people are made up. `./run screens` makes these and all others (`screens/`).",
        "",
    ]
    for name, title in taken:
        for width in WIDTHS:
            if f"{name}-{width}" in KEPT:
                lines += [f"## {title}", "", f"![{title}]({name}-{width}.png)", ""]
    return "\n".join(lines).rstrip() + "\n"


def _say(camera: Camera, out: Path, seconds: float) -> None:
    size = sum(path.stat().st_size for path in out.glob("*.png"))
    print(f"{len(camera.taken)} pages and mails in {out}, {size / 1e6:.1f} MB, {seconds:.0f} s")


typer.run(main)
