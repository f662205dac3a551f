"""Prefect's API as the command line uses it, without importing Prefect: its password, running a
deployment to its end, and counting the runs it shows."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from flows.access import CLIENT_VARIABLE, SERVER_VARIABLE, auth_file, basic, kept_auth
from workflow.domain.errors import TiendoError
from workflow.settings import Settings

FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class PrefectApi:
    """A client of a Prefect server's API at `url` (ending in `/api`), which asks for the password `auth`."""

    def __init__(self, url: str, auth: str) -> None:
        self._http = httpx.Client(base_url=url.rstrip("/") + "/", timeout=20, headers=basic(auth))

    def run(self, deployment: str, parameters: dict[str, Any], *, limit_seconds: float = 300) -> str:
        """Runs a deployment (`flow/name`) and waits for its end; returns the final state's name.

        Raises TiendoError where the run failed, or did not end in time.
        """
        found = self._http.get(f"deployments/name/{deployment}").raise_for_status().json()
        body = {"parameters": parameters}
        run = self._http.post(f"deployments/{found['id']}/create_flow_run", json=body)
        run_id = run.raise_for_status().json()["id"]
        deadline = time.monotonic() + limit_seconds
        while time.monotonic() < deadline:
            state = self._http.get(f"flow_runs/{run_id}").raise_for_status().json().get("state") or {}
            if state.get("type") in FINAL:
                if state["type"] != "COMPLETED":
                    raise TiendoError(
                        f"Prefect không chạy xong {deployment}: {state.get('message') or state['name']}"
                    )
                return str(state["name"])
            time.sleep(0.2)
        raise TiendoError(f"Prefect chưa chạy xong {deployment} sau {limit_seconds:.0f} giây.")

    def stages(self, flow: str = "plan-item") -> dict[str, int]:
        """How many runs of a flow are shown under each state name."""
        counted: dict[str, int] = {}
        offset = 0
        while True:
            page = self._http.post(
                "flow_runs/filter",
                json={"flows": {"name": {"any_": [flow]}}, "limit": 200, "offset": offset, "sort": "ID_DESC"},
            )
            runs = page.raise_for_status().json()
            for run in runs:
                name = (run.get("state") or {}).get("name", "?")
                counted[name] = counted.get(name, 0) + 1
            if len(runs) < 200:
                return counted
            offset += 200

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()


def prefect_home(settings: Settings) -> Path:
    """The folder of Prefect's own files."""
    return settings.data / "prefect"


def prefect_auth(settings: Settings, *, makes: bool = True) -> str:
    """The password of Prefect's API: that of the settings, or the stored one of our own server, generated
    where there is none yet unless the caller only looks; "" where there is none."""
    if settings.prefect_auth or settings.prefect_api_url:
        return settings.prefect_auth or os.environ.get(CLIENT_VARIABLE, "")
    if makes:
        return kept_auth(prefect_home(settings))
    kept = auth_file(prefect_home(settings))
    return kept.read_text(encoding="utf-8").strip() if kept.exists() else ""


def where_prefect_auth(settings: Settings) -> str:
    """Where a person finds the password that Prefect's pages ask for."""
    if settings.prefect_auth or settings.prefect_api_url:
        return "TIENDO_PREFECT_AUTH"
    return str(auth_file(prefect_home(settings)).absolute())


PREFECT_LIMIT_SECONDS = 120


def child_environment(settings: Settings) -> dict[str, str]:
    """What a child needs to see the same deployment."""
    told = settings.model_dump(mode="json")
    told["data"] = str(settings.data.absolute())
    auth = prefect_auth(settings)
    return (
        os.environ
        | {f"TIENDO_{name.upper()}": str(value) for name, value in told.items() if value != ""}
        | ({CLIENT_VARIABLE: auth, SERVER_VARIABLE: auth} if auth else {})
    )


def child_started(arguments: list[str], log: Path, settings: Settings) -> subprocess.Popen[bytes]:
    """A Python child whose life hangs on ours by its standard input; its output goes to the log file."""
    with log.open("ab") as file:
        # S603: this Python, and arguments that are literals of ours.
        return subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=child_environment(settings),
            start_new_session=True,
        )


async def healthy(url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until the server answers; raises TiendoError where it ends or stays silent."""
    async with httpx.AsyncClient(timeout=2) as client:
        for _ in range(PREFECT_LIMIT_SECONDS * 5):
            check_alive(child, log, "Máy chủ Prefect")
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{url}/health")).status_code == 200:
                    return
            await asyncio.sleep(0.2)
    raise TiendoError("Máy chủ Prefect không sẵn sàng sau hai phút.", where=str(log))


def check_alive(child: subprocess.Popen[bytes], log: Path, name: str) -> None:
    """Raises TiendoError with the last line of its log where the child has ended."""
    if child.poll() is not None:
        last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["(không có gì)"]
        raise TiendoError(f"{name} dừng ngay khi khởi động: {last[0]}", where=str(log))


async def stopped(child: subprocess.Popen[bytes]) -> None:
    """Ends the child by closing its standard input; by force after 12 seconds."""
    if child.stdin:
        child.stdin.close()
    for _ in range(120):
        if child.poll() is not None:
            return
        await asyncio.sleep(0.1)
    child.kill()
    child.wait()
