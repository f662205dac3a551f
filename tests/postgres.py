"""A PostgreSQL server of the tests' own: found on the machine, started on a free port, gone with the run."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

REQUIRE = "TIENDO_REQUIRE_POSTGRESQL"
"""Set by `./run test`: then a machine without PostgreSQL fails the run instead of passing over it."""


def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`: Debian's newest, or the one on the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def a_server(*, is_durable: bool = False) -> Iterator[str]:
    """A running server, as a URL without a database: `postgresql://tiendo@127.0.0.1:PORT`.

    Tests spare themselves the waiting for the disk; a benchmark must not (`is_durable`).
    """
    folder = binaries()
    assert folder is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Path(tempfile.mkdtemp(prefix="tiendo-pg-"))
    # The server refuses to run as root; Debian's package brings a user for it.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    data = home / "data"
    try:
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", "tiendo", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            user=user,
            stdout=subprocess.DEVNULL,
            cwd=home,
        )
        fsync = "on" if is_durable else "off"
        settings = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync={fsync} -c max_connections=60"
        subprocess.run(
            [folder / "pg_ctl", "-D", data, "-o", settings, "-l", home / "log", "-w", "start"],
            check=True,
            user=user,
            stdout=subprocess.DEVNULL,
            cwd=home,
        )
        yield f"postgresql://tiendo@127.0.0.1:{port}"
    finally:
        subprocess.run(
            [folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"],
            check=False,
            user=user,
            stdout=subprocess.DEVNULL,
            cwd=home,
        )
        shutil.rmtree(home, ignore_errors=True)


def run_sql(server: str, statement: str) -> None:
    """Runs one statement outside a transaction, such as CREATE DATABASE."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
