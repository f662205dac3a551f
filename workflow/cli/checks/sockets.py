"""The ports the processes of a running deployment really listen on, read from the kernel, not from settings.

Linux only (`/proc`); elsewhere the answer is "unknown".
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from workflow.hosts import is_this_machine

PROC = Path("/proc")
_LISTENS = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Listening:
    """A port that a process accepts connections on; `pid` is None where the process is
    another user's."""

    host: str
    port: int
    pid: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether other machines reach it, unless a firewall blocks it."""
        return not is_this_machine(self.host)


def can_look() -> bool:
    """Whether this system has the list of ports."""
    return (PROC / "net" / "tcp").is_file()


def listening() -> list[Listening]:
    """Every TCP port that somebody listens on, with the process where we may see it."""
    holders = dict(_held_sockets())
    found = []
    for name in ("tcp", "tcp6"):
        table = PROC / "net" / name
        if not table.is_file():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENS:
                host, _, port = fields[1].partition(":")
                found.append(Listening(_host(host), int(port, 16), holders.get(fields[9])))
    return found


def family_of(pid: int) -> set[int]:
    """The process and all that it started, and those started."""
    parents: dict[int, int] = {}
    for entry in PROC.glob("[0-9]*"):
        try:
            # The name is in brackets and may contain anything; numbers follow it.
            after = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(after[1])
    found = {pid} if pid in parents else set()
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def mask_of(pid: int) -> int | None:
    """The process's umask; None where the system does not show it."""
    try:
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    found = re.search(r"^Umask:\s*([0-7]+)", status, re.MULTILINE)
    return int(found[1], 8) if found else None


def _held_sockets() -> Iterator[tuple[str, int]]:
    for entry in PROC.glob("[0-9]*"):
        try:
            handles = os.listdir(entry / "fd")
        except OSError:
            continue
        for handle in handles:
            try:
                found = _SOCKET.fullmatch(os.readlink(entry / "fd" / handle))
            except OSError:
                continue
            if found:
                yield found[1], int(entry.name)


def _host(digits: str) -> str:
    """The address, which the kernel writes as 32-bit words in the machine's own order."""
    words = [int(digits[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(digits), 8)]
    return str(ip_address(b"".join(words)))
