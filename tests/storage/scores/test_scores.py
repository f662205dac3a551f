"""Scores kept, opened up and voted on; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, select

from tests.builders import NOW, Opened, a_plan, an_item, an_open_period, confirmed, submitted, voted
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.scores.score_entries import EntryKind
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.cycles import orders
from workflow.storage.results import closing
from workflow.storage.results.closing import close_period
from workflow.storage.results.entered import entries_of
from workflow.storage.results.figures import SCORES, figures, versions
from workflow.storage.rules import scoring_of
from workflow.storage.scores.entries import Meeting, NewEntry, enter
from workflow.storage.scores.own_scores import OwnPoints, give_own_score
from workflow.storage.scores.sheets import decide_entry, score_sheet, version_changes
from workflow.storage.scores.sitting_lists import Sitting, sittings_of
from workflow.storage.scores.sittings import cast
from workflow.storage.scores.votes import open_score_vote
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import audit, rules

SCORING = read_scoring(scoring_path())
LATER = NOW + timedelta(days=60)


def scored(store: Store) -> Opened:
    plan = a_plan(items=[replace(an_item(n), coordinating_ids=(), coordinating_units=()) for n in (1, 3)])
    opened = an_open_period(store, plan=plan)
    with store.begin() as tx:
        tx.execute(rules.update().values(scoring=SCORING))
    return opened


def approved(opened: Opened, cycle: int, version: int = 0) -> None:
    submitted(opened, cycle, version=version)
    confirmed(opened, cycle, version=version + 1)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", version=version + 1)


def closed(store: Store) -> Opened:
    opened = scored(store)
    approved(opened, opened.cycles[0])
    with store.begin() as tx:
        close_period(tx, opened.period_id, LATER, is_early=True)
    return opened


def entered(opened: Opened, kind: EntryKind, code: str, points: str = "0", by: str = "van-phong") -> int:
    new = NewEntry(opened.units["ubnd"], kind, code, "Lý do", Decimal(points), "QĐ 12")
    with opened.store.begin() as tx:
        return enter(tx, opened.person(by), opened.period_id, new, scoring_of(SCORING), LATER)


def decided(opened: Opened, entry: int, n_for: int, minutes: str = "05/BB") -> int | None:
    members = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")
    ballots = {
        opened.person(one): Choice.APPROVE if place < n_for else Choice.RETURN
        for place, one in enumerate(members)
    }
    with opened.store.begin() as tx:
        meeting = Meeting(minutes, date(2026, 4, 20), ballots)
        return decide_entry(tx, opened.person("van-phong"), entry, meeting, LATER + timedelta(hours=1))


def own(opened: Opened) -> dict:
    with opened.store.reading() as tx:
        found = figures(tx, opened.period_id, SCORES, LATER)
    return next(one for one in found.body if one["unit"]["id"] == opened.units["ubnd"])


def points(one: dict, code: str) -> Decimal:
    return Decimal(next(line["points"] for line in one["lines"] if line["criterion"]["code"] == code))


def test_what_the_council_carried_counts_and_what_it_did_not_does_not(store: Store) -> None:
    opened = closed(store)
    before = own(opened)
    lost, won = (entered(opened, EntryKind.ADJUSTMENT, "chat-luong", "1.5") for _ in range(2))
    assert decided(opened, lost, 2) is None
    assert own(opened) == before
    assert decided(opened, won, 3) == 2
    after = own(opened)
    assert points(after, "chat-luong") == points(before, "chat-luong") + Decimal("1.5")
    said = next(line for line in after["lines"] if line["criterion"]["code"] == "chat-luong")["reasons"][-1]
    assert "03/05 phiếu, biên bản 05/BB ngày 20/04/2026" in said["text"]
    assert said["entry_ids"] == [won]


def test_a_closed_periods_scores_change_only_by_a_new_version_that_says_why(store: Store) -> None:
    opened = closed(store)
    decided(opened, entered(opened, EntryKind.EXTRA, "phe-binh"), 5)
    with store.reading() as tx:
        kept = versions(tx, opened.period_id)
        (change,) = version_changes(tx, opened.period_id)
        verbs = set(tx.scalars(select(audit.c.verb)))
        checked, faults = verify(tx)
    assert [one.version for one in kept] == [1, 2]
    assert "biên bản 05/BB" in change.after.because
    assert {one.what for one in change.units[0].changes} >= {"Bị phê bình bằng văn bản", "Tổng điểm"}
    assert {"score-entered", "score-decided", "results-recomputed"} <= verbs
    assert checked
    assert not faults


def test_a_reopened_cycle_decided_anew_brings_new_results_and_the_old_ones_stay(store: Store) -> None:
    opened = closed(store)
    lapsed, office = opened.cycles[1], opened.person("van-phong")
    before = own(opened)
    with store.begin() as tx:
        until = (LATER + timedelta(days=10)).date()
        orders.reopen(tx, office, lapsed, "Báo cáo gửi nhầm hộp thư", until, LATER)
        sweep(tx, LATER + timedelta(hours=1))
    assert own(opened) == before
    approved(replace(opened, now=LATER + timedelta(days=1)), lapsed)
    with store.begin() as tx:
        sweep(tx, LATER + timedelta(days=2))
        (change,) = version_changes(tx, opened.period_id)
    assert "Báo cáo gửi nhầm hộp thư" in change.after.because
    assert points(own(opened), "ket-qua") > points(before, "ket-qua")
    with store.begin() as tx:
        sweep(tx, LATER + timedelta(days=3))
        assert len(versions(tx, opened.period_id)) == 2


def test_a_reopened_cycle_that_changes_nothing_is_summed_and_scored_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = closed(store)
    looks: list[int] = []
    summed = closing.counted

    def counted(tx: Connection, period_id: int, today: date) -> closing.Counted:
        looks.append(period_id)
        return summed(tx, period_id, today)

    monkeypatch.setattr(closing, "counted", counted)
    with store.begin() as tx:
        office, until = opened.person("van-phong"), (LATER + timedelta(days=3)).date()
        orders.reopen(tx, office, opened.cycles[1], "Chờ thêm", until, LATER)
    for days in range(1, 10):
        with store.begin() as tx:
            sweep(tx, LATER + timedelta(days=days))
    assert looks == [opened.period_id]
    with store.begin() as tx:
        assert len(versions(tx, opened.period_id)) == 1
        later = LATER + timedelta(days=20)
        orders.reopen(tx, office, opened.cycles[1], "Thêm lần nữa", later.date(), later)
    approved(replace(opened, now=later), opened.cycles[1])
    with store.begin() as tx:
        sweep(tx, later + timedelta(days=1))
        assert len(versions(tx, opened.period_id)) == 2


def test_each_reason_opens_to_its_cycle_and_each_criterion_to_its_rule(store: Store) -> None:
    opened = closed(store)
    with store.reading() as tx:
        sheet = score_sheet(tx, opened.period_id, opened.units["ubnd"], LATER)
        digest = tx.scalar(select(rules.c.sha256))
    assert set(sheet.records) == set(opened.cycles)
    assert sheet.pinned.sha256 == digest
    assert 'code = "bao-cao"' in sheet.texts["bao-cao"]
    assert "chat-luong" not in sheet.texts["bao-cao"]
    assert "# --- Nhóm" not in sheet.texts["sang-kien"]


def test_an_entry_is_voted_on_once(store: Store) -> None:
    opened = closed(store)
    entry = entered(opened, EntryKind.INITIATIVE, "sang-kien")
    decided(opened, entry, 3)
    with pytest.raises(Conflict):
        decided(opened, entry, 5)


@pytest.mark.parametrize(
    ("kind", "code", "value"),
    [
        (EntryKind.INITIATIVE, "bao-cao", "0"),
        (EntryKind.EXTRA, "la", "0"),
        (EntryKind.ADJUSTMENT, "bao-cao", "0"),
        (EntryKind.ADJUSTMENT, "bao-cao", "0.001"),
        (EntryKind.SELF, "bao-cao", "11"),
    ],
)
def test_what_the_rules_have_no_place_for_is_refused(
    store: Store, kind: EntryKind, code: str, value: str
) -> None:
    with pytest.raises(NotAllowed):
        entered(closed(store), kind, code, value)


def test_only_the_office_enters(store: Store) -> None:
    with pytest.raises(NotAllowed):
        entered(closed(store), EntryKind.INITIATIVE, "sang-kien", by="ubnd")


def test_a_units_own_points_stand_beside_and_change_nothing(store: Store) -> None:
    opened = closed(store)
    before = own(opened)
    entered(opened, EntryKind.SELF, "bao-cao", "9.5")
    with store.reading() as tx:
        sheet = score_sheet(tx, opened.period_id, opened.units["ubnd"], LATER)
    assert sheet.own_points["bao-cao"].points == Decimal("9.5")
    assert own(opened) == before


def asked(opened: Opened, *entries: int) -> Sitting:
    with opened.store.begin() as tx:
        until = (LATER + timedelta(days=3)).date()
        open_score_vote(tx, opened.person("van-phong"), opened.period_id, entries, until, LATER)
        return sittings_of(tx, opened.period_id)[-1]


def test_the_councils_votes_by_link_decide_an_entry_and_change_the_kept_scores(store: Store) -> None:
    opened = closed(store)
    before = own(opened)
    won, lost = (entered(opened, EntryKind.ADJUSTMENT, "chat-luong", "1.5") for _ in range(2))
    sitting = asked(opened, won, lost)
    for place, member in enumerate(("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")):
        with store.begin() as tx:
            choices = {
                motion.id: Choice.APPROVE
                if place < (3 if motion.subject == f"entry:{won}" else 2)
                else Choice.RETURN
                for motion in sitting.motions
            }
            cast(tx, opened.person(member), sitting.id, choices, LATER)
    assert points(own(opened), "chat-luong") == points(before, "chat-luong") + Decimal("1.5")
    with store.reading() as tx:
        (change,) = version_changes(tx, opened.period_id)
        found = {one.id: one for one in entries_of(tx, opened.period_id)}
        assert verify(tx)[1] == []
    assert f"lấy phiếu số {sitting.id}" in change.after.because
    assert (found[won].in_favour, found[lost].in_favour, found[won].members) == (3, 2, 5)


def test_an_entry_the_council_is_asked_about_takes_no_minutes_beside(store: Store) -> None:
    opened = closed(store)
    entry = entered(opened, EntryKind.INITIATIVE, "sang-kien")
    asked(opened, entry)
    with pytest.raises(Conflict):
        decided(opened, entry, 5)
    with pytest.raises(NotAllowed):
        asked(opened, entry)


def self_scored(opened: Opened, at: datetime, by: str = "ubnd", value: str = "1.5") -> None:
    with opened.store.begin() as tx:
        said = {one.code: OwnPoints(Decimal(value), "Lý do", "QĐ 1") for one in scoring_of(SCORING).criteria}
        give_own_score(tx, opened.person(by), opened.period_id, opened.units["ubnd"], said, at)


def test_a_unit_scores_itself_until_the_day_the_rules_give(store: Store) -> None:
    opened = scored(store)
    self_scored(opened, NOW)
    last = NOW + timedelta(days=17)  # 19 March, three working days after the 16th
    self_scored(opened, last, value="2")
    with pytest.raises(Conflict):
        self_scored(opened, last + timedelta(days=1))
    with store.reading() as tx:
        kept = [one for one in entries_of(tx, opened.period_id) if one.code == "bao-cao"]
    assert [one.points for one in kept] == [Decimal("1.5"), Decimal(2)]
    assert kept[-1].evidence == "QĐ 1"


def test_what_a_unit_says_again_unchanged_is_not_kept_twice(store: Store) -> None:
    opened = scored(store)
    self_scored(opened, NOW)
    self_scored(opened, NOW)
    with store.reading() as tx:
        assert len(entries_of(tx, opened.period_id)) == len(scoring_of(SCORING).criteria)


def test_nobody_scores_another_unit_nor_leaves_a_criterion_out(store: Store) -> None:
    opened = scored(store)
    with pytest.raises(NotAllowed):
        self_scored(opened, NOW, by="mttq")
    with pytest.raises(NotAllowed), store.begin() as tx:
        said = {"bao-cao": OwnPoints(Decimal(1))}
        give_own_score(tx, opened.person("ubnd"), opened.period_id, opened.units["ubnd"], said, NOW)
