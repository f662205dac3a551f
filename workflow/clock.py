"""The clock every part uses; only a demo moves it, by an offset stored with the data."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Protocol

from workflow.storage import Store
from workflow.storage.deployment import clock_offset, set_clock_offset

REFRESH_SECONDS = 0.25
"""How long a process may go by an offset it has read; moving the clock waits for longer than that."""


class Now(Protocol):
    """A clock, such as `Clock`."""

    def now(self) -> datetime:
        """The organisation's current moment, in UTC."""


def real_now() -> datetime:
    """The real moment, in UTC, whatever a demo's clock says."""
    return datetime.now(timezone.utc)


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Waits that long, but not past `stop`."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


class Clock:
    """Returns the organisation's current moment, in UTC."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = timedelta()
        self._asked: float | None = None

    def now(self) -> datetime:
        """The moment, in UTC. The offset is read again every `REFRESH_SECONDS`."""
        real = real_now()
        if self._asked is None or real.timestamp() - self._asked > REFRESH_SECONDS:
            self._read()
            self._asked = real.timestamp()
        return real + self._offset

    def set(self, moment: datetime) -> None:
        """Moves the clock to that moment, for this and every other process of the deployment; it ticks
        on from there."""
        offset = moment - real_now()
        with self._store.begin() as tx:
            set_clock_offset(tx, offset)
        self._offset = offset

    def _read(self) -> None:
        with self._store.reading() as tx:
            self._offset = clock_offset(tx)
