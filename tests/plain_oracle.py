"""A plain oracle for whole periods: the rules written down once more, as naively as they can be said.

It shares no code with `workflow.domain`: days are counted one by one, votes are decided by trying every way
the others may still vote. It keeps what was accepted, in the order it happened.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

HOURS_FROM_UTC = timedelta(hours=7)
HOLIDAYS = {date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1)}


def day_of(moment: datetime) -> date:
    return (moment + HOURS_FROM_UTC).date()


def after_midnight(day: date, like: datetime) -> datetime:
    """The first moment after that day, in the zone of `like`."""
    return datetime(day.year, day.month, day.day, tzinfo=like.tzinfo) - HOURS_FROM_UTC + timedelta(days=1)


def is_worked(day: date, days_off: Collection[date] = ()) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS and day not in days_off


def later(day: date, working_days: int, days_off: Collection[date] = ()) -> date:
    while working_days:
        day += timedelta(days=1)
        if is_worked(day, days_off):
            working_days -= 1
    return day


@dataclass
class PlainRules:
    required: str
    silence: str
    silence_days: int
    objection: str
    carry: str
    of: str
    share: tuple[int, int]
    quorum: tuple[int, int]
    casting_vote: bool
    veto: str
    recuse_unit: bool
    recused_in_base: bool
    substitutes: bool
    early_close: str
    until_hour: int | None
    fallback: str
    fallback_days: int
    silence_is_consent: bool
    undecided: str
    undecided_days: int


@dataclass
class PlainAbsence:
    who: str
    substitute: str
    first: date
    last: date
    votes: bool
    is_over: bool = False

    def holds_on(self, day: date) -> bool:
        return not self.is_over and self.first <= day <= self.last


@dataclass
class PlainWord:
    verdict: str
    day: date
    people: set[str]


@dataclass
class PlainVersion:
    unit: str
    authors: set[str]
    at: datetime
    words: dict[str, PlainWord] = field(default_factory=dict)
    """Those carried over stand here from the start; `said` are the units that spoke on this version."""
    said: set[str] = field(default_factory=set)
    votes: dict[str, str] = field(default_factory=dict)
    papers_after: dict[str, str] = field(default_factory=dict)
    """Entered after the vote closed without a decision."""
    cast_for: dict[str, str] = field(default_factory=dict)
    is_recalled: bool = False
    reopened_until: date | None = None
    was_undecided: bool = False
    """Whether that was how it stood when it was reopened."""


@dataclass
class Plain:
    """One cycle led by `lead`, confirmed by `asked`, voted on by `members`, the first of whom presides."""

    rules: PlainRules
    lead: str
    asked: tuple[str, ...]
    members: tuple[str, ...]
    of_lead: set[str]
    reporters: dict[str, tuple[str, ...]]
    """Of each unit, in the order of the directory: of two absent ones the later is acted for."""
    confirm_by: date
    approve_by: date
    cut_off: date
    approve_days: int
    absences: list[PlainAbsence]
    versions: list[PlainVersion] = field(default_factory=list)
    opened_again: date | None = None
    is_withdrawn: bool = False
    closed_at: datetime | None = None
    was_approved: bool = False
    """Whether some version was approved and then reopened."""
    more_days: dict[datetime, bool] = field(default_factory=dict)
    """Of each end of its time: whether it waited for others then, and so had more days."""
    days_off: set[date] = field(default_factory=set)
    """The organisation's own."""

    def later(self, day: date, working_days: int) -> date:
        return later(day, working_days, self.days_off)

    # Who stands in for whom.

    def stand_in(self, who: str, day: date) -> tuple[str, bool] | None:
        first = next((one for one in self.absences if one.who == who and one.holds_on(day)), None)
        if first is None:
            return None
        second = next(
            (one for one in self.absences if one.who == first.substitute and one.holds_on(day)), None
        )
        if second is None:
            return first.substitute, first.votes
        if any(one.who == second.substitute and one.holds_on(day) for one in self.absences):
            return None
        return second.substitute, first.votes and second.votes

    def units_of(self, actor: str, day: date) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for unit, reporters in self.reporters.items():
            for reporter in reporters:
                held = self.stand_in(reporter, day)
                if held and held[0] == actor:
                    found[unit] = reporter
        for unit, reporters in self.reporters.items():
            if actor in reporters:
                found[unit] = None
        return found

    def seat_of(self, actor: str, day: date) -> str | None:
        if actor in self.members:
            return actor
        seats = []
        for member in self.members:
            held = self.stand_in(member, day)
            if held and held[0] == actor and held[1]:
                seats.append(member)
        return seats[0] if len(seats) == 1 and self.rules.substitutes else None

    # Where it stands.

    @property
    def current(self) -> PlainVersion | None:
        return self.versions[-1] if self.versions else None

    def standing(self, now: datetime) -> tuple[str, set[str], set[str]]:
        """The stage, and which units and which members owe something."""
        end = self.last_moment(now)
        if now < end:
            return self._before_cut_off(now)
        stage, units, persons = self._before_cut_off(end)
        if stage in ("approved", "withdrawn"):
            return stage, units, persons
        if self.was_approved:
            return "approved", set(), set()
        if stage in ("waiting-confirmation", "waiting-approval"):
            return "undecided", set(), set()
        if self.current and self.current.was_undecided:
            return "undecided", set(), set()
        return "lapsed", set(), set()

    def last_moment(self, now: datetime) -> datetime:
        """When its time is over: asked at every step, so that what waits for others is seen as it was."""
        end = after_midnight(self.cut_off, now)
        if self.closed_at is not None:
            end = min(end, self.closed_at)
        if self.opened_again is not None:
            end = max(end, after_midnight(self.opened_again, now))
        if self.rules.undecided != "afterwards":
            return end
        if now >= end and end not in self.more_days:
            stage = self._before_cut_off(end)[0]
            self.more_days[end] = stage in ("waiting-confirmation", "waiting-approval")
        if not self.more_days.get(end, True):
            return end
        last = day_of(end - timedelta(microseconds=1))
        return after_midnight(self.later(last, self.rules.undecided_days), now)

    def _before_cut_off(self, now: datetime) -> tuple[str, set[str], set[str]]:
        version = self.current
        if self.is_withdrawn:
            return "withdrawn", set(), set()
        if version is None or version.is_recalled or version.reopened_until:
            return "waiting-submission", {self.lead}, set()
        objects = [unit for unit, word in version.words.items() if word.verdict == "object"]
        if objects and self.rules.objection == "to-lead":
            return "waiting-submission", {self.lead}, set()
        awaited = self.awaited(now)
        if awaited:
            return "waiting-confirmation", awaited, set()
        end, _, owed = self.vote(now)
        if end == "approve":
            return "approved", set(), set()
        if end == "return":
            return "waiting-submission", {self.lead}, set()
        return "waiting-approval", set(), owed

    def last_day_to_confirm(self) -> date:
        assert self.current
        return max(self.later(day_of(self.current.at), self.rules.silence_days), self.confirm_by)

    def awaited(self, now: datetime) -> set[str]:
        assert self.current
        silent = {unit for unit in self.asked if unit not in self.current.words}
        agreed = sum(word.verdict != "object" for word in self.current.words.values())
        enough = {"all": len(self.asked), "majority": len(self.asked) // 2 + 1, "at-least": 1, "none": 0}
        if agreed >= enough[self.rules.required]:
            return set()
        if day_of(now) > self.last_day_to_confirm() and self.rules.silence != "block":
            return set()
        return silent

    def is_consent_taken(self, now: datetime) -> bool:
        assert self.current
        silent = [unit for unit in self.asked if unit not in self.current.words]
        agreed = sum(word.verdict != "object" for word in self.current.words.values())
        enough = {"all": len(self.asked), "majority": len(self.asked) // 2 + 1, "at-least": 1, "none": 0}
        return (
            bool(silent)
            and agreed < enough[self.rules.required]
            and self.rules.silence == "consent"
            and day_of(now) > self.last_day_to_confirm()
        )

    def barred(self) -> set[str]:
        assert self.current
        barred = set(self.current.authors)
        if self.rules.recuse_unit:
            barred |= self.of_lead
        return barred & set(self.members)

    def closing(self, day: date) -> datetime:
        assert self.current
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.current.at.tzinfo) - HOURS_FROM_UTC
        hour = self.rules.until_hour
        return midnight + timedelta(hours=24 if hour is None else hour)

    def limits(self) -> tuple[datetime, datetime]:
        """When the vote should have a result, and when it closes for good."""
        assert self.current
        called = max([self.last_day_to_confirm(), *(word.day for word in self.current.words.values())])
        limit = max(self.approve_by, self.later(called, self.approve_days))
        more = self.rules.fallback_days if self.rules.fallback in ("postpone", "written") else 0
        return self.closing(limit), self.closing(self.later(limit, more))

    def vote(self, now: datetime) -> tuple[str | None, str, set[str]]:
        """The end, the form (open, chair or closed) and who owes a ballot."""
        assert self.current
        version, rules = self.current, self.rules
        limit, end = self.limits()
        barred = self.barred()
        voters = set(self.members) - barred
        fallback, chair = self.fallback(), self.members[0]
        if not self.could_pass(barred):
            return None, "closed", set()
        sheet = dict.fromkeys(barred, "recuse")
        sheet |= {member: choice for member, choice in version.votes.items() if member in voters}
        missing = [member for member in self.members if member not in sheet]
        # Decided when all have voted; or when the others cannot change it and the rule, or the last day, lets
        # that do.
        may_end = rules.early_close == "yes" or (rules.early_close == "after-chair" and chair in sheet)
        is_dead = False
        if not missing or may_end or now >= limit:
            ends = self.ends(sheet, missing)
            if len(ends) == 1 and None not in ends:
                return ends.pop(), "closed", set()
            is_dead = not missing or (now >= limit and ends == {None})
        closes = now >= end and (fallback != "wait" or rules.until_hour is not None)
        if closes and fallback in ("count", "postpone", "written"):
            if fallback == "written" and rules.silence_is_consent:
                sheet |= dict.fromkeys(missing, "approve")
            if found := self.result(sheet):
                return found, "closed", set()
        if closes and fallback == "chair" and (found := self.by_chair(sheet)):
            return found, "closed", set()
        if closes and version.papers_after:
            # Of a sitting held since: they decide once the rest could not change it.
            sheet |= version.papers_after
            ends = self.ends(sheet, [member for member in self.members if member not in sheet])
            if len(ends) == 1 and None not in ends:
                return ends.pop(), "closed", set()
        is_chairs = closes and fallback == "chair" and not is_dead and not version.papers_after
        has_spoken = sheet.get(chair) in ("approve", "return")
        if is_chairs and not has_spoken and self.by_chair(sheet | {chair: "return"}):
            return None, "chair", {chair}
        if is_dead or closes:
            return None, "closed", set()
        return None, "open", set(missing)

    def fallback(self) -> str:
        is_barred = self.members[0] in self.barred()
        return "wait" if self.rules.fallback == "chair" and is_barred else self.rules.fallback

    def ends(self, sheet: dict[str, Any], missing: list[str]) -> set[str | None]:
        choices = ("approve", "return", "abstain", "recuse", None)
        return {
            self.result(sheet | dict(zip(missing, ways, strict=True)))
            for ways in product(choices, repeat=len(missing))
        }

    def by_chair(self, sheet: dict[str, Any]) -> str | None:
        """What the chair alone decides: with the quorum, with a majority in reach, and no veto beaten."""
        own = sheet.get(self.members[0])
        aside = {member for member, choice in sheet.items() if choice == "recuse"}
        if own not in ("approve", "return") or not self.is_quorate(sheet) or not self.could_pass(aside):
            return None
        return "return" if self.rules.veto == "any" and "return" in sheet.values() else own

    def seats(self, aside: int) -> int:
        return len(self.members) - (0 if self.rules.recused_in_base else aside)

    def is_quorate(self, sheet: dict[str, Any]) -> bool:
        present = sum(choice in ("approve", "return", "abstain") for choice in sheet.values())
        seats = self.seats(sum(choice == "recuse" for choice in sheet.values()))
        return present > 0 and present * self.rules.quorum[1] >= self.rules.quorum[0] * seats

    def could_pass(self, aside: set[str]) -> bool:
        """Whether all the others together would be enough, in number and in majority."""
        left = len(self.members) - len(aside)
        base = self.seats(len(aside)) if self.rules.of == "all" else left
        is_enough = left * self.rules.quorum[1] >= self.rules.quorum[0] * self.seats(len(aside))
        return left > 0 and is_enough and left * self.rules.share[1] > self.rules.share[0] * base

    def result(self, sheet: dict[str, Any]) -> str | None:
        """Approved, returned, or None: no decision."""
        rules = self.rules
        aside = {member for member, choice in sheet.items() if choice == "recuse"}
        if not self.is_quorate(sheet) or not self.could_pass(aside):
            return None
        count = {
            kind: sum(choice == kind for choice in sheet.values())
            for kind in ("approve", "return", "abstain")
        }
        chair = sheet.get(self.members[0])
        if rules.veto == "any" and count["return"]:
            return "return"
        if rules.veto == "chair" and chair == "return":
            return "return"
        base = {
            "all": self.seats(len(aside)),
            "present": sum(count.values()),
            "cast": count["approve"] + count["return"],
        }[rules.of]
        if base and count["approve"] * rules.share[1] > rules.share[0] * base:
            return "approve"
        is_half = count["approve"] * 2 == base and rules.share == (1, 2)
        return "approve" if rules.casting_vote and is_half and chair == "approve" else "return"

    # What is accepted.

    def submits(self, actor: str, now: datetime) -> bool:
        stage = self.standing(now)[0]
        mine = self.units_of(actor, day_of(now))
        if stage != "waiting-submission" or self.lead not in mine:
            return False
        before = self.current
        authors = {actor} | ({mine[self.lead]} if mine[self.lead] else set())
        version = PlainVersion(self.lead, authors, now)
        carries = self.rules.carry == "unless-objection"
        if before and carries and all(word.verdict != "object" for word in before.words.values()):
            version.words = {unit: word for unit, word in before.words.items() if not word.people & authors}
        self.versions.append(version)
        return True

    def confirms(self, actor: str, unit: str, verdict: str, now: datetime) -> bool:
        mine = self.units_of(actor, day_of(now))
        if unit not in mine or unit not in self.asked or self.standing(now)[0] != "waiting-confirmation":
            return False
        assert self.current
        people = {actor} | ({mine[unit]} if mine[unit] else set())
        if people & self.current.authors:
            return False
        self.current.words[unit] = PlainWord(verdict, day_of(now), people)
        self.current.said.add(unit)
        return True

    def may_cast(self, member: str, now: datetime, on_paper: bool = False) -> bool:
        if member not in self.members or self.standing(now)[0] != "waiting-approval":
            return False
        _, form, _ = self.vote(now)
        if member in self.barred():
            return False
        if form == "closed":
            # Only what a sitting or a written ballot brings, and only if it could still decide.
            return on_paper and self.could_pass(self.barred())
        return form == "open" or member == self.members[0]

    def votes(self, actor: str, choice: str, now: datetime) -> bool:
        seat = self.seat_of(actor, day_of(now))
        if seat is None or not self.may_cast(seat, now):
            return False
        assert self.current
        if actor in self.current.authors:
            return False
        if actor != seat and self.current.cast_for.setdefault(actor, seat) != seat:
            return False
        self.current.votes[seat] = choice
        return True

    def counts_paper(self, member: str, choice: str, version: int, now: datetime) -> bool:
        if version != len(self.versions) or not self.may_cast(member, now, on_paper=True):
            return False
        assert self.current
        fallback = self.fallback()
        takes_ballots_on = fallback == "wait" and self.rules.until_hour is None
        takes_ballots_on |= fallback == "chair" and member == self.members[0]
        is_late = now >= self.limits()[1] and not takes_ballots_on
        (self.current.papers_after if is_late else self.current.votes)[member] = choice
        return True

    def recalls(self, actor: str, now: datetime) -> bool:
        stage = self.standing(now)[0]
        version = self.current
        if version is None or version.unit not in self.units_of(actor, day_of(now)):
            return False
        if stage not in ("waiting-confirmation", "waiting-approval") or self.is_consent_taken(now):
            return False
        if version.said or version.votes:
            return False
        version.is_recalled = True
        return True

    def reopens(self, until: date, now: datetime) -> bool:
        stage, units, persons = self.standing(now)
        is_stuck = stage == "waiting-approval" and not units and not persons
        if stage not in ("approved", "undecided", "lapsed") and not is_stuck:
            return False
        self.was_approved |= stage == "approved"
        if self.current:
            self.current.reopened_until = until
            self.current.was_undecided |= stage == "undecided"
        self.opened_again = max(until, self.opened_again or until)
        return True

    def withdraws(self, now: datetime) -> bool:
        """Whether the order is taken; what was approved or reopened stays until a second person confirms."""
        stage = self.standing(now)[0]
        if self.closed_at or stage == "withdrawn":
            return False
        self.is_withdrawn = stage != "approved" and self.opened_again is None
        return True
