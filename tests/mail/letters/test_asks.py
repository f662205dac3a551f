"""Mails that ask for a unit's own score and the emulation council's votes, within the kinds there are."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.builders import NOW, Opened, a_plan, a_store, an_item, an_open_period, submitted, voted
from tests.mail.post_office import Sending, a_post_office, swept_and_sent, words_of
from workflow.domain.cycles.cycle import Choice
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.results.closing import close_period
from workflow.storage.rules import scoring_of
from workflow.storage.scores.commendation_lists import open_vote, proposals
from workflow.storage.scores.own_scores import OwnPoints, give_own_score
from workflow.storage.scores.sitting_lists import sittings_of
from workflow.storage.scores.sittings import cast
from workflow.storage.sweeps.announcements import announce_closing
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import rules

SCORING = read_scoring(scoring_path())
CLOSED = NOW + timedelta(days=60)
DUE = NOW + timedelta(days=14)


def scored(folder: Path) -> Opened:
    items = [an_item(n, coordinating_ids=(), coordinating_units=()) for n in (1, 3)]
    opened = an_open_period(a_store(folder), plan=a_plan(items=items))
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=SCORING))
    for cycle in opened.cycles:
        submitted(opened, cycle, progress=100)
        voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    return opened


async def test_each_member_is_asked_by_one_mail_that_leads_to_the_votes(tmp_path: Path) -> None:
    opened = scored(tmp_path)
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, CLOSED, is_early=True)
        listed = proposals(tx, opened.period_id, CLOSED).open_to_vote
        until = (CLOSED + timedelta(days=4)).date()
        subjects = [one.subject for one in listed]
        open_vote(tx, opened.person("van-phong"), opened.period_id, subjects, until, CLOSED)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.clock.set(CLOSED + timedelta(days=3))
        await sending.mailer().drain()
    (mail,) = (one for one in office.mails_to("uy-vien-2") if "khen thưởng" in one["Subject"])
    assert mail["Subject"] == "[Quý I/2026] Mời biểu quyết 2 đề nghị khen thưởng, hạn 05/5"
    words = words_of(mail)
    assert "- Giấy khen của Chủ tịch Ủy ban nhân dân phường: UBND phường" in words
    assert "/council>" in words


async def test_who_has_voted_is_not_asked_again_and_the_office_hears_the_result(tmp_path: Path) -> None:
    opened = scored(tmp_path)
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, CLOSED, is_early=True)
        subjects = [one.subject for one in proposals(tx, opened.period_id, CLOSED).open_to_vote]
        until = (CLOSED + timedelta(days=4)).date()
        open_vote(tx, opened.person("van-phong"), opened.period_id, subjects, until, CLOSED)
        (sitting,) = sittings_of(tx, opened.period_id)
        for box in ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3"):
            choices = {one.id: Choice.APPROVE for one in sitting.motions}
            cast(tx, opened.person(box), sitting.id, choices, CLOSED)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.clock.set(CLOSED + timedelta(days=3))
        await sending.mailer().drain()
    assert not [one for one in office.mails_to("uy-vien-2") if "khen thưởng" in one["Subject"]]
    (told,) = (one for one in office.mails_to("van-phong") if "khen thưởng" in one["Subject"])
    words = words_of(told)
    assert "hội đồng thông qua 2/2 đề nghị, 5/5 thành viên bỏ phiếu" in " ".join(words.split())
    assert "/commendations?period=2026-Q1>" in words


async def test_a_unit_is_asked_for_its_own_score_until_it_has_given_it(tmp_path: Path) -> None:
    opened = scored(tmp_path)
    with opened.store.begin() as tx:
        sweep(tx, DUE)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.clock.set(DUE + timedelta(hours=1))
        await sending.mailer().drain()
    asked = [one for one in office.mails_to("ubnd") if "tự chấm" in one["Subject"]]
    assert [one["Subject"] for one in asked] == ["[Quý I/2026] Mời tự chấm điểm thi đua, hạn 19/3"]
    assert "/own-score>" in words_of(asked[0])
    with opened.store.begin() as tx:
        points = {one.code: OwnPoints(Decimal(1)) for one in scoring_of(SCORING).criteria}
        unit = opened.units["ubnd"]
        give_own_score(tx, opened.person("ubnd"), opened.period_id, unit, points, DUE)
        sweep(tx, DUE + timedelta(days=2))
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.clock.set(DUE + timedelta(days=2, hours=1))
        await sending.mailer().drain()
    assert not [one for one in office.mails_to("ubnd") if "tự chấm" in one["Subject"]]


async def days_asked(
    opened: Opened, folder: Path, box: str, what: str, start: datetime, days: int
) -> list[int]:
    """On which of the days from `start` on the mailbox is asked for that."""
    found = []
    with a_post_office() as office:
        for count in range(days):
            await swept_and_sent(opened, folder, office, start + timedelta(days=count))
            found += [count] * sum(what in one["Subject"] for one in office.mails_to(box))
            office.accepted.clear()
    return found


async def test_a_unit_is_asked_on_the_days_the_rule_names(tmp_path: Path) -> None:
    # From Monday the 16th until Thursday the 19th of March: the rule names Monday, Wednesday and Thursday.
    assert await days_asked(scored(tmp_path), tmp_path, "ubnd", "tự chấm", DUE, 5) == [0, 2, 3]


async def test_a_member_of_the_council_is_asked_on_the_days_the_rule_names(tmp_path: Path) -> None:
    opened = scored(tmp_path)
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, CLOSED, is_early=True)
        subjects = [one.subject for one in proposals(tx, opened.period_id, CLOSED).open_to_vote]
        until = (CLOSED + timedelta(days=11)).date()
        open_vote(tx, opened.person("van-phong"), opened.period_id, subjects, until, CLOSED)
    # Asked on Monday the 4th of May; until Tuesday the 12th the rule names Thursday, Monday and Tuesday.
    start = CLOSED + timedelta(days=3)
    assert await days_asked(opened, tmp_path, "uy-vien-2", "khen thưởng", start, 9) == [0, 3, 7, 8]


async def test_the_mail_that_asks_for_reports_says_until_when_and_where_the_unit_scores_itself(
    tmp_path: Path,
) -> None:
    items = [an_item(1, coordinating_ids=(), coordinating_units=())]
    opened = an_open_period(a_store(tmp_path), plan=a_plan(items=items))
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=SCORING))
    with a_post_office() as office:
        await swept_and_sent(opened, tmp_path, office, NOW + timedelta(days=11))
    asked = office.mails_to("ubnd")
    words = " ".join(words_of(asked[0]).split())
    assert "còn tự chấm điểm thi đua, hạn hết thứ Năm, 19/3/2026" in words
    assert "/own-score" in words


async def test_the_mail_of_the_close_gives_the_unit_its_score_and_the_last_day_to_ask_for_a_review(
    tmp_path: Path,
) -> None:
    opened = scored(tmp_path)
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, CLOSED, is_early=True)
        announce_closing(tx, opened.period_id, CLOSED)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        sending.clock.set(CLOSED + timedelta(hours=1))
        await sending.mailer().drain()
    (mail,) = (one for one in office.mails_to("ubnd") if "chấm" not in one["Subject"])
    words = " ".join(words_of(mail).split())
    assert "Điểm thi đua chính thức của UBND phường:" in words
    assert "Hoàn thành xuất sắc nhiệm vụ" in words
    assert "xem lại trên trang ấy đến hết" in words
    assert "hạng 1" not in words
    assert "/score" in words
