"""The parts of a running deployment on one machine: started in order, watched, stopped together.

Pages, mailer and catcher live in this process; Prefect's server and the worker are children that end with
it, even when it is killed, because their standard input closes then.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import IO

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection

from flows.access import SERVER_VARIABLE, basic
from workflow.cli.exposure import check_exposure, closed
from workflow.cli.prefect_api import (
    PREFECT_LIMIT_SECONDS,
    check_alive,
    child_started,
    healthy,
    prefect_auth,
    prefect_home,
    stopped,
    where_prefect_auth,
)
from workflow.clock import Clock
from workflow.domain.errors import TiendoError, WrongSetting
from workflow.mail.post.bounces import watch_bounces
from workflow.mail.post.catcher import Catcher
from workflow.mail.post.sending import Mailer
from workflow.private_files import make_private_folder
from workflow.reports.period_reports import period_report
from workflow.reports.values import PrintedReport
from workflow.settings import Settings
from workflow.storage import Store, signing_keys
from workflow.storage.files import Files
from workflow.web.access.oidc import ProviderSilent, discover
from workflow.web.app import create_app
from workflow.web.office.catcher_pages import router as mailbox_router
from workflow.webhooks.sending import WebhookSender


class DeploymentPart(Enum):
    """A part of the deployment, by the name people read."""

    DATABASE = "Cơ sở dữ liệu"
    CATCHER = "Hộp thư thử"
    PAGES = "Trang web"
    MAILER = "Gửi thư"
    BOUNCES = "Thư trả về"
    PREFECT = "Máy chủ Prefect"
    WORKER = "Bộ chạy Prefect"


Progress = Callable[[DeploymentPart, str, bool], None]
"""Called for each part with its name, where or why, and whether it is ready."""


@dataclass(slots=True)
class RunningDeployment:
    """A deployment that is up."""

    settings: Settings
    store: Store
    clock: Clock
    files: Files
    catcher: Catcher | None = None
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def prefect_url(self) -> str:
        """The address of Prefect's API."""
        return self.settings.where_prefect

    @property
    def prefect_pages(self) -> str:
        """The address of Prefect's own pages."""
        return self.prefect_url.removesuffix("/api")


def open_store(settings: Settings) -> Store:
    """The store of the settings, after creating its folder, closed to others, and migrating its tables."""
    make_private_folder(settings.data)
    store = Store(settings.where_database, settings.where_signing_key)
    store.migrate()
    with store.reading() as tx:
        is_in_table = signing_keys.is_in_table(tx)
    if is_in_table:
        take_signing_key(store)
    return store


def take_signing_key(store: Store) -> None:
    """Makes sure at the start that there is a key to sign with: a period may close hours later, with nobody
    there. Raises WrongSetting or NotFound saying where it should be."""
    now = Clock(store).now()
    with store.begin() as tx:
        signing_keys.signing_key(tx, now)


def check_shares_key(settings: Settings) -> None:
    """Raises where a part of a deployment on many machines would generate a key of its own."""
    if settings.database_url and not settings.signing_key and not settings.database_url.startswith("sqlite"):
        raise WrongSetting(
            "Chưa cho biết tệp khóa ký dùng chung.",
            where="TIENDO_SIGNING_KEY",
            cure="Đặt cùng một tệp khóa (quyền 600) trên mọi máy và ghi đường dẫn của nó; docs/audit.md.",
        )


@asynccontextmanager
async def running(settings: Settings, report: Progress) -> AsyncIterator[RunningDeployment]:
    """Starts every part, yields the deployment when it is up, and stops the parts in turn."""
    with _alone(settings.data):
        async with contextlib.AsyncExitStack() as stack:
            check_exposure(settings)
            check_ports(settings)
            provider = await about_provider(settings)
            report(DeploymentPart.DATABASE, "đang chuẩn bị bảng", False)
            store = await asyncio.to_thread(open_store, settings)
            stack.callback(store.close)
            await asyncio.to_thread(take_signing_key, store)
            report(
                DeploymentPart.DATABASE, f"{_place(store)}{await asyncio.to_thread(closed, settings)}", True
            )
            found = RunningDeployment(settings, store, Clock(store), Files(settings.where_files))
            prefect = asyncio.create_task(_start_prefect(found, report, stack))
            stack.push_async_callback(_cancelled, prefect)
            if settings.catches_mail:
                found.catcher = Catcher(settings.data / "mail", port=settings.catcher_port)
                found.catcher.start()
                stack.callback(found.catcher.stop)
                report(DeploymentPart.CATCHER, _about_catcher(settings), True)
            await _start_pages(found, report, stack)
            if provider:
                report(DeploymentPart.PAGES, f"{settings.where_pages}; {provider}", True)
            await _start_mailer(found, report, stack)
            if settings.reads_bounces:
                await _start_bounces(found, report, stack)
            await _start_webhooks(found, stack)
            await prefect
            yield found


def pages_of(store: Store, settings: Settings, clock: Clock) -> FastAPI:
    """The pages, with the report of a period built from its facts on request."""

    def report_of(tx: Connection, period_id: int) -> PrintedReport:
        return period_report(tx, period_id, clock.now())

    return create_app(store, settings, clock, report_of=report_of)


async def about_provider(settings: Settings) -> str:
    """Fetches the sign-in provider's metadata: a wrong setting stops the start; an unreachable provider
    does not, since mailed links work without it. Returns the line to show about it."""
    if not settings.has_oidc:
        return ""
    try:
        await discover(settings)
    except ProviderSilent as error:
        return f"đăng nhập OIDC: {error.what} ({error.where})"
    return f"đăng nhập OIDC qua {settings.oidc_issuer}"


async def _start_pages(found: RunningDeployment, report: Progress, stack: contextlib.AsyncExitStack) -> None:
    app = pages_of(found.store, found.settings, found.clock)
    if found.catcher:
        app.include_router(mailbox_router(found.catcher, found.settings))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=found.settings.host,
            port=found.settings.port,
            log_level="warning",
            timeout_graceful_shutdown=3,
            # The settings name the trusted proxies (`workflow.web.access.proxies`).
            proxy_headers=False,
        )
    )
    # Ctrl-C is the supervisor's: uvicorn's own handler would stop the pages before the rest.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    serving = asyncio.create_task(server.serve())

    async def stop() -> None:
        server.should_exit = True
        await serving

    stack.push_async_callback(stop)
    while not server.started:
        if serving.done():
            await serving
            raise TiendoError("Trang web không khởi động được.", where=found.settings.where_pages)
        await asyncio.sleep(0.05)
    report(DeploymentPart.PAGES, found.settings.where_pages, True)


async def _start_mailer(found: RunningDeployment, report: Progress, stack: contextlib.AsyncExitStack) -> None:
    mailer = Mailer(
        found.store,
        mail_settings(found.settings, found.catcher),
        found.clock,
        found.files,
        # The data folder's lock proves that no other mailer runs: a dead one's rows are retried at once.
        is_alone=True,
    )
    enough = asyncio.Event()
    sending = asyncio.create_task(mailer.run(enough))

    async def stop() -> None:
        enough.set()
        await sending

    stack.push_async_callback(stop)
    where = found.settings.smtp_host or "hộp thư thử"
    risk = f"  [bold yellow]⚠ {mailer.risk}[/]" if mailer.risk else ""
    report(DeploymentPart.MAILER, f"gửi qua {where}{risk}", True)


async def _start_bounces(
    found: RunningDeployment, report: Progress, stack: contextlib.AsyncExitStack
) -> None:
    enough = asyncio.Event()
    watching = asyncio.create_task(watch_bounces(found.store, found.settings, found.clock.now, enough))

    async def stop() -> None:
        enough.set()
        await watching

    stack.push_async_callback(stop)
    report(DeploymentPart.BOUNCES, f"đọc hộp {found.settings.imap_user} ở {found.settings.imap_host}", True)


async def _start_webhooks(found: RunningDeployment, stack: contextlib.AsyncExitStack) -> None:
    enough = asyncio.Event()
    telling = asyncio.create_task(WebhookSender(found.store, found.settings, found.clock).run(enough))

    async def stop() -> None:
        enough.set()
        await telling

    stack.push_async_callback(stop)


def mail_settings(settings: Settings, catcher: Catcher | None) -> Settings:
    """The settings the mailer sends by: with no server set, the catcher's own, which needs no sparing: a
    demo's people all share one domain."""
    if catcher is None:
        return settings
    return settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": catcher.port,
            "smtp_security": "none",
            "mail_per_domain_per_minute": 100_000,
        }
    )


async def _start_prefect(
    found: RunningDeployment, report: Progress, stack: contextlib.AsyncExitStack
) -> None:
    settings = found.settings
    home = prefect_home(settings)
    home.mkdir(parents=True, exist_ok=True)
    if settings.prefect_api_url:
        report(DeploymentPart.PREFECT, found.prefect_pages, True)
    else:
        report(DeploymentPart.PREFECT, "đang khởi động, khoảng 10 giây", False)
        server = child_started(
            ["-m", "flows.server", "--home", str(home), "--port", str(settings.prefect_port)],
            home / "server.log",
            settings,
        )
        found.children.append(server)
        stack.push_async_callback(stopped, server)
        await healthy(found.prefect_url, server, home / "server.log")
        report(DeploymentPart.PREFECT, found.prefect_pages, True)
    report(DeploymentPart.WORKER, "đang khởi động", False)
    worker = child_started(
        ["-m", "flows.worker_process", "--api-url", found.prefect_url, "--home", str(home)],
        home / "worker.log",
        settings,
    )
    found.children.append(worker)
    stack.push_async_callback(stopped, worker)
    await _polls(found, worker, home / "worker.log")
    report(DeploymentPart.WORKER, "đã nhận việc", True)


async def _polls(found: RunningDeployment, child: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until the worker has created its deployments and joined the pool."""
    url = found.prefect_url
    async with httpx.AsyncClient(timeout=5, headers=basic(prefect_auth(found.settings))) as client:
        for _ in range(PREFECT_LIMIT_SECONDS * 5):
            check_alive(child, log, "Bộ chạy Prefect")
            with contextlib.suppress(httpx.HTTPError, ValueError):
                answer = await client.post(f"{url}/work_pools/tiendo/workers/filter", json={})
                if answer.status_code == 401:
                    raise WrongSetting(
                        "Máy chủ Prefect không nhận mật khẩu này.",
                        where=where_prefect_auth(found.settings),
                        cure=f"Đặt TIENDO_PREFECT_AUTH đúng như {SERVER_VARIABLE} ở máy chủ Prefect.",
                    )
                workers = answer.json()
                deployments = (await client.post(f"{url}/deployments/filter", json={})).json()
                if isinstance(workers, list) and workers and len(deployments) >= 5:
                    return
            await asyncio.sleep(0.2)
    raise TiendoError("Bộ chạy Prefect không sẵn sàng sau hai phút.", where=str(log))


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, TiendoError):
        await task


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Locks the data folder: two deployments over one folder would send everything twice."""
    make_private_folder(data)
    lock: IO[str] = (data / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise TiendoError(
            "Đã có một tiendo khác đang chạy trên thư mục dữ liệu này.",
            where=str(data),
            cure="Dừng bản đang chạy, hoặc đặt TIENDO_DATA sang thư mục khác.",
        ) from None
    # `tiendo doctor` finds the processes of the running deployment by this.
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    try:
        yield
    finally:
        lock.close()


def check_ports(settings: Settings) -> None:
    """Raises before anything starts if a port is taken, naming the setting to change."""
    wanted = {"port": settings.port}
    if settings.catches_mail and settings.catcher_port:
        wanted["catcher_port"] = settings.catcher_port
    if not settings.prefect_api_url:
        wanted["prefect_port"] = settings.prefect_port
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host if name == "port" else "127.0.0.1", port))
            except OSError:
                raise TiendoError(
                    f"Cổng {port} đang có chương trình khác dùng.",
                    where=f"TIENDO_{name.upper()}",
                    cure=f"Dừng chương trình ấy, hoặc chạy với TIENDO_{name.upper()}=<cổng khác>.",
                ) from None


def _about_catcher(settings: Settings) -> str:
    if settings.is_for_this_machine:
        return f"{settings.where_pages}/mail"
    return (
        f"{settings.where_pages}/mail  [bold yellow]⚠ ai mở được trang này đọc được mọi đường dẫn; "
        "đặt TIENDO_SMTP_HOST trước khi dùng thật[/]"
    )


def _place(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=True)
