"""Who may make the worker run what: Prefect's API is asked as a stranger on the same machine would."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.clients import PrefectEventSubscriber

from flows.access import CLIENT_VARIABLE, SERVER_VARIABLE, auth_file, basic, kept_auth
from flows.deploying import POOL
from flows.server import wait_until_ready
from tests.flows.conftest import Scenario, Server, a_free_port, eventually
from workflow.cli.prefect_api import PrefectApi

pytestmark = pytest.mark.prefect

CHROMIUM = shutil.which("chromium") or ""
PATIENCE = 60
"""Seconds for one answer: beside other tests a server may be slow, and that is no fault here."""

Scene = Callable[[], AbstractAsyncContextManager[Scenario]]

FOREIGN = """\
from pathlib import Path
from prefect import flow

@flow
async def mine():
    Path({proof!r}).write_text("ran as the worker's user")
"""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "deployments/filter"),
        ("POST", "deployments/"),
        ("POST", "flow_runs/filter"),
        ("GET", "admin/settings"),
        ("GET", "work_pools/tiendo"),
    ],
)
def test_whoever_does_not_know_the_password_is_told_nothing_by_prefect(
    server: Server, method: str, path: str
) -> None:
    for headers in ({}, basic("tiendo:guessed"), {"Authorization": f"Bearer {server.auth}"}):
        answer = httpx.request(method, f"{server.url}/{path}", json={}, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 401
    known = httpx.request(
        method, f"{server.url}/{path}", json={}, headers=basic(server.auth), timeout=PATIENCE
    )
    assert known.status_code != 401


async def test_nor_do_events_come_to_who_does_not_know_it(server: Server) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed
    from websockets.typing import Subprotocol

    address = server.url.replace("http://", "ws://") + "/events/out"
    with pytest.raises(ConnectionClosed):
        async with connect(address, subprotocols=[Subprotocol("prefect")]) as socket:
            await socket.send('{"type": "auth", "token": "guessed"}')
            told = await socket.recv()
            assert "auth_success" not in str(told)
            await socket.recv()
    with server.settings():
        async with PrefectEventSubscriber():
            pass  # who knows it is let in


def test_scripts_of_other_sites_may_not_read_what_prefect_answers(server: Server) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = httpx.options(f"{server.url}/deployments/filter", headers=asked, timeout=PATIENCE)
        assert "access-control-allow-origin" not in answer.headers
        simple = httpx.get(f"{server.url}/health", headers={"Origin": origin}, timeout=PATIENCE)
        assert "access-control-allow-origin" not in simple.headers
    own = server.url.removesuffix("/api")
    answer = httpx.get(f"{server.url}/health", headers={"Origin": own}, timeout=PATIENCE)
    assert answer.headers["access-control-allow-origin"] == own


def test_our_own_client_shows_the_password(server: Server) -> None:
    assert PrefectApi(server.url, server.auth).stages("no such flow") == {}
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        PrefectApi(server.url, "").stages()


async def test_a_deployment_with_a_flow_of_somebody_else_is_refused_with_words(
    scene: Scene, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    proof, file = tmp_path / "proof", tmp_path / "foreign.py"
    file.write_text(FOREIGN.format(proof=str(proof)), encoding="utf-8")
    async with scene() as on:
        flow_id = await on.client.create_flow_from_name("mine")
        deployment_id = await on.client.create_deployment(
            flow_id, "foreign", entrypoint=f"{file}:mine", work_pool_name=POOL
        )
        run = await on.client.create_flow_run_from_deployment(deployment_id)

        async def ended() -> FlowRun | None:
            found = await on.client.read_flow_run(run.id)
            return found if found.state and found.state.is_final() else None

        with caplog.at_level(logging.ERROR):
            async with on.worker():
                over = await eventually(ended, "the foreign run ended")
    assert not proof.exists()
    assert over.state is not None
    assert over.state.type is StateType.CRASHED
    assert "not a flow of tiendo" in (over.state.message or "")
    assert "deployments/prefect.yaml" in (over.state.message or "")
    refused = [one for one in caplog.records if "was refused" in one.getMessage()]
    assert len(refused) == 1
    assert f"{file}:mine" in refused[0].getMessage()


def test_the_password_is_kept_in_a_file_of_the_servers_user_alone_and_stays_the_same(tmp_path: Path) -> None:
    home = tmp_path / "prefect"
    first = kept_auth(home)
    assert len(first) > 40
    assert kept_auth(home) == first
    assert auth_file(home).stat().st_mode & 0o777 == 0o600
    auth_file(home).chmod(0o644)
    kept_auth(home)
    assert auth_file(home).stat().st_mode & 0o777 == 0o600


def _a_server_on(host: str, home: Path, **environment: str) -> tuple[subprocess.Popen[bytes], int]:
    port = a_free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command = [sys.executable, "-m", "flows.server", "--home", str(home), "--host", host, "--port", str(port)]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=kept | environment)
    return started, port


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10"])
def test_a_server_for_other_machines_does_not_start_without_a_password(host: str, tmp_path: Path) -> None:
    started, _ = _a_server_on(host, tmp_path)
    _, told = started.communicate(timeout=120)
    assert started.returncode == 1
    assert SERVER_VARIABLE in told.decode()
    assert CLIENT_VARIABLE in told.decode()
    assert not (tmp_path / "prefect.db").exists()


def test_with_one_it_starts_and_asks_for_it(tmp_path: Path) -> None:
    started, port = _a_server_on("0.0.0.0", tmp_path, **{SERVER_VARIABLE: "tiendo:of the settings"})
    try:
        assert wait_until_ready(port, limit_seconds=240, still_alive=lambda: started.poll() is None)
        address = f"http://127.0.0.1:{port}/api/admin/version"
        assert httpx.get(address, timeout=PATIENCE).status_code == 401
        assert (
            httpx.get(address, headers=basic("tiendo:of the settings"), timeout=PATIENCE).status_code == 200
        )
        assert not auth_file(tmp_path).exists()
    finally:
        started.communicate(timeout=90)
