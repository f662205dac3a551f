"""One SMTP connection, kept open between mails, and what became of each mail told in four plain outcomes.

The steps of a mail are taken one by one, because where one breaks off decides whether the server may have
accepted it.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from email.message import EmailMessage
from enum import Enum, auto
from time import monotonic
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from workflow.mail.message import POLICY
from workflow.settings import Settings

STEP_SECONDS = 15
"""The longest a server may take over one step; over the mail itself, twice that."""

KEPT_SECONDS = 30
"""How long an idle connection is kept."""


class Outcome(Enum):
    """What became of a mail."""

    ACCEPTED = auto()
    REFUSED_FOR_NOW = auto()
    REFUSED_FOR_GOOD = auto()
    DOUBTFUL = auto()
    """The connection broke after the mail went out and before the answer came back."""
    UNREACHABLE = auto()
    """No server would talk to us; it says nothing of the mail."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome, with the server's words where it was not accepted."""

    outcome: Outcome
    error: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "none"
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Server:
        """The server of the settings, or the built-in catcher where they name none."""
        if settings.catches_mail:
            return cls("127.0.0.1", settings.catcher_port)
        return cls(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_security,
            settings.smtp_user,
            settings.smtp_password,
        )


class Transport:
    """Hands messages to a server, one after the other, over a connection opened when first needed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: SMTP | None = None
        self._used_at = 0.0

    async def send(self, message: EmailMessage, sender: str, recipient: str) -> Delivery:
        """Hands the message over; never raises for what a server or a network does."""
        body = message.as_bytes(policy=POLICY)
        is_reused = self._smtp is not None and self._smtp.is_connected
        for _ in range(2 if is_reused else 1):
            try:
                smtp = await self._connected(sender)
            except (SMTPException, OSError) as error:
                await self.close()
                return Delivery(Outcome.UNREACHABLE, _words(error))
            delivery = await self._hand_over(smtp, body, sender, recipient)
            self._used_at = monotonic()
            if delivery is not None:
                return delivery
            # A server hangs up idle connections; nothing of the mail went out, so it is asked anew.
            await self.close()
        return Delivery(Outcome.REFUSED_FOR_NOW, "máy chủ thư ngắt kết nối giữa chừng")

    async def rest(self) -> None:
        """Gives the connection up once nothing has gone over it for a while."""
        if self._smtp is not None and monotonic() - self._used_at > KEPT_SECONDS:
            await self.close()

    async def _connected(self, sender: str) -> SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.user or None,
            password=server.password or None,
            # Looking our own name up can hang where there is no resolver; the domain we send for will do.
            local_hostname=sender.rpartition("@")[2],
            timeout=STEP_SECONDS,
        )
        await smtp.connect()
        self._smtp = smtp
        return smtp

    async def _hand_over(self, smtp: SMTP, body: bytes, sender: str, recipient: str) -> Delivery | None:
        """What became of the mail, or None where the connection broke before any of it went out."""
        try:
            await smtp.mail(sender)
            await smtp.rcpt(recipient)
        except SMTPSenderRefused as error:
            await self._start_afresh(smtp)
            # Nobody's mail will pass while the server will not have our own address.
            return None if error.code == 421 else Delivery(Outcome.UNREACHABLE, _words(error))
        except SMTPRecipientRefused as error:
            await self._start_afresh(smtp)
            return None if error.code == 421 else _refused(error)
        except (SMTPException, OSError):
            return None
        try:
            await smtp.data(body, timeout=2 * STEP_SECONDS)
        except SMTPDataError as error:
            await self._start_afresh(smtp)
            return _refused(error)
        except (SMTPException, OSError) as error:
            await self.close()
            return Delivery(Outcome.DOUBTFUL, f"mất kết nối trước khi máy chủ trả lời: {_words(error)}")
        return Delivery(Outcome.ACCEPTED)

    async def _start_afresh(self, smtp: SMTP) -> None:
        """Leaves the refused mail behind, on this connection if it still stands."""
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            await self.close()

    async def close(self) -> None:
        """Takes leave of the server."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            if smtp.is_connected:
                with contextlib.suppress(SMTPException, OSError):
                    await smtp.quit()
            smtp.close()


def _refused(error: SMTPResponseException) -> Delivery:
    is_for_good = 500 <= error.code < 600
    return Delivery(Outcome.REFUSED_FOR_GOOD if is_for_good else Outcome.REFUSED_FOR_NOW, _words(error))


def _words(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    return " ".join(str(error).split()) or type(error).__name__
