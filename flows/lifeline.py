"""A child process that must not outlive its parent.

The parent holds the write end of the child's stdin. However the parent ends, SIGKILL included, the kernel
closes that end, and the child sees EOF. No pid file, no polling, no prctl, the same on every system.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

GRACE_SECONDS = 8.0


def end_with_parent(ask_to_stop: Callable[[], object]) -> None:
    """Call `ask_to_stop` once stdin reaches EOF, and exit by force if that isn't enough.

    `ask_to_stop` runs in a thread of its own: hand in something thread-safe.
    """

    def watch() -> None:
        # The raw descriptor: a thread blocked in sys.stdin holds its lock and hangs interpreter exit.
        while os.read(0, 4096):
            pass
        print("parent is gone, stopping", file=sys.stderr, flush=True)
        leave = threading.Timer(GRACE_SECONDS, os._exit, args=(0,))
        leave.daemon = True
        leave.start()
        ask_to_stop()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
