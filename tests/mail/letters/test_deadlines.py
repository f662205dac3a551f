"""The calendar file: what stands in it, when it comes, and how a calendar knows that a day moved."""

from __future__ import annotations

from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

from icalendar import Calendar
from sqlalchemy import update

from tests.builders import a_plan, a_store, an_open_period, confirmed, submitted
from tests.mail.post_office import Sending, a_post_office, words_of
from workflow.domain.cycles.cycle import Verdict
from workflow.storage.post import intents
from workflow.storage.tables import periods


def calendar_in(mail: EmailMessage) -> Calendar | None:
    """The mail's calendar file, or None."""
    for part in mail.iter_attachments():
        if part.get_content_type() == "text/calendar":
            assert (part.get_param("method"), part.get_filename()) == ("PUBLISH", "han-bao-cao.ics")
            return Calendar.from_ical(part.get_content())
    return None


def another_digest(sending: Sending, box: str = "ubnd") -> None:
    opened = sending.opened
    with opened.store.begin() as tx:
        people = [opened.person(box)]
        intents.intend(
            tx, intents.DIGEST, opened.organisation_id, opened.period_id, people, {}, sending.clock.now()
        )


async def test_a_request_brings_its_deadline_as_a_whole_day_with_an_alarm_before(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(3))
    with a_post_office() as office:
        await Sending(opened, tmp_path, office.port).mailer().drain()
    (mail,) = office.mails_to("ubnd")
    calendar = calendar_in(mail)
    assert calendar is not None
    assert calendar["method"] == "PUBLISH"
    assert calendar["x-wr-timezone"] == "Asia/Ho_Chi_Minh"
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == date(2026, 3, 16)
    assert event.decoded("dtend") == date(2026, 3, 17)
    assert event["summary"] == "Hạn báo cáo 3 nội dung (Quý I/2026)"
    assert (event["sequence"], event["transp"]) == (0, "TRANSPARENT")
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(hours=-15)
    assert "/l/" not in calendar.to_ical().decode()
    assert "Tệp lịch kèm theo" in words_of(mail)


async def test_a_reminder_brings_no_calendar_and_a_moved_day_moves_the_event(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        sending.pass_time(days=1)
        another_digest(sending)
        await sending.mailer().drain()
        with opened.store.begin() as tx:
            tx.execute(update(periods).values(due_on=date(2026, 3, 18)))
        sending.pass_time(days=1)
        another_digest(sending)
        await sending.mailer().drain()
    first, reminder, moved = (calendar_in(mail) for mail in office.mails_to("ubnd"))
    assert reminder is None
    assert "Tệp lịch" not in words_of(office.mails_to("ubnd")[1])
    assert first is not None
    assert moved is not None
    ((old,), (new,)) = first.walk("VEVENT"), moved.walk("VEVENT")
    assert old["uid"] == new["uid"]
    assert (old["sequence"], new["sequence"]) == (0, 1)
    assert new.decoded("dtstart") == date(2026, 3, 18)


async def test_what_came_back_gets_an_event_of_its_own(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(2))
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        await sending.mailer().drain()
        submitted(opened, opened.cycles[0])
        confirmed(opened, opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Sai số liệu.")
        sending.pass_time(days=1)
        await sending.mailer().drain()
    calendar = calendar_in(office.mails_to("ubnd")[-1])
    assert calendar is not None
    assert [str(event["summary"]).split(" nội")[0] for event in calendar.walk("VEVENT")] == [
        "Hạn báo cáo lại 1",
        "Hạn báo cáo 1",
    ]


async def test_what_is_late_already_is_in_no_calendar(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), plan=a_plan(1))
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.pass_time(days=20)
        await sending.mailer().drain()
    (mail,) = office.mails_to("ubnd")
    assert calendar_in(mail) is None
