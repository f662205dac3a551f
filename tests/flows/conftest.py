"""One real Prefect server for all tests of the flows, and what a scenario over it needs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ANALYTICS_ENABLED,
    PREFECT_WORKER_ENABLE_CANCELLATION,
    PREFECT_WORKER_PREFETCH_SECONDS,
    PREFECT_WORKER_QUERY_SECONDS,
    temporary_settings,
)

from flows.access import CLIENT_VARIABLE, kept_auth
from flows.deploying import PLAN_ITEM, POOL, ensure_deployments
from flows.server import api_url, wait_until_ready
from flows.showing import RunView, create_runs, read_runs
from flows.worker import TiendoWorker
from tests.flows.records import Records, run_spec

T = TypeVar("T")

# A cycle's idempotency key is known to the server for the whole session, so numbers are never used twice.
numbers = itertools.count(1)


@dataclass
class Server:
    """A running Prefect server."""

    url: str
    process: subprocess.Popen[bytes]
    auth: str
    """The password it asks for."""

    def settings(self) -> AbstractContextManager[object]:
        """Prefect's settings in this process, as `flows.worker_process` has them in its own."""
        return temporary_settings(
            {
                PREFECT_API_URL: self.url,
                PREFECT_API_AUTH_STRING: self.auth,
                PREFECT_WORKER_QUERY_SECONDS: 0.3,
                PREFECT_WORKER_PREFETCH_SECONDS: 0,
                PREFECT_WORKER_ENABLE_CANCELLATION: True,
                PREFECT_LOGGING_TO_API_ENABLED: False,
                PREFECT_SERVER_ANALYTICS_ENABLED: False,
            }
        )


@dataclass
class Scenario:
    """A server, our records, and how to watch runs."""

    server: Server
    client: PrefectClient
    records: Records
    deployment_id: UUID

    async def create(self, stage: str, *, suspended: bool = False, takes: float = 0, fault: str = "") -> int:
        """A cycle at a stage with its run; the cycle's number."""
        cycle_id = next(numbers)
        self.records.put(cycle_id, stage, takes=takes, fault=fault)
        spec = run_spec(cycle_id, stage if suspended else None)
        await self.records.remember_runs(
            {cycle_id: (await create_runs(self.client, self.deployment_id, [spec]))[0]}
        )
        return cycle_id

    def run_of(self, cycle_id: int) -> UUID:
        """The Prefect run of a cycle that has one."""
        run_id = self.records.run_of(cycle_id)
        assert run_id is not None
        return run_id

    async def view(self, cycle_id: int) -> RunView | None:
        """The cycle's run as Prefect shows it now."""
        run_id = self.records.run_of(cycle_id)
        return (await read_runs(self.client, [run_id]))[run_id] if run_id else None

    async def shown_as(self, cycle_id: int, state_name: str) -> RunView:
        """Wait until Prefect shows the cycle's run in a state of this name."""

        async def look() -> RunView | None:
            view = await self.view(cycle_id)
            return view if view is not None and view.state_name == state_name else None

        return await eventually(look, f"cycle {cycle_id} shown as {state_name}")

    async def passed(self, cycle_id: int, times: int) -> None:
        """Wait until this many passes over the cycle have begun."""

        async def look() -> bool | None:
            return True if len(self.records.passes(cycle_id)) == times else None

        await eventually(look, f"pass {times} over cycle {cycle_id}")

    def worker(self) -> AbstractAsyncContextManager[TiendoWorker]:
        """A worker in the test's own process."""
        return a_worker()

    @contextmanager
    def worker_process(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker in a process of its own, with the loop that shows the stages."""
        command = [sys.executable, "-m", "tests.flows.worker_with_records", str(self.records.path)]
        process = subprocess.Popen(
            [*command, "--api-url", self.server.url, "--name", "the only one"],
            stdin=subprocess.PIPE,
            env=os.environ | {CLIENT_VARIABLE: self.server.auth},
        )
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=20)


async def eventually(look: Callable[[], Awaitable[T | None]], what: str, seconds: float = 90) -> T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (answer := await look()) is not None:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


@contextmanager
def a_server(home: Path, port: int) -> Iterator[Server]:
    """A server over a folder; it must end by itself when its stdin is closed."""
    command = [sys.executable, "-m", "flows.server", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert process.stdin is not None
    try:
        is_ready = wait_until_ready(port, limit_seconds=240, still_alive=lambda: process.poll() is None)
        assert is_ready, "the server didn't start"
        yield Server(api_url(port), process, kept_auth(home))
    finally:
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def a_free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of the session."""
    with a_server(tmp_path_factory.mktemp("prefect"), a_free_port()) as found:
        yield found


@asynccontextmanager
async def a_worker() -> AsyncIterator[TiendoWorker]:
    """A worker in the test's own process."""
    worker = TiendoWorker(POOL, name="the only one")
    started = asyncio.create_task(worker.start(printer=lambda *_: None))
    try:
        yield worker
    finally:
        started.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await started


@pytest.fixture
def scene(server: Server, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Scenario]]:
    """Opens a scenario. Prefect's settings live in a context variable, so the test enters them itself."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Scenario]:
        records = Records(tmp_path / "records.db")
        with server.settings(), records.installed():
            async with get_client() as client:
                yield Scenario(server, client, records, (await ensure_deployments(client))[PLAN_ITEM])

    return opened
