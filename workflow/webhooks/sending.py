"""Sends the deliveries due to webhooks: signed, with a timeout, retried with growing pauses.

Of a receiver's answer only the status is used, and one line to show. Delivery is at least once: a sender
that dies between the receiver's answer and recording it sends again, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
from sqlalchemy import Connection

from workflow.clock import Now, real_now, rest
from workflow.domain.plain_text import one_line
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.outside import deliveries
from workflow.storage.outside.deliveries import DueDelivery
from workflow.webhooks.addresses import WrongAddress, looked_up
from workflow.webhooks.signing import signed
from workflow.webhooks.wording import written

IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 30.0
AT_ONCE = 16
ANSWER_SECONDS = 15.0
"""The timeout of a whole delivery; well within its lease."""
READ_BYTES = 2000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passed:
    """The counts of one pass."""

    taken: int = 0
    not_taken: int = 0

    @property
    def count(self) -> int:
        """How many deliveries were tried."""
        return self.taken + self.not_taken


class WebhookSender:
    """Sends due deliveries to their webhooks. One runs in a deployment, or several beside each other.

    `clock` is the organisation's, for the log; `wall` the real one, used for retries and signatures.
    """

    def __init__(
        self, store: Store, settings: Settings, clock: Now, *, wall: Callable[[], datetime] = real_now
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._wall = wall
        self._trust = httpx.create_ssl_context(trust_env=False)

    async def drain(self) -> Passed:
        """One pass over what is due."""
        return await self._pass()

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set; deliveries being sent are finished first."""
        while not stop.is_set():
            pause = IDLE_SECONDS
            try:
                if (await self._pass()).count:
                    continue
            except Exception:
                pause = TROUBLE_SECONDS
                log.exception("telling webhooks stumbled; it goes on in %s s", pause)
            await rest(stop, pause)

    def _client(self) -> httpx.AsyncClient:
        # No proxy and no .netrc of the environment: the address that was checked is the one called. A client
        # for each delivery: receivers behind one address must share neither cookies nor a connection whose
        # certificate was checked for another name.
        return httpx.AsyncClient(verify=self._trust, timeout=10, follow_redirects=False, trust_env=False)

    async def _pass(self) -> Passed:
        due = await asyncio.to_thread(self._take)
        outcomes = await asyncio.gather(*(self._deliver(one) for one in due))
        return Passed(sum(outcomes), len(outcomes) - sum(outcomes))

    def _take(self) -> list[DueDelivery]:
        with self._store.reading() as tx:
            if not deliveries.is_any_due(tx, self._wall()):
                return []
        with self._store.begin() as tx:
            return deliveries.take_due(tx, self._wall(), AT_ONCE)

    async def _deliver(self, due: DueDelivery) -> bool:
        status, error = None, ""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status, error = await self._post(due)
        except WrongAddress as wrong:
            error = wrong.what
        except TimeoutError:
            error = "máy nhận không trả lời kịp"
        except (httpx.HTTPError, OSError) as failure:
            error = f"không gọi được: {failure or type(failure).__name__}"
        if not error and status is not None:
            taken = status
            await asyncio.to_thread(
                self._write, lambda tx: deliveries.mark_taken(tx, due, self._wall(), taken)
            )
            return True
        await asyncio.to_thread(self._note_not_taken, due, status, error)
        return False

    async def _post(self, due: DueDelivery) -> tuple[int, str]:
        """The receiver's status and, where it did not accept the message, why."""
        where = await looked_up(due.url, may_be_private=self._settings.webhook_private_hosts)
        body = written(due.form, due.event, due.body, self._settings.where_pages)
        timestamp = int(self._wall().timestamp())
        headers = {
            "Host": where.host,
            "Content-Type": "application/json",
            "User-Agent": "tiendo-webhooks",
            **signed(due.secret, due.message_id, timestamp, body),
        }
        extensions = {"sni_hostname": where.url.raw_host.decode("ascii")}
        async with (
            self._client() as client,
            client.stream(
                "POST", where.to_call, content=body, headers=headers, extensions=extensions
            ) as answer,
        ):
            if answer.is_success:
                return answer.status_code, ""
            if answer.is_redirect:
                return answer.status_code, "máy nhận chuyển sang địa chỉ khác; tiendo không đi theo"
            said = b""
            async for part in answer.aiter_raw(READ_BYTES):
                said = part
                break
        text = " ".join(said.decode("utf-8", "replace").split())[:200]
        return answer.status_code, f"máy nhận trả lời {answer.status_code} {text}".rstrip()

    def _note_not_taken(self, due: DueDelivery, status: int | None, error: str) -> None:
        with self._store.begin() as tx:
            gave_up = deliveries.mark_not_taken(tx, due, self._wall(), self._clock.now(), status, error)
        if gave_up:
            log.warning("webhook %s: delivery %s is given up: %s", due.webhook_id, due.id, one_line(error))

    def _write(self, mark: Callable[[Connection], None]) -> None:
        with self._store.begin() as tx:
            mark(tx)
