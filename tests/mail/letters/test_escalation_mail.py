"""What the mail to those above says, and what a digest tells of difficulties."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from tests.builders import Opened, a_directory, a_plan, a_store, an_item, an_open_period, submitted, voted
from tests.mail.post_office import LATER, Sending, a_post_office, words_of
from workflow.domain.calendar import Calendar
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import EscalateTo, EscalationRule, EscalationStep, Rules
from workflow.storage.cycles import difficulties
from workflow.storage.cycles.difficulties import Opinion
from workflow.storage.sweeps.sweep import sweep

HEAD = Person("Phạm Trung Kiên", "chu-tich@hoaxuan.example", "", (("ubnd", Role.HEAD),))
LEADER = Person("Đào Mạnh Cường", "pho-chu-tich@hoaxuan.example")
INSPECTOR = Person("Cao Thị Vân", "ubkt@hoaxuan.example", "", (("btv", Role.INSPECTOR),))


def an_opened(folder: Path, n_items: int = 2) -> Opened:
    items = [an_item(n + 1, leaders=(LEADER.name,)) for n in range(n_items)]
    directory = a_directory(extra=(HEAD, LEADER, INSPECTOR))
    return an_open_period(a_store(folder), directory=directory, plan=a_plan(items=items))


def swept_on(sending: Sending, day: date) -> None:
    now = Calendar().moment(day, 9)
    with sending.opened.store.begin() as tx:
        sweep(tx, now)
    sending.clock.set(now + LATER)


async def test_the_head_gets_one_mail_that_lists_what_is_late_by_unit(tmp_path: Path) -> None:
    opened = an_opened(tmp_path)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        swept_on(sending, date(2026, 3, 18))
        await sending.mailer().drain()
    (mail,) = office.mails_to("chu-tich")
    assert mail["Subject"] == "[Quý I/2026] 2 nội dung quá hạn, lâu nhất 2 ngày làm việc"
    words = words_of(mail)
    assert "Xin báo đồng chí: 2 nội dung đã quá hạn trong Quý I/2026" in words
    assert "* UBND phường: 2 nội dung." in words
    assert "Chưa báo cáo, hạn 16/3, trễ 2 ngày làm việc" in words
    assert re.search(r"https://tiendo\.hoaxuan\.example/l/\S+/late> ", words)
    assert office.mails_to("pho-chu-tich") == []


async def test_what_was_done_before_it_went_is_not_told_and_an_empty_one_not_sent(tmp_path: Path) -> None:
    opened = an_opened(tmp_path)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        swept_on(sending, date(2026, 3, 18))
        for cycle in opened.cycles:
            submitted(opened, cycle)
        await sending.mailer().drain()
    assert office.mails_to("chu-tich") == []
    (row,) = sending.rows("escalation")
    assert (row.state, row.error) == ("void", "Không còn nội dung nào trễ hạn.")


async def test_a_receiver_has_one_such_mail_a_day_through_the_whole_ladder(tmp_path: Path) -> None:
    opened = an_opened(tmp_path)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        for day in (17, 18, 19, 20, 23, 24, 25):
            for _ in range(3):
                swept_on(sending, date(2026, 3, day))
                await sending.mailer().drain()
        counts = [len(office.mails_to(box)) for box in ("chu-tich", "pho-chu-tich", "ubkt")]
    assert counts == [1, 1, 1]


def the_chair_votes_and_hears(folder: Path, n_items: int = 2) -> Opened:
    """Items of one unit that nobody coordinates; the first is reported and waits for votes. The chair hears
    at once of what is late."""
    items = [an_item(n + 1, coordinating_ids=(), coordinating_units=()) for n in range(n_items)]
    at_once = Rules(escalation=EscalationRule(steps=(EscalationStep(1, EscalateTo.CHAIR),)))
    opened = an_open_period(a_store(folder), plan=a_plan(items=items), rules=at_once)
    submitted(opened, opened.cycles[0])
    return opened


async def test_who_owes_something_is_told_of_late_work_in_the_same_mail(tmp_path: Path) -> None:
    opened = the_chair_votes_and_hears(tmp_path)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        swept_on(sending, date(2026, 3, 23))
        await sending.mailer().drain()
    mail = office.mails_to("bi-thu")[-1]
    assert mail["Subject"] == "[Quý I/2026] Cần biểu quyết 1 nội dung, hạn 24/3; báo 1 nội dung quá hạn"
    words = words_of(mail)
    assert "* Nội dung quá hạn báo đồng chí biết: 1." in words
    assert "UBND PHƯỜNG" in words
    assert "Chưa báo cáo, hạn 16/3, trễ 5 ngày làm việc" in words
    (late,) = sending.rows("escalation")
    assert (late.state, late.error) == ("void", "Đã nhắc trong thư gửi cùng lúc.")


async def test_nobody_who_owes_and_is_told_of_others_gets_two_mails_in_a_day(tmp_path: Path) -> None:
    opened = the_chair_votes_and_hears(tmp_path)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        for day in range(10, 28):
            for _ in range(2):
                swept_on(sending, date(2026, 3, day))
                await sending.mailer().drain()
    days = [mail["Date"].datetime.date() for mail in office.mails_to("bi-thu")]
    assert sorted(set(days)) == days


async def test_late_work_is_told_by_itself_when_the_digest_has_nothing_left(tmp_path: Path) -> None:
    opened = the_chair_votes_and_hears(tmp_path)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        swept_on(sending, date(2026, 3, 23))
        voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
        await sending.mailer().drain()
        await sending.mailer().drain()
    assert office.mails_to("bi-thu")[-1]["Subject"] == (
        "[Quý I/2026] 1 nội dung quá hạn, lâu nhất 5 ngày làm việc"
    )


async def test_what_the_receiver_owes_is_not_told_again_as_late_work(tmp_path: Path) -> None:
    opened = the_chair_votes_and_hears(tmp_path, 1)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        swept_on(sending, date(2026, 3, 25))
        await sending.mailer().drain()
    mail = office.mails_to("bi-thu")[-1]
    assert mail["Subject"] == "[Quý I/2026] Đã quá hạn 24/3: biểu quyết 1 nội dung"
    assert "báo đồng chí biết" not in words_of(mail)


async def test_the_inspectors_are_told_of_units_overdue_for_long(tmp_path: Path) -> None:
    opened = an_opened(tmp_path)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        swept_on(sending, date(2026, 3, 24))
        await sending.mailer().drain()
    words = words_of(office.mails_to("ubkt")[0])
    assert "ĐƠN VỊ TRỄ HẠN NHIỀU LẦN HOẶC KÉO DÀI" in words
    assert "UBND phường: trễ 1 kỳ trong 1 kỳ gần nhất (Quý I/2026); lâu nhất 6 ngày làm việc" in words
    assert "NHIỀU LẦN" not in words_of(office.mails_to("chu-tich")[0])


async def test_the_chair_is_asked_and_the_units_hear_what_was_decided(tmp_path: Path) -> None:
    opened = an_opened(tmp_path, 1)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        submitted(opened, opened.cycles[0], difficulties="Chưa bàn giao mặt bằng.")
        await sending.mailer().drain()
        (asked,) = office.mails_to("bi-thu")
        assert asked["Subject"] == "[Quý I/2026] Cần cho ý kiến về 1 khó khăn, vướng mắc, hạn 09/3"
        assert "Chưa bàn giao mặt bằng." in words_of(asked)
        with opened.store.begin() as tx:
            answer = Opinion(1, 1, "Giao Đoàn phường vận động.", opened.units["doan"], date(2026, 3, 12))
            difficulties.answer(tx, opened.person("bi-thu"), answer, opened.now + timedelta(hours=1))
        sending.clock.set(opened.now + timedelta(days=1, hours=1))
        await sending.mailer().drain()
    told, asked = office.mails_to("ubnd")[-1], office.mails_to("doan")[-1]
    assert told["Subject"] == "[Quý I/2026] Đã có ý kiến về 1 khó khăn, vướng mắc"
    assert "Ý kiến: Giao Đoàn phường vận động." in words_of(told)
    assert asked["Subject"] == "[Quý I/2026] Cần giải quyết 1 khó khăn, vướng mắc, hạn 12/3"


async def test_what_was_decided_is_told_once(tmp_path: Path) -> None:
    opened = an_opened(tmp_path, 2)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        submitted(opened, opened.cycles[0], difficulties="Chưa bàn giao mặt bằng.")
        with opened.store.begin() as tx:
            answer = Opinion(1, 1, "Giao Đoàn phường.", opened.units["doan"], date(2026, 3, 30))
            difficulties.answer(tx, opened.person("bi-thu"), answer, opened.now)
        for day in (11, 13, 16):
            swept_on(sending, date(2026, 3, day))
            await sending.mailer().drain()
    told = ["Giao Đoàn phường." in words_of(mail) for mail in office.mails_to("ubnd")]
    assert told == [True, False, False]
