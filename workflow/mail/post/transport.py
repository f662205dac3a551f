"""One SMTP connection, reused between mails, and the outcome of each mail, one of four.

The steps of a mail are separate calls, because the step that fails decides whether the server may have
accepted it.
"""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass, field
from enum import Enum, auto
from ipaddress import ip_address
from pathlib import Path
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

from workflow.domain.errors import WrongSetting
from workflow.domain.words import Words
from workflow.settings import Settings

STEP_SECONDS = 15
"""The timeout of one step; twice that for the mail itself."""

KEPT_SECONDS = 30
"""How long an idle connection stays open."""


class SendOutcome(Enum):
    """What became of a mail."""

    ACCEPTED = auto()
    REFUSED_FOR_NOW = auto()
    REFUSED_FOR_GOOD = auto()
    DOUBTFUL = auto()
    """The connection broke after the mail went out and before the answer came back."""
    UNREACHABLE = auto()
    """No server could be reached; that says nothing about the mail."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome, with the server's words where it was not accepted."""

    outcome: SendOutcome
    error: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "none"
    user: str = ""
    password: str = field(default="", repr=False)
    verifies: bool = True
    ca_file: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Server:
        """The server of the settings, or the built-in catcher where they name none. Raises WrongSetting for
        a file of certificates that cannot be read."""
        if settings.catches_mail:
            return cls("127.0.0.1", settings.catcher_port)
        found = cls(
            settings.smtp_host,
            settings.smtp_port,
            _security(settings),
            settings.smtp_user,
            settings.smtp_password,
            settings.smtp_verify,
            settings.smtp_ca_file,
        )
        if settings.smtp_ca_file:
            try:
                found.context()
            except (OSError, ssl.SSLError) as error:
                raise WrongSetting(
                    f"Tệp chứng thư không đọc được: {error.strerror or error}.",
                    where=f"TIENDO_SMTP_CA_FILE: {settings.smtp_ca_file}",
                    cure="Đặt tệp PEM chứa chứng thư của nơi cấp, hoặc bỏ thiết lập này.",
                ) from None
        return found

    def context(self) -> ssl.SSLContext:
        """What certificates are trusted."""
        return trusting(self.ca_file, is_verifying=self.verifies)

    @property
    def risk(self) -> str:
        """What an administrator must know of how mail goes there, or nothing."""
        if is_this_machine(self.host):
            return ""
        if self.security == "none":
            return (
                "thư, đường dẫn và mật khẩu đi qua mạng KHÔNG mã hóa; "
                "đặt TIENDO_SMTP_SECURITY=starttls hoặc tls"
            )
        if not self.verifies:
            return (
                "KHÔNG kiểm tra chứng thư của máy chủ thư, kẻ đứng giữa đọc được mọi đường dẫn; "
                "đặt TIENDO_SMTP_CA_FILE thay cho TIENDO_SMTP_VERIFY=false"
            )
        return ""


def trusting(ca_file: str, *, is_verifying: bool) -> ssl.SSLContext:
    """A context that trusts the system's certificates and those of the file."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cadata=Path(ca_file).read_text(encoding="ascii"))
    if not is_verifying:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def is_this_machine(host: str) -> bool:
    """Whether a host is the loopback, where nothing goes over a network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _security(settings: Settings) -> Literal["starttls", "tls", "none"]:
    if settings.smtp_security != "auto":
        return settings.smtp_security
    if settings.smtp_port == 465:
        return "tls"
    return "none" if is_this_machine(settings.smtp_host) else "starttls"


class Transport:
    """Hands messages to a server, one after the other, over a connection opened when first needed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: SMTP | None = None
        self._used_at = 0.0

    async def send(self, body: bytes, sender: str, recipient: str) -> Delivery:
        """Sends the message; returns the outcome instead of raising on errors of a server or the network."""
        is_reused = self._smtp is not None and self._smtp.is_connected
        for _ in range(2 if is_reused else 1):
            try:
                smtp = await self._connected(sender)
            except (SMTPException, OSError) as error:
                await self.close()
                return Delivery(SendOutcome.UNREACHABLE, _words(error))
            delivery = await self._hand_over(smtp, body, sender, recipient)
            self._used_at = monotonic()
            if delivery is not None:
                return delivery
            # A server hangs up idle connections; nothing of the mail went out, so it is tried again.
            await self.close()
        return Delivery(SendOutcome.REFUSED_FOR_NOW, Words("máy chủ thư ngắt kết nối giữa chừng"))

    async def rest(self) -> None:
        """Closes the connection once it has been idle for too long."""
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
            # True, not None: a server that offers no TLS is not spoken to in clear.
            start_tls=server.security == "starttls",
            tls_context=server.context() if server.security != "none" else None,
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
        """The mail's outcome, or None where the connection broke before any of it went out."""
        try:
            await smtp.mail(sender)
            await smtp.rcpt(recipient)
        except SMTPSenderRefused as error:
            await self._start_afresh(smtp)
            # No mail can pass while the server refuses our own sender address.
            return None if error.code == 421 else Delivery(SendOutcome.UNREACHABLE, _words(error))
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
            return Delivery(SendOutcome.DOUBTFUL, f"mất kết nối trước khi máy chủ trả lời: {_words(error)}")
        return Delivery(SendOutcome.ACCEPTED)

    async def _start_afresh(self, smtp: SMTP) -> None:
        """Resets the session after a refused mail, if the connection is still open."""
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            await self.close()

    def drop(self) -> None:
        """Closes the socket without QUIT; whatever was being sent is abandoned."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    async def close(self) -> None:
        """Closes the connection with QUIT."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            if smtp.is_connected:
                with contextlib.suppress(SMTPException, OSError):
                    await smtp.quit()
            smtp.close()


def _refused(error: SMTPResponseException) -> Delivery:
    is_for_good = 500 <= error.code < 600
    return Delivery(
        SendOutcome.REFUSED_FOR_GOOD if is_for_good else SendOutcome.REFUSED_FOR_NOW, _words(error)
    )


def _words(error: Exception) -> str:
    causes = (error, error.__cause__, error.__context__)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"chứng thư của máy chủ thư không được tin cậy: {cause.verify_message}"
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    return " ".join(str(error).split()) or type(error).__name__
