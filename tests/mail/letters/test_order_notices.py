"""What the mails about orders say, and to whom: read as they arrive."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from tests.builders import Opened, a_directory, a_store, an_open_period, confirmed, submitted, voted
from tests.mail.post_office import PostOffice, Sending, a_post_office, words_of
from workflow.domain.cycles.cycle import Choice
from workflow.domain.people.directory import Person, Role
from workflow.storage.amending import second_words
from workflow.storage.amending.votes_anew import to_vote
from workflow.storage.cycles import orders

SECOND = Person("Trương Thị Nga", "nga@hoaxuan.example", "Phó Văn phòng", (("van-phong", Role.OFFICE),))


def _opened(folder: Path) -> tuple[Opened, int]:
    opened = an_open_period(a_store(folder), directory=a_directory(extra=(SECOND,)))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    return opened, cycle


async def _sent(opened: Opened, office: PostOffice, folder: Path) -> None:
    await Sending(opened, folder, office.port).mailer().drain(500)


async def test_a_reopened_item_tells_the_lead_why_and_until_when(tmp_path: Path) -> None:
    opened, cycle = _opened(tmp_path)
    with opened.store.begin() as tx:
        until = date(2026, 4, 10)
        orders.reopen(tx, opened.person("van-phong"), cycle, "Số liệu sai", until, opened.now)
    with a_post_office() as office:
        await _sent(opened, office, tmp_path)
        (mail,) = [one for one in office.mails_to("ubnd") if "mở lại" in one["Subject"]]
    assert mail["Subject"] == "[Quý I/2026] Nội dung được mở lại: I.1.1"
    said = " ".join(words_of(mail).split())
    assert "Trịnh Thu Hà mở lại nội dung này. Lý do: Số liệu sai" in said
    assert "10/4" in said
    assert re.search(r"/l/\S+> ", words_of(mail))


async def test_a_request_leads_the_second_person_to_the_item_and_its_end_is_told(tmp_path: Path) -> None:
    opened, cycle = _opened(tmp_path)
    with opened.store.begin() as tx:
        asked = orders.withdraw(tx, opened.person("van-phong"), cycle, "Tỉnh thôi giao", opened.now)
    with a_post_office() as office:
        await _sent(opened, office, tmp_path)
        (request,) = [one for one in office.mails_to("nga") if "người thứ hai" in one["Subject"]]
        assert request["Subject"] == "[Quý I/2026] Chờ người thứ hai xác nhận đưa ra khỏi kỳ: I.1.1"
        assert re.search(rf"/o/\S+/item/{cycle}> ", words_of(request))
        with opened.store.begin() as tx:
            second_words.second(tx, opened.person("nga"), asked.order_id, opened.now)
        await _sent(opened, office, tmp_path)
        (end,) = [one for one in office.mails_to("van-phong") if "ra khỏi kỳ" in one["Subject"]]
        (lead,) = [one for one in office.mails_to("ubnd") if "ra khỏi kỳ" in one["Subject"]]
    assert "Trương Thị Nga đã xác nhận đề nghị của Trịnh Thu Hà" in " ".join(words_of(end).split())
    said = " ".join(words_of(lead).split())
    assert "Trịnh Thu Hà đề nghị, Trương Thị Nga xác nhận: đưa nội dung này ra khỏi kỳ." in said


async def test_members_are_told_that_a_returned_report_is_voted_on_again_why_and_until_when(
    tmp_path: Path,
) -> None:
    opened = an_open_period(a_store(tmp_path), directory=a_directory(extra=(SECOND,)))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", choice=Choice.RETURN, reason="Thiếu số liệu")
    with opened.store.begin() as tx:
        until = date(2026, 3, 20)
        asked = to_vote(tx, opened.person("van-phong"), cycle, "Bí thư đề nghị", until, opened.now)
    with a_post_office() as office:
        await _sent(opened, office, tmp_path)
        (request,) = [one for one in office.mails_to("nga") if "người thứ hai" in one["Subject"]]
        with opened.store.begin() as tx:
            second_words.second(tx, opened.person("nga"), asked.order_id, opened.now)
        await _sent(opened, office, tmp_path)
        (mail,) = [one for one in office.mails_to("bi-thu") if "Biểu quyết lại" in one["Subject"]]
    assert "bỏ một quyết định trả lại nên chưa có hiệu lực" in " ".join(words_of(request).split())
    assert mail["Subject"] == "[Quý I/2026] Biểu quyết lại: I.1.1"
    said = " ".join(words_of(mail).split())
    assert "Trịnh Thu Hà đề nghị, Trương Thị Nga xác nhận: đưa báo cáo lần thứ 1, đã bị trả lại" in said
    assert "Lý do: Bí thư đề nghị" in said
    assert "20/3" in said
    assert re.search(r"/l/\S+> ", words_of(mail))
