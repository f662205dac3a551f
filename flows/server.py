"""The Prefect server (API, UI, scheduler) as one child process: `python -m flows.server --home DIR --port N`.

Its settings are chosen here, each with its reason. Prefect reads them from the environment when it is
imported, so nothing of Prefect may be imported before `server_environment` is in place. Starting
and restarting the process is left to the caller.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.access import SERVER_VARIABLE, server_auth
from flows.lifeline import end_with_parent
from workflow.domain.errors import WrongSetting
from workflow.log_masking import mask_logs
from workflow.private_files import mask_new_files

DEFAULT_HOST = "127.0.0.1"


def api_url(port: int, host: str = DEFAULT_HOST) -> str:
    """The address that clients and workers put into PREFECT_API_URL."""
    return f"http://{host}:{port}/api"


def server_environment(home: Path, port: int, host: str = DEFAULT_HOST) -> dict[str, str]:
    """The environment the server runs with; only what differs from Prefect's own defaults. Raises
    WrongSetting for a server that would be open to others without a password."""
    home = home.resolve()
    return {
        # Profiles, memo store and result files stay in our data folder, not in ~/.prefect.
        "PREFECT_HOME": str(home),
        # Its own file. Our facts never share it: it may be emptied, and a burst locks it for seconds.
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        # Ten seconds is the default for a statement; a burst of a hundred runs queues for longer.
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        # A profile of the user's may point at a cloud; the server itself must not be a client of it.
        "PREFECT_API_URL": "",
        # A path, so the UI works under whatever name or tunnel the browser reached it by.
        "PREFECT_UI_API_URL": "/api",
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        # A caller of the API can make the worker run flows: every client and the pages must send this.
        SERVER_VARIABLE: server_auth(home, host),
        # The API answers scripts of its own pages alone; by default those of any page on the web.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port},http://localhost:{port}",
        # An office's figures are nobody else's business, and the machine may have no way out.
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # About 150 block types for clouds we never talk to: a second of start-up and 270 kB of rows.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        # --- Services that only write, and so fight for SQLite's single writer ---
        # No automations, so nothing to trigger; and events are not kept, as each state change would be a
        # second row nobody reads: the state history is stored with the run, and ours in the audit log.
        "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
        # Our flows have no tasks, and our suspensions no timeout.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
        # Concurrency leases: none of our deployments has a limit of its own.
        "PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": "false",
        # A hundred runs resumed together wait a minute for their turn; that is a queue, not lateness.
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "120",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "60",
        # Left on: scheduler (sweep, reconcile), foreman (shows whether a worker is there),
        # cancellation clean-up (a worker that died must not leave a run "Cancelling" for ever).
        # Schedules of ten minutes: half a dozen runs ahead are enough for the eye.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "6",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


def is_ready(port: int, host: str = DEFAULT_HOST) -> bool:
    """Whether the server answers its health check now."""
    try:
        # S310: the address is built here, of http and a host of the settings.
        with urllib.request.urlopen(f"{api_url(port, host)}/health", timeout=10) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until_ready(
    port: int, host: str = DEFAULT_HOST, *, limit_seconds: float = 90, still_alive: Callable[[], bool]
) -> bool:
    """Poll the health check until it answers; False when the time is up or the process has ended."""
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline and still_alive():
        if is_ready(port, host):
            return True
        time.sleep(0.1)
    return False


def serve(home: Path, port: int, host: str = DEFAULT_HOST, *, with_lifeline: bool = True) -> None:
    """Run the server in this process until a signal stops it."""
    home.mkdir(parents=True, exist_ok=True)
    if "prefect" in sys.modules:
        raise RuntimeError("flows.server must set its environment before Prefect is imported")
    os.environ.update(server_environment(home, port, host))

    import uvicorn

    from flows.server_repairs import create_app, let_the_scheduler_insert_runs, queue_for_the_write_lock

    queue_for_the_write_lock(os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"])
    let_the_scheduler_insert_runs()
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(final=True),
            host=host,
            port=port,
            log_level="warning",
            # Worker channels and the UI hold websockets open; a stop must not wait for them.
            timeout_graceful_shutdown=2,
        )
    )

    def ask_to_stop() -> None:
        server.should_exit = True

    if with_lifeline:
        end_with_parent(ask_to_stop)
    server.run()


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line of the process."""
    parser = argparse.ArgumentParser(prog="python -m flows.server", description="Prefect's server.")
    parser.add_argument("--home", type=Path, required=True, help="folder of Prefect's own database")
    parser.add_argument("--port", type=int, default=4200)
    parser.add_argument("--host", default=DEFAULT_HOST)
    parser.add_argument(
        "--stay", action="store_true", help="don't stop at the end of stdin (under systemd or in a container)"
    )
    given = parser.parse_args(arguments)
    mask_new_files()
    mask_logs()
    try:
        serve(given.home, given.port, given.host, with_lifeline=not given.stay)
    except WrongSetting as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
