"""The built-in mail catcher: a real SMTP server on the loopback that stores what it accepts as `.eml` files.

The same mail to the same person received twice is one file, with the times it came beside it; so a copy
sent in doubt shows as such. Files are on disk before the server says yes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default as default_policy
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from threading import Lock
from typing import Any, cast

from aiosmtpd.controller import Controller

LARGEST = 40 << 20
"""The largest mail taken, in bytes."""

_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class CaughtPart:
    """An attachment, by its place in the mail."""

    number: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Caught:
    """A mail as its receiver sees it. `times` are the moments it was received, the first one first."""

    id: str
    recipient: str
    message_id: str
    subject: str
    sender: str
    to: str
    date: datetime | None
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[CaughtPart, ...]
    times: tuple[datetime, ...]

    @property
    def receiver(self) -> str:
        """The receiver's name, or the address where the mail names none."""
        return self.to.partition(" <")[0] or self.recipient

    @property
    def count(self) -> int:
        """How often it was received."""
        return len(self.times)


class Listener(Controller):
    """aiosmtpd's server in a thread; port 0 takes any that is free, and `port` then says which."""

    def _trigger_server(self) -> None:
        # The library makes sure it listens by calling at `port`, 0 or not.
        self.port = cast(asyncio.Server, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class Catcher:
    """Stores mail in a folder; listens while started. Any number of readers may look at the same folder."""

    def __init__(self, folder: Path, port: int = 0, *, host: str = "127.0.0.1") -> None:
        self._folder = folder
        self._host = host
        self._wanted_port = port
        self._listener: Listener | None = None
        self._parsed: dict[str, Caught] = {}
        self._writing = Lock()

    def start(self) -> None:
        """Begins to listen; raises OSError where the port is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._listener = Listener(
            self, hostname=self._host, port=self._wanted_port, enable_SMTPUTF8=True, data_size_limit=LARGEST
        )
        self._listener.start()

    def stop(self) -> None:
        """Stops listening; what was caught stays."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._listener is None:
            raise RuntimeError("the catcher does not listen")
        return int(self._listener.port)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """Stores a mail for each of its recipients (called by aiosmtpd)."""
        try:
            for recipient in envelope.rcpt_tos:
                self.keep(envelope.original_content, recipient)
        except OSError as error:
            return f"451 4.3.0 cannot keep it: {error.strerror}"
        return "250 2.0.0 kept"

    def keep(self, body: bytes, recipient: str) -> str:
        """Stores a mail for a recipient, durably (fsync), and returns its id."""
        head = message_from_bytes(body)
        key = head.get("Message-ID") or hashlib.sha256(body).hexdigest()
        name = hashlib.sha256(f"{key.strip()}\n{recipient.lower()}".encode()).hexdigest()[:32]
        mail = self._folder / f"{name}.eml"
        with self._writing:
            if not mail.exists():
                part = mail.with_suffix(".part")
                _write_through(part, b"X-Caught-For: " + recipient.encode() + b"\r\n" + body, "wb")
                part.rename(mail)
            line = f"{datetime.now(timezone.utc).isoformat()}\n"
            _write_through(self._times_file(name), line.encode(), "ab")
            _sync_folder(self._folder)
        return name

    def messages(self, recipient: str = "") -> list[Caught]:
        """The mails caught, the newest first; of those whose name or address has `recipient` in it."""
        if not self._folder.is_dir():
            return []
        names = [path.stem for path in self._folder.glob("*.eml")]
        found = [caught for name in names if (caught := self.message(name))]
        wanted = _folded(recipient)
        if wanted:
            found = [mail for mail in found if wanted in _folded(f"{mail.to} {mail.recipient}")]
        return sorted(found, key=lambda mail: mail.times[0], reverse=True)

    def message(self, mail_id: str) -> Caught | None:
        """The mail of that id."""
        if not _NAME.fullmatch(mail_id):
            return None
        if mail_id not in self._parsed:
            message = self._read(mail_id)
            if message is None:
                return None
            self._parsed[mail_id] = _caught(mail_id, message)
        return replace(self._parsed[mail_id], times=self._times(mail_id))

    def attachment(self, mail_id: str, number: int) -> tuple[CaughtPart, bytes] | None:
        """An attachment of a mail, with its bytes."""
        caught, message = self.message(mail_id), self._read(mail_id)
        if caught is None or message is None or not 0 <= number < len(caught.attachments):
            return None
        part = list(message.iter_attachments())[number]
        return caught.attachments[number], _bytes_of(part)

    def source(self, mail_id: str) -> bytes | None:
        """The mail as it came over the wire."""
        if self.message(mail_id) is None:
            return None
        return (self._folder / f"{mail_id}.eml").read_bytes().split(b"\r\n", 1)[1]

    def _read(self, mail_id: str) -> EmailMessage | None:
        try:
            body = (self._folder / f"{mail_id}.eml").read_bytes()
        except FileNotFoundError:
            return None
        return cast(EmailMessage, message_from_bytes(body, policy=cast(Any, default_policy)))

    def _times_file(self, mail_id: str) -> Path:
        return self._folder / f"{mail_id}.times"

    def _times(self, mail_id: str) -> tuple[datetime, ...]:
        try:
            lines = self._times_file(mail_id).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        found = tuple(datetime.fromisoformat(line) for line in lines)
        # Killed between the two writes, before it answered: the mail is there, its time is not yet.
        written = (self._folder / f"{mail_id}.eml").stat().st_mtime
        return found or (datetime.fromtimestamp(written, timezone.utc),)


def _caught(mail_id: str, message: EmailMessage) -> Caught:
    headers = tuple((name, _decoded(str(value))) for name, value in message.raw_items())
    said = {name.lower(): value for name, value in headers}
    raw = {name.lower(): str(value) for name, value in message.raw_items()}
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return Caught(
        id=mail_id,
        recipient=said["x-caught-for"],
        message_id=said.get("message-id", ""),
        subject=said.get("subject", ""),
        sender=_mailboxes(raw.get("from", "")),
        to=_mailboxes(raw.get("to", "")),
        date=_moment(raw.get("date", "")),
        headers=headers[1:],
        text=str(text.get_content()) if text else "",
        html=str(html.get_content()) if html else "",
        attachments=tuple(_parts(message.iter_attachments())),
        times=(),
    )


def _parts(parts: Iterable[Any]) -> Iterable[CaughtPart]:
    for number, part in enumerate(parts):
        name = part.get_filename() or f"{number + 1}"
        yield CaughtPart(number, name, part.get_content_type(), len(_bytes_of(part)))


def _bytes_of(part: Any) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else bytes(part)


def _decoded(value: str) -> str:
    # The library's own address parsing puts blanks between encoded words; this is the plain RFC 2047 way.
    unfolded = re.sub(r"\r?\n[ \t]", " ", value)
    try:
        return str(make_header(decode_header(unfolded)))
    except (LookupError, ValueError):
        return unfolded


def _mailboxes(value: str) -> str:
    unfolded = re.sub(r"\r?\n[ \t]", " ", value)
    pairs = [(_decoded(name), address) for name, address in getaddresses([unfolded])]
    return ", ".join(f"{name} <{address}>" if name else address for name, address in pairs)


def _moment(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except ValueError:
        return None


def _folded(words: str) -> str:
    """Lower case without diacritics, so that `hang` finds `Hằng`."""
    plain = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    return "".join(mark for mark in plain if not unicodedata.combining(mark)).strip()


def _write_through(path: Path, body: bytes, mode: str) -> None:
    with path.open(mode) as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
