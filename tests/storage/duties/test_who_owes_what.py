"""Who owes what, in whose place, and how late: one answer, whoever asks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.builders import (
    NOW,
    Opened,
    a_directory,
    a_plan,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ApprovalRule, ConfirmationRule, Fallback, Rules, Silence
from workflow.mail.letters.owed import owing_of
from workflow.storage import Store
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, SubmittedReport
from workflow.storage.cycles.difficulties import Opinion, answer
from workflow.storage.cycles.orders import reopen
from workflow.storage.duties.board import board
from workflow.storage.duties.board_numbers import headings, late_name, numbers, period_stages
from workflow.storage.duties.debtors import Debtor, debtors
from workflow.storage.duties.ladder import matters
from workflow.storage.duties.late_list import late_for
from workflow.storage.duties.owed import owed_in
from workflow.storage.duties.persons_page import owed_by
from workflow.storage.duties.urging import Urged, urge
from workflow.storage.people.absences import substitute
from workflow.storage.periods.watched import watched_period
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import difficulties, escalations, outbox

CALENDAR = Calendar()
DEPUTY = Person("Lê Thị Cúc", "thay@hoaxuan.example", "Chuyên viên")


def at(day: int, hour: int = 9):
    return CALENDAR.moment(date(2026, 3, day), hour)


def opened_with_deputy(store: Store, **given) -> Opened:
    return an_open_period(store, **({"directory": a_directory(extra=(DEPUTY,)), "plan": a_plan(1)} | given))


def away(opened: Opened, absent: str, other: str, *, votes: bool = False, days: int = 30) -> None:
    today = NOW.date()
    with opened.store.begin() as tx:
        one, two = opened.person(absent), opened.person(other)
        substitute(tx, one, two, today, today + timedelta(days=days), NOW, votes=votes)


def to_committee(opened: Opened) -> int:
    (cycle,) = opened.cycles
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    return cycle


def quiet(opened: Opened) -> None:
    with opened.store.begin() as tx:
        tx.execute(outbox.delete())


def written_to(opened: Opened) -> set[str]:
    """Whom a digest waits for."""
    boxes = {person: email.split("@")[0] for email, person in opened.persons.items()}
    with opened.store.reading() as tx:
        return {boxes[one] for one in tx.scalars(select(outbox.c.person_id).where(outbox.c.kind == "digest"))}


def owing(opened: Opened, now=NOW) -> dict[str, Debtor]:
    with opened.store.reading() as tx:
        return {one.email.split("@")[0]: one for one in debtors(tx, opened.period_id, now)}


# --- in whose place ---------------------------------------------------------------------------------------


def test_urging_an_absent_reporters_work_mails_who_stands_in_for_them(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "ubnd", "thay")
    quiet(opened)
    with store.begin() as tx:
        (urged,) = urge(tx, opened.period_id, None, NOW)
    assert (urged.person_id, urged.outcome) == (opened.person("thay"), Urged.INTENDED)
    assert written_to(opened) == {"thay"}
    with store.reading() as tx:
        assert owing_of(tx, opened.person("thay"), opened.period_id, NOW) is not None


def test_the_list_of_who_owes_what_names_the_stand_in_and_in_whose_place(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "ubnd", "thay")
    (one,) = owing(opened).values()
    assert (one.name, one.submit, one.units) == ("Lê Thị Cúc", 1, ("UBND phường",))
    assert one.acting_for == ("Nguyễn Thị Minh Hằng",)


def test_who_is_away_owes_nothing_and_is_not_urged(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "ubnd", "thay")
    with store.begin() as tx:
        (urged,) = urge(tx, opened.period_id, [opened.person("ubnd")], NOW)
    assert urged.outcome is Urged.OWES_NOTHING


def test_a_members_ballot_stays_with_them_where_the_stand_in_was_not_given_it(store: Store) -> None:
    opened = opened_with_deputy(store)
    to_committee(opened)
    away(opened, "bi-thu", "thay")
    assert set(owing(opened)) == {"bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3"}


def test_where_members_vote_themselves_an_absent_one_still_owes_and_is_written_to(store: Store) -> None:
    opened = opened_with_deputy(store, rules=Rules(approval=ApprovalRule(substitutes=False)))
    away(opened, "bi-thu", "thay", votes=True)
    quiet(opened)
    to_committee(opened)
    assert written_to(opened) >= {"bi-thu"}
    assert "thay" not in written_to(opened)
    assert owing(opened)["bi-thu"].vote == 1
    with store.reading() as tx:
        assert len(owed_by(tx, opened.person("bi-thu"), opened.period_id, now=NOW).to_vote) == 1


def test_a_member_asked_to_stand_in_has_one_ballot_and_the_absent_member_keeps_theirs(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "bi-thu", "pho-bi-thu", votes=True)
    to_committee(opened)
    assert owing(opened)["bi-thu"].vote == 1
    with store.reading() as tx:
        assert len(owed_by(tx, opened.person("bi-thu"), opened.period_id, now=NOW).to_vote) == 1


def test_who_has_voted_for_one_member_leaves_the_other_their_ballot(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "uy-vien-1", "thay", votes=True)
    away(opened, "uy-vien-2", "thay", votes=True)
    cycle = to_committee(opened)
    assert {"uy-vien-1", "uy-vien-2"}.isdisjoint(owing(opened))
    with store.begin() as tx:
        mine = CastVote(cycle, 1, Choice.ABSTAIN, "Lý do", opened.person("uy-vien-1"))
        acts.vote(tx, opened.person("thay"), [mine], NOW)
    found = owing(opened)
    assert ("thay" in found, found["uy-vien-2"].vote) == (False, 1)


def test_a_stand_in_who_sent_the_report_leaves_the_ballot_with_the_member(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "ubnd", "thay")
    away(opened, "bi-thu", "thay", votes=True)
    (cycle,) = opened.cycles
    with store.begin() as tx:
        report = SubmittedReport(cycle, opened.units["ubnd"], 0, 50, "Đã làm xong.")
        acts.submit(tx, opened.person("thay"), [report], NOW)
    quiet(opened)
    confirmed(opened, cycle, "mttq", "cong-an")
    assert owing(opened)["bi-thu"].vote == 1
    assert "bi-thu" in written_to(opened)


def test_a_word_that_the_stand_in_may_not_give_is_on_the_absent_reporters_page(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "ubnd", "thay")
    away(opened, "mttq", "thay")
    (cycle,) = opened.cycles
    with store.begin() as tx:
        report = SubmittedReport(cycle, opened.units["ubnd"], 0, 50, "Đã làm xong.")
        acts.submit(tx, opened.person("thay"), [report], NOW)
    assert set(owing(opened)) == {"mttq", "cong-an"}
    with store.reading() as tx:
        (asked,) = owed_by(tx, opened.person("mttq"), opened.period_id, now=NOW).to_confirm
    assert asked.unit == "Ủy ban MTTQ Việt Nam phường"
    confirmed(opened, cycle, "mttq")


def test_the_ladder_names_who_votes_in_an_absent_members_place(store: Store) -> None:
    opened = opened_with_deputy(store)
    to_committee(opened)
    away(opened, "bi-thu", "thay", votes=True)
    with store.reading() as tx:
        period = watched_period(tx, opened.period_id, at(27))
        (matter,) = matters(tx, {period.id: period})
    assert opened.person("thay") in matter.persons
    assert opened.person("bi-thu") not in matter.persons


def test_who_hears_of_a_late_ballot_reads_in_whose_place_it_is_owed(store: Store) -> None:
    inspector = Person("Mai Văn Kiểm", "kiem-tra@hoaxuan.example", "", (("van-phong", Role.INSPECTOR),))
    opened = opened_with_deputy(store, directory=a_directory(extra=(DEPUTY, inspector)))
    to_committee(opened)
    away(opened, "bi-thu", "thay", votes=True, days=60)
    with store.begin() as tx:
        cycle = opened.cycles[0]
        told = {"cycle_id": cycle, "matter": "vote", "number": 1, "step": "inspectors-6", "at": at(25)}
        person = opened.person("kiem-tra")
        tx.execute(escalations.insert().values(**told, person_id=person, last_day=date(2026, 3, 24)))
        (row,) = late_for(tx, person, watched_period(tx, opened.period_id, at(26)))
    assert "Lê Thị Cúc (thay Hoàng Văn Thành)" in row.debtors


def test_a_difficulty_is_owed_by_who_stands_in_for_the_chair_then_for_the_unit(store: Store) -> None:
    opened = opened_with_deputy(store)
    away(opened, "bi-thu", "thay", votes=True)
    away(opened, "doan", "thay")
    submitted(opened, opened.cycles[0], difficulties="Thiếu kinh phí.")
    assert owing(opened)["thay"].answer == 1
    with store.begin() as tx:
        (raised,) = tx.scalars(select(difficulties.c.id))
        given = Opinion(raised, 1, "Đoàn vận động.", opened.units["doan"], date(2026, 4, 10))
        answer(tx, opened.person("thay"), given, NOW)
    one = owing(opened)["thay"]
    assert (one.answer, one.last_day, one.units) == (1, date(2026, 4, 10), ("Đoàn TNCS Hồ Chí Minh phường",))
    assert "doan" not in owing(opened)


# --- how late -----------------------------------------------------------------------------------------------


def last_days(opened: Opened, now) -> dict[str, set[date]]:
    """The last day of the only cycle, as each place tells it."""
    with opened.store.reading() as tx:
        period = watched_period(tx, opened.period_id, now)
        people = {one.person_id for one in debtors(tx, opened.period_id, now)}
        told = [owing_of(tx, person, opened.period_id, now) for person in people]
        pages = [owed_by(tx, person, opened.period_id, now=now) for person in people]
        lateness = [late for page in pages for late in (page.report_lateness, page.confirm_lateness) if late]
        return {
            "board": {row.last_day for row in board(tx, opened.period_id, now).rows if row.last_day},
            "ladder": {one.last for one in matters(tx, {period.id: period})},
            "digest": {one.due for one in told if one},
            "list": {one.last_day for one in debtors(tx, opened.period_id, now)},
            "page": {late.last_day for late in lateness},
        }


def test_a_report_sent_after_the_day_of_confirming_is_late_nowhere_before_the_units_time_is_over(
    store: Store,
) -> None:
    opened = opened_with_deputy(store)
    submitted(replace(opened, now=at(18)), opened.cycles[0])
    assert set(map(frozenset, last_days(opened, at(20)).values())) == {frozenset({date(2026, 3, 23)})}
    with store.reading() as tx:
        assert board(tx, opened.period_id, at(20)).late == 0


def test_a_report_sent_back_after_the_day_of_reporting_has_one_last_day_everywhere(store: Store) -> None:
    opened = opened_with_deputy(store)
    submitted(opened, opened.cycles[0])
    confirmed(
        replace(opened, now=at(18)), opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Sai số liệu."
    )
    for day in (18, 20):
        assert set(map(frozenset, last_days(opened, at(day)).values())) == {frozenset({date(2026, 3, 20)})}


def test_a_reopened_cycle_is_in_time_until_the_day_it_was_reopened_until(store: Store) -> None:
    opened = opened_with_deputy(store)
    cycle = to_committee(opened)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with store.begin() as tx:
        reopen(tx, opened.person("van-phong"), cycle, "Sai số liệu.", date(2026, 4, 3), at(26))
    assert set(map(frozenset, last_days(opened, at(30)).values())) == {frozenset({date(2026, 4, 3)})}


def test_the_board_counts_working_days(store: Store) -> None:
    opened = opened_with_deputy(store)
    with store.reading() as tx:
        (row,) = board(tx, opened.period_id, at(23)).rows
    assert (row.last_day, row.is_late, row.late_days) == (date(2026, 3, 16), True, 5)


def test_the_numbers_kept_up_to_date_count_as_late_what_the_board_does(store: Store) -> None:
    opened = opened_with_deputy(store, plan=a_plan(4))
    submitted(replace(opened, now=at(18)), opened.cycles[0])
    with store.reading() as tx:
        period = watched_period(tx, opened.period_id, at(20))
        told = numbers(period_stages(tx, period), headings(tx, opened.period_id))
        assert told[late_name("")] == board(tx, opened.period_id, at(20)).late == 3


def test_a_vote_that_closed_without_a_result_stays_late_on_the_board_and_is_owed_by_nobody(
    store: Store,
) -> None:
    rule = ApprovalRule(fallback=Fallback.POSTPONE, fallback_working_days=0)
    opened = opened_with_deputy(store, rules=Rules(approval=rule))
    to_committee(opened)
    with store.begin() as tx:
        sweep(tx, at(26))
    assert owing(opened, at(26)) == {}
    with store.reading() as tx:
        (row,) = board(tx, opened.period_id, at(26)).rows
    assert (row.cycle.stage, row.is_late) == (Stage.WAITING_APPROVAL, True)


@pytest.mark.parametrize("silence", [Silence.CONSENT, Silence.BLOCK])
def test_a_word_that_silence_has_given_is_owed_by_nobody_before_the_sweep_says_so(
    store: Store, silence: Silence
) -> None:
    opened = opened_with_deputy(store, rules=Rules(confirmation=ConfirmationRule(silence=silence)))
    submitted(opened, opened.cycles[0])
    assert set(owing(opened, at(20))) == (set() if silence is Silence.CONSENT else {"mttq", "cong-an"})


def test_who_is_listed_as_late_is_who_owes_what_is_late(store: Store) -> None:
    opened = opened_with_deputy(store, plan=a_plan(2))
    submitted(replace(opened, now=at(17)), opened.cycles[0])
    found = owing(opened, at(18))
    assert {box: one.is_late for box, one in found.items()} == {"ubnd": True, "mttq": False, "cong-an": False}


# --- beside the cycles --------------------------------------------------------------------------------------


def test_each_person_is_listed_once_with_all_they_owe(store: Store) -> None:
    both = Person(
        "Cao Văn Kiêm", "kiem@hoaxuan.example", "", (("mttq", Role.REPORTER), ("cong-an", Role.REPORTER))
    )
    opened = opened_with_deputy(store, directory=a_directory(extra=(both,)))
    submitted(opened, opened.cycles[0])
    # Two of the units asked are theirs: it is one item to do.
    assert owing(opened)["kiem"].confirm == 1
    with store.reading() as tx:
        found = owed_in(tx, {opened.period_id: watched_period(tx, opened.period_id, NOW)})
    assert Counter(opened.person("kiem") in one.persons for one in found) == {True: 2}
