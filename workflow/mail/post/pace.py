"""How fast mail goes to one receiving domain: at most so many in a minute, so that a small server does not
take a ward's opening day for an attack. The other domains' mail goes on meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


class DomainPace:
    """Counts what one process sends; several mailers count separately."""

    def __init__(self, per_minute: int, now: Callable[[], datetime]) -> None:
        self._per_minute = per_minute
        self._now = now
        self._sent: dict[str, deque[datetime]] = {}

    def note(self, address: str) -> None:
        """Counts one more mail to the address."""
        domain = address.rpartition("@")[2].lower()
        self._sent.setdefault(domain, deque()).append(self._now())

    def resting(self) -> tuple[str, ...]:
        """The domains that reached their limit within the last minute."""
        since = self._now() - MINUTE
        for domain, moments in list(self._sent.items()):
            while moments and moments[0] <= since:
                moments.popleft()
            if not moments:
                del self._sent[domain]
        return tuple(domain for domain, moments in self._sent.items() if len(moments) >= self._per_minute)
