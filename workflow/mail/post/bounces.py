"""Mails that came back: reading delivery status notifications (RFC 3464) out of a mailbox.

The mailbox is that of `mail_from`, where servers send them. Only reports are fetched and marked as read;
letters people wrote stay as they are. `workflow.storage.post.bounces` finds the mail it was.
"""

from __future__ import annotations

import asyncio
import imaplib
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any, Protocol, cast

from workflow.clock import rest
from workflow.domain.plain_text import one_line
from workflow.mail.post.transport import trusting
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.post.bounces import Bounced, mark_bounced

LARGEST = 2 << 20
"""Larger mails are no delivery reports and are ignored."""

STEP_SECONDS = 30

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """One receiver a mail could not reach, as read from a report. `message_id` is the part before the @;
    `addresses` are those the mail may have been sent to: a mailbox may be forwarded to one that is full, and
    then the returned mail alone names ours."""

    message_id: str
    addresses: frozenset[str]
    why: str


def failures_in(body: bytes) -> tuple[Failure, ...]:
    """The final failures in a report; none where it is no report, or reports a delay or a success."""
    message = message_from_bytes(body, policy=cast(Any, compat32))
    if message.get_content_type() != "multipart/report":
        return ()
    status = next((part for part in message.walk() if part.get_content_type() == _STATUS), None)
    if status is None:
        return ()
    returned = _returned(message)
    blocks: Any = status.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Message):
            continue
        if str(block.get("Action", "")).strip().lower() != "failed":
            continue
        receivers = (_address(block.get(f"{which}-Recipient") or "") for which in ("Original", "Final"))
        addresses = frozenset(one for one in (*receivers, returned.get("to", "")) if one)
        found.append(Failure(returned.get("message-id", "").partition("@")[0], addresses, _why(block)))
    return tuple(found)


_STATUS = "message/delivery-status"
_QUOTED = ("message-id", "to")
_BRACKETED = re.compile(r"<([^<>\s]+)>")


def _returned(report: Message[str, str]) -> dict[str, str]:
    """The Message-ID and the receiver of the mail that came back, from its headers or the whole of it."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            words = part.get_payload(decode=True)
            headers: Any = message_from_bytes(
                words.lstrip() if isinstance(words, bytes) else b"", policy=cast(Any, compat32)
            )
        elif part.get_content_type() == "message/rfc822":
            inner: Any = part.get_payload()
            headers = inner[0] if isinstance(inner, list) and inner else Message()
        else:
            continue
        quoted = {name: str(headers.get(name, "")).strip() for name in _QUOTED}
        if quoted["message-id"]:
            return {name: _plain(value) for name, value in quoted.items()}
    return {}


def _plain(value: str) -> str:
    """The part between angle brackets, else the whole."""
    found = _BRACKETED.search(value)
    return found[1] if found else value


def _address(value: str) -> str:
    """The address in `rfc822; ten@phuong.example`."""
    return str(value).rpartition(";")[2].strip().strip("<>")


def _why(block: Message[str, str]) -> str:
    said = " ".join(str(block.get("Diagnostic-Code", "")).partition(";")[2].split())
    status = str(block.get("Status", "")).strip()
    return said if status in said else f"{status} {said}".strip()


class BounceMailbox(Protocol):
    """A mailbox with reports in it."""

    def reports(self) -> Iterator[tuple[str, bytes]]:
        """The reports not read yet, each with its id in the mailbox."""

    def mark_read(self, report_id: str) -> None:
        """A report has been dealt with."""


class ImapMailbox:
    """A folder of an IMAP server."""

    def __init__(self, imap: imaplib.IMAP4) -> None:
        self._imap = imap

    def reports(self) -> Iterator[tuple[str, bytes]]:
        """The reports not read yet, each with its UID."""
        _, found = self._imap.uid("SEARCH", "UNSEEN", "SMALLER", str(LARGEST))
        for uid in (found[0] or b"").decode().split():
            head = self._fetched(uid, "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)]")
            if b"multipart/report" in head.lower():
                yield uid, self._fetched(uid, "BODY.PEEK[]")

    def mark_read(self, report_id: str) -> None:
        """Marks it as read (`\\Seen`), so that it is not returned again."""
        self._imap.uid("STORE", report_id, "+FLAGS.SILENT", r"(\Seen)")

    def _fetched(self, uid: str, what: str) -> bytes:
        _, parts = self._imap.uid("FETCH", uid, f"({what})")
        return b"".join(part[1] for part in parts if isinstance(part, tuple))


@contextmanager
def imap_mailbox(settings: Settings) -> Iterator[BounceMailbox]:
    """The mailbox of the settings while the block runs; raises OSError or imaplib's error."""
    context = trusting(settings.smtp_ca_file, is_verifying=True)
    host, port = settings.imap_host, settings.imap_port
    if settings.imap_security == "tls":
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=STEP_SECONDS)
    else:
        imap = imaplib.IMAP4(host, port, timeout=STEP_SECONDS)
    try:
        if settings.imap_security == "starttls":
            imap.starttls(context)
        imap.login(settings.imap_user, settings.imap_password)
        answer, details = imap.select(f'"{settings.imap_folder}"')
        if answer != "OK":
            raise imap.error(f"không mở được hộp {settings.imap_folder}: {details!r}")
        yield ImapMailbox(imap)
    finally:
        imap.logout()


def read_bounces(store: Store, mailbox: BounceMailbox, now: datetime) -> tuple[Bounced, ...]:
    """Marks the bounced mails in the outbox, and their reports as read; returns those that were ours."""
    found: list[Bounced] = []
    for report_id, body in mailbox.reports():
        for failure in failures_in(body):
            with store.begin() as tx:
                bounced = mark_bounced(tx, failure.message_id, failure.addresses, failure.why, now)
            if bounced is None:
                # Logged: a server that quotes nothing may mean our mail. The report stays in the mailbox.
                log.warning("a report of an undelivered mail names none that was sent from here")
            else:
                found.append(bounced)
        mailbox.mark_read(report_id)
    return tuple(found)


async def watch_bounces(
    store: Store,
    settings: Settings,
    now: Callable[[], datetime],
    stop: asyncio.Event,
    *,
    opened: Callable[[Settings], AbstractContextManager[BounceMailbox]] = imap_mailbox,
) -> None:
    """Polls the mailbox until `stop` is set."""

    def look() -> tuple[Bounced, ...]:
        with opened(settings) as mailbox:
            return read_bounces(store, mailbox, now())

    trouble = ""
    while not stop.is_set():
        try:
            for bounced in await asyncio.to_thread(look):
                # The office sees to whom it went; a log, which is kept and copied, names nobody.
                log.warning("mail %s came back", bounced.outbox_id)
            trouble = ""
        except Exception as error:
            # Logged once, not every few minutes: a mailbox may be unreachable for a night.
            if trouble != str(error):
                log.warning("the mailbox of bounces could not be read: %s", one_line(str(error)))
            trouble = str(error)
        await rest(stop, settings.imap_every_seconds)
