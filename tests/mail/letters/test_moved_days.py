"""The notice that a day moved because days off changed, as it reaches those who owe something."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.builders import NOW, a_store, an_open_period
from tests.mail.post_office import Sending, a_post_office, words_of
from workflow.domain.periods.days_off import DayChange, DayKind
from workflow.storage.sweeps.days_off import change_days

DUE = date(2026, 3, 16)


async def test_a_reporter_reads_the_day_that_was_and_the_day_that_is_with_the_reason(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    with opened.store.begin() as tx:
        change = DayChange(DUE, DayKind.OFF, "Nghỉ bão số 5")
        change_days(tx, opened.organisation_id, [change], NOW)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.clock.set(NOW + timedelta(hours=2))
        await sending.mailer().drain(500)
        (mail,) = (one for one in office.mails_to("ubnd") if "Hạn đổi" in one["Subject"])
    assert mail["Subject"] == "[Quý I/2026] Hạn đổi vì lịch ngày nghỉ thay đổi"
    words = " ".join(words_of(mail).split())
    assert "Văn phòng vừa đổi lịch làm việc: nghỉ ngày 16/3/2026 (Nghỉ bão số 5)." in words
    assert "Báo cáo 3 nội dung: trước là thứ Hai, 16/3/2026, nay là hết thứ Ba, 17/3/2026." in words
    assert "/l/" in words
