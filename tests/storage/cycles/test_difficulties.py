"""A difficulty from the report that raises it to its end, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.builders import NOW, Opened, a_directory, a_plan, an_open_period, confirmed, submitted, voted
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.cycles.difficulty import DifficultyState
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.directory import Person, Role
from workflow.storage.audit import verify
from workflow.storage.cycles import difficulties
from workflow.storage.cycles.difficulties import Opinion
from workflow.storage.duties.difficulty_lists import difficulties_of, share_of
from workflow.storage.people.absences import substitute
from workflow.storage.periods.watched import watched_period
from workflow.storage.results import closing
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import audit, cycles, difficulty_steps, outbox, persons
from workflow.storage.tables import difficulties as table

TEXT = "Chưa bàn giao mặt bằng đoạn qua chợ."
DUE = date(2026, 3, 12)
HEAD = Person("Ngô Hải", "truong-ca@hoaxuan.example", "Trưởng Công an phường", (("cong-an", Role.HEAD),))


def raised(opened: Opened, cycle: int | None = None, text: str = TEXT, **more: object) -> int:
    """The unit reports with a difficulty; gives its id."""
    submitted(opened, cycle or opened.cycles[0], difficulties=text, **more)
    with opened.store.reading() as tx:
        return tx.scalars(select(table.c.id).order_by(table.c.id.desc())).first() or 0


def answered(opened: Opened, found: int, *, by: str = "bi-thu", unit: str = "cong-an", seen: int = 1) -> str:
    with opened.store.begin() as tx:
        answer = Opinion(found, seen, "Công an phường phối hợp giải tỏa.", opened.units[unit], DUE)
        return difficulties.answer(tx, opened.person(by), answer, opened.now)


def reported_done(opened: Opened, found: int, *, by: str = "cong-an", seen: int = 2) -> str:
    with opened.store.begin() as tx:
        return difficulties.report_done(tx, opened.person(by), found, seen, "Đã giải tỏa xong.", opened.now)


def closed(opened: Opened, found: int, *, by: str = "van-phong", seen: int = 3) -> str:
    with opened.store.begin() as tx:
        return difficulties.close(tx, opened.person(by), found, seen, "Đã bàn giao.", opened.now)


def states(opened: Opened) -> list[DifficultyState]:
    with opened.store.reading() as tx:
        return [DifficultyState(state) for state in tx.scalars(select(table.c.state).order_by(table.c.id))]


def steps(opened: Opened, found: int) -> list[str]:
    with opened.store.reading() as tx:
        asked = select(difficulty_steps.c.step).where(difficulty_steps.c.difficulty_id == found)
        return list(tx.scalars(asked.order_by(difficulty_steps.c.number)))


def mailed(opened: Opened, kind: str) -> list[str]:
    with opened.store.reading() as tx:
        found = tx.scalars(
            select(persons.c.email)
            .join(outbox, outbox.c.person_id == persons.c.id)
            .where(outbox.c.kind == kind, outbox.c.state == "waiting")
            .order_by(persons.c.email)
        )
        return [email.split("@")[0] for email in found]


def share(opened: Opened, box: str):
    with opened.store.reading() as tx:
        return share_of(tx, opened.person(box), watched_period(tx, opened.period_id, opened.now))


def nothing_waits(opened: Opened) -> None:
    with opened.store.begin() as tx:
        tx.execute(outbox.update().values(state="sent", not_before=NOW - timedelta(days=2), sent_at=NOW))


def test_a_report_with_a_difficulty_raises_it_and_the_chair_hears(store):
    opened = an_open_period(store)
    raised(opened, proposals="Đề nghị giao Công an phường.")
    with store.reading() as tx:
        (row,) = difficulties_of(tx, watched_period(tx, opened.period_id, NOW))
    assert (row.text, row.proposal) == (TEXT, "Đề nghị giao Công an phường.")
    assert (row.state, row.unit, row.last_day) == (DifficultyState.OPEN, "UBND phường", date(2026, 3, 9))
    assert "bi-thu" in mailed(opened, "digest")


def test_a_report_that_says_there_is_none_raises_nothing(store):
    opened = an_open_period(store)
    submitted(opened, opened.cycles[0], difficulties="Không có.", proposals="Không")
    assert states(opened) == []


def test_it_goes_from_raised_to_closed_with_every_step_on_record(store):
    opened = an_open_period(store)
    found = raised(opened)
    answered(opened, found)
    reported_done(opened, found)
    closed(opened, found)
    assert states(opened) == [DifficultyState.CLOSED]
    assert steps(opened, found) == ["raised", "answered", "done", "closed"]
    with store.reading() as tx:
        verbs = tx.scalars(select(audit.c.verb).where(audit.c.chain == f"c{opened.cycles[0]}")).all()
        assert [verb for verb in verbs if verb.startswith("difficulty")] == [
            "difficulty-raised",
            "difficulty-answered",
            "difficulty-done",
            "difficulty-closed",
        ]
        assert verify(tx)[1] == []


def _second_version(opened: Opened, text: str) -> None:
    confirmed(opened, opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Sai")
    submitted(opened, opened.cycles[0], version=1, difficulties=text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"  {TEXT}\n", [DifficultyState.OPEN]),
        ("", [DifficultyState.WITHDRAWN]),
        ("Thiếu vốn đối ứng.", [DifficultyState.WITHDRAWN, DifficultyState.OPEN]),
    ],
)
def test_a_new_version_keeps_withdraws_or_replaces_what_is_not_answered(store, text, left):
    opened = an_open_period(store)
    raised(opened)
    _second_version(opened, text)
    assert states(opened) == left
    with store.reading() as tx:
        first, *others = tx.execute(select(table).order_by(table.c.id)).all()
    assert first.replaced_by == (others[0].id if others else None)
    assert first.version == (2 if left == [DifficultyState.OPEN] else 1)


def test_what_the_committee_answered_is_followed_whatever_the_next_version_says(store):
    opened = an_open_period(store)
    found = raised(opened)
    answered(opened, found)
    _second_version(opened, "Thiếu vốn đối ứng.")
    assert states(opened) == [DifficultyState.ANSWERED, DifficultyState.OPEN]


def test_a_refused_report_raises_nothing(store):
    opened = an_open_period(store)
    with pytest.raises(Conflict):
        submitted(opened, opened.cycles[0], version=7, difficulties=TEXT)
    assert states(opened) == []


def test_lead_and_responsible_unit_hear_of_the_opinion(store):
    opened = an_open_period(store)
    found = raised(opened)
    nothing_waits(opened)
    answered(opened, found, unit="doan")
    assert mailed(opened, "digest") == ["doan", "ubnd"]


def test_each_sees_what_concerns_them_and_nothing_else(store):
    opened = an_open_period(store)
    found = raised(opened)
    assert share(opened, "bi-thu").is_chair
    assert [len(share(opened, box).to_decide) for box in ("bi-thu", "uy-vien-1", "cong-an")] == [1, 1, 0]
    assert [share(opened, box).count for box in ("ubnd", "cong-an", "mttq")] == [1, 0, 0]
    answered(opened, found)
    assert [share(opened, box).count for box in ("ubnd", "cong-an", "mttq")] == [1, 1, 0]
    assert len(share(opened, "cong-an").to_solve) == 1
    assert share(opened, "ubnd").raised[0].responsible_unit == "Công an phường"


@pytest.mark.parametrize("box", ["ubnd", "cong-an", "uy-vien-1"])
def test_only_the_chair_and_the_office_give_the_opinion(store, box):
    opened = an_open_period(store)
    found = raised(opened)
    with pytest.raises(NotAllowed):
        answered(opened, found, by=box)
    answered(opened, found, by="van-phong")


def test_only_the_responsible_unit_reports_it_done_and_only_the_office_closes(store):
    opened = an_open_period(store)
    found = raised(opened)
    answered(opened, found)
    with pytest.raises(NotAllowed):
        reported_done(opened, found, by="mttq")
    reported_done(opened, found)
    for box in ("bi-thu", "cong-an", "ubnd"):
        with pytest.raises(NotAllowed):
            closed(opened, found, by=box)


def test_an_office_of_elsewhere_has_no_say(store):
    opened = an_open_period(store)
    found = raised(opened)
    other = an_open_period(store, directory=a_directory("Đảng ủy phường Bình An"))
    with store.begin() as tx, pytest.raises(NotAllowed):
        answer = Opinion(found, 1, "Ý kiến", opened.units["doan"], DUE)
        difficulties.answer(tx, other.person("van-phong"), answer, NOW)


def test_who_stands_in_for_the_chair_or_a_reporter_acts_in_their_place(store):
    opened = an_open_period(store)
    found = raised(opened)
    on = (date(2026, 3, 2), date(2026, 3, 6))
    with store.begin() as tx:
        substitute(tx, opened.person("bi-thu"), opened.person("doan"), *on, NOW, votes=True)
        substitute(tx, opened.person("cong-an"), opened.person("quan-su"), *on, NOW)
    assert share(opened, "doan").is_chair
    answered(opened, found, by="doan")
    assert len(share(opened, "quan-su").to_solve) == 1
    reported_done(opened, found, by="quan-su")
    assert states(opened) == [DifficultyState.DONE]


def test_a_member_comments_and_the_chair_sees_it(store):
    opened = an_open_period(store)
    found = raised(opened)
    with store.begin() as tx:
        difficulties.comment(tx, opened.person("uy-vien-2"), found, "Nên giao Công an.", NOW)
    assert [step.text for step in share(opened, "bi-thu").to_decide[0].comments] == ["Nên giao Công an."]
    with store.begin() as tx, pytest.raises(NotAllowed):
        difficulties.comment(tx, opened.person("ubnd"), found, "Tôi cũng nghĩ vậy.", NOW)


def test_an_act_on_what_has_moved_on_is_refused(store):
    opened = an_open_period(store)
    found = raised(opened)
    answered(opened, found)
    with pytest.raises(Conflict, match="Vừa có người"):
        answered(opened, found, by="van-phong")


def test_an_answer_given_anew_sends_back_what_was_reported_done(store):
    opened = an_open_period(store)
    found = raised(opened)
    answered(opened, found)
    reported_done(opened, found)
    answered(opened, found, unit="doan", seen=3)
    row = share(opened, "doan").to_solve[0]
    assert (row.state, row.done) == (DifficultyState.ANSWERED, None)


@pytest.mark.parametrize(
    "change", [{"text": "  "}, {"due_on": date(2026, 3, 1)}, {"unit_id": 0}], ids=lambda one: next(iter(one))
)
def test_an_opinion_needs_words_a_unit_and_a_day_to_come(store, change):
    opened = an_open_period(store)
    answer = Opinion(raised(opened), 1, "Ý kiến", opened.units["doan"], DUE)
    with store.begin() as tx, pytest.raises(NotAllowed):
        difficulties.answer(tx, opened.person("bi-thu"), replace(answer, **change), NOW)


def at(day: date) -> datetime:
    return Calendar().moment(day, 9)


def test_a_late_one_is_reminded_and_climbs_the_ladder_once(store):
    opened = an_open_period(store, directory=a_directory(extra=(HEAD,)), plan=a_plan(1))
    found = raised(opened)
    answered(opened, found)
    nothing_waits(opened)
    with store.begin() as tx:
        assert sweep(tx, at(date(2026, 3, 13))).escalated == 0
    assert mailed(opened, "digest") == ["cong-an"]
    with store.begin() as tx:
        assert sweep(tx, at(date(2026, 3, 16))).escalated == 1
        assert sweep(tx, at(date(2026, 3, 16))).escalated == 0
    assert mailed(opened, "escalation") == ["truong-ca"]


def test_an_opinion_that_does_not_come_is_asked_of_the_chair_again(store):
    opened = an_open_period(store)
    raised(opened)
    nothing_waits(opened)
    with store.begin() as tx:
        sweep(tx, at(date(2026, 3, 10)))
    assert "bi-thu" in mailed(opened, "digest")


def test_it_is_followed_after_its_cycle_and_its_period_are_over(store):
    opened = an_open_period(store, directory=a_directory(extra=(HEAD,)), plan=a_plan(1))
    found = raised(opened)
    answered(opened, found)
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    with store.begin() as tx:
        closing.close_period(tx, opened.period_id, NOW)
    nothing_waits(opened)
    with store.begin() as tx:
        assert sweep(tx, at(date(2026, 4, 20))).escalated > 0
    assert "cong-an" in mailed(opened, "digest")
    reported_done(opened, found)
    closed(opened, found)
    with store.begin() as tx:
        assert sweep(tx, at(date(2026, 4, 21))).escalated == 0
        stage = tx.scalar(select(cycles.c.stage))
    assert (states(opened), stage) == ([DifficultyState.CLOSED], Stage.APPROVED)
