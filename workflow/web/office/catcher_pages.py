"""The mail catcher's pages: every mail as its receiver sees it. Only for a deployment that sends none out.

Whoever may open these pages may use every link in the mails; they are mounted where mail is caught only. They
answer only to the names this deployment is reached by: a page elsewhere whose name its owner lets point to
this machine (DNS rebinding) would read them all through the browser of who opened it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from workflow.domain.errors import NotAllowed, NotFound
from workflow.domain.words import Words
from workflow.hosts import address, host_of, is_this_machine
from workflow.mail.post.catcher import Catcher, Caught
from workflow.settings import Settings
from workflow.web.downloads import saved_as
from workflow.web.pages import page

SHOWN = 200
"""Mails on one page; a filter finds the older ones."""

_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def router(catcher: Catcher, settings: Settings) -> APIRouter:
    """`/mail` and what lies under it, over that catcher."""
    own_name = urlsplit(settings.where_pages).hostname or ""

    def check_host(request: Request) -> None:
        host = host_of(request.headers.get("host", ""))
        # An IP address has no DNS owner who could make it point elsewhere (DNS rebinding).
        if not (is_this_machine(host) or address(host) or (own_name and host == own_name)):
            raise NotAllowed(
                Words("Hộp thư thử không trả lời dưới tên máy này."),
                where=host,
                cure=Words("Mở bằng địa chỉ %(pages)s/mail.", pages=settings.where_pages),
            )

    found = APIRouter(dependencies=[Depends(check_host)])

    def mail_of(mail_id: str) -> Caught:
        caught = catcher.message(mail_id)
        if caught is None:
            raise NotFound(Words("Không có thư này."), where=mail_id)
        return caught

    @found.get("/mail")
    def mailbox(request: Request, to: str = "") -> HTMLResponse:
        """The mails caught, the newest first; `to` narrows them to a person."""
        mails = catcher.messages(to)
        return page(request, "office/mailbox.html", mails=mails[:SHOWN], n_found=len(mails), to=to)

    @found.get("/mail.json")
    def as_json(to: str = "") -> JSONResponse:
        """The same for programs."""
        return JSONResponse([_as_json(mail) for mail in catcher.messages(to)])

    @found.get("/mail/{mail_id}")
    def mail(request: Request, mail_id: str) -> HTMLResponse:
        """One mail: its headers, its HTML in a frame, its text and attachments."""
        return page(request, "office/mailbox_mail.html", mail=mail_of(mail_id))

    @found.get("/mail/{mail_id}/html")
    def html(mail_id: str) -> HTMLResponse:
        """The mail's HTML alone, for the frame: nothing in it runs or loads, its links open outside."""
        body = mail_of(mail_id).html.replace("<head>", '<head><base target="_blank">', 1)
        return HTMLResponse(
            body, headers={"Content-Security-Policy": _MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
        )

    @found.get("/mail/{mail_id}/source")
    def source(mail_id: str) -> Response:
        """The raw mail, for a mail program."""
        mail_of(mail_id)
        return saved_as(f"{mail_id}.eml", catcher.source(mail_id) or b"", "message/rfc822")

    @found.get("/mail/{mail_id}/part/{number}")
    def part(mail_id: str, number: int) -> Response:
        """An attachment."""
        mail_of(mail_id)
        attached = catcher.attachment(mail_id, number)
        if attached is None:
            raise NotFound(Words("Thư này không có tệp ấy."), where=f"{mail_id}/{number}")
        file, body = attached
        return saved_as(file.name, body, file.media_type)

    return found


def _as_json(mail: Caught) -> dict[str, object]:
    return {
        "id": mail.id,
        "message_id": mail.message_id,
        "recipient": mail.recipient,
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "received": [moment.isoformat() for moment in mail.times],
        "text": mail.text,
        "attachments": [
            {"number": part.number, "name": part.name, "media_type": part.media_type, "size": part.size}
            for part in mail.attachments
        ],
    }
