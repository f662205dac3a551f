"""No log of any process holds a live key: links, sign-in links, API keys, passwords, providers' codes."""

from __future__ import annotations

import io
import logging
import secrets
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from workflow.log_masking import mask_logs, masked

TOKEN = "Zk3_wQ-9fH1xLrT7uV0aB2cD4eF6gH8iJkLmNoPqRsT"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged in this process while it is masked, as a plain log file would hold it."""
    made, before = io.StringIO(), logging.getLogRecordFactory()
    handler = logging.StreamHandler(made)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    mask_logs()
    yield made
    logging.setLogRecordFactory(before)
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "line",
    [
        "GET /l/{}/vote HTTP/1.1",
        "GET /o/{}?period=2026-Q1",
        "POST /sign-in/{}",
        "http://127.0.0.1:8480/o/{}",
        "//x//l/{}",
        "/sign-in?next=%2Fo%2F{}%2Fboard",
        "/sign-in?next=%2fo%2f{}%2fboard",
        "Authorization: Bearer tiendo_{}",
        "{{'token': '{}'}}",
        "/sign-in/oidc/callback?code={}&state=1",
        "/sign-in/oidc/callback?a=1&state={}",
        "PREFECT_API_AUTH_STRING=tiendo:{}",
        "postgresql://tiendo:{}@db/tiendo",
        "client_secret={}&x=1",
        "Basic {}",
    ],
)
def test_a_key_is_masked_wherever_it_stands(line: str) -> None:
    told = masked(line.format(TOKEN))
    assert TOKEN not in told
    assert "***" in told


@pytest.mark.parametrize("line", ["/l/{}/vote", "/sign-in/{}", "/x?code={}", "?x=1&state={}", "password={}"])
def test_where_a_key_belongs_a_short_or_mistyped_one_is_masked_too(line: str) -> None:
    for typed in ("abc", TOKEN[:20], TOKEN + "x", "%41" + TOKEN[1:], "a.b~c"):
        assert typed not in masked(line.format(typed))


@given(st.binary(min_size=32, max_size=32).map(lambda _: secrets.token_urlsafe(32)))
def test_any_token_of_ours_is_masked_even_by_itself(token: str) -> None:
    assert token not in masked(f"the link {token} was opened, and /elsewhere/{token}.")


@pytest.mark.parametrize(
    "line",
    [
        "GET /o/me/units?period=2026-Q1",
        "GET /sign-in/oidc/callback",
        "state=Completed in 0.2 s, status code: 404",
        "run 0192f0c1-0000-7000-8000-000000000000 (II.3.1 · Quý I/2026 · UBND phường) ended",
        "SHA-256 " + "ab" * 32,
        "/l/ has no token",
    ],
)
def test_what_is_no_key_stays_readable(line: str) -> None:
    assert masked(line) == line


def test_the_line_for_each_request_and_a_traceback_of_uvicorn_hold_no_key(log: io.StringIO) -> None:
    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        raise ValueError(f"cannot serve {scope['path']}")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off"))  # type: ignore[arg-type]
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):
        for handler in logging.getLogger(name).handlers:
            handler.setStream(log)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    for path in (f"/l/{TOKEN}/vote", f"/sign-in/oidc/callback?code={TOKEN}"):
        assert httpx.get(f"http://127.0.0.1:{port}{path}").status_code == 500
    server.should_exit = True
    thread.join()
    told = log.getvalue()
    assert "GET /l/***/vote HTTP/1.1" in told
    assert "ValueError: cannot serve /l/***/vote" in told
    assert TOKEN not in told


def test_what_is_put_into_a_message_is_masked_whatever_it_is(log: io.StringIO) -> None:
    ours = logging.getLogger("tiendo.test")
    ours.warning("went to %s", httpx.URL(f"https://x.example/l/{TOKEN}"))
    ours.warning("%(a)s", {"a": f"/o/{TOKEN}"})
    ours.warning(f"/l/{TOKEN}")
    try:
        raise RuntimeError("outer") from KeyError(f"/l/{TOKEN}")
    except RuntimeError:
        ours.exception("broken")
    assert TOKEN not in log.getvalue()
    assert log.getvalue().count("***") >= 4
