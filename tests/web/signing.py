"""Signing in as people do: the address typed in, the mail that comes, the button on its page."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from starlette.testclient import TestClient

from tests.builders import OFFICER, Opened, StoppedClock, a_directory, a_store, an_open_period
from tests.mail.post_office import a_post_office
from tests.web.visiting import Visit
from workflow.domain.people.directory import Directory, Person, Role
from workflow.mail.post.sending import Mailer
from workflow.settings import Settings
from workflow.storage.files import Files
from workflow.web.app import create_app

VIEWER = "lanh-dao@hoaxuan.example"


def with_a_viewer() -> Directory:
    """The ward's directory with a leader who may look at the office's pages."""
    return a_directory(
        extra=[Person("Cao Thị Mai", VIEWER, "Phó Chủ tịch HĐND", (("van-phong", Role.VIEWER),))]
    )


def a_signing_visit(folder: Path, **settings: object) -> Visit:
    """A site with an open period, a viewer in its directory, and a client of it."""
    opened = an_open_period(a_store(folder), directory=with_a_viewer())
    clock = StoppedClock(opened.now)
    app = create_app(opened.store, Settings(data=folder, **settings), clock)  # type: ignore[arg-type]
    return Visit(opened, clock, TestClient(app, follow_redirects=True, raise_server_exceptions=False))


def mails_sent(opened: Opened, folder: Path, clock: StoppedClock, base_url: str = "") -> dict[str, str]:
    """Sends what is due through a real SMTP server; the text of each mail by its receiver, the last one."""
    found: dict[str, str] = {}
    with a_post_office() as office:
        settings = Settings(
            data=folder,
            base_url=base_url or "http://testserver",
            smtp_host="127.0.0.1",
            smtp_port=office.port,
            smtp_security="none",
            mail_per_second=1000,
        )
        mailer = Mailer(opened.store, settings, clock, Files(f"file://{folder / 'files'}"))

        async def send() -> None:
            await mailer.drain()
            await mailer.close()

        # In a thread of its own: Playwright keeps a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, send()).result()
        for to, raw in office.accepted:
            body = message_from_bytes(raw, policy=default).get_body(("plain",))
            assert body is not None
            found[to] = body.get_content()
    return found


def link_in(text: str) -> str:
    """The address of the page the mail leads to."""
    found = re.search(r"https?://[^\s>]+", text)
    assert found
    return found.group()


def sign_in_link(visit: Visit, folder: Path, email: str = OFFICER) -> str:
    """Asks for a sign-in link and reads it in the mail."""
    assert visit.client.post("/sign-in", data={"email": email}).status_code == 200
    return link_in(mails_sent(visit.opened, folder, visit.clock)[email])


def signed_in(visit: Visit, folder: Path, email: str = OFFICER) -> None:
    """The client signs in by mail."""
    answer = visit.client.post(sign_in_link(visit, folder, email))
    assert answer.status_code == 200
    assert answer.url.path == "/o/me"
