"""Whole periods played at random through the database, against a plain oracle: people, absences, objections,
returns, recalls, paper, reopenings, the clock, and any set of rules. After every step each cycle stands where
the oracle says, and those owe something whom the oracle names.

200 periods here; 10,000 with `-m nightly`.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import date, time, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import event, select

from tests.builders import NOW, a_directory, a_plan, a_store, an_item
from tests.plain_oracle import Plain, PlainAbsence, PlainRules, day_of
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.directory import Person, Role
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    Carry,
    ConfirmationRule,
    Confirming,
    EarlyClose,
    Fallback,
    MajorityOf,
    Objection,
    Rules,
    Silence,
    Undecided,
    Veto,
)
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.cycles import acts, orders, paper
from workflow.storage.cycles.acts import CastVote, Evidence, SubmittedReport, UnitWord
from workflow.storage.cycles.paper import PaperVote
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.opening.opening import open_period
from workflow.storage.people.absences import revoke, substitute
from workflow.storage.people.directory import save_directory, unit_ids
from workflow.storage.plans.plans import save_plan
from workflow.storage.results.closing import close_period
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import cycles, duties, persons

DATES = Timetable(date(2026, 3, 2), date(2026, 3, 5), date(2026, 3, 9), date(2026, 3, 12), date(2026, 3, 18))
MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1", "kiem")
REPORTERS = {"ubnd": ("ubnd", "kiem"), "mttq": ("mttq", "kiem"), "cong-an": ("cong-an",)}
ASKED = ("mttq", "cong-an")
PEOPLE = ("ubnd", "mttq", "cong-an", *MEMBERS, "thay", "doan")
EXTRA = (
    Person("Trương Thị Nga", "nga@hoaxuan.example", "Phó Văn phòng", (("van-phong", Role.OFFICE),)),
    Person("Lê Thị Cúc", "thay@hoaxuan.example", "Chuyên viên"),
    Person(
        "Cao Văn Kiêm",
        "kiem@hoaxuan.example",
        "Ủy viên",
        (("ubnd", Role.REPORTER), ("mttq", Role.REPORTER), ("btv", Role.MEMBER)),
    ),
)
SCAN = Evidence("a" * 64, "phieu.pdf", "application/pdf", 1)
SHARES = ((1, 2), (1, 2), (2, 3))
OPEN = ("waiting-submission", "waiting-confirmation", "waiting-approval")
SUBSTITUTES = st.sampled_from([*PEOPLE, "thay", "thay", "thay", "doan"])
OFFICERS = ("van-phong", "nga")
WORDS = (*Verdict, Verdict.CONFIRM, Verdict.CONFIRM)
OTHER = st.sampled_from([None, None, None, "kiem", "thay"])
"""Who answers in the reporter's place, by right or not."""

PLAIN_RULES = st.builds(
    PlainRules,
    required=st.sampled_from([one.value for one in Confirming]),
    silence=st.sampled_from([one.value for one in Silence]),
    silence_days=st.integers(1, 2),
    objection=st.sampled_from([one.value for one in Objection]),
    carry=st.sampled_from(["none", "unless-objection"]),
    of=st.sampled_from([one.value for one in MajorityOf]),
    share=st.sampled_from(SHARES),
    quorum=st.sampled_from([(0, 1), (1, 2), (2, 3)]),
    casting_vote=st.booleans(),
    veto=st.sampled_from([one.value for one in Veto]),
    recuse_unit=st.booleans(),
    recused_in_base=st.booleans(),
    substitutes=st.booleans(),
    early_close=st.sampled_from([one.value for one in EarlyClose]),
    until_hour=st.sampled_from([None, 11]),
    fallback=st.sampled_from([one.value for one in Fallback]),
    fallback_days=st.integers(1, 2),
    silence_is_consent=st.booleans(),
    undecided=st.sampled_from([one.value for one in Undecided]),
    undecided_days=st.integers(1, 3),
)


def rules_of(plain: PlainRules) -> Rules:
    """The same rules in the product's words."""
    return Rules(
        confirmation=ConfirmationRule(
            required=Confirming(plain.required),
            silence=Silence(plain.silence),
            silence_working_days=plain.silence_days,
            objection=Objection(plain.objection),
            carry=Carry(plain.carry),
        ),
        approval=ApprovalRule(
            more_than=Fraction(*plain.share),
            of=MajorityOf(plain.of),
            quorum=Fraction(*plain.quorum),
            casting_vote=plain.casting_vote,
            veto=Veto(plain.veto),
            recuse_unit=plain.recuse_unit,
            recused_in_base=plain.recused_in_base,
            substitutes=plain.substitutes,
            early_close=EarlyClose(plain.early_close),
            until=None if plain.until_hour is None else time(plain.until_hour),
            fallback=Fallback(plain.fallback),
            fallback_working_days=plain.fallback_days,
            silence_is_consent=plain.silence_is_consent,
            undecided=Undecided(plain.undecided),
            undecided_working_days=plain.undecided_days,
        ),
    )


@cache
def _with_a_plan() -> tuple[Path, int, int]:
    """A database with a directory and a plan, to copy for every period."""
    folder = Path(mkdtemp(prefix="tiendo-machine-"))
    store = a_store(folder)
    with store.begin() as tx:
        organisation = save_directory(tx, a_directory(n_members=3, extra=EXTRA))
        plan_id = save_plan(tx, organisation, a_plan(items=[an_item(1), an_item(2)]), NOW)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return folder / "tiendo.db", organisation, plan_id


def _quick(connection, _record) -> None:
    connection.execute("PRAGMA synchronous=OFF")


class Period(RuleBasedStateMachine):
    """One period, twice: in the database and in the oracle."""

    @initialize(
        plain=PLAIN_RULES,
        starts=st.tuples(*[st.sampled_from([0, 1, 2, 2])] * 2),
        days=st.sampled_from([0, 0, 3, 7, 9, 10]),
    )
    def opens(self, plain: PlainRules, starts: tuple[int, int], days: int) -> None:
        """`starts` says how far each cycle has come at the outset, and `days` how long ago: most rules meet
        about the end of the vote."""
        template, self.organisation, plan_id = _with_a_plan()
        self.folder = Path(mkdtemp(prefix="tiendo-machine-"))
        shutil.copyfile(template, self.folder / "tiendo.db")
        self.store = Store(f"sqlite:///{self.folder / 'tiendo.db'}")
        event.listen(self.store.engine, "connect", _quick)
        self.now = NOW
        with self.store.begin() as tx:
            rules_id = save_rules(tx, self.organisation, rules_of(plain), {}, NOW)
            self.period = open_period(tx, plan_id, Span.parse("2026-Q1"), rules_id, NOW, dates=DATES)
            self.ids = list(tx.scalars(select(cycles.c.id).order_by(cycles.c.id)))
            self.units = unit_ids(tx, self.organisation)
            self.persons = {
                email.split("@")[0]: person
                for email, person in tx.execute(select(persons.c.email, persons.c.id))
            }
        self.absences: list[PlainAbsence] = []
        self.made: list[int] = []
        self.entries: list[tuple[int, int, str, str, int, str]] = []
        self.plain = [
            Plain(
                plain,
                "ubnd",
                ASKED,
                MEMBERS,
                {"kiem"},
                REPORTERS,
                DATES.confirm_by,
                DATES.approve_by,
                DATES.cut_off,
                rules_of(plain).period.approve_working_days,
                self.absences,
            )
            for _ in self.ids
        ]
        for cycle, start in enumerate(starts):
            if start:
                self.submit(cycle, "ubnd")
            if start > 1:
                self.agree(cycle, Verdict.CONFIRM)
        self.now += timedelta(days=days)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            with self.store.reading() as tx:
                assert verify(tx)[1] == []
            self.store.close()
            shutil.rmtree(self.folder)

    @contextmanager
    def expecting(self, is_accepted: bool):
        """The act is recorded if the oracle accepts it, and refused, leaving nothing, if not."""
        refusal = None
        try:
            with self.store.begin() as tx:
                yield tx
        except (NotAllowed, Conflict) as found:
            refusal = found
        assert is_accepted is (refusal is None), refusal or "the act was recorded"

    def at(self, *stages: str) -> list[int]:
        """The cycles that stand at one of the stages."""
        return [place for place, one in enumerate(self.plain) if one.standing(self.now)[0] in stages]

    # Acts: done in the database and in the oracle, which says whether they are accepted.

    def submit(self, cycle: int, who: str) -> None:
        plain = self.plain[cycle]
        version = len(plain.versions)
        with self.expecting(plain.submits(who, self.now)) as tx:
            report = SubmittedReport(self.ids[cycle], self.units["ubnd"], version, 50, f"Bản {version + 1}")
            acts.submit(tx, self.persons[who], [report], self.now)

    def confirm(self, cycle: int, who: str, unit: str, verdict: Verdict) -> None:
        plain = self.plain[cycle]
        version = len(plain.versions)
        with self.expecting(plain.confirms(who, unit, verdict.value, self.now)) as tx:
            word = UnitWord(self.ids[cycle], self.units[unit], version, verdict, "Lý do")
            acts.confirm(tx, self.persons[who], [word], self.now)

    def vote(self, cycle: int, who: str, choice: Choice) -> None:
        plain = self.plain[cycle]
        version = len(plain.versions)
        with self.expecting(plain.votes(who, choice.value, self.now)) as tx:
            vote = CastVote(self.ids[cycle], version, choice, "Lý do")
            acts.vote(tx, self.persons[who], [vote], self.now)

    def agree(self, cycle: int, verdict: Verdict) -> None:
        for unit in ASKED:
            self.confirm(cycle, unit, unit, verdict)

    # What people do when it is their turn.

    @precondition(lambda self: self.at(*OPEN))
    @rule(data=st.data(), choice=st.sampled_from([*Choice, Choice.APPROVE, Choice.APPROVE]))
    def the_next_step_is_taken(self, data: st.DataObject, choice: Choice) -> None:
        """Whatever a cycle waits for: so that every period gets somewhere, whichever rules are left out."""
        cycle = data.draw(st.sampled_from(self.at(*OPEN)))
        stage, _, owed = self.plain[cycle].standing(self.now)
        match stage:
            case "waiting-submission":
                self.submit(cycle, "ubnd")
            case "waiting-confirmation":
                self.agree(cycle, Verdict.CONFIRM)
            case _ if owed:
                self.vote(cycle, data.draw(st.sampled_from(sorted(owed))), choice)

    @precondition(lambda self: self.at("waiting-submission"))
    @rule(data=st.data(), who=st.sampled_from(["ubnd", "ubnd", "ubnd", "kiem", "thay"]))
    def the_lead_reports(self, data: st.DataObject, who: str) -> None:
        self.submit(data.draw(st.sampled_from(self.at("waiting-submission"))), who)

    @precondition(lambda self: self.at("waiting-confirmation"))
    @rule(data=st.data(), unit=st.sampled_from(ASKED), verdict=st.sampled_from(WORDS), other=OTHER)
    def a_unit_answers(self, data: st.DataObject, unit: str, verdict: Verdict, other: str | None) -> None:
        cycle = data.draw(st.sampled_from(self.at("waiting-confirmation")))
        self.confirm(cycle, other or unit, unit, verdict)

    @precondition(lambda self: self.at("waiting-confirmation"))
    @rule(data=st.data(), verdict=st.sampled_from([Verdict.CONFIRM, Verdict.PARTIAL]))
    def all_units_agree(self, data: st.DataObject, verdict: Verdict) -> None:
        self.agree(data.draw(st.sampled_from(self.at("waiting-confirmation"))), verdict)

    @precondition(lambda self: self.at("waiting-approval"))
    @rule(data=st.data(), who=st.sampled_from([*MEMBERS, "thay"]), choice=st.sampled_from(Choice))
    def a_member_votes(self, data: st.DataObject, who: str, choice: Choice) -> None:
        self.vote(data.draw(st.sampled_from(self.at("waiting-approval"))), who, choice)

    @precondition(lambda self: self.at("waiting-approval"))
    @rule(data=st.data(), choices=st.lists(st.sampled_from(Choice), min_size=2, max_size=len(MEMBERS)))
    def members_vote_in_turn(self, data: st.DataObject, choices: list[Choice]) -> None:
        cycle = data.draw(st.sampled_from(self.at("waiting-approval")))
        first = data.draw(st.integers(0, len(MEMBERS) - 1))
        for place, choice in enumerate(choices):
            self.vote(cycle, MEMBERS[(first + place) % len(MEMBERS)], choice)

    @precondition(lambda self: self.at("waiting-confirmation", "waiting-approval"))
    @rule(data=st.data(), who=st.sampled_from(["ubnd", "ubnd", "kiem", "thay", "mttq"]))
    def a_report_is_recalled(self, data: st.DataObject, who: str) -> None:
        cycle = data.draw(st.sampled_from(self.at("waiting-confirmation", "waiting-approval")))
        plain = self.plain[cycle]
        version = len(plain.versions)
        with self.expecting(plain.recalls(who, self.now)) as tx:
            orders.recall(tx, self.persons[who], self.ids[cycle], version, self.now)

    # What people try when it is not.

    @rule(
        cycle=st.integers(0, 1),
        who=st.sampled_from(PEOPLE),
        act=st.sampled_from(["submit", "confirm", "vote"]),
        unit=st.sampled_from(ASKED),
    )
    def somebody_tries(self, cycle: int, who: str, act: str, unit: str) -> None:
        match act:
            case "submit":
                self.submit(cycle, who)
            case "confirm":
                self.confirm(cycle, who, unit, Verdict.CONFIRM)
            case _:
                self.vote(cycle, who, Choice.APPROVE)

    # What the office does.

    @precondition(lambda self: self.at("waiting-approval"))
    @rule(
        data=st.data(),
        member=st.sampled_from(MEMBERS),
        choice=st.sampled_from(Choice),
        by=st.sampled_from(OFFICERS),
        second=st.sampled_from([*OFFICERS, None]),
    )
    def a_ballot_comes_on_paper(
        self, data: st.DataObject, member: str, choice: Choice, by: str, second: str | None
    ) -> None:
        cycle = data.draw(st.sampled_from(self.at("waiting-approval")))
        plain = self.plain[cycle]
        version = len(plain.versions)
        accepted = plain.may_cast(member, self.now, on_paper=True)
        with self.expecting(accepted) as tx:
            vote = PaperVote(self.ids[cycle], version, self.persons[member], choice, SCAN, "Lý do")
            entry = paper.enter(tx, self.persons[by], vote, self.now)
        if accepted:
            self.entries.append((entry, cycle, member, choice.value, version, by))
            if second:
                self.countersign(self.entries[-1], second)

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), by=st.sampled_from([*OFFICERS, "ubnd"]))
    def an_entry_is_confirmed_later(self, data: st.DataObject, by: str) -> None:
        self.countersign(data.draw(st.sampled_from(self.entries)), by)

    def countersign(self, one: tuple[int, int, str, str, int, str], by: str) -> None:
        entry, cycle, member, choice, version, first = one
        is_second = by in OFFICERS and by != first
        accepted = is_second and self.plain[cycle].counts_paper(member, choice, version, self.now)
        with self.expecting(accepted) as tx:
            paper.countersign(tx, self.persons[by], entry, self.now)
        if accepted:
            self.entries.remove(one)

    @rule(who=st.sampled_from(PEOPLE), other=SUBSTITUTES, days=st.integers(0, 4), votes=st.booleans())
    def somebody_goes_away(self, who: str, other: str, days: int, votes: bool) -> None:
        first = day_of(self.now)
        last = first + timedelta(days=days)
        is_free = not any(
            one.who == who and not one.is_over and one.first <= last and one.last >= first
            for one in self.absences
        )
        accepted = is_free and who != other
        with self.expecting(accepted) as tx:
            made = substitute(tx, self.persons[who], self.persons[other], first, last, self.now, votes=votes)
        if accepted:
            self.absences.append(PlainAbsence(who, other, first, last, votes))
            self.made.append(made)

    @precondition(lambda self: self.absences)
    @rule(data=st.data())
    def somebody_comes_back_early(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.absences) - 1))
        self.absences[place].is_over = True
        with self.expecting(True) as tx:
            revoke(tx, self.made[place], self.now)

    def over(self) -> list[int]:
        """The cycles that are decided or lapsed, or whose vote ended without a result."""
        return [place for place, one in enumerate(self.plain) if not any(one.standing(self.now)[1:])]

    @precondition(lambda self: self.over())
    @rule(data=st.data(), days=st.integers(0, 9))
    def a_cycle_is_reopened(self, data: st.DataObject, days: int) -> None:
        cycle = data.draw(st.sampled_from(self.over()))
        until = day_of(self.now) + timedelta(days=days)
        with self.expecting(self.plain[cycle].reopens(until, self.now)) as tx:
            office = self.persons["van-phong"]
            orders.reopen(tx, office, self.ids[cycle], "Số liệu sai", until, self.now)

    @rule(cycle=st.integers(0, 1), dice=st.integers(0, 30))
    def a_cycle_is_withdrawn(self, cycle: int, dice: int) -> None:
        if dice == 17:
            with self.expecting(self.plain[cycle].withdraws(self.now)) as tx:
                office = self.persons["van-phong"]
                orders.withdraw(tx, office, self.ids[cycle], "Thôi giao", self.now)

    @rule(dice=st.integers(0, 30))
    def the_period_is_closed_early(self, dice: int) -> None:
        if dice == 17:
            # A ballot changed within one microsecond bears the next: the office closes after what it saw.
            self.now += timedelta(seconds=1)
            with self.store.begin() as tx:
                close_period(tx, self.period, self.now, is_early=True)
            for plain in self.plain:
                plain.closed_at = plain.closed_at or self.now

    # What time does.

    @rule(hours=st.sampled_from([1, 3, 24, 24, 48, 72, 120]))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(hours=st.sampled_from([0, 24, 24]))
    def a_sweep_runs(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        with self.store.begin() as tx:
            sweep(tx, self.now)

    @invariant()
    def each_cycle_stands_where_the_oracle_says(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.begin() as tx:
            advance_cycles(tx, self.ids, self.now)
            assert advance_cycles(tx, self.ids, self.now) == []
            rows = {row.id: row for row in tx.execute(select(cycles.c.id, cycles.c.stage, cycles.c.version))}
            owed = tx.execute(select(duties)).all()
        for cycle, plain in zip(self.ids, self.plain, strict=True):
            stage, units, members = plain.standing(self.now)
            mine = [row for row in owed if row.cycle_id == cycle]
            found = (
                rows[cycle].stage,
                {row.unit_id for row in mine if row.unit_id},
                {row.person_id for row in mine if row.person_id},
            )
            expected = (
                stage,
                {self.units[unit] for unit in units},
                {self.persons[member] for member in members},
            )
            assert found == expected


Period.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.mark.slow
class TestAWholePeriod(Period.TestCase):
    """80 periods."""


@pytest.mark.nightly
class TestTenThousandPeriods(Period.TestCase):
    """10,000 periods."""

    settings = settings(Period.TestCase.settings, max_examples=10_000)
