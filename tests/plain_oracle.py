"""A plain oracle for whole periods: the rules written down once more, as naively as they can be said.

It shares no code with `workflow.domain`: days are counted one by one, votes are decided by trying every way
the others may still vote. It keeps what was accepted, in the order it happened.
"""

from __future__ import annotations

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


def later(day: date, working_days: int) -> date:
    while working_days:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in HOLIDAYS:
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
    early_close: bool
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
        return after_midnight(later(last, self.rules.undecided_days), now)

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
        return max(later(day_of(self.current.at), self.rules.silence_days), self.confirm_by)

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
        limit = max(self.approve_by, later(called, self.approve_days))
        more = self.rules.fallback_days if self.rules.fallback in ("postpone", "written") else 0
        return self.closing(limit), self.closing(later(limit, more))

    def vote(self, now: datetime) -> tuple[str | None, str, set[str]]:
        """The end, the form (open, chair or closed) and who owes a ballot."""
        assert self.current
        version, rules = self.current, self.rules
        limit, end = self.limits()
        barred = self.barred()
        voters = set(self.members) - barred
        fallback = rules.fallback
        chair = self.members[0]
        if fallback == "chair" and chair not in voters:
            fallback = "wait"
        if not voters:
            return None, "closed", set()
        votes = {member: choice for member, choice in version.votes.items() if member in voters}
        sheet = dict.fromkeys(barred, "recuse") | votes
        missing = [member for member in self.members if member not in sheet]
        if fallback in ("count", "postpone", "written") and now >= end:
            if fallback == "written" and rules.silence_is_consent:
                sheet |= dict.fromkeys(missing, "approve")
            if not any(choice != "recuse" for choice in sheet.values()):
                return None, "closed", set()
            return self.result(sheet), "closed", set()
        if not missing or rules.early_close:
            choices = ("approve", "return", "abstain", "recuse", None)
            ends = {
                self.result(sheet | dict(zip(missing, ways, strict=True)))
                for ways in product(choices, repeat=len(missing))
            }
            if len(ends) == 1:
                return ends.pop(), "closed", set()
        if fallback == "chair" and now >= limit:
            if votes.get(chair) in ("approve", "return"):
                return votes[chair], "closed", set()
            return None, "chair", {chair}
        return None, "open", set(missing)

    def result(self, sheet: dict[str, Any]) -> str:
        rules = self.rules
        count = {
            kind: sum(choice == kind for choice in sheet.values())
            for kind in ("approve", "return", "abstain", "recuse")
        }
        seats = len(self.members) - (0 if rules.recused_in_base else count["recuse"])
        present = count["approve"] + count["return"] + count["abstain"]
        if present * rules.quorum[1] < rules.quorum[0] * seats:
            return "return"
        chair = sheet.get(self.members[0])
        if rules.veto == "any" and count["return"]:
            return "return"
        if rules.veto == "chair" and chair == "return":
            return "return"
        base = {"all": seats, "present": present, "cast": count["approve"] + count["return"]}[rules.of]
        if base and count["approve"] * rules.share[1] > rules.share[0] * base:
            return "approve"
        is_tie = count["approve"] == count["return"] and count["approve"] > 0
        return "approve" if rules.casting_vote and is_tie and chair == "approve" else "return"

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

    def may_cast(self, member: str, now: datetime) -> bool:
        if member not in self.members or self.standing(now)[0] != "waiting-approval":
            return False
        _, form, _ = self.vote(now)
        if member in self.barred() or form == "closed":
            return False
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
        if version != len(self.versions) or not self.may_cast(member, now):
            return False
        assert self.current
        self.current.votes[member] = choice
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
        if self.closed_at or self.standing(now)[0] == "withdrawn":
            return False
        self.is_withdrawn = True
        return True
