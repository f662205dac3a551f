"""The mailer: takes what is due from the outbox, one row at a time, and hands it to the mail server.

A row is claimed in one transaction, its mail composed from the facts after that, its outcome recorded at
once in another. No intent goes twice to a server that accepted it, save when the process dies between the
acceptance and our recording it (`workflow.storage.post.claims.claim` says what happens then).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from workflow.clock import Now, real_now, rest
from workflow.domain.addresses import ascii_address
from workflow.domain.plain_text import one_line
from workflow.domain.words import Words
from workflow.mail.letters.composing import Letter, compose, letter_for
from workflow.mail.letters.gathered import Void
from workflow.mail.letters.message import POLICY
from workflow.mail.post.pace import DomainPace
from workflow.mail.post.pool import Pool
from workflow.mail.post.signing import Signer
from workflow.mail.post.transport import STEP_SECONDS, Delivery, SendOutcome, Server
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.access import codes, links
from workflow.storage.files import Files
from workflow.storage.post import claims, intents
from workflow.storage.post.claims import Claimed

IDLE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_SEND = 5 * STEP_SECONDS
"""Seconds after which a mail being sent is recorded as doubtful; well within the outbox's lease."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a pass did: mails accepted, void, refused for now, failed for good or in doubt.

    `trouble` holds the error of a server that could not be reached; the pass ended there.
    """

    accepted: int = 0
    void: int = 0
    refused: int = 0
    failed: int = 0
    doubtful: int = 0
    trouble: str = ""

    @property
    def count(self) -> int:
        """How many rows were processed."""
        return self.accepted + self.void + self.refused + self.failed + self.doubtful


class Mailer:
    """Sends what the outbox holds, a few mails at once. One runs in a deployment, or several beside each
    other.

    `is_alone` says that no other does, so that rows claimed by an earlier, dead one are retried at once
    instead of after the lease. `wall` is the real clock, which leases use; `clock` is the organisation's.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Now,
        files: Files,
        *,
        server: Server | None = None,
        is_alone: bool = False,
        wall: Callable[[], datetime] = real_now,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._files = files
        server = server or Server.of(settings)
        self._pool = Pool(server)
        self._signer = Signer.of(settings)
        self._pace = DomainPace(settings.mail_per_domain_per_minute, wall)
        self._wall = wall
        self._lost_before = wall() if is_alone else None
        self._unwritten: list[Callable[[Connection], None]] = []
        self._writing = asyncio.Lock()
        self._next_at = 0.0
        self.risk = server.risk
        """What an administrator must know of how mail goes out, or nothing."""
        self.trouble = ""
        """Why no mail can go out at the moment, as the server's or the network's error; empty if it can."""

    async def drain(self, limit: int = 50) -> Sent:
        """One pass over at most `limit` rows that are due, one after the other; returns what was done."""
        done = Sent()
        while done.count < limit:
            step = await self._deliver_one()
            if step is None:
                break
            done = Sent(
                done.accepted + step.accepted,
                done.void + step.void,
                done.refused + step.refused,
                done.failed + step.failed,
                done.doubtful + step.doubtful,
                step.trouble,
            )
            if step.trouble:
                break
        return done

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set; mails being sent are finished first."""
        if self.risk:
            log.warning("%s", self.risk)
        pause = IDLE_SECONDS
        under_way: set[asyncio.Task[Sent]] = set()
        try:
            while not stop.is_set():
                try:
                    taken = await self._take()
                    if taken is not None:
                        under_way.add(asyncio.create_task(self._deliver(*taken)))
                    is_in_trouble = await self._some_done(under_way)
                except Exception:
                    log.exception("the mailer stumbled; it goes on in %s s", pause)
                    taken, is_in_trouble = None, True
                if taken is not None and not is_in_trouble:
                    pause = IDLE_SECONDS
                    continue
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if is_in_trouble else IDLE_SECONDS
                if not is_in_trouble:
                    await self._pool.rest()
                await rest(stop, pause)
        finally:
            if under_way:
                await asyncio.wait(under_way)
            await self._pool.close()

    async def _some_done(self, under_way: set[asyncio.Task[Sent]]) -> bool:
        """Takes the finished ones out, waiting for one where the limit is reached; returns whether the
        server failed."""
        # While it fails, one mail at a time is sent as a probe.
        if len(under_way) >= (1 if self.trouble else self._settings.mail_connections):
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        done = {task for task in under_way if task.done()}
        under_way -= done
        troubles = [task.result().trouble for task in done]
        return any(troubles)

    async def close(self) -> None:
        """Closes the connections, after `drain`; `run` does so itself."""
        await self._pool.close()

    async def _deliver_one(self) -> Sent | None:
        """Processes one due row; None where none is due."""
        taken = await self._take()
        return None if taken is None else await self._deliver(*taken)

    async def _take(self) -> tuple[Claimed, datetime] | None:
        """Claims a row that is due within the pace, or returns None; outcomes not yet recorded go first."""
        await self._write()
        wait = self._next_at - asyncio.get_running_loop().time()
        if wait > 0:
            await asyncio.sleep(wait)
        found = await asyncio.to_thread(self._claim)
        if found is not None:
            self._next_at = asyncio.get_running_loop().time() + 1 / self._settings.mail_per_second
            self._pace.note(found[0].address)
        return found

    async def _deliver(self, claimed: Claimed, now: datetime) -> Sent:
        """Composes, sends and records a claimed row."""
        try:
            made = await asyncio.to_thread(self._compose, claimed, now)
        except Exception as error:
            log.exception("mail %s could not be made", claimed.id)
            reason = f"không soạn được thư: {error}"
            # A database or a file store may be back in a while; a wrong address or context stays wrong.
            is_for_good = not isinstance(error, OperationalError | OSError)
            return await self._note(
                Sent(failed=1) if is_for_good else Sent(refused=1),
                lambda tx: claims.mark_refused(tx, claimed, now, reason, is_permanent=is_for_good),
            )
        if isinstance(made, Void):
            why = made.why
            return await self._note(Sent(void=1), lambda tx: claims.mark_void(tx, claimed, now, why))
        letter, body = made
        delivery = await self._send(body, claimed)
        return await self._settle(delivery, claimed, letter)

    def _claim(self) -> tuple[Claimed, datetime] | None:
        now, wall = self._clock.now(), self._wall()
        with self._store.begin() as tx:
            found = claims.claim(
                tx, now, 1, wall=wall, lost_before=self._lost_before, but_domains=self._pace.resting()
            )
        return (found[0], now) if found else None

    def _compose(self, claimed: Claimed, now: datetime) -> tuple[Letter, bytes] | Void:
        with self._store.reading() as tx:
            letter = letter_for(tx, claimed, self._settings.language, now)
        if isinstance(letter, Void):
            return letter
        token, digits = None, ""
        # Tokens and codes exist in the mail only: generated just now, with only their hash stored.
        if letter.purpose is not None:
            with self._store.begin() as tx:
                token = links.make(tx, claimed.person_id, letter.purpose, claimed.period_id, now)
        if claimed.kind == intents.CODE:
            with self._store.begin() as tx:
                drawn = codes.draw(tx, claimed.context["code"], now)
            if drawn is None:
                return Void(Words("Mã đã quá hạn hoặc không còn ai chờ."))
            digits = drawn
        message = compose(letter, claimed, self._settings, self._files, token, digits)
        body = message.as_bytes(policy=POLICY)
        return letter, self._signer.signed(body) if self._signer else body

    async def _send(self, body: bytes, claimed: Claimed) -> Delivery:
        sender, recipient = ascii_address(self._settings.mail_from), ascii_address(claimed.address)
        try:
            async with asyncio.timeout(LONGEST_SEND):
                return await self._pool.send(body, sender, recipient)
        except TimeoutError:
            return Delivery(SendOutcome.DOUBTFUL, Words("máy chủ thư trả lời quá chậm"))

    async def _settle(self, delivery: Delivery, claimed: Claimed, letter: Letter) -> Sent:
        now, error = letter.as_of, delivery.error
        if delivery.outcome is not SendOutcome.UNREACHABLE:
            self.trouble = ""
        match delivery.outcome:
            case SendOutcome.ACCEPTED:
                return await self._note(
                    Sent(accepted=1),
                    lambda tx: claims.mark_sent(tx, claimed, now, letter.tells_too, letter.deadlines_sent),
                )
            case SendOutcome.REFUSED_FOR_NOW | SendOutcome.REFUSED_FOR_GOOD:
                is_for_good = delivery.outcome is SendOutcome.REFUSED_FOR_GOOD
                return await self._note(
                    Sent(failed=1) if is_for_good else Sent(refused=1),
                    lambda tx: claims.mark_refused(tx, claimed, now, error, is_permanent=is_for_good),
                )
            case SendOutcome.DOUBTFUL:
                return await self._note(
                    Sent(doubtful=1), lambda tx: claims.mark_doubtful(tx, claimed, now, error)
                )
            case SendOutcome.UNREACHABLE:
                if self.trouble != error:
                    log.warning("no mail server: %s", one_line(error))
                self.trouble = error
                return await self._note(Sent(trouble=error), lambda tx: claims.put_back(tx, claimed, error))

    async def _note(self, done: Sent, mark: Callable[[Connection], None]) -> Sent:
        """Records a row's outcome. One that cannot be recorded now is retried before anything else is
        claimed: a mail a server accepted is not sent again because the database was busy."""
        self._unwritten.append(mark)
        await self._write()
        return done

    async def _write(self) -> None:
        async with self._writing:
            if self._unwritten:
                await asyncio.to_thread(self._write_all)

    def _write_all(self) -> None:
        marks = list(self._unwritten)
        with self._store.begin() as tx:
            for mark in marks:
                mark(tx)
        del self._unwritten[: len(marks)]
