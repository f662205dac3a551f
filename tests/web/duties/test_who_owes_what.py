"""Whatever the directory and whoever is away: every place that tells who owes what, and until when, tells the
same. One app serves all examples; each has an organisation of its own."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, select

from tests.builders import MEMBERS, NOW, Opened, a_directory, a_plan, an_open_period
from tests.web.asking import System, a_key
from tests.web.visiting import Visit, a_visit
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.errors import NotAllowed, TiendoError
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ApprovalRule, ConfirmationRule, Objection, Rules, Silence
from workflow.mail.letters.owed import owing_of
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, SubmittedReport, UnitWord
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.duties.board import board
from workflow.storage.duties.ladder import DIFFICULTY, matters
from workflow.storage.duties.owed import OwedDuty, owed_in
from workflow.storage.duties.persons_page import owed_by
from workflow.storage.duties.urging import Urged, urge
from workflow.storage.people.absences import substitute
from workflow.storage.periods.watched import watched_period
from workflow.storage.tables import cycles, outbox

UNITS = ("ubnd", "mttq", "cong-an")
BOXES = (*UNITS, *(box for _, box, _ in MEMBERS[:3]), "hai-vai", "phu-1", "phu-2")
EXTRA = (
    Person("Cao Văn Kiêm", "hai-vai@hoaxuan.example", "", (("mttq", Role.REPORTER), ("btv", Role.MEMBER))),
    Person("Lê Thị Cúc", "phu-1@hoaxuan.example", "", (("ubnd", Role.REPORTER),)),
    Person("Tô Thị Lài", "phu-2@hoaxuan.example"),
)


@dataclass(frozen=True)
class Absence:
    """Someone is away for all of the quarter's days."""

    absent: str
    other: str
    votes: bool


@dataclass(frozen=True)
class Deed:
    """Someone does what they can to an item on a day of March."""

    day: int
    box: str
    item: int
    choice: int


absences = some.lists(
    some.builds(Absence, some.sampled_from(BOXES), some.sampled_from(BOXES), some.booleans()),
    max_size=5,
    unique_by=lambda one: one.absent,
)
deeds = some.lists(
    some.builds(
        Deed, some.integers(2, 24), some.sampled_from(BOXES), some.integers(0, 1), some.integers(0, 4)
    ),
    max_size=10,
)
rules = some.builds(
    lambda silence, objection, substitutes: Rules(
        confirmation=ConfirmationRule(silence=silence, objection=objection),
        approval=ApprovalRule(substitutes=substitutes),
    ),
    some.sampled_from(Silence),
    some.sampled_from(Objection),
    some.booleans(),
)


@pytest.fixture(scope="module")
def site() -> Iterator[Visit]:
    with tempfile.TemporaryDirectory() as folder:
        yield a_visit(Path(folder))


def _do(opened: Opened, one: Deed) -> None:
    """Reports, confirms or votes, in their own place or another's: whatever of it the person may."""
    now = NOW.replace(day=one.day)
    me, cycle = opened.person(one.box), opened.cycles[one.item]
    said = Verdict.OBJECT if one.choice == 0 else Verdict.CONFIRM
    choice = Choice.RETURN if one.choice == 1 else Choice.APPROVE
    with opened.store.reading() as tx:
        version = tx.execute(select(cycles.c.version).where(cycles.c.id == cycle)).scalar_one()
    for act in range(3):
        with suppress(TiendoError), opened.store.begin() as tx:
            if act == 0:
                acts.submit(
                    tx, me, [SubmittedReport(cycle, opened.units["ubnd"], version, 50, "Đã làm.")], now
                )
            elif act == 1:
                unit = opened.units["mttq" if one.choice % 2 else "cong-an"]
                acts.confirm(tx, me, [UnitWord(cycle, unit, version, said, "Lý do")], now)
            else:
                acts.vote(tx, me, [CastVote(cycle, version, choice, "Lý do")], now)
            return


def _opened(site: Visit, number: int, rule: Rules, away: list[Absence], done: list[Deed]) -> Opened:
    opened = an_open_period(
        site.opened.store,
        directory=a_directory(f"Phường thứ {number}", n_members=3, extra=EXTRA),
        plan=a_plan(2),
        rules=rule,
    )
    first = NOW.date()
    for one in away:
        with suppress(TiendoError), opened.store.begin() as tx:
            absent, other = opened.person(one.absent), opened.person(one.other)
            substitute(tx, absent, other, first, first + timedelta(days=60), NOW, votes=one.votes)
    for deed in sorted(done, key=lambda deed: deed.day):
        _do(opened, deed)
    return opened


Told = dict[tuple[int, str, int], date]
"""The last day of each thing owed: (person, duty, cycle)."""


def _told_by_the_list(owed: list[OwedDuty]) -> Told:
    found: Told = {}
    for one in owed:
        for person in one.persons:
            key = (person, one.duty.value, one.cycle_id or 0)
            found[key] = min(one.lateness.last_day, found.get(key, date.max))
    return found


def _told_by_pages(tx, opened: Opened, now: datetime) -> Told:
    found: Told = {}
    for person in opened.persons.values():
        page = owed_by(tx, person, opened.period_id, now=now)
        asked = [
            *((Duty.SUBMIT, one) for one in page.to_report),
            *((Duty.CONFIRM, one) for one in page.to_confirm),
            *((Duty.VOTE, one) for one in page.to_vote),
        ]
        for duty, one in asked:
            if one.lateness:
                key = (person, duty.value, one.cycle.id)
                found[key] = min(one.lateness.last_day, found.get(key, date.max))
    return found


def _told_by_digests(tx, opened: Opened, now: datetime) -> Told:
    codes = {row.cycle.code: row.cycle.id for row in board(tx, opened.period_id, now).rows}
    found: Told = {}
    for person in opened.persons.values():
        digest = owing_of(tx, person, opened.period_id, now)
        for group in digest.groups if digest else ():
            for one in group.items:
                found[person, group.duty.value, codes[one.code]] = one.due
    return found


_NUMBER = iter(range(1, 1_000_000))


@settings(max_examples=25)
@given(rules, absences, deeds, some.integers(3, 27))
def test_board_ladder_digests_pages_urging_and_api_agree_on_holder_and_last_day(
    site: Visit, rule: Rules, away: list[Absence], done: list[Deed], day: int
) -> None:
    done = [one for one in done if one.day <= day]
    opened = _opened(site, next(_NUMBER), rule, away, done)
    now = NOW.replace(day=day)
    with opened.store.begin() as tx:
        advance_cycles(tx, opened.cycles, now)
    with opened.store.reading() as tx:
        watched = {opened.period_id: watched_period(tx, opened.period_id, now)}
        owed = owed_in(tx, watched)
        told = _told_by_the_list(owed)
        assert _told_by_pages(tx, opened, now) == told
        assert _told_by_digests(tx, opened, now) == told

        steps = matters(tx, watched)
        held: dict[tuple[str, int], set[int]] = defaultdict(set)
        for person, duty, cycle in told:
            held[duty, cycle].add(person)
        assert {(one.what, one.cycle_id): one.holders for one in steps if one.holders} == held
        rows = {row.cycle.id: row for row in board(tx, opened.period_id, now).rows}
        for one in steps:
            row = rows[one.cycle_id]
            assert one.what != DIFFICULTY
            assert (row.last_day, row.is_late) == (one.last, one.lateness.is_late)

    _the_api_agrees(site, opened, told, now)
    _urging_reaches(opened, {person for person, _, _ in told}, now)
    for one in owed:
        for person in one.persons:
            _may_do(opened, one, person, now)


def _the_api_agrees(site: Visit, opened: Opened, told: Told, now: datetime) -> None:
    site.clock.set(now)
    system = System(site, a_key(opened))
    path = f"/periods/{opened.period_id}"
    listed = {one["person_id"]: one for one in system.ask(f"{path}/owing").json()}
    counts: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Duty, 0))
    for person, duty, _ in told:
        counts[person][duty] += 1
    assert {person: {duty: one[duty] for duty in Duty} for person, one in listed.items()} == counts
    for person, one in listed.items():
        first = min(day for (who, _, _), day in told.items() if who == person)
        assert one["last_day"] == first.isoformat()
    for cycle in system.ask(f"{path}/cycles").json()["entries"]:
        days = {day for (_, _, about), day in told.items() if about == cycle["id"]}
        assert not days or cycle["last_day"] == min(days).isoformat()


def _urging_reaches(opened: Opened, people: set[int], now: datetime) -> None:
    with opened.store.begin() as tx:
        tx.execute(delete(outbox).where(outbox.c.period_id == opened.period_id))
        urged = urge(tx, opened.period_id, None, now)
        assert {one.person_id for one in urged} == people
        assert {one.outcome for one in urged} <= {Urged.INTENDED}


class _Undone(Exception):
    """Takes back an act that was only tried."""


def _may_do(opened: Opened, one: OwedDuty, person: int, now: datetime) -> None:
    """Who is said to owe something is let in to do it."""
    cycle, version = one.cycle_id or 0, one.number
    with suppress(_Undone), opened.store.begin() as tx:
        try:
            match one.duty:
                case Duty.SUBMIT:
                    acts.submit(
                        tx, person, [SubmittedReport(cycle, one.unit_id or 0, version, 50, "Đã làm.")], now
                    )
                case Duty.CONFIRM:
                    acts.confirm(
                        tx, person, [UnitWord(cycle, one.unit_id or 0, version, Verdict.CONFIRM)], now
                    )
                case Duty.VOTE:
                    acts.vote(tx, person, [CastVote(cycle, version, Choice.APPROVE, "", one.member_id)], now)
        except NotAllowed as refused:
            pytest.fail(f"{one} by {person}: {refused}")
        raise _Undone
