"""Rate limits, held in memory by each process: on posted forms, and on requests with unknown tokens.

The bounds are far above what people do. Many behind one address (an office's router) share only the
address's bound, and whoever holds a live link is never held up by others' wrong tokens.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from workflow.domain.errors import TiendoError
from workflow.domain.words import Words
from workflow.hosts import address as as_address

_MOST_KEYS = 20_000


class TooMany(TiendoError):
    """Too many requests in too short a time; `seconds` says after how long to retry."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            Words("Có quá nhiều yêu cầu trong thời gian ngắn nên yêu cầu này chưa được ghi nhận."),
            cure=Words(
                "Xin chờ %(seconds)s giây rồi thử lại; nội dung đã gõ vẫn còn khi quay lại trang trước.",
                seconds=seconds,
            ),
        )
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: a burst, and a rate per second."""

    burst: float
    a_second: float


class Limit:
    """One rate, counted for each key apart. The keys not seen for longest are forgotten first."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> None:
        """Counts one request of the key; raises TooMany when its limit is reached."""
        now = self._clock()
        with self._lock:
            left, since = self._left.pop(key, (self._rate.burst, now))
            left = min(self._rate.burst, left + (now - since) * self._rate.a_second)
            self._left[key] = (max(left - 1, 0) if left >= 1 else left, now)
            if len(self._left) > _MOST_KEYS:
                self._left.popitem(last=False)
        if left < 1:
            raise TooMany(max(1, math.ceil((1 - left) / self._rate.a_second)))

    def has_left(self, key: str) -> bool:
        """Counts one request of the key; returns whether it was within the limit."""
        try:
            self.take(key)
        except TooMany:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one app."""

    posts_of_link: Limit = field(default_factory=lambda: Limit(Rate(240, 2)))
    """Eighty reports in a quarter of an hour with their drafts, and ten times that."""
    posts_of_address: Limit = field(default_factory=lambda: Limit(Rate(1200, 20)))
    """A whole office behind one router on the last evening."""
    wrong_tokens: Limit = field(default_factory=lambda: Limit(Rate(40, 0.2)))
    """Dead links opened from one address; guessing 256 bits is hopeless at any rate."""
    calls_of_key: Limit = field(default_factory=lambda: Limit(Rate(600, 10)))
    """A system that reads every cycle of a big period in one go, and then now and again."""
    sign_ins: Limit = field(default_factory=lambda: Limit(Rate(30, 0.1)))
    """Addresses typed in to sign in: an office on Monday morning, not a list of addresses tried out."""
    sign_ins_in_a_name: Limit = field(default_factory=lambda: Limit(Rate(3, 1 / 900)))
    """The same of one network for one address: what one person asks who looks for the mail in vain."""


def network_of(address: str) -> str:
    """What an address is counted as: itself, or the /64 of an IPv6 address, which one machine has whole.
    IPv4 written as IPv6 is IPv4: all of it lies in one /64."""
    found = as_address(address)
    if found is None:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
