"""`tiendo doctor`: checks of a running deployment that change nothing of it."""

from __future__ import annotations

from typing import Annotated

import httpx
import typer
from rich.markup import escape
from rich.table import Table

from workflow.cli.checks import browser_checks, key_checks, security_checks
from workflow.cli.checks.link_checks import CHECKS, CheckOutcome, Kit, outcome, real_person
from workflow.cli.checks.scratch import Scratch, a_scratch
from workflow.cli.checks.security_checks import CheckStanding, Seen
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import TiendoError
from workflow.storage.sweeps.scratch import NAME

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _doctor() -> None:
    """Kiểm tra một hệ thống đang chạy. / Check a running deployment."""


@app.command()
def links(
    url: Annotated[
        str, typer.Option("--url", metavar="BASE", help="Where the pages are; the settings' by default.")
    ] = "",
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Also in a real Chromium, where it is installed.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Máy quét thư có bỏ phiếu thay ai được không? / Can a mail scanner act by a link?

    Plays scanners, previews, forwarded mails and dead links on a scratch organisation that is made for it
    and removed afterwards. No real person's link is made, no mail goes out.
    """
    settings = settings_of(data)
    store = open_store(settings)
    why_not = "" if browser else "bỏ qua theo yêu cầu"
    why_not = why_not or browser_checks.missing()
    with a_scratch(store, Clock(store).now()) as scratch:
        kit = Kit((url or settings.where_pages).rstrip("/"), scratch)
        _see_that_it_is_ours(kit, scratch)
        found = [outcome(kit, check) for check in CHECKS]
        found += [real_person(kit)] if why_not else [*browser_checks.outcomes(kit), real_person(kit)]
    if as_json:
        say_json(
            {
                "passed": not any(one.problem for one in found),
                "browser": why_not or "chromium",
                "checks": [{"name": one.name, "problem": one.problem} for one in found],
            }
        )
    else:
        _tell(found, why_not)
    if any(one.problem for one in found):
        raise typer.Exit(1)


_MARKS = {
    CheckStanding.GOOD: "[green]✓[/]",
    CheckStanding.OPEN: "[red]✗[/]",
    CheckStanding.UNKNOWN: "[yellow]?[/]",
}


@app.command()
def security(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, data: Data = None
) -> None:
    """Có chỗ nào để ngỏ cho người khác không? / Is anything open to others? (exit 1 where it is)

    Looks at the permissions of files, the ports that are really open, Prefect's password, the pages' address
    and cookies, proxies, the mail catcher, the signing key and the log's anchors. Changes nothing. Run it as
    the user tiendo runs as, with the same settings, while it runs.
    """
    found = security_checks.deployment_of(settings_of(data))
    checks = (*security_checks.CHECKS, key_checks.database)
    seen = [one for check in checks for one in check(found)]
    n_open = sum(one.standing is CheckStanding.OPEN for one in seen)
    if as_json:
        entries = [
            {"name": one.name, "standing": one.standing.value, "what": one.what, "cure": one.cure}
            for one in seen
        ]
        say_json({"open": n_open, "checks": entries})
    else:
        _tell_seen(seen, n_open)
    if n_open:
        raise typer.Exit(1)


def _tell_seen(seen: list[Seen], n_open: int) -> None:
    for one in seen:
        out.print(f"{_MARKS[one.standing]} [bold]{escape(one.name)}[/]: {escape(one.what)}", highlight=False)
        if one.cure:
            out.print(f"    → {escape(one.cure)}", highlight=False)
    doubts = sum(one.standing is CheckStanding.UNKNOWN for one in seen)
    summary = f"{n_open} chỗ để ngỏ" if n_open else "không thấy chỗ nào để ngỏ"
    out.print(f"Đã xem {len(seen)} mục: {summary}{f', {doubts} mục chưa xem được' if doubts else ''}.")


def _see_that_it_is_ours(kit: Kit, scratch: Scratch) -> None:
    """Refuses to go on unless the address serves this very database."""
    where, cure = kit.url, "Chạy trên máy của hệ thống, với cùng thiết lập, và đặt --url đúng địa chỉ trang."
    try:
        with kit.client() as http:
            answer = http.get(f"/l/{scratch.link()}")
    except httpx.HTTPError as error:
        raise TiendoError(f"Trang không trả lời: {error}.", where=where, cure=cure) from None
    if answer.status_code != 200 or NAME not in answer.text:
        raise TiendoError("Trang ở địa chỉ này không dùng cơ sở dữ liệu này.", where=where, cure=cure)


def _tell(found: list[CheckOutcome], why_not: str) -> None:
    table = Table(show_header=False)
    for one in found:
        table.add_row("[red]✗[/]" if one.problem else "[green]✓[/]", one.name, escape(one.problem))
    if why_not:
        table.add_row("–", "Kiểm tra trong trình duyệt thật", escape(why_not))
    out.print(table)
    wrong = sum(bool(one.problem) for one in found)
    summary = f"{wrong} mục không đạt" if wrong else "không máy nào ghi nhận được gì, người thật vẫn làm được"
    out.print(f"Đã kiểm tra {len(found)} mục: {summary}.")
