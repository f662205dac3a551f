"""The message around a mail's words: headers, encodings, threads, attachments.

Every body is quoted-printable UTF-8 and every header is encoded (RFC 2047), so that no server on the way
needs more than seven bits and no line is too long for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from workflow.domain.addresses import ascii_address
from workflow.domain.plain_text import file_name, one_line


class _AsWritten(EmailPolicy):
    """Headers are written as encoded here: the library's own folding breaks names with a comma inside encoded
    words or quotes (CPython issues 80222 and 121284)."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return name, value


POLICY = _AsWritten(linesep="\r\n", refold_source="none", cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What follows the @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    body: bytes


def build(
    *,
    message_id: str,
    thread: str,
    sender: Mailbox,
    to: Mailbox,
    reply_to: Mailbox | None,
    subject: str,
    date: datetime,
    text: str,
    html: str,
    attachments: Sequence[Attachment] = (),
    calendar: str = "",
) -> EmailMessage:
    """The message, ready for `bytes()`. `thread` names what mails of one thread share, or is empty;
    `calendar` is an iCalendar file that goes along.

    Raises ValueError where an address is not valid in a header.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = _mailbox(sender)
    message["To"] = _mailbox(to)
    if reply_to:
        message["Reply-To"] = _mailbox(reply_to)
    message["Subject"] = _encoded(subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    if thread:
        # The thread's root is a Message-ID no mail has, so that each mail can be the first one to arrive.
        message["In-Reply-To"] = message["References"] = f"<{thread}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for file in attachments:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(
            file.body, maintype=main, subtype=sub or "octet-stream", filename=file_name(file.name)
        )
    if calendar:
        message.add_attachment(
            calendar,
            subtype="calendar",
            cte="base64",
            filename="han-bao-cao.ics",
            params={"method": "PUBLISH"},
        )
    return message


def _mailbox(mailbox: Mailbox) -> str:
    address = ascii_address(mailbox.address)
    name = one_line(mailbox.name)
    if not name:
        return address
    if _is_to_encode(name):
        return f"{_encoded(name)} <{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def _encoded(words: str) -> str:
    words = one_line(words)
    if not _is_to_encode(words):
        return words
    return Header(words, "utf-8", header_name="Reply-To").encode(linesep="\r\n")


def _is_to_encode(words: str) -> bool:
    # What looks like an encoded word would be decoded by whoever reads it.
    return not words.isascii() or "=?" in words
