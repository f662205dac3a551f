"""Numbers that keep themselves up to date on the office's board, by server-sent events.

One query every few seconds for all who watch a period; listeners receive an event when the numbers
changed. Its stream ends when its link or session does, or the period is closed.

`GET /o/{token}/counters`    `?period=`; events `counters` (JSON: `counts` by name, `at`) and `end`
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from workflow.clock import Clock
from workflow.storage import Store
from workflow.storage.access import sessions
from workflow.storage.duties.board_numbers import headings, numbers, period_stages
from workflow.storage.periods.periods import Period
from workflow.storage.periods.watched import watched_period
from workflow.web.frames import office_period
from workflow.web.limiting import TooMany
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)

EVERY_SECONDS = 3.0
MOST_LISTENERS = 200
MOST_OF_ONE_LINK = 6
PING_SECONDS = 20
RETRY_MS = 10_000

_Line = asyncio.Queue["ServerSentEvent | None"]


@dataclass(slots=True)
class _Watch:
    """Everyone who watches one period, each with the link they came by."""

    period: Period
    lines: dict[_Line, int] = field(default_factory=dict)
    above: dict[int, tuple[str, ...]] = field(default_factory=dict)
    sent: dict[str, int] | None = None
    last: ServerSentEvent | None = None
    task: asyncio.Task[None] | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """The result of one query."""

    live: Collection[int]
    counts: dict[str, int]
    at: str
    is_closed: bool


class Live:
    """The watches of one process; all of it runs in the event loop but the questions themselves."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._watches: dict[int, _Watch] = {}

    def check_room(self, link_id: int) -> None:
        """Raises TooMany where the process, or the link, has as many listeners as it may."""
        held = Counter(link for watch in self._watches.values() for link in watch.lines.values())
        if held.total() >= MOST_LISTENERS or held[link_id] >= MOST_OF_ONE_LINK:
            raise TooMany(60)

    async def listen(self, period: Period, link_id: int) -> AsyncIterator[ServerSentEvent]:
        """The numbers now, and whenever they have changed."""
        watch = self._watches.setdefault(period.id, _Watch(period))
        line: _Line = asyncio.Queue(maxsize=1)
        watch.lines[line] = link_id
        if watch.last is not None:
            line.put_nowait(watch.last)
        if watch.task is None:
            watch.task = asyncio.create_task(self._keep_asking(watch))
        try:
            while (event := await line.get()) is not None:
                yield event
                if event.event == "end":
                    return
        finally:
            del watch.lines[line]
            if not watch.lines:
                watch.task.cancel()
                self._watches.pop(period.id, None)

    async def _keep_asking(self, watch: _Watch) -> None:
        try:
            while True:
                look = await run_in_threadpool(self._look, watch, frozenset(watch.lines.values()))
                if look.counts != watch.sent:
                    watch.sent = look.counts
                    data = json.dumps({"counts": look.counts, "at": look.at}, separators=(",", ":"))
                    watch.last = ServerSentEvent(data, event="counters", retry=RETRY_MS)
                    for line in watch.lines:
                        _put(line, watch.last)
                for line, link_id in watch.lines.items():
                    if look.is_closed or link_id not in look.live:
                        _put(line, ServerSentEvent("", event="end"))
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            # A query that failed ends the streams; browsers reconnect by themselves.
            self._watches.pop(watch.period.id, None)
            for line in watch.lines:
                _put(line, None)

    def _look(self, watch: _Watch, link_ids: Collection[int]) -> _Look:
        now = self._clock.now()
        local = now.astimezone(ZoneInfo(watch.period.zone))
        with self._store.reading() as tx:
            found = period_stages(tx, watched_period(tx, watch.period.id, now))
            if found.stages.keys() != watch.above.keys():
                watch.above = headings(tx, watch.period.id)
            live = sessions.still_let_in(tx, link_ids, now)
        counts = numbers(found, watch.above)
        return _Look(live, counts, f"{local:%H:%M:%S}", found.is_closed)


def _put(line: _Line, event: ServerSentEvent | None) -> None:
    """Puts the newest in; what was not fetched yet is old."""
    if line.full():
        line.get_nowait()
    line.put_nowait(event)


@router.get("/o/{token}/counters")
async def counters(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> Response:
    """The board's numbers as a stream; nothing where the period is closed and nothing changes any more."""

    def found() -> Period:
        with site.store.reading() as tx:
            return office_period(tx, holder, period)[0]

    head = await run_in_threadpool(found)
    if head.closed_at is not None:
        return Response(status_code=204)
    live: Live = request.app.state.live
    live.check_room(holder.link.id)
    return EventSourceResponse(live.listen(head, holder.link.id), ping=PING_SECONDS)
