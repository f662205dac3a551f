"""Pages served over a real socket, for clients that are not in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from tests.builders import StoppedClock
from workflow.settings import Settings
from workflow.storage import Store
from workflow.web.app import create_app
from workflow.web.limiting import Limits


@contextmanager
def served(
    store: Store,
    folder: Path,
    now: datetime,
    limits: Limits | None = None,
    within: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    clock: StoppedClock | None = None,
) -> Iterator[str]:
    """The pages over a store while the block runs, perhaps within another app; gives their address. They go
    by `clock` where it is given, else the time stands still at `now`."""
    clock = clock or StoppedClock(now)
    app = create_app(store, Settings(data=folder), clock, limits=limits)  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(within(app), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
