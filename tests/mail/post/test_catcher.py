"""The catcher keeps each mail once, tells how often it came, and shows it as its receiver sees it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from workflow.mail.letters.message import Attachment, Mailbox, build
from workflow.mail.post.catcher import Catcher

SUBJECT = "[Quý I/2026] Mời báo cáo lại 2, báo cáo 12, xác nhận 3, biểu quyết 40 nội dung, hạn 16/3"
HANG = Mailbox("Nguyễn Thị Minh Hằng, Phó Chủ tịch Ủy ban nhân dân phường Hòa Xuân", "hang@x.example")


def send(catcher: Catcher, *to: Mailbox, message_id: str = "mot", subject: str = SUBJECT) -> None:
    async def deliver() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=catcher.port) as smtp:
            for mailbox in to:
                await smtp.sendmail("tiendo@x.example", [mailbox.address], letter(mailbox).as_bytes())

    def letter(mailbox: Mailbox) -> EmailMessage:
        return build(
            message_id=message_id,
            thread="thread.1.2",
            sender=Mailbox("Đảng ủy phường Hòa Xuân", "tiendo@x.example"),
            to=mailbox,
            reply_to=None,
            subject=subject,
            date=datetime(2026, 3, 2, 2, tzinfo=timezone.utc),
            text="Kính gửi\n.một dấu chấm đầu dòng\n",
            html="<html><head></head><body><p>Kính gửi</p><script>alert(1)</script></body></html>",
            attachments=[Attachment("Báo cáo Quý I.docx", "application/msword", b"PK\0\1")],
        )

    asyncio.run(deliver())


def test_a_mail_reads_as_it_was_written(catcher: Catcher) -> None:
    send(catcher, HANG)
    (mail,) = catcher.messages()
    assert mail.subject == SUBJECT
    assert mail.to == f"{HANG.name} <hang@x.example>"
    assert mail.sender == "Đảng ủy phường Hòa Xuân <tiendo@x.example>"
    assert mail.date == datetime(2026, 3, 2, 2, tzinfo=timezone.utc)
    assert mail.text.splitlines() == ["Kính gửi", ".một dấu chấm đầu dòng"]
    assert "<p>Kính gửi</p>" in mail.html
    assert [(part.name, part.size) for part in mail.attachments] == [("Báo cáo Quý I.docx", 4)]
    assert catcher.attachment(mail.id, 0) == (mail.attachments[0], b"PK\0\1")


def test_the_same_mail_received_twice_is_kept_once_and_counted_twice(catcher: Catcher) -> None:
    send(catcher, HANG)
    send(catcher, HANG)
    (mail,) = catcher.messages()
    assert mail.count == 2


def test_the_same_mail_to_two_people_is_two(catcher: Catcher) -> None:
    send(catcher, HANG, Mailbox("Lê Quang Đạo", "dao@x.example"))
    assert [mail.count for mail in catcher.messages()] == [1, 1]


def test_what_was_caught_is_there_after_a_restart(catcher: Catcher, tmp_path: Path) -> None:
    send(catcher, HANG)
    catcher.stop()
    again = Catcher(tmp_path / "mail")
    again.start()
    send(again, HANG)
    send(again, HANG, message_id="hai")
    again.stop()
    assert [mail.count for mail in Catcher(tmp_path / "mail").messages()] == [1, 2]


def test_a_mail_whose_time_was_not_written_is_there_all_the_same(catcher: Catcher, tmp_path: Path) -> None:
    send(catcher, HANG)
    next((tmp_path / "mail").glob("*.times")).unlink()
    assert [mail.count for mail in Catcher(tmp_path / "mail").messages()] == [1]


@pytest.mark.parametrize("wanted", ["hang@x", "HẰNG", "minh hang", "HANG@X.EXAMPLE"])
def test_mails_are_found_by_name_or_address_with_or_without_accents(catcher: Catcher, wanted: str) -> None:
    send(catcher, HANG, Mailbox("Lê Quang Đạo", "dao@x.example"))
    assert [mail.recipient for mail in catcher.messages(wanted)] == ["hang@x.example"]


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "0" * 31, "g" * 32, "0" * 32])
def test_no_other_file_can_be_asked_for(catcher: Catcher, name: str) -> None:
    assert catcher.message(name) is None
    assert catcher.source(name) is None
    assert catcher.attachment(name, 0) is None


def test_a_full_disk_is_told_to_the_sender(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workflow.mail.post.catcher._write_through", full)
    with pytest.raises(Exception, match="451"):
        send(catcher, HANG)
    assert catcher.messages() == []
