"""The office's mail about its schedules: one for all there is to tell, true when it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import select

from tests.builders import NOW, Opened, a_directory, a_plan, a_store
from tests.mail.post_office import Sending, a_post_office, words_of
from workflow.domain.calendar import Calendar
from workflow.domain.people.directory import Directory
from workflow.domain.rules.routing_rules import Rules, ScheduleRule
from workflow.storage import Store
from workflow.storage.opening.planned import hold
from workflow.storage.opening.schedule import year_of
from workflow.storage.people.directory import save_directory
from workflow.storage.plans.plans import save_plan
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.schedule_keeping import keep_schedule
from workflow.storage.tables import outbox


def on(day: date) -> object:
    return Calendar().moment(day, 9)


def a_year(folder: Path, directory: Directory | None = None) -> Opened:
    store: Store = a_store(folder)
    with store.begin() as tx:
        organisation = save_directory(tx, directory or a_directory())
        plan_id = save_plan(tx, organisation, a_plan(), on(date(2026, 1, 9)))
        save_rules(tx, organisation, Rules(schedule=ScheduleRule(automatic=True)), {}, on(date(2026, 1, 9)))
    return Opened(store, organisation, plan_id, 0, (), {}, {}, NOW)


async def sent(year: Opened, folder: Path, day: date, act=lambda tx: None) -> list:
    """The office's mails after the schedule was kept on that day, and `act` done before they went out."""
    with year.store.begin() as tx:
        keep_schedule(tx, year.plan_id, on(day))
        act(tx)
    with a_post_office() as office:
        sending = Sending(replace(year, now=on(day)), folder, office.port)
        sending.pass_time(minutes=11)
        await sending.mailer().drain()
    return office.mails_to("van-phong")


async def test_before_a_period_opens_the_office_hears_whom_it_asks_and_who_cannot_be_reached(
    tmp_path: Path,
) -> None:
    directory = a_directory()
    people = tuple(one for one in directory.persons if one.roles[0][0] != "ubnd")
    year = a_year(tmp_path, replace(directory, persons=people))
    (mail,) = await sent(year, tmp_path, date(2026, 2, 25))
    assert mail["Subject"] == "Quý I/2026 sắp mở ngày 02/3, hạn báo cáo 16/3"
    said = words_of(mail)
    assert "3 nội dung của 1 đơn vị chủ trì" in said
    assert "chưa có người báo cáo" in said
    assert "UBND phường" in said
    assert "/periods" in said


async def test_before_the_cut_off_the_office_hears_who_still_owes(tmp_path: Path) -> None:
    year = a_year(tmp_path)
    with year.store.begin() as tx:
        keep_schedule(tx, year.plan_id, on(date(2026, 3, 2)))
        tx.execute(outbox.delete())
    (mail,) = await sent(year, tmp_path, date(2026, 3, 24))
    assert mail["Subject"] == "Quý I/2026 sắp khóa số liệu 27/3, còn 3 nội dung chưa xong"
    assert "Nguyễn Thị Minh Hằng (UBND phường): báo cáo 3" in words_of(mail)


async def test_all_that_was_missed_is_in_one_mail(tmp_path: Path) -> None:
    year = a_year(tmp_path)
    (mail,) = await sent(year, tmp_path, date(2026, 7, 6))
    assert mail["Subject"] == "2 kỳ chưa mở, chờ văn phòng quyết định"
    said = words_of(mail)
    assert "Quý I/2026: ngày mở 02/3, hạn báo cáo 16/3" in said
    assert "Quý II/2026: ngày mở 01/6, hạn báo cáo 15/6" in said


async def test_what_the_office_settled_meanwhile_is_not_told(tmp_path: Path) -> None:
    year = a_year(tmp_path)

    def settle(tx) -> None:
        for period in year_of(tx, year.plan_id, on(date(2026, 4, 1))).periods:
            hold(tx, year.plan_id, period.span, "Không mở", on(date(2026, 4, 1)))

    assert await sent(year, tmp_path, date(2026, 4, 1), settle) == []
    with year.store.reading() as tx:
        assert tx.scalars(select(outbox.c.state)).all() == ["void"]
