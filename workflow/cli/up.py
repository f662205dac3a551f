"""`tiendo up`: the whole deployment in one terminal; and its parts one by one, for larger installations."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.live import Live
from rich.table import Table

from workflow.cli.exposure import check_exposure, closed
from workflow.cli.prefect_api import child_environment, where_prefect_auth
from workflow.cli.running import (
    DeploymentPart,
    RunningDeployment,
    about_provider,
    check_shares_key,
    open_store,
    pages_of,
    running,
    take_signing_key,
)
from workflow.cli.text import out
from workflow.clock import Clock
from workflow.domain.errors import WrongSetting
from workflow.mail.post.bounces import watch_bounces
from workflow.mail.post.sending import Mailer
from workflow.settings import Settings, load_settings
from workflow.storage.files import Files
from workflow.storage.people.subordinates import all_organisations
from workflow.webhooks.sending import WebhookSender

Data = Annotated[Path | None, typer.Option("--data", help="Folder of everything tiendo keeps.")]


class Progress:
    """The table of parts while they start: redrawn in place on a terminal, a line a change elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[DeploymentPart, tuple[str, bool]] = {}
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, part: DeploymentPart, text: str, is_ready: bool) -> None:
        """Shows the state of a part."""
        self._shown[part] = (text, is_ready)
        if self._live:
            self._live.update(self._table())
        else:
            self._console.print(f"{'✓' if is_ready else '…'} {part.value}: {text}", highlight=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for part, (text, is_ready) in self._shown.items():
            table.add_row("[green]✓[/]" if is_ready else "[yellow]…[/]", part.value, text)
        return table


def up(data: Data = None) -> None:
    """Chạy tất cả trên một máy: trang, thư, Prefect. / Run everything on one machine; Ctrl-C stops."""
    settings = settings_of(data)
    asyncio.run(run_until_stopped(settings, _stay))


async def _stay(found: RunningDeployment, stop: asyncio.Event) -> None:
    say_addresses(found)
    out.print("\nNhấn Ctrl-C để dừng. Lần sau chạy lại sẽ tiếp tục từ chỗ này.")
    await stop.wait()


Then = Callable[[RunningDeployment, asyncio.Event], Awaitable[None]]
"""Called with a deployment that is up; returns when done, or soon after the event `stop` is set."""


async def run_until_stopped(settings: Settings, then: Then) -> None:
    """Starts the deployment, does `then`, and stops it; SIGINT and SIGTERM set the event."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with Progress(out) as progress:
        starting = running(settings, progress.show)
        entering = asyncio.create_task(starting.__aenter__())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({entering, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not entering.done():
            entering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await entering
            return
        stopping.cancel()
        found = await entering
    try:
        await then(found, stop)
    finally:
        out.print("Đang dừng…")
        await starting.__aexit__(None, None, None)
        out.print("Đã dừng.")


def say_addresses(found: RunningDeployment) -> None:
    """Where to look, for the person at the terminal."""
    table = Table.grid(padding=(0, 2))
    table.add_row("Bảng điều hành của Văn phòng", f"{found.settings.where_pages}/sign-in")
    if found.catcher:
        table.add_row("Hộp thư thử (mọi thư đã gửi)", f"{found.settings.where_pages}/mail")
    table.add_row("Prefect", found.prefect_pages)
    table.add_row("Dữ liệu", str(found.settings.data.absolute()))
    out.print(table)
    # Not in the table, which would cut off a long path.
    where = where_prefect_auth(found.settings)
    out.print(f"Trang Prefect hỏi mật khẩu: lấy trong {where}", highlight=False, markup=False)
    with found.store.reading() as tx:
        has_office = bool(all_organisations(tx))
    if has_office:
        out.print("Vào ngay, không cần thư, bằng đường dẫn dùng một lần:")
        out.print(f"  {office_command(found.settings)}", highlight=False, markup=False)
    else:
        out.print("Chưa có kế hoạch nào: xem [bold]tiendo demo[/] hoặc [bold]tiendo plan --help[/].")


def office_command(settings: Settings) -> str:
    """The command that creates a link to the office's pages of this deployment."""
    is_default = settings.data == type(settings).model_fields["data"].default
    return "tiendo office link" + ("" if is_default else f" --data {settings.data}")


def settings_of(data: Path | None) -> Settings:
    """The settings in force, with the data folder given on the command line."""
    return load_settings(data=data) if data else load_settings()


def web(data: Data = None) -> None:
    """Chỉ trang web. / Only the pages; run as many as needed behind a proxy, over one PostgreSQL."""
    settings = settings_of(data)
    check_exposure(settings, has_catcher=False)
    if provider := asyncio.run(about_provider(settings)):
        out.print(provider)
    check_shares_key(settings)
    store = open_store(settings)
    if warning := closed(settings):
        out.print(warning)
    take_signing_key(store)
    uvicorn.run(
        pages_of(store, settings, Clock(store)),
        host=settings.host,
        port=settings.port,
        log_level="info",
        proxy_headers=False,  # `workflow.web.access.proxies` does it, by the settings
    )


def mailer(data: Data = None) -> None:
    """Chỉ gửi thư và webhook. / Only mail and webhooks; several may run, each takes its own rows. Also reads
    bounces."""
    settings = settings_of(data)
    if not settings.smtp_host:
        raise WrongSetting(
            "Chưa có máy chủ thư.", where="TIENDO_SMTP_HOST", cure="Đặt TIENDO_SMTP_HOST và chạy lại."
        )
    store = open_store(settings)
    if warning := closed(settings):
        out.print(warning)

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        clock = Clock(store)
        parts = [
            Mailer(store, settings, clock, Files(settings.where_files)).run(stop),
            WebhookSender(store, settings, clock).run(stop),
        ]
        if settings.reads_bounces:
            parts.append(watch_bounces(store, settings, clock.now, stop))
        await asyncio.gather(*parts)

    asyncio.run(run())


def worker(data: Data = None) -> None:
    """Chỉ bộ chạy Prefect. / Only a Prefect worker, for the server of TIENDO_PREFECT_API_URL."""
    import os
    import sys

    settings = settings_of(data)
    if not settings.prefect_api_url:
        raise WrongSetting(
            "Chưa có địa chỉ máy chủ Prefect.",
            where="TIENDO_PREFECT_API_URL",
            cure="Đặt như http://may-chu:4200/api.",
        )
    check_shares_key(settings)
    store = open_store(settings)
    take_signing_key(store)
    store.close()
    arguments = ["-m", "flows.worker_process", "--api-url", settings.prefect_api_url, "--stay"]
    # S606: this Python, without a shell, and arguments that are ours.
    os.execve(sys.executable, [sys.executable, *arguments], child_environment(settings))  # noqa: S606
