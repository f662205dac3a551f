"""Files with a retention period: logs of the processes `tiendo up` starts, and mails stored by the built-in
catcher. Rows of the database are `workflow.storage.personal.retention`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

_LOG, _MAIL = "prefect/*.log", "mail/*"
_TURNED = "%Y%m%d"


def old_files(data: Path, before: datetime) -> list[Path]:
    """Rotated logs and caught mails last written before that moment (real time)."""
    return sorted(
        path
        for path in (*_turned_logs(data), *data.glob(_MAIL))
        if path.is_file() and path.stat().st_mtime < before.timestamp()
    )


def remove_old_files(data: Path, before: datetime, now: datetime) -> int:
    """Rotates each log once a day and removes old files; returns how many were removed."""
    for log in data.glob(_LOG):
        turned = log.with_name(f"{log.name}.{now.strftime(_TURNED)}")
        if log.stat().st_size and not turned.exists():
            # The process that writes it goes on appending to the same file.
            shutil.copy2(log, turned)
            os.truncate(log, 0)
    gone = old_files(data, before)
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def caught_mails(data: Path, address: str) -> list[Path]:
    """The mails in the catcher's folder with the address in them, and the files stored with each."""
    wanted = address.lower().encode()
    bodies = [path for path in data.glob("mail/*.eml") if wanted in path.read_bytes().lower()]
    return [path for body in bodies for path in (body, body.with_suffix(".times")) if path.exists()]


def _turned_logs(data: Path) -> Iterator[Path]:
    yield from data.glob(f"{_LOG}.*")
