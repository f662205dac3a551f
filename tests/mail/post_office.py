"""A real SMTP server on the loopback that can be told to refuse, to break off, or to be slow to be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import select

from tests.builders import Opened, StoppedClock
from workflow.mail.post.catcher import Listener
from workflow.mail.post.sending import Mailer
from workflow.settings import Settings
from workflow.storage.files import Files
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import outbox

LATER = timedelta(minutes=11)
"""Past the time a digest is left to settle."""


@dataclass(slots=True)
class PostOffice:
    """Answers as told, in order, then accepts; keeps what it accepted."""

    port: int = 0
    to_recipients: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    n_connections: int = 0
    breaks_off: bool = False

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # type: ignore[no-untyped-def]
        self.n_connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # type: ignore[no-untyped-def]
        answer = self.to_recipients.pop(0) if self.to_recipients else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]
        self.seen.append(message_from_bytes(envelope.original_content)["Message-ID"])
        answer = self.to_data.pop(0) if self.to_data else "250 OK"
        if answer.startswith("250"):
            self.accepted.append((envelope.rcpt_tos[0], envelope.original_content))
        if self.breaks_off:
            server.transport.abort()
        return answer

    def mails_to(self, box: str) -> list[EmailMessage]:
        """What was accepted for that mailbox at the ward."""
        address = box if "@" in box else f"{box}@hoaxuan.example"
        return [
            cast(EmailMessage, message_from_bytes(body, policy=cast(Any, default)))
            for to, body in self.accepted
            if to == address
        ]


Office = TypeVar("Office", bound=PostOffice)


@contextmanager
def listening(office: Office, **given: Any) -> Iterator[Office]:
    """That server, while the block runs; `given` is how its listener is to be."""
    controller = Listener(office, hostname="127.0.0.1", port=0, **given)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


def a_post_office(**given: Any) -> AbstractContextManager[PostOffice]:
    """A server that listens while the block runs."""
    return listening(PostOffice(), **given)


@dataclass(slots=True)
class Sending:
    """A mailer over an open period, with clocks that a test moves."""

    opened: Opened
    folder: Path
    port: int
    clock: StoppedClock = field(default_factory=StoppedClock)
    wall: datetime = datetime(2026, 11, 24, 9, tzinfo=timezone.utc)

    def __post_init__(self) -> None:
        self.clock.set(self.opened.now + LATER)

    @property
    def files(self) -> Files:
        return Files(f"file://{self.folder / 'files'}")

    @property
    def settings(self) -> Settings:
        return Settings(
            data=self.folder,
            smtp_host="127.0.0.1",
            smtp_port=self.port,
            smtp_security="none",
            mail_from="tiendo@hoaxuan.example",
            base_url="https://tiendo.hoaxuan.example",
            mail_per_second=1000,
        )

    def mailer(self, *, is_alone: bool = False) -> Mailer:
        return Mailer(
            self.opened.store,
            self.settings,
            self.clock,
            self.files,
            is_alone=is_alone,
            wall=lambda: self.wall,
        )

    def pass_time(self, **by: int) -> None:
        self.clock.set(self.clock.now() + timedelta(**by))

    def rows(self, kind: str = "digest") -> list[Any]:
        with self.opened.store.reading() as tx:
            return list(tx.execute(select(outbox).where(outbox.c.kind == kind).order_by(outbox.c.id)))


def raw(mail: EmailMessage, name: str) -> str:
    """A header decoded the plain RFC 2047 way, as a mail program does."""
    value = next(str(value) for key, value in mail.raw_items() if key == name)
    return str(make_header(decode_header(value)))


def words_of(mail: EmailMessage) -> str:
    """The plain text, its lines joined, so that a claim need not know where they break."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


async def swept_and_sent(opened: Opened, folder: Path, office: PostOffice, at: datetime) -> None:
    """A sweep that morning, all mail that waits goes out, and a sweep after it, as there are all day."""
    with opened.store.begin() as tx:
        sweep(tx, at)
    sending = Sending(opened, folder, office.port)
    sending.clock.set(at + timedelta(minutes=30))
    await sending.mailer().drain()
    with opened.store.begin() as tx:
        sweep(tx, at + timedelta(minutes=40))
