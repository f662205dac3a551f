"""What a mail says to whom."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.builders import (
    a_directory,
    a_plan,
    a_store,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from tests.mail.post_office import Sending, a_post_office, raw, words_of
from workflow.domain.addresses import ascii_address
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ConfirmationRule, Rules, Silence
from workflow.mail.letters.message import Mailbox, build
from workflow.mail.letters.owed import OwedGroup, OwedLine, OwedWork
from workflow.mail.letters.wording import shortened, wording, wrapped
from workflow.storage.access import links
from workflow.storage.post import intents
from workflow.storage.tables import persons

APPROVING = ("bi-thu", "pho-bi-thu", "uy-vien-1")


async def test_a_lead_with_twenty_items_gets_one_mail_that_lists_fifteen(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(20))
    with a_post_office() as office:
        done = await Sending(opened, tmp_path, office.port).mailer().drain()
    assert done.accepted == 1
    (mail,) = office.mails_to("ubnd")
    assert mail["Subject"] == "[Quý I/2026] Mời báo cáo 20 nội dung, hạn 16/3"
    words = words_of(mail)
    assert "Cần báo cáo: 20 nội dung, hạn thứ Hai, 16/3/2026." in words
    assert "và 5 nội dung khác" in words
    assert len(re.findall(r"- I+\.", words)) == 15
    assert "Kế hoạch số 12-KH/ĐU ngày 08/01/2026" in words


async def test_the_link_opens_the_persons_own_duties_and_stands_alone_on_its_line(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
    (mail,) = office.mails_to("ubnd")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (token,) = re.findall(r"^<https://tiendo\.hoaxuan\.example/l/([\w-]+)>\r?$", text, re.MULTILINE)
    assert token in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    with opened.store.reading() as tx:
        link = links.find(tx, token, sending.clock.now())
    assert link is not None
    assert (link.person_id, link.purpose) == (opened.person("ubnd"), links.Purpose.DUTIES)


async def test_a_coordinator_is_asked_to_confirm_and_told_what_silence_means(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(2))
    for cycle in opened.cycles:
        submitted(opened, cycle)
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("mttq")
    assert mail["Subject"].startswith("[Quý I/2026] Mời xác nhận 2 nội dung, hạn ")
    assert "Quá hạn mà chưa có ý kiến thì được coi là đã xác nhận." in words_of(mail)


async def test_a_member_is_asked_to_vote(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("pho-bi-thu")
    assert mail["Subject"].startswith("[Quý I/2026] Mời biểu quyết 1 nội dung, hạn ")
    assert "Đơn vị báo cáo: UBND phường" in words_of(mail)


async def test_what_came_back_is_told_first_with_who_objected_and_why(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(2))
    submitted(opened, opened.cycles[1])
    confirmed(
        opened,
        opened.cycles[1],
        "mttq",
        verdict=Verdict.OBJECT,
        reason="Số liệu chưa khớp biên bản ngày 27/2.",
    )
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("ubnd")
    assert "báo cáo lại 1, báo cáo 1 nội dung" in mail["Subject"]
    words = words_of(mail)
    assert words.index("CẦN SỬA VÀ BÁO CÁO LẠI") < words.index("CẦN BÁO CÁO ")
    assert "Ý kiến của Trần Văn Phúc: Số liệu chưa khớp biên bản ngày 27/2." in words


async def test_the_committees_reasons_are_told_without_names(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(opened, opened.cycles[0], *APPROVING, choice=Choice.RETURN, reason="Bổ sung minh chứng.")
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("ubnd")
    assert words_of(mail).count("Lý do: Bổ sung minh chứng.") == 1
    assert "Hoàng Văn Thành" not in words_of(mail)


async def test_a_later_digest_reminds_and_an_overdue_one_says_so(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        for days in (1, 20):
            sending.pass_time(days=days)
            with opened.store.begin() as tx:
                intents.intend(
                    tx,
                    intents.DIGEST,
                    opened.organisation_id,
                    opened.period_id,
                    [opened.person("ubnd")],
                    {},
                    sending.clock.now(),
                )
            await sending.mailer().drain()
    subjects = [mail["Subject"] for mail in office.mails_to("ubnd")]
    assert subjects == [
        "[Quý I/2026] Mời báo cáo 3 nội dung, hạn 16/3",
        "[Quý I/2026] Cần báo cáo 3 nội dung, hạn 16/3",
        "[Quý I/2026] Đã quá hạn 16/3: báo cáo 3 nội dung",
    ]


async def test_a_digest_with_nothing_left_to_tell_is_not_sent(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(opened, opened.cycles[0], *APPROVING)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        done = await sending.mailer().drain()
    assert office.accepted == []
    assert done.void == len(sending.rows())
    assert {row.state for row in sending.rows()} == {"void"}


async def test_nobody_outside_the_directory_is_written_to(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    with opened.store.begin() as tx:
        tx.execute(persons.update().values(is_active=False))
    with a_post_office() as office:
        done = await Sending(opened, tmp_path, office.port).mailer().drain()
    assert (done.void, office.accepted) == (1, [])


async def test_a_digest_held_up_until_the_next_fell_due_is_the_only_one_sent(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    with a_post_office() as office:
        office.to_recipients = ["451 chờ"]
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        sending.pass_time(days=1)
        submitted(opened, opened.cycles[0])
        confirmed(opened, opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Sai số liệu.")
        sending.pass_time(days=1)
        await sending.mailer().drain()
    assert len(office.mails_to("ubnd")) == 1


async def test_an_answer_to_the_offices_own_mail_goes_to_a_colleague_or_to_the_sender(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    told = {"title": "Xin báo", "paragraphs": ["Đã có kết quả."]}
    with opened.store.begin() as tx:
        intents.intend(
            tx,
            intents.NOTICE,
            opened.organisation_id,
            opened.period_id,
            [opened.person("van-phong")],
            told,
            opened.now,
        )
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("van-phong")
    assert mail["Reply-To"] is None
    assert "trả lời thư này" not in words_of(mail)


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, "Lúc 09:00 ngày 02/3/2026"), (25, "Từ 09:00 đến 09:25 ngày 02/3/2026")]
)
async def test_a_receipt_of_several_forms_says_from_when_to_when(
    tmp_path: Path, minutes: int, told: str
) -> None:
    opened = an_open_period(a_store(tmp_path))
    acts = [{"code": "I.1.1", "content": "- Lát vỉa hè", "said": "Tiến độ 60%", "number": "1A"}]
    until = (opened.now + timedelta(minutes=minutes, seconds=20)).isoformat()
    sent = {"number": "1A", "acts": acts, "until": until}
    with opened.store.begin() as tx:
        who = [opened.person("ubnd")]
        intents.intend(tx, intents.RECEIPT, opened.organisation_id, opened.period_id, who, sent, opened.now)
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    words = words_of(office.mails_to("ubnd")[0])
    assert told in words
    assert "- I.1.1 Lát vỉa hè" in words


async def test_mails_of_a_person_and_period_hold_together_as_a_thread(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    sent = {"number": "1A2B3C4D", "acts": [{"code": "I.1.1", "content": "Lát vỉa hè", "said": "Tiến độ 60%"}]}
    with opened.store.begin() as tx:
        intents.intend(
            tx,
            intents.RECEIPT,
            opened.organisation_id,
            opened.period_id,
            [opened.person("ubnd")],
            sent,
            opened.now,
        )
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    receipt, digest = office.mails_to("ubnd")
    assert receipt["Subject"] == "[Quý I/2026] Đã ghi nhận 1 nội dung, số 1A2B3C4D"
    assert receipt["References"] == digest["References"] == digest["In-Reply-To"]
    assert receipt["Message-ID"] != digest["Message-ID"]
    assert digest["Auto-Submitted"] == "auto-generated"
    assert "van-phong@hoaxuan.example" in digest["Reply-To"]
    assert digest["Date"].datetime == datetime(2026, 3, 2, 2, 11, tzinfo=timezone.utc)


async def test_the_report_goes_out_with_its_files(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        files = [
            {
                "sha256": sending.files.put(b"PK docx"),
                "name": "Báo cáo Quý I-2026.docx",
                "media_type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            }
        ]
        with opened.store.begin() as tx:
            intents.intend(
                tx,
                intents.REPORT,
                opened.organisation_id,
                opened.period_id,
                [opened.person("van-phong")],
                {"lines": ["38/40 nội dung được duyệt."], "files": files},
                opened.now,
            )
        await sending.mailer().drain()
    (mail,) = office.mails_to("van-phong")
    assert re.search(r"/l/\S+/report-of-period> ", words_of(mail))
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "Báo cáo Quý I-2026.docx"
    assert attached.get_content() == b"PK docx"
    assert "38/40 nội dung được duyệt." in words_of(mail)


async def test_a_new_link_asked_for_is_mailed_with_its_purpose(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    with opened.store.begin() as tx:
        intents.intend(
            tx,
            intents.NOTICE,
            opened.organisation_id,
            opened.period_id,
            [opened.person("van-phong")],
            {"about": "new-link", "purpose": "office"},
            opened.now,
        )
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("van-phong")
    assert "https://tiendo.hoaxuan.example/o/" in words_of(mail)


async def test_vietnamese_names_and_subjects_survive_and_no_line_is_too_long(tmp_path: Path) -> None:
    name = "Nguyễn Thị Bích Phượng, “Phó” Trưởng ban (kiêm nhiệm) Ban Chỉ đạo chương trình xây dựng phường"
    person = Person(name, "phuong@hoaxuan.example", roles=(("ubnd", Role.REPORTER),))
    opened = an_open_period(a_store(tmp_path), plan=a_plan(20), directory=a_directory(extra=[person]))
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("phuong")
    assert raw(mail, "To") == f"{name} <phuong@hoaxuan.example>"
    assert raw(mail, "From") == "Đảng ủy phường Hòa Xuân <tiendo@hoaxuan.example>"
    for _to, body in office.accepted:
        assert body.isascii()
        assert max(len(line) for line in body.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "address", ["", "khong-co-a-cong", "a b@x.example", "a@x.example\nBcc: b@y", "hằng@x.vn"]
)
def test_an_address_that_cannot_stand_in_a_header_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="địa chỉ"):
        ascii_address(address)


def test_a_domain_with_accents_goes_over_the_wire_as_ascii() -> None:
    assert ascii_address("a@phường.vn") == "a@xn--phng-rib8295b.vn"


def test_a_name_cannot_bring_a_header_along() -> None:
    message = build(
        message_id="a",
        thread="",
        sender=Mailbox("Đảng ủy\r\nBcc: x@y.example", "a@x.example"),
        to=Mailbox('Ai "đó\\', "b@x.example"),
        reply_to=Mailbox('Van "phong\r\nBcc: z@y.example', "c@x.example"),
        subject="Một\nhai",
        date=datetime(2026, 3, 2, tzinfo=timezone.utc),
        text="a",
        html="a",
    )
    assert "Bcc" not in message
    assert b"\r\nBcc" not in message.as_bytes()


def test_no_kind_of_work_crowds_out_the_others() -> None:
    due = date(2026, 3, 16)
    many = tuple(OwedLine(f"I.{n}", "Việc", due) for n in range(80))
    groups = (OwedGroup(Duty.SUBMIT, many), OwedGroup(Duty.CONFIRM, many[:4]))
    cut = OwedWork(groups, due - timedelta(days=3), due, silence_is_consent=True).cut_to(15)
    assert [(len(group.items), group.more) for group in cut.groups] == [(11, 69), (4, 0)]


def test_words_are_cut_between_two_of_them() -> None:
    assert shortened("Cải tạo, lát gạch vỉa hè", 14) == "Cải tạo, lát…"
    assert shortened("Ngắn", 14) == "Ngắn"


def test_a_day_is_named_as_people_plan_by() -> None:
    assert wording("vi").day_of_week(date(2026, 2, 1)) == "Chủ nhật, 01/02/2026"


@pytest.mark.parametrize(
    ("silence", "subjects"),
    [(Silence.CONSENT, []), (Silence.BLOCK, ["[Quý I/2026] Đã quá hạn 19/3: xác nhận 1 nội dung"])],
)
async def test_a_word_that_silence_has_given_is_not_asked_for_again(
    tmp_path: Path, silence: Silence, subjects: list[str]
) -> None:
    rules = Rules(confirmation=ConfirmationRule(silence=silence))
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1), rules=rules)
    submitted(opened, opened.cycles[0])
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        # The mailer comes before the morning's sweep.
        sending.clock.set(datetime(2026, 3, 20, 1, tzinfo=timezone.utc))
        await sending.mailer().drain()
    assert [mail["Subject"] for mail in office.mails_to("mttq")] == subjects


def test_a_line_is_broken_at_spaces_only() -> None:
    assert wrapped("Kế hoạch số 37-KH/ĐU ngày 12/01/2026", 16) == "Kế hoạch số\n37-KH/ĐU ngày\n12/01/2026"
