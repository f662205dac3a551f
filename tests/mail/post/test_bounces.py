"""Mails that came back: read over IMAP, tied to the mail and the person, shown to the office."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.builders import a_plan, a_store, an_open_period
from tests.mail.imap_server import an_imap_server
from tests.mail.post_office import Sending, a_post_office
from workflow.domain.delivery import Trouble, trouble_of
from workflow.mail.post.bounces import failures_in, imap_mailbox, read_bounces, watch_bounces
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.post.office_mails import unreached

LETTER = b"Subject: Hoi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCho toi hoi.\r\n"


def a_report(
    message_id: str = "",
    *,
    to: str = "ubnd@hoaxuan.example",
    sent_to: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    returned: str = "text/rfc822-headers",
) -> bytes:
    """What Postfix sends back; `returned` is how it quotes the mail."""
    quoted = (
        f"From: tiendo@hoaxuan.example\nTo: <{sent_to or to}>\n"
        f"Message-ID: <{message_id}@hoaxuan.example>\nSubject: a\n"
    )
    body = f"""\
From: MAILER-DAEMON@mx.hoaxuan.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: tiendo@hoaxuan.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.hoaxuan.example

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{to}>: Recipient address rejected:
    User unknown in virtual mailbox table

--B
Content-Type: {returned}

{quoted if message_id else ""}
--B--
"""
    return body.replace("\n", "\r\n").encode()


async def a_sent_mail(store: Store, folder: Path) -> Sending:
    """The mayor's office was sent its request."""
    with a_post_office() as office:
        sending = Sending(an_open_period(store, plan=a_plan(1)), folder, office.port)
        await sending.mailer().drain()
    return sending


def settings_for(port: int) -> Settings:
    return Settings(
        imap_host="127.0.0.1",
        imap_port=port,
        imap_security="none",
        imap_user="bounces",
        imap_password="mat-khau",
    )


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
async def test_a_bounce_marks_the_mail_and_names_the_person_to_the_office(
    store: Store, tmp_path: Path, returned: str
) -> None:
    sending = await a_sent_mail(store, tmp_path)
    (row,) = sending.rows()
    with an_imap_server(LETTER, a_report(row.message_id, returned=returned)) as folder:
        with imap_mailbox(settings_for(folder.port)) as mailbox:
            (bounced,) = read_bounces(store, mailbox, sending.clock.now())
        assert folder.seen == {2}
        assert (1, "(BODY.PEEK[])") not in folder.fetched
        with imap_mailbox(settings_for(folder.port)) as mailbox:
            assert read_bounces(store, mailbox, sending.clock.now()) == ()
    assert (bounced.person, bounced.address) == ("Nguyễn Thị Minh Hằng", "ubnd@hoaxuan.example")
    (row,) = sending.rows()
    assert row.state == "bounced"
    with store.reading() as tx:
        (one,) = unreached(tx, sending.opened.period_id)
    assert one.mails[0].trouble is Trouble.NO_SUCH_BOX
    assert "User unknown in virtual mailbox table" in one.mails[0].error


async def test_a_report_that_quotes_no_mail_of_ours_counts_for_nothing_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = a_store(tmp_path)
    sending = await a_sent_mail(store, tmp_path)
    with an_imap_server(a_report()) as folder, imap_mailbox(settings_for(folder.port)) as mailbox:
        assert read_bounces(store, mailbox, sending.clock.now()) == ()
    assert sending.rows()[0].state == "sent"
    assert "names none that was sent from here" in caplog.text


async def test_a_report_with_the_id_of_anothers_mail_counts_for_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    sending = await a_sent_mail(store, tmp_path)
    forged = a_report(sending.rows()[0].message_id, to="bi-thu@hoaxuan.example")
    with an_imap_server(forged) as folder, imap_mailbox(settings_for(folder.port)) as mailbox:
        assert read_bounces(store, mailbox, sending.clock.now()) == ()
    assert sending.rows()[0].state == "sent"


async def test_a_mailbox_forwarded_to_one_that_is_full_is_told_as_ours(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    sending = await a_sent_mail(store, tmp_path)
    report = a_report(
        sending.rows()[0].message_id, to="hang@noi-khac.example", sent_to="ubnd@hoaxuan.example"
    )
    with an_imap_server(report) as folder, imap_mailbox(settings_for(folder.port)) as mailbox:
        (bounced,) = read_bounces(store, mailbox, sending.clock.now())
    assert bounced.address == "ubnd@hoaxuan.example"


async def test_a_bounce_of_a_mail_that_is_not_ours_changes_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    sending = await a_sent_mail(store, tmp_path)
    with an_imap_server(a_report("0" * 32)) as folder, imap_mailbox(settings_for(folder.port)) as mailbox:
        assert read_bounces(store, mailbox, sending.clock.now()) == ()
    assert sending.rows()[0].state == "sent"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_delay_or_a_success_is_no_failure(action: str) -> None:
    assert failures_in(a_report("a", action=action)) == ()


@pytest.mark.parametrize("body", [LETTER, b"", b"Content-Type: multipart/report; boundary=B\r\n\r\n--B--"])
def test_what_is_no_report_tells_of_no_failure(body: bytes) -> None:
    assert failures_in(body) == ()


async def test_the_watch_goes_on_when_the_mailbox_is_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = a_store(tmp_path)
    sending = await a_sent_mail(store, tmp_path)
    stop = asyncio.Event()
    report = a_report(sending.rows()[0].message_id)
    with an_imap_server(report) as folder:
        right = settings_for(folder.port)
        calls: list[Settings] = []

        def opened(_given: Settings):
            calls.append(right)
            wrong = right.model_copy(update={"imap_password": "sai"})
            return imap_mailbox(wrong if len(calls) == 1 else right)

        fast = right.model_copy(update={"imap_every_seconds": 0.05})
        watching = asyncio.create_task(watch_bounces(store, fast, sending.clock.now, stop, opened=opened))
        async with asyncio.timeout(10):
            while sending.rows()[0].state != "bounced":
                await asyncio.sleep(0.05)
            stop.set()
            await watching
    assert "could not be read" in caplog.text
    assert "came back" in caplog.text
    assert "@hoaxuan.example" not in caplog.text


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        ("550 5.1.1 no such user", Trouble.NO_SUCH_BOX),
        ("550 No such user here", Trouble.NO_SUCH_BOX),
        ("5.1.2 Host unknown", Trouble.NO_SUCH_DOMAIN),
        ("5.4.4 unrouteable domain", Trouble.NO_SUCH_DOMAIN),
        ("552 5.2.2 mailbox full", Trouble.BOX_FULL),
        ("452 4.2.2 over quota", Trouble.BOX_FULL),
        ("552 5.3.4 message too big", Trouble.TOO_LARGE),
        ("550 5.7.1 rejected", Trouble.UNWANTED),
        ("550 blocked by our spam policy", Trouble.UNWANTED),
        ("451 4.7.1 greylisted", Trouble.NOT_IN_TIME),
        ("421 try later", Trouble.NOT_IN_TIME),
        ("Máy gửi dừng giữa chừng hai lần; có thể thư đã tới nơi.", Trouble.DOUBTFUL),
        ("không soạn được thư: địa chỉ thư có dấu trước @: 'hằng@x.vn'", Trouble.WRONG_ADDRESS),
        ("gì đó", Trouble.OTHER),
    ],
)
def test_a_refusal_is_told_as_what_can_be_done_about_it(error: str, trouble: Trouble) -> None:
    assert trouble_of(error) is trouble
    assert trouble.label
