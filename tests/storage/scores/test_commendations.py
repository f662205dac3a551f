"""Proposals in versions, candidates put forward by hand, the council asked by link; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.builders import NOW, Opened, a_plan, an_item, an_open_period, confirmed, submitted, voted
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.rules.routing_rules import Rules
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.cycles import orders
from workflow.storage.files import Files
from workflow.storage.results.closing import close_period
from workflow.storage.results.lock_checks import check_lock
from workflow.storage.rules import scoring_of
from workflow.storage.scores.commendation_lists import (
    CommendationLine,
    commendation_changes,
    open_vote,
    proposals,
)
from workflow.storage.scores.commendations import NewCandidate, put_forward
from workflow.storage.scores.sitting_lists import Sitting, sittings_of
from workflow.storage.scores.sittings import cast, close_over, close_sitting
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import (
    audit,
    motion_ballots,
    motion_counts,
    motions,
    outbox,
    periods,
    rules,
    sitting_turnouts,
)

LATER = NOW + timedelta(days=60)
COUNCIL = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")
SCORING = read_scoring(scoring_path())
SECRET = {
    **SCORING,
    "toml": SCORING["toml"].replace("secret_commendations = false", "secret_commendations = true"),
}


def closed(store: Store, scoring: dict = SCORING) -> Opened:
    """A closed quarter in which the people's committee did all its work, in time."""
    items = [replace(an_item(n), coordinating_ids=(), coordinating_units=()) for n in (1, 3)]
    opened = an_open_period(store, plan=a_plan(items=items), rules=Rules())
    with store.begin() as tx:
        tx.execute(rules.update().values(scoring=scoring))
    for cycle in opened.cycles:
        approved(opened, cycle)
    with store.begin() as tx:
        close_period(tx, opened.period_id, LATER, is_early=True)
    return opened


def approved(opened: Opened, cycle: int, version: int = 0) -> None:
    submitted(opened, cycle, version=version, progress=100)
    confirmed(opened, cycle, version=version + 1)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", version=version + 1)


def _council(members: list[int]) -> dict[str, Any]:
    """A period's rolls with a council of those members, who decide on everything."""
    body = {"name": "Hội đồng", "members": members, "chair": members[0]}
    return {"bodies": {"hd": body}, "decide": dict.fromkeys(VotedMatter, "hd")}


def lines(opened: Opened, award: str = "giay-khen") -> list[CommendationLine]:
    with opened.store.reading() as tx:
        return [one for one in proposals(tx, opened.period_id, LATER).lines if one.award.code == award]


def put(
    opened: Opened, by: str = "van-phong", name: str = "Lê Thị Mỹ", award: str = "giay-khen-ca-nhan"
) -> int:
    new = NewCandidate(award, opened.units["ubnd"], name, "Công chức", "Sáng kiến số hóa hồ sơ", "QĐ 7")
    with opened.store.begin() as tx:
        return put_forward(tx, opened.person(by), opened.period_id, new, scoring_of(SCORING).awards, LATER)


def asked(opened: Opened, *subjects: str, until_days: int = 3) -> Sitting:
    with opened.store.begin() as tx:
        until = (LATER + timedelta(days=until_days)).date()
        open_vote(tx, opened.person("van-phong"), opened.period_id, subjects, until, LATER)
        return sittings_of(tx, opened.period_id)[-1]


def vote(opened: Opened, sitting: Sitting, by: str, choice: Choice, at: datetime = LATER) -> None:
    with opened.store.begin() as tx:
        cast(tx, opened.person(by), sitting.id, {one.id: choice for one in sitting.motions}, at)


def last(opened: Opened) -> Sitting:
    with opened.store.reading() as tx:
        return sittings_of(tx, opened.period_id)[-1]


def test_a_closed_periods_list_says_who_is_proposed_and_why(store: Store) -> None:
    opened = closed(store)
    (line,) = lines(opened)
    assert (line.who, line.is_proposed) == ("UBND phường", True)
    assert "Không có nội dung quá hạn hoặc không báo cáo." in line.reasons
    (person,) = lines(opened, "giay-khen-ca-nhan")
    assert (person.who, person.is_proposed) == ("Nguyễn Thị Minh Hằng", True)
    assert "Đúng hạn 02 trên 02 báo cáo (100%), cần từ 100%." in person.reasons


def test_a_reopened_cycle_changes_the_list_by_a_new_version_that_says_what_changed(store: Store) -> None:
    opened = closed(store)
    cycle, office = opened.cycles[1], opened.person("van-phong")
    with store.begin() as tx:
        until = (LATER + timedelta(days=1)).date()
        orders.reopen(tx, office, cycle, "Số liệu sai", until, LATER)
    again = replace(opened, now=LATER + timedelta(hours=1))
    submitted(again, cycle, version=1, progress=0)
    confirmed(again, cycle, version=2)
    voted(again, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", version=2)
    with store.begin() as tx:
        sweep(tx, LATER + timedelta(days=9))
        ((after, changes),) = commendation_changes(tx, opened.period_id)
    assert "Số liệu sai" in after.because
    (unit,) = (one for one in changes if one.what.endswith("UBND phường"))
    assert (unit.before, unit.after) == ("đề nghị", "không đề nghị")
    assert any("chưa đến “Hoàn thành tốt nhiệm vụ”" in said for said in unit.newly)
    assert not lines(opened)[0].is_proposed


def test_the_council_decides_by_more_than_half_of_all_members(store: Store) -> None:
    opened = closed(store)
    put(opened)
    subjects = [one.subject for code in ("giay-khen", "giay-khen-ca-nhan") for one in lines(opened, code)]
    sitting = asked(opened, *subjects)
    assert len(sitting.motions) == 3
    for member, choice in zip(COUNCIL[:4], [Choice.APPROVE] * 2 + [Choice.RETURN] * 2, strict=True):
        vote(opened, sitting, member, choice)
    assert last(opened).closed_at is None
    vote(opened, sitting, COUNCIL[3], Choice.APPROVE)
    vote(opened, sitting, COUNCIL[4], Choice.ABSTAIN)
    done = last(opened)
    assert done.closed_at is not None
    assert {one.is_carried for one in done.motions} == {True}
    assert done.motions[0].count == {"approve": 3, "return": 1, "abstain": 1, "missing": 0}
    assert all(one.is_carried for one in lines(opened))


def test_half_of_the_members_is_not_enough_nor_is_a_vote_without_its_quorum(store: Store) -> None:
    opened = closed(store)
    sitting = asked(opened, lines(opened)[0].subject)
    for member in COUNCIL[:3]:
        vote(opened, sitting, member, Choice.APPROVE)
    with store.begin() as tx:
        close_sitting(tx, opened.person("van-phong"), sitting.id, LATER)
    # 3 of 5 are more than half, but 2/3 of the members had to take part.
    assert last(opened).motions[0].is_carried is False


def test_a_secret_vote_keeps_who_voted_and_how_many_never_who_voted_how(store: Store) -> None:
    opened = closed(store, SECRET)
    sitting = asked(opened, lines(opened)[0].subject)
    for member, choice in zip(COUNCIL, [Choice.APPROVE] * 4 + [Choice.RETURN], strict=True):
        vote(opened, sitting, member, choice)
    with store.reading() as tx:
        assert tx.scalars(select(motion_ballots.c.id)).all() == []
        assert dict(tx.execute(select(motion_counts.c.choice, motion_counts.c.n)).all()) == {
            "approve": 4,
            "return": 1,
        }
        assert len(tx.scalars(select(sitting_turnouts.c.person_id)).all()) == 5
        said = tx.scalars(select(audit.c.details).where(audit.c.verb == "council-voted")).all()
    assert all("ballots" not in details for details in said)
    assert last(opened).motions[0].is_carried


@pytest.mark.parametrize("n_ballots", [1, 2])
def test_the_office_cannot_end_a_secret_vote_while_its_count_would_say_who_voted_how(
    store: Store, n_ballots: int
) -> None:
    opened = closed(store, SECRET)
    sitting = asked(opened, lines(opened)[0].subject)
    for member in COUNCIL[:n_ballots]:
        vote(opened, sitting, member, Choice.APPROVE)
    with pytest.raises(NotAllowed, match="dưới 3 phiếu"), store.begin() as tx:
        close_sitting(tx, opened.person("van-phong"), sitting.id, LATER)
    for member in COUNCIL[n_ballots:3]:
        vote(opened, sitting, member, Choice.APPROVE)
    with store.begin() as tx:
        close_sitting(tx, opened.person("van-phong"), sitting.id, LATER)
    assert last(opened).motions[0].count == {"approve": 3, "return": 0, "abstain": 0, "missing": 2}


@pytest.mark.parametrize("choice", [Choice.APPROVE, Choice.RETURN])
def test_a_secret_vote_that_ends_with_two_ballots_looks_the_same_whatever_they_said(
    store: Store, choice: Choice
) -> None:
    opened = closed(store, SECRET)
    sitting = asked(opened, lines(opened)[0].subject)
    for member in COUNCIL[:2]:
        vote(opened, sitting, member, choice)
    with store.begin() as tx:
        assert close_over(tx, LATER + timedelta(days=5)) == [sitting.id]
    done = last(opened)
    assert (done.motions[0].is_carried, done.motions[0].count, done.n_voted) == (False, None, 2)
    with store.reading() as tx:
        assert tx.scalars(select(motion_counts.c.choice)).all() == []


def test_a_council_of_two_is_not_asked_in_secret(store: Store) -> None:
    opened = closed(store, SECRET)
    with store.begin() as tx:
        two = [opened.person(box) for box in COUNCIL[:2]]
        tx.execute(update(periods).values(committee=_council(two)))
    with pytest.raises(NotAllowed, match="2 thành viên"):
        asked(opened, lines(opened)[0].subject)


@pytest.mark.parametrize("scoring", [SCORING, SECRET], ids=["named", "secret"])
def test_what_the_council_decided_is_locked_with_the_period(
    store: Store, tmp_path: Path, scoring: dict
) -> None:
    opened = closed(store, scoring)
    files = Files(f"file://{tmp_path}")
    sitting = asked(opened, lines(opened)[0].subject)
    vote(opened, sitting, COUNCIL[0], Choice.APPROVE)
    with store.reading() as tx:
        assert check_lock(tx, files, opened.period_id).holds  # a vote under way is no fact of the period yet
    for member in COUNCIL[1:]:
        vote(opened, sitting, member, Choice.APPROVE)
    with store.begin() as tx:
        state = check_lock(tx, files, opened.period_id)
        assert (state.faults, state.later) == ((), ())
        assert state.latest.body["because"].endswith(f"biên bản lấy phiếu số {sitting.id}")
        altered = update(motion_counts).values(n=4) if scoring is SECRET else delete(motion_ballots)
        tx.execute(altered)
        tx.execute(update(motions).values(is_carried=False))
        told = {str(one.what) for one in check_lock(tx, files, opened.period_id).faults}
    assert any(one.startswith(("Số phiếu kín", "Phiếu biểu quyết của hội đồng")) for one in told), told
    assert any(one.startswith("Nội dung hội đồng biểu quyết") for one in told), told


def test_a_secret_ballot_is_final(store: Store) -> None:
    opened = closed(store, SECRET)
    sitting = asked(opened, lines(opened)[0].subject)
    vote(opened, sitting, "bi-thu", Choice.APPROVE)
    with pytest.raises(Conflict):
        vote(opened, sitting, "bi-thu", Choice.RETURN)


def test_a_members_last_named_ballots_stand(store: Store) -> None:
    opened = closed(store)
    sitting = asked(opened, lines(opened)[0].subject)
    for member in ("bi-thu", *COUNCIL):
        vote(opened, sitting, member, Choice.RETURN if member == "bi-thu" else Choice.APPROVE)
    done = last(opened)
    assert done.motions[0].count == {"approve": 4, "return": 1, "abstain": 0, "missing": 0}
    assert done.motions[0].ballots[opened.person("bi-thu")] is Choice.RETURN


def test_a_vote_whose_last_day_is_over_is_closed_by_the_sweep_and_the_office_hears_of_it(
    store: Store,
) -> None:
    opened = closed(store)
    sitting = asked(opened, lines(opened)[0].subject, until_days=3)
    vote(opened, sitting, "bi-thu", Choice.APPROVE)
    with store.begin() as tx:
        sweep(tx, LATER + timedelta(days=4))
        notices = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "notice")).all()
    assert last(opened).motions[0].is_carried is False
    assert [one["about"] for one in notices] == ["sitting-commendations"]
    with pytest.raises(Conflict):
        vote(opened, sitting, "pho-bi-thu", Choice.APPROVE, LATER + timedelta(days=4))


def test_only_members_vote_and_on_every_motion_at_once(store: Store) -> None:
    opened = closed(store)
    sitting = asked(opened, lines(opened)[0].subject, lines(opened, "giay-khen-ca-nhan")[0].subject)
    with pytest.raises(NotAllowed):
        vote(opened, sitting, "ubnd", Choice.APPROVE)
    with pytest.raises(NotAllowed), store.begin() as tx:
        one = {sitting.motions[0].id: Choice.APPROVE}
        cast(tx, opened.person("bi-thu"), sitting.id, one, LATER)


def test_nobody_is_put_to_the_council_twice_nor_before_the_period_is_closed(store: Store) -> None:
    opened = closed(store)
    subject = lines(opened)[0].subject
    asked(opened, subject)
    with pytest.raises(NotAllowed):
        asked(opened, subject)
    again = an_open_period(store, span="2026-Q2", plan=a_plan(year=2027), now=NOW)
    with pytest.raises(Conflict), store.begin() as tx:
        tx.execute(rules.update().values(scoring=SCORING))
        open_vote(tx, again.person("van-phong"), again.period_id, [subject], LATER.date(), LATER)


def test_a_unit_puts_its_own_people_forward_until_the_council_is_asked(store: Store) -> None:
    opened = closed(store)
    entry = put(opened, by="ubnd")
    (by_hand,) = (one for one in lines(opened, "giay-khen-ca-nhan") if one.by_hand)
    assert by_hand.subject == f"giay-khen-ca-nhan:h{entry}"
    assert by_hand.reasons == ["Sáng kiến số hóa hồ sơ"]
    with pytest.raises(NotAllowed):
        put(opened, by="mttq")
    with pytest.raises(NotAllowed):
        put(opened, name="")
    asked(opened, by_hand.subject)
    with pytest.raises(NotAllowed):
        put(opened, by="ubnd")
    put(opened, by="van-phong")
    with store.reading() as tx:
        assert verify(tx)[1] == []
