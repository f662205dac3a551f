"""Who hears that a period has begun or ended, and what the office hears of its own work."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

from tests.builders import (
    Opened,
    a_directory,
    a_plan,
    a_store,
    an_item,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from tests.mail.post_office import Sending, a_post_office, words_of
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ApprovalRule, Fallback, Rules
from workflow.storage import Store
from workflow.storage.cycles import difficulties
from workflow.storage.cycles.difficulties import Opinion
from workflow.storage.results.closing import close_period
from workflow.storage.sweeps.announcements import announce_closing, announce_opening
from workflow.storage.sweeps.sweep import sweep

RECIPIENT = Person("Tạ Văn Hòa", "thuong-truc@hoaxuan.example", "", (("btv", Role.RECIPIENT),))


async def test_an_opening_is_told_once_to_whoever_owes_no_report(store: Store, tmp_path: Path) -> None:
    opened = an_open_period(store, plan=a_plan(2))
    with store.begin() as tx:
        assert announce_opening(tx, opened.period_id, opened.now) == 8
        assert announce_opening(tx, opened.period_id, opened.now) == 0
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    assert [mail["Subject"] for mail in office.mails_to("ubnd")] == [
        "[Quý I/2026] Mời báo cáo 2 nội dung, hạn 16/3"
    ]
    (coordinator,) = office.mails_to("mttq")
    assert coordinator["Subject"] == "[Quý I/2026] Đã mở kỳ báo cáo: 2 nội dung, hạn báo cáo 16/3"
    assert "phối hợp 2 nội dung" in words_of(coordinator)
    assert "chưa phải làm gì" in words_of(coordinator)
    assert "https://" not in words_of(coordinator)
    (officer,) = office.mails_to("van-phong")
    assert "https://tiendo.hoaxuan.example/o/" in words_of(officer)
    (member,) = office.mails_to("bi-thu")
    assert "cần biểu quyết" in words_of(member)
    assert office.mails_to("doan") == []


async def test_who_heard_of_the_opening_is_not_written_to_again_on_the_same_day(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    with opened.store.begin() as tx:
        announce_opening(tx, opened.period_id, opened.now)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        submitted(opened, opened.cycles[0])
        sending.pass_time(hours=1)
        await sending.mailer().drain()
        assert len(office.mails_to("mttq")) == 1
        sending.pass_time(days=1)
        await sending.mailer().drain()
    assert "Mời xác nhận" in office.mails_to("mttq")[-1]["Subject"]


async def test_a_closing_is_told_to_leads_and_committee_but_not_to_who_gets_the_report(
    tmp_path: Path,
) -> None:
    plan = a_plan(items=[an_item(1), an_item(5), an_item(2, lead_ids=("mttq",))])
    opened = an_open_period(a_store(tmp_path), plan=plan, directory=a_directory(extra=[RECIPIENT]))
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        office.accepted.clear()
        sending.pass_time(days=60)
        with opened.store.begin() as tx:
            close_period(tx, opened.period_id, sending.clock.now())
            announce_closing(tx, opened.period_id, sending.clock.now())
            assert announce_closing(tx, opened.period_id, sending.clock.now()) == 0
        sending.pass_time(days=3)
        await sending.mailer().drain()
    (lead,) = office.mails_to("ubnd")
    assert lead["Subject"] == "[Quý I/2026] Kỳ báo cáo đã khóa: 1/2 nội dung được duyệt"
    assert "NỘI DUNG KHÔNG CÓ BÁO CÁO ĐƯỢC DUYỆT - I.1.2" in words_of(lead)
    (member,) = office.mails_to("bi-thu")
    assert "Cả kỳ có 1 trong 3 nội dung được duyệt." in words_of(member)
    assert office.mails_to("van-phong") == office.mails_to("thuong-truc") == []


def a_difficulty_done(store: Store) -> Opened:
    opened = an_open_period(store, plan=a_plan(1))
    submitted(opened, opened.cycles[0], difficulties="Chưa bàn giao mặt bằng.")
    with store.begin() as tx:
        unit = opened.units["cong-an"]
        given = Opinion(1, 1, "Công an phường giải tỏa.", unit, date(2026, 3, 12))
        difficulties.answer(tx, opened.person("bi-thu"), given, opened.now)
    with store.begin() as tx:
        difficulties.report_done(tx, opened.person("cong-an"), 1, 2, "Đã giải tỏa xong.", opened.now)
    return opened


async def test_the_office_hears_each_day_of_difficulties_to_be_closed(store: Store, tmp_path: Path) -> None:
    opened = a_difficulty_done(store)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        for _ in range(3):
            with store.begin() as tx:
                sweep(tx, sending.clock.now())
            sending.pass_time(minutes=30)
            await sending.mailer().drain()
        assert len(office.mails_to("van-phong")) == 1
        sending.pass_time(days=1)
        with store.begin() as tx:
            sweep(tx, sending.clock.now())
        sending.pass_time(hours=12)
        await sending.mailer().drain()
    mails = office.mails_to("van-phong")
    assert len(mails) == 2
    assert mails[0]["Subject"] == "[Quý I/2026] Việc của văn phòng: 1 khó khăn, vướng mắc chờ kết thúc"
    words = words_of(mails[0])
    assert "Công an phường đã giải quyết: Đã giải tỏa xong." in words
    assert "/difficulties>" in words


async def test_the_office_hears_of_a_vote_that_closed_without_a_decision_and_why(
    store: Store, tmp_path: Path
) -> None:
    rule = ApprovalRule(quorum=Fraction(3, 5), fallback=Fallback.COUNT)
    opened = an_open_period(store, plan=a_plan(1), rules=Rules(approval=rule))
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu")
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.clock.set(datetime(2026, 3, 25, 2, tzinfo=timezone.utc))
        with opened.store.begin() as tx:
            sweep(tx, sending.clock.now())
        sending.pass_time(minutes=30)
        await sending.mailer().drain()
    (mail,) = office.mails_to("van-phong")
    assert mail["Subject"] == "[Quý I/2026] Việc của văn phòng: 1 nội dung biểu quyết chưa ra quyết định"
    assert "Vì: chưa đủ số thành viên tham gia tối thiểu" in words_of(mail)
    assert "/votes>" in words_of(mail)


async def test_the_office_hears_of_an_address_that_is_none_once_and_with_the_cure(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    with a_post_office() as office:
        office.to_recipients = ["550 5.1.1 no such user"]
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        for _ in range(3):
            with opened.store.begin() as tx:
                sweep(tx, sending.clock.now())
            sending.pass_time(hours=30)
            await sending.mailer().drain()
    (mail,) = office.mails_to("van-phong")
    assert mail["Subject"] == "[Quý I/2026] Việc của văn phòng: 1 người chưa nhận được thư"
    words = words_of(mail)
    assert "Nguyễn Thị Minh Hằng <ubnd@hoaxuan.example>" in words
    assert "Bên nhận không có hộp thư này." in words
    assert "/mails>" in words
    assert sending.clock.now() - opened.now > timedelta(days=3)
