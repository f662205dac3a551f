"""The worker as one child process: `python -m flows.worker_process --api-url URL`.

Runs the `tiendo` worker and the loop that shows our stages in Prefect on one event loop. Starting
and restarting the process is left to the caller; outages of Prefect's server are handled here.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.access import CLIENT_VARIABLE, client_auth
from flows.lifeline import end_with_parent
from workflow.log_masking import mask_logs
from workflow.private_files import mask_new_files

if TYPE_CHECKING:
    from flows.worker import TiendoWorker

RESTART_AFTER_SECONDS = 3.0

logger = logging.getLogger("tiendo.worker")


def worker_environment(api_url: str, home: Path | None = None) -> dict[str, str]:
    """The environment the worker runs with; only what differs from Prefect's own defaults."""
    environment = {
        "PREFECT_API_URL": api_url,
        # The interval between a resume and its pass; ten seconds by default. A poll is one short request.
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        # Prefect may be emptied while we run: the heartbeat creates the pool again.
        "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
        # By default a run is taken up to ten seconds early and then waits for its time inside a slot.
        "PREFECT_WORKER_PREFETCH_SECONDS": "0",
        # Off by default: lets a running pass be cancelled from the UI, over one websocket for all.
        "PREFECT_WORKER_ENABLE_CANCELLATION": "true",
        # Once the websocket has broken, Prefect polls for cancellations, every two minutes by default.
        "PREFECT_WORKER_CANCELLATION_POLL_SECONDS": "15",
        # Each log line would be a row in the server's SQLite, whose single writer is the narrowest place.
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # "database is locked" reaches us as 503; the client retries it this often.
        "PREFECT_CLIENT_MAX_RETRIES": "8",
    }
    if auth := client_auth(home):
        environment[CLIENT_VARIABLE] = auth
    if home is not None:
        environment["PREFECT_HOME"] = str(home.resolve())
    return environment


async def work(worker_name: str, limit: int | None) -> None:
    """Run passes and show stages until cancelled; a server long away only means starting over."""
    from prefect.client.orchestration import get_client

    from flows.deploying import POOL
    from flows.keeping import keep_shown
    from flows.worker import TiendoWorker

    for name in ("prefect.flow_runs", "prefect.FlowRunCancellingObserver", "asyncio"):
        logging.getLogger(name).addFilter(_is_worth_saying)
    async with get_client() as client:
        showing = asyncio.create_task(keep_shown(client), name="keep_shown")
        try:
            while True:
                await _run_worker(TiendoWorker(POOL, name=worker_name, limit=limit))
                await asyncio.sleep(RESTART_AFTER_SECONDS)
        finally:
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await showing


async def _run_worker(worker: TiendoWorker) -> None:
    try:
        await worker.start(printer=logger.info)
    except Exception:
        # Prefect's loops give up after some minutes without an answer. Ours don't.
        logger.warning("the worker lost Prefect's server and starts over", exc_info=True)


def _is_worth_saying(record: logging.LogRecord) -> bool:
    # The engine logs "Finished in state Paused" as an ERROR, at every suspension; the cancelling observer
    # fills a page when the server goes away, and another at the stop after that.
    message = record.getMessage()
    return not message.startswith("Finished in state") and "CancellingObserver" not in message + record.name


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line of the process."""
    parser = argparse.ArgumentParser(prog="python -m flows.worker_process", description="Our worker.")
    parser.add_argument("--api-url", required=True, help="for example http://127.0.0.1:4200/api")
    parser.add_argument("--home", type=Path, help="folder for Prefect's own files, instead of ~/.prefect")
    parser.add_argument(
        "--name",
        default=f"tiendo@{socket.gethostname()}",
        help="must differ between workers, and stay the same over restarts",
    )
    parser.add_argument("--limit", type=int, help="passes at once")
    parser.add_argument(
        "--stay", action="store_true", help="don't stop at the end of stdin (under systemd or in a container)"
    )
    given = parser.parse_args(arguments)
    mask_new_files()
    mask_logs()
    os.environ.update(worker_environment(given.api_url, given.home))
    gc.freeze()  # imported modules are never freed: freezing them saves the collector scanning them
    run_until_stopped(given.name, given.limit, with_lifeline=not given.stay)


def run_until_stopped(worker_name: str, limit: int | None, *, with_lifeline: bool) -> None:
    """Run the event loop in a thread, and stop it on SIGTERM, SIGINT or the end of stdin.

    Prefect's engine puts its own SIGTERM handler in place for every run it carries out in the main thread,
    which with several runs at once would raise in whichever is on. Elsewhere it leaves signals alone.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if with_lifeline:
        end_with_parent(stop.set)

    outcome: list[BaseException] = []

    async def until_stopped() -> None:
        working = asyncio.create_task(work(worker_name, limit))
        waiting = asyncio.create_task(asyncio.to_thread(stop.wait))
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working

    def run() -> None:
        try:
            asyncio.run(until_stopped())
        except BaseException as error:
            outcome.append(error)
        finally:
            stop.set()

    thread = threading.Thread(target=run, name="worker", daemon=True)
    thread.start()
    stop.wait()
    thread.join()
    if outcome:
        sys.exit(f"the worker ended: {outcome[0]!r}")


if __name__ == "__main__":
    main()
