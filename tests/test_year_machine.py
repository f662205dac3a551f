"""A year played at random through the database, against a plain oracle: a directory with a committee and
an emulation council, three quarters of one plan one after another, and the half-year evaluated from the first
two. Beside all that `test_period_machine` plays: more time, withdrawals with a second person, recalls by the
office, days off entered in time and late.

After every step each cycle of every quarter stands where the oracle says,
and what has ended has not come back; each quarter's records and the half-year are counted by hand.

12 years here; 10,000 with `-m nightly`, or as many as TIENDO_YEARS says.
"""

from __future__ import annotations

import copy
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import event, select

from tests.builders import NOW, a_directory, a_plan, a_store, a_target, an_item
from tests.plain_oracle import PlainRules, after_midnight, day_of
from tests.plain_year import OFFICERS, STEPS, PlainDates, PlainItem, PlainKept, PlainSaid, deciding, mean
from tests.test_period_machine import (
    EXTRA,
    MEMBERS,
    OPEN,
    PEOPLE,
    PLAIN_RULES,
    REPORTERS,
    Period,
    _quick,
    rules_of,
)
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.people.directory import BodyKind, Directory, Person, Role, Unit
from workflow.domain.periods.days_off import DayChange, DayKind
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.results.record import Reported
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage import Store
from workflow.storage.amending.extensions import ExtendedStep, Extent, MoreTime, extend
from workflow.storage.cycles import acts, orders
from workflow.storage.cycles.acts import SubmittedReport
from workflow.storage.opening.opening import open_period
from workflow.storage.people.directory import save_directory, unit_ids
from workflow.storage.plans.plans import save_plan
from workflow.storage.results.closing import close_period, evaluate_again
from workflow.storage.results.evaluations import NewEvaluation, evaluate
from workflow.storage.results.figures import figures
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.days_off import change_days
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import cycles, items, periods, persons, targets

COUNCIL = Unit("hdtd", "Hội đồng Thi đua", is_committee=True, body=BodyKind.COUNCIL)
OF_COUNCIL = ("chu-tich-hd", "uy-vien-hd")
QUARTERS = (
    (NOW, PlainDates(date(2026, 3, 5), date(2026, 3, 9), date(2026, 3, 12), date(2026, 3, 18))),
    (
        NOW.replace(month=6, day=1),
        PlainDates(date(2026, 6, 4), date(2026, 6, 8), date(2026, 6, 11), date(2026, 6, 17)),
    ),
    (
        NOW.replace(month=9, day=7),
        PlainDates(date(2026, 9, 10), date(2026, 9, 14), date(2026, 9, 17), date(2026, 9, 23)),
    ),
)
ITEMS = {
    1: ("ubnd", ("mttq", "cong-an"), a_target("500", "500 hộ", "hộ")),
    2: ("ubnd", ("mttq", "cong-an"), a_target("98", "98% hồ sơ", "%")),
    3: ("mttq", ("ubnd", "cong-an"), None),
}
"""Lead, units asked and target of each item: a count, a rate, and none. The third is never reported done."""
COUNT, RATE = 1, 2
OF_LEAD = {"ubnd": {"kiem"}, "mttq": {"kiem"}}
ENDED = ("approved", "undecided", "lapsed", "withdrawn")
HALF = Span.parse("2026-H1")
VALUES = st.integers(1, 99)


def _directory() -> Directory:
    """The ward's, with a council before the committee; the deputy secretary sits on both."""
    base = a_directory(n_members=3, extra=EXTRA)
    council = tuple(
        Person(box, f"{box}@hoaxuan.example", "", (("hdtd", Role.MEMBER if place else Role.CHAIR),))
        for place, box in enumerate(OF_COUNCIL)
    )
    both = tuple(
        replace(one, roles=(*one.roles, ("hdtd", Role.MEMBER))) if one.email.startswith("pho-bi-thu") else one
        for one in base.persons
    )
    return replace(base, units=(COUNCIL, *base.units), persons=(*council, *both))


def _plan() -> Any:
    found = []
    for number, (lead, asked, target) in ITEMS.items():
        item = replace(
            an_item(number),
            lead_ids=(lead,),
            coordinating_ids=asked,
            targets=(target,) if target else (),
            deadline=None,
            deadline_text="",
        )
        found.append(item)
    return a_plan(items=found)


@cache
def _with_a_plan() -> tuple[Path, int, int]:
    folder = Path(mkdtemp(prefix="tiendo-year-"))
    store = a_store(folder)
    with store.begin() as tx:
        organisation = save_directory(tx, _directory())
        plan_id = save_plan(tx, organisation, _plan(), NOW)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return folder / "tiendo.db", organisation, plan_id


class Quarter:
    """One quarter: its period, dates and where its cycles stand among all."""

    def __init__(self, span: Span, period_id: int, dates: PlainDates, places: dict[int, int]) -> None:
        self.span, self.period_id, self.dates, self.places = span, period_id, dates, places


class Year(Period):
    """Three quarters and a half-year, twice: in the database and in the oracle."""

    plain: list[PlainItem]

    @initialize(plain=PLAIN_RULES, data=st.data())
    def opens(self, plain: PlainRules, data: st.DataObject) -> None:
        template, self.organisation, self.plan_id = _with_a_plan()
        self.folder = Path(mkdtemp(prefix="tiendo-year-"))
        shutil.copyfile(template, self.folder / "tiendo.db")
        self.store = Store(f"sqlite:///{self.folder / 'tiendo.db'}")
        event.listen(self.store.engine, "connect", _quick)
        self.now = NOW
        self.rules = plain
        with self.store.begin() as tx:
            scoring = read_scoring(scoring_path())
            self.rules_id = save_rules(tx, self.organisation, rules_of(plain), scoring, NOW)
            self.units = unit_ids(tx, self.organisation)
            self.persons = {
                email.split("@")[0]: person
                for email, person in tx.execute(select(persons.c.email, persons.c.id))
            }
            self.targets = dict(
                zip((COUNT, RATE), tx.scalars(select(targets.c.id).order_by(targets.c.id)), strict=True)
            )
        self.absences = []
        self.made: list[int] = []
        self.entries: list[tuple[int, int, str, str, int, str]] = []
        self.ids: list[int] = []
        self.plain = []
        self.quarters: list[Quarter] = []
        self.days_off: set[date] = set()
        self.orders: dict[int, int] = {}
        self.ended: dict[int, str] = {}
        self.half: int | None = None
        self.a_quarter_opens(data)

    def a_quarter_opens(self, data: st.DataObject) -> None:
        """The next one, with a roll of the committee alone and the items that are asked by rule."""
        opening, dates = copy.deepcopy(QUARTERS[len(self.quarters)])
        self.now = max(self.now, opening)
        span = Span.parse(f"2026-Q{len(self.quarters) + 1}")
        asked = [number for number in ITEMS if not self.is_done(number)]
        given = Timetable(day_of(opening), dates.due_on, dates.confirm_by, dates.approve_by, dates.cut_off)
        with self.store.begin() as tx:
            period = open_period(tx, self.plan_id, span, self.rules_id, self.now, dates=given)
            rows = tx.execute(
                select(cycles.c.id, items.c.position)
                .join(items, items.c.id == cycles.c.item_id)
                .where(cycles.c.period_id == period)
                .order_by(items.c.position)
            ).all()
            rolls = tx.scalar(select(periods.c.committee).where(periods.c.id == period))
        assert [row.position for row in rows] == self.positions(asked), "asked until approved as done"
        assert rolls["bodies"]["btv"]["members"] == [self.persons[one] for one in MEMBERS]
        places = {}
        for number, row in zip(asked, rows, strict=True):
            lead, units, _ = ITEMS[number]
            places[number] = len(self.ids)
            self.ids.append(row.id)
            one = PlainItem(
                self.rules,
                lead,
                units,
                MEMBERS,
                OF_LEAD[lead],
                REPORTERS,
                dates.confirm_by,
                dates.approve_by,
                dates.cut_off,
                rules_of(self.rules).period.approve_working_days,
                self.absences,
                days_off=self.days_off,
                number=number,
                dates=dates,
            )
            one.take_dates()
            self.plain.append(one)
        self.quarters.append(Quarter(span, period, dates, places))
        for cycle in places.values():
            start = data.draw(st.sampled_from([0, 1, 2, 2, 3]))
            if start:
                self.submit(cycle, self.plain[cycle].lead)
            if start > 1:
                self.agree(cycle, Verdict.CONFIRM)
            if start > 2:
                for member in MEMBERS:
                    self.vote(cycle, member, Choice.APPROVE)
        self.now += timedelta(days=data.draw(st.sampled_from([0, 0, 3, 7, 9, 10])))

    def positions(self, numbers: list[int]) -> list[int]:
        with self.store.reading() as tx:
            rows = tx.execute(select(items.c.position, items.c.code).order_by(items.c.position)).all()
        codes = [an_item(number).code for number in numbers]
        return [row.position for row in rows if row.code in codes]

    def is_done(self, number: int) -> bool:
        """Whether its last approved report says done."""
        for quarter in reversed(self.quarters):
            place = quarter.places.get(number)
            if place is not None and self.plain[place].standing(self.now)[0] == "approved":
                said = self.plain[place].reported(self.now)
                return bool(said and said.is_done)
        return False

    # Acts.

    def submit(self, cycle: int, who: str, said: PlainSaid | None = None) -> None:
        plain = self.plain[cycle]
        said = said or PlainSaid(50, False, day_of(self.now), 10)
        version = len(plain.versions)
        accepted = plain.submits(who, self.now)
        if accepted:
            plain.said.append(said)
        reached = {str(self.targets[plain.number]): str(said.value)} if plain.number in self.targets else {}
        with self.expecting(accepted) as tx:
            report = SubmittedReport(
                self.ids[cycle],
                self.units[plain.lead],
                version,
                said.progress,
                f"Bản {version + 1}",
                Reported.DONE if said.is_done else Reported.UNDER_WAY,
                said.on if said.is_done else None,
                figures=reached,
            )
            acts.submit(tx, self.persons[who], [report], self.now)

    def agree(self, cycle: int, verdict: Verdict) -> None:
        for unit in self.plain[cycle].asked:
            self.confirm(cycle, unit, unit, verdict)

    @precondition(lambda self: self.at(*OPEN))
    @rule(data=st.data(), choice=st.sampled_from([*Choice, Choice.APPROVE, Choice.APPROVE]))
    def the_next_step_is_taken(self, data: st.DataObject, choice: Choice) -> None:
        cycle = data.draw(st.sampled_from(self.at(*OPEN)))
        stage, _, owed = self.plain[cycle].standing(self.now)
        match stage:
            case "waiting-submission":
                self.submit(cycle, self.plain[cycle].lead)
            case "waiting-confirmation":
                self.agree(cycle, Verdict.CONFIRM)
            case _ if owed:
                self.vote(cycle, data.draw(st.sampled_from(sorted(owed))), choice)

    @precondition(lambda self: self.at("waiting-submission"))
    @rule(data=st.data(), other=st.sampled_from([None, None, None, "kiem", "thay"]), value=VALUES)
    def the_lead_reports(self, data: st.DataObject, other: str | None, value: int) -> None:
        cycle = data.draw(st.sampled_from(self.at("waiting-submission")))
        plain = self.plain[cycle]
        is_done = plain.number != 3 and data.draw(st.sampled_from([False, False, True]))
        said = PlainSaid(100 if is_done else value, is_done, day_of(self.now), value)
        self.submit(cycle, other or plain.lead, said)

    @precondition(lambda self: self.at("waiting-approval"))
    @rule(data=st.data())
    def all_members_approve(self, data: st.DataObject) -> None:
        cycle = data.draw(st.sampled_from(self.at("waiting-approval")))
        for member in MEMBERS:
            self.vote(cycle, member, Choice.APPROVE)

    @rule(
        data=st.data(),
        who=st.sampled_from([*PEOPLE, *OF_COUNCIL]),
        act=st.sampled_from(["submit", "confirm", "vote"]),
        unit=st.sampled_from(["ubnd", "mttq", "cong-an"]),
    )
    def somebody_tries(self, data: st.DataObject, who: str, act: str, unit: str) -> None:
        cycle = data.draw(st.integers(0, len(self.ids) - 1))
        match act:
            case "submit":
                self.submit(cycle, who)
            case "confirm":
                self.confirm(cycle, who, unit, Verdict.CONFIRM)
            case _:
                self.vote(cycle, who, Choice.APPROVE)

    @precondition(lambda self: self.at("waiting-approval"))
    @rule(data=st.data(), who=st.sampled_from(OF_COUNCIL), choice=st.sampled_from(Choice))
    def a_member_of_the_council_votes_on_an_item(self, data: st.DataObject, who: str, choice: Choice) -> None:
        self.vote(data.draw(st.sampled_from(self.at("waiting-approval"))), who, choice)

    @precondition(lambda self: self.at("waiting-confirmation", "waiting-approval"))
    @rule(data=st.data(), who=st.sampled_from([*OFFICERS, "ubnd", "mttq", "kiem", "thay"]))
    def a_report_is_recalled(self, data: st.DataObject, who: str) -> None:
        cycle = data.draw(st.sampled_from(self.at("waiting-confirmation", "waiting-approval")))
        plain = self.plain[cycle]
        version = len(plain.versions)
        accepted = plain.recalls_for(self.now) if who in OFFICERS else plain.recalls(who, self.now)
        with self.expecting(accepted) as tx:
            orders.recall(tx, self.persons[who], self.ids[cycle], version, self.now, reason="Gửi nhầm")

    # Orders of the office.

    @precondition(lambda self: self.over())
    @rule(data=st.data(), days=st.integers(0, 9))
    def a_cycle_is_reopened(self, data: st.DataObject, days: int) -> None:
        cycle = data.draw(st.sampled_from(self.over()))
        until = day_of(self.now) + timedelta(days=days)
        accepted = self.plain[cycle].reopens(until, self.now)
        with self.expecting(accepted) as tx:
            office = self.persons["van-phong"]
            orders.reopen(tx, office, self.ids[cycle], "Số liệu sai", until, self.now)
        if accepted:
            self.ended.pop(cycle, None)

    @precondition(lambda self: self.at(*OPEN))
    @rule(data=st.data(), step=st.sampled_from(STEPS), days=st.integers(-1, 6))
    def more_time_is_given(self, data: st.DataObject, step: str, days: int) -> None:
        cycle = data.draw(st.sampled_from(self.at(*OPEN)))
        plain = self.plain[cycle]
        until = max(getattr(plain, step), day_of(self.now)) + timedelta(days=days)
        with self.expecting(plain.extends(step, until, self.now)) as tx:
            more = MoreTime(ExtendedStep(step), until, "Chờ số liệu của Sở", Extent.ITEM)
            extend(tx, self.persons["van-phong"], self.ids[cycle], more, self.now)

    @rule(data=st.data(), by=st.sampled_from([*OFFICERS, "ubnd"]), dice=st.integers(0, 5))
    def a_cycle_is_withdrawn(self, data: st.DataObject, by: str, dice: int) -> None:
        cycle = data.draw(st.integers(0, len(self.ids) - 1))
        if dice != 5 or cycle in self.orders:
            return
        accepted = self.plain[cycle].asks_to_withdraw(by, self.now)
        with self.expecting(accepted) as tx:
            told = orders.withdraw(tx, self.persons[by], self.ids[cycle], "Thôi giao", self.now)
        if not accepted:
            return
        assert told.waits is (self.plain[cycle].waits is not None)
        if told.waits:
            self.orders[cycle] = told.order_id
        else:
            self.ended.pop(cycle, None)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), by=st.sampled_from([*OFFICERS, "ubnd"]))
    def a_second_person_confirms(self, data: st.DataObject, by: str) -> None:
        cycle = data.draw(st.sampled_from(sorted(self.orders)))
        accepted = self.plain[cycle].seconds(by, self.now)
        with self.expecting(accepted) as tx:
            orders.second(tx, self.persons[by], self.orders[cycle], self.now)
        if accepted:
            del self.orders[cycle]
            self.ended.pop(cycle, None)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def an_order_is_taken_back(self, data: st.DataObject) -> None:
        cycle = data.draw(st.sampled_from(sorted(self.orders)))
        with self.expecting(True) as tx:
            orders.drop(tx, self.persons["nga"], self.orders.pop(cycle), self.now)
        self.plain[cycle].waits = None

    @rule(offset=st.integers(-3, 6))
    def a_day_off_is_entered(self, offset: int) -> None:
        day = day_of(self.now) + timedelta(days=offset)
        if day in self.days_off:
            return
        for plain in self.plain:
            plain.hold(self.now)
        self.days_off.add(day)
        for quarter in self.quarters:
            quarter.dates.move(self.days_off, self.now)
        for plain in self.plain:
            if not plain.dates.is_closed:
                plain.take_dates()
        with self.expecting(True) as tx:
            change_days(tx, self.organisation, [DayChange(day, DayKind.OFF, "Nghỉ bão")], self.now)

    # The end of a quarter, and the half-year.

    @property
    def quarter(self) -> Quarter:
        return self.quarters[-1]

    @rule(dice=st.integers(0, 30))
    def the_period_is_closed_early(self, dice: int) -> None:
        if dice == 17 and not self.quarter.dates.is_closed:
            self.close(is_early=True)

    def close(self, *, is_early: bool = False) -> None:
        with self.expecting(True) as tx:
            close_period(tx, self.quarter.period_id, self.now, is_early=is_early)
        for cycle in self.quarter.places.values():
            self.plain[cycle].closed_at = self.now
        self.quarter.dates.is_closed = True

    @precondition(lambda self: self.quarters and not self.quarter.dates.is_closed)
    @rule(data=st.data(), is_now=st.sampled_from([False, True]))
    def the_quarter_ends(self, data: st.DataObject, is_now: bool) -> None:
        end = after_midnight(self.quarter.dates.cut_off, self.now)
        if not is_now and self.now < end - timedelta(days=3):
            return
        if self.now < end - timedelta(minutes=5):
            self.now = end - timedelta(minutes=5)
        as_if = self.as_if_others_had_answered()
        self.now = max(self.now, end + timedelta(hours=1))
        self.close()
        if as_if is not None:
            silent, points = as_if
            for unit, total in self.scores(self.store, self.quarter.period_id).items():
                assert unit in silent or total >= points[unit], "no unit loses by the silence of others"

    @precondition(lambda self: self.quarters and self.quarter.dates.is_closed and len(self.quarters) < 3)
    @rule(data=st.data())
    def the_next_quarter_opens(self, data: st.DataObject) -> None:
        self.a_quarter_opens(data)

    def as_if_others_had_answered(self) -> tuple[set[str], dict[str, Decimal]] | None:
        """In a copy every unit and every member who owes something says yes at the last moment, and the
        quarter closes: the points of each unit, and which units were the silent ones. None where nobody was
        silent, or what they say could not come to a decision any more."""
        waiting = {
            place: self.plain[place].standing(self.now)
            for place in self.quarter.places.values()
            if self.plain[place].standing(self.now)[0] in ("waiting-confirmation", "waiting-approval")
        }
        if self.rules.undecided != "reported" or not waiting or self.quarter.dates.is_closed:
            return None
        if self.now >= after_midnight(self.quarter.dates.cut_off, self.now):
            return None
        silent = {unit for _, units, _ in waiting.values() for unit in units}
        path = self.folder / "as-if.db"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.folder / "tiendo.db")) as connection:
            connection.execute("VACUUM INTO ?", (str(path),))
        other = Store(f"sqlite:///{path}")
        mine = self.store, self.plain
        self.store, self.plain = other, copy.deepcopy(self.plain)
        try:
            for place in waiting:
                plain = self.plain[place]
                for unit in sorted(plain.standing(self.now)[1] & set(plain.asked)):
                    self.confirm(place, unit, unit, Verdict.CONFIRM)
                for member in sorted(plain.standing(self.now)[2]):
                    self.vote(place, member, Choice.APPROVE)
            if any(self.plain[place].standing(self.now)[0] != "approved" for place in waiting):
                return None
            with other.begin() as tx:
                close_period(tx, self.quarter.period_id, self.now + timedelta(hours=2))
            return silent, self.scores(other, self.quarter.period_id)
        finally:
            self.store, self.plain = mine
            other.close()

    def scores(self, store: Store, period_id: int) -> dict[str, Decimal]:
        """The kept total of each unit that leads something."""
        slugs = {number: slug for slug, number in self.units.items()}
        with store.reading() as tx:
            kept = figures(tx, period_id, "scores", self.now).body
        return {slugs[one["unit"]["id"]]: Decimal(one["total"]) for one in kept if one["rank"] is not None}

    def is_under_way(self, quarter: Quarter) -> bool:
        return any(self.plain[place].standing(self.now)[0] in OPEN for place in quarter.places.values())

    @precondition(lambda self: len(self.quarters) >= 2 and self.quarters[1].dates.is_closed)
    @rule()
    def the_half_year_is_evaluated(self) -> None:
        """From the first two quarters: once, then again by what has changed in them."""
        self.now += timedelta(hours=1)
        with self.store.begin() as tx:
            sweep(tx, self.now)
        is_ready = not any(self.is_under_way(quarter) for quarter in self.quarters[:2])
        if self.half is None:
            with self.expecting(is_ready) as tx:
                wanted = NewEvaluation(day_of(self.now))
                half = evaluate(tx, self.plan_id, HALF, wanted, self.now)
            if not is_ready:
                return
            self.half = half
            with self.expecting(True) as tx:
                close_period(tx, half, self.now, is_early=True)
        else:
            with self.expecting(is_ready) as tx:
                evaluate_again(tx, self.half, self.now)
        if is_ready:
            self.the_half_year_is_what_a_hand_counts()

    def ends_of(self, quarter: Quarter) -> dict[int, PlainKept]:
        found = {}
        for number, place in quarter.places.items():
            plain = self.plain[place]
            found[number] = PlainKept(plain.standing(self.now)[0], plain.reported(self.now))
        return found

    def kept(self, period_id: int) -> dict[int, Any]:
        """The kept records, by the item's number."""
        numbers = {an_item(number).code: number for number in ITEMS}
        with self.store.reading() as tx:
            body = figures(tx, period_id, "records", self.now).body
        return {numbers[one["code"]]: one for one in body}

    def the_half_year_is_what_a_hand_counts(self) -> None:
        assert self.half is not None
        quarters = self.quarters[:2]
        for quarter in quarters:
            records = self.kept(quarter.period_id)
            ends = self.ends_of(quarter)
            assert set(records) == set(ends)
            for number, end in ends.items():
                self.holds(records[number], end, number)
        records = self.kept(self.half)
        ends_by_item: dict[int, list[PlainKept]] = {}
        for quarter in quarters:
            for number, end in self.ends_of(quarter).items():
                ends_by_item.setdefault(number, []).append(end)
        assert set(records) == set(ends_by_item), "each item once"
        for number, ends in ends_by_item.items():
            end = deciding(ends)
            values = [one.said.value for one in ends if one.said is not None]
            value = (sum(values) if number == COUNT else values[-1]) if values else None
            self.holds(records[number], end, number, value)
            days = [one.said.on for one in ends if one.said is not None and one.said.is_done]
            if end.said is not None and end.said.is_done:
                assert records[number]["done_on"] == min(days).isoformat()
        points: dict[str, list[Decimal]] = {}
        for quarter in quarters:
            for unit, total in self.scores(self.store, quarter.period_id).items():
                points.setdefault(unit, []).append(total)
        assert self.scores(self.store, self.half) == {unit: mean(found) for unit, found in points.items()}

    @staticmethod
    def holds(record: Any, end: PlainKept, number: int, value: int | None = None) -> None:
        said = end.said
        assert record["stage"] == end.stage
        if said is None:
            assert record["status"] in ("no-report", "withdrawn", "pending")
            return
        assert record["reported"] == ("done" if said.is_done else "under-way")
        assert Decimal(record["progress"]) == said.progress
        if number in (COUNT, RATE):
            (figure,) = record["figures"]
            assert Decimal(figure["reached"]) == (said.value if value is None else value)

    @invariant()
    def what_has_ended_does_not_come_back(self) -> None:
        """No end becomes another by the time one looks, or by days off: only by an order of the office."""
        if not hasattr(self, "store"):
            return
        with self.store.reading() as tx:
            found = dict(tx.execute(select(cycles.c.id, cycles.c.stage)).all())
        for cycle, number in enumerate(self.ids):
            stage = found[number]
            assert self.ended.get(cycle, stage) == stage
            if stage in ENDED:
                self.ended[cycle] = stage
            if self.plain[cycle].was_approved:
                assert stage not in ("lapsed", "undecided"), "what was approved stands again"


Year.TestCase.settings = settings(Period.TestCase.settings, max_examples=12, stateful_step_count=40)


@pytest.mark.slow
class TestAYear(Year.TestCase):
    """12 years."""


@pytest.mark.nightly
class TestTenThousandYears(Year.TestCase):
    """10,000 years, or as many as TIENDO_YEARS says."""

    settings = settings(Year.TestCase.settings, max_examples=int(os.environ.get("TIENDO_YEARS", "10000")))
