"""The mails of a deployment that speaks English: with plain data, no Vietnamese letter is left in them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.builders import a_directory, a_plan, a_store, an_item, an_open_period, confirmed, submitted
from tests.mail.post_office import LATER, Sending, a_post_office, words_of
from tests.plain_letters import is_vietnamese, plain
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Verdict
from workflow.domain.people.directory import Person, Role
from workflow.settings import Settings
from workflow.storage.access.links import NEW_LINK, SIGN_IN, Purpose
from workflow.storage.cycles import difficulties
from workflow.storage.cycles.difficulties import Opinion
from workflow.storage.post import intents
from workflow.storage.results.closing import close_period
from workflow.storage.sweeps.announcements import announce_closing, announce_opening
from workflow.storage.sweeps.sweep import sweep

HEAD = Person("Pham Trung Kien", "chu-tich@hoaxuan.example", "", (("ubnd", Role.HEAD),))
INSPECTOR = Person("Cao Thi Van", "ubkt@hoaxuan.example", "", (("btv", Role.INSPECTOR),))


class InEnglish(Sending):
    """A mailer whose deployment speaks English."""

    @property
    def settings(self) -> Settings:
        return super().settings.model_copy(update={"language": "en"})


async def test_a_whole_periods_mails_are_english(tmp_path: Path) -> None:
    directory = plain(a_directory(extra=(HEAD, INSPECTOR)))
    items = [an_item(n + 1) for n in range(5)]
    opened = an_open_period(a_store(tmp_path), directory=directory, plan=plain(a_plan(items=items)))
    with opened.store.begin() as tx:
        announce_opening(tx, opened.period_id, opened.now)
    with a_post_office() as office:
        sending = InEnglish(opened, tmp_path, office.port)
        await sending.mailer().drain()
        submitted(opened, opened.cycles[0], body="Xong.", difficulties="Kinh phi cham.")
        submitted(opened, opened.cycles[1], body="Xong.")
        confirmed(opened, opened.cycles[0], "mttq", "cong-an")
        confirmed(opened, opened.cycles[1], "mttq", verdict=Verdict.OBJECT, reason="Chua khop.")
        with opened.store.begin() as tx:
            for about, purpose in ((NEW_LINK, Purpose.DUTIES), (SIGN_IN, Purpose.SIGN_IN)):
                told = {"about": about, "purpose": purpose.value}
                intents.intend(
                    tx,
                    intents.NOTICE,
                    opened.organisation_id,
                    opened.period_id,
                    [opened.person("van-phong")],
                    told,
                    sending.clock.now(),
                )
        await sending.mailer().drain()
        with opened.store.begin() as tx:
            answer = Opinion(1, 1, "Giao Doan.", opened.units["doan"], date(2026, 3, 12))
            difficulties.answer(tx, opened.person("bi-thu"), answer, opened.now + timedelta(hours=1))
        for day in (11, 16, 18, 26, 30):
            now = Calendar().moment(date(2026, 3, day), 9)
            with opened.store.begin() as tx:
                sweep(tx, now)
            sending.clock.set(now + LATER)
            await sending.mailer().drain()
        with opened.store.begin() as tx:
            close_period(tx, opened.period_id, sending.clock.now(), is_early=True)
            announce_closing(tx, opened.period_id, sending.clock.now())
        sending.pass_time(hours=20)
        await sending.mailer().drain()
    boxes = ("ubnd", "mttq", "cong-an", "doan", "bi-thu", "pho-bi-thu", "van-phong", "chu-tich", "ubkt")
    mails = [mail for box in boxes for mail in office.mails_to(box)]
    assert [mail["Subject"] for mail in mails if is_vietnamese(mail["Subject"])] == []
    assert [words_of(mail) for mail in mails if is_vietnamese(words_of(mail))] == []
    assert {mail["Subject"] for mail in office.mails_to("ubnd")} >= {
        "[Quarter I/2026] Please report 5 items, due 16 Mar"
    }
    (invited,) = [mail for mail in mails if mail["Subject"] == "[Quarter I/2026] Your new link"]
    assert "If you did not ask for it" in words_of(invited)
