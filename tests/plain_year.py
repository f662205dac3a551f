"""The plain oracle of a year: what one cycle of `plain_oracle` does not have (more time, two persons for a
withdrawal, days off entered later, what stands after a reopening), and the half-year counted by hand.

Written from docs/rules.md, docs/rollups.md and docs/scoring.md; it shares no code with `workflow`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.plain_oracle import Plain, after_midnight, is_worked

STEPS = ("due_on", "confirm_by", "approve_by")
OFFICERS = ("van-phong", "nga")


@dataclass
class PlainSaid:
    """What a version says of the item."""

    progress: int
    is_done: bool
    on: date
    value: int


@dataclass
class PlainDates:
    """A period's dates; a day off moves those that have not passed."""

    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date
    is_closed: bool = False

    def move(self, days_off: set[date], now: datetime) -> None:
        """Each date that has not passed and became a day off goes to the next working day."""
        if self.is_closed:
            return
        for name in (*STEPS, "cut_off"):
            day = getattr(self, name)
            while day in days_off and after_midnight(day, now) > now and not is_worked(day, days_off):
                day += timedelta(days=1)
                while not is_worked(day, days_off):
                    day += timedelta(days=1)
            setattr(self, name, day)


@dataclass
class PlainItem(Plain):
    """One cycle of a year."""

    number: int = 0
    dates: PlainDates = field(default_factory=lambda: PlainDates(*[date.min] * 4))
    said: list[PlainSaid] = field(default_factory=list)
    """Of each version."""
    given: dict[str, date] = field(default_factory=dict)
    """More time, by step."""
    waits: tuple[str, int] | None = None
    """Who of the office asked for a withdrawal that needs a second person, and on which version."""
    stood: int | None = None
    """The version that was approved when it was reopened last."""
    held: dict[tuple[int, str], date] = field(default_factory=dict)
    """Limits of a version that had passed when days were entered: they stay."""
    over: datetime | None = None
    """Its end, where that had passed when days were entered."""
    back: set[int] = field(default_factory=set)
    """The versions that had been returned when days or more time were given: they stay so."""

    # Its days.

    def take_dates(self) -> None:
        """The period's dates with the time it was given: later steps keep their working days after it."""
        before, found = [getattr(self.dates, step) for step in STEPS], []
        for place, step in enumerate(STEPS):
            day = before[place]
            if place and found[-1] > before[place - 1]:
                gap, one = 0, before[place - 1]
                while one < day:
                    one += timedelta(days=1)
                    gap += is_worked(one, self.days_off)
                day = max(day, self.later(found[-1], gap))
            day = min(day, self.dates.cut_off)
            found.append(max(day, self.given.get(step, day)))
        self.due_on, self.confirm_by, self.approve_by = found
        self.cut_off = self.dates.cut_off

    def last_day_to_confirm(self) -> date:
        return self.held.get((len(self.versions), "confirm")) or super().last_day_to_confirm()

    def limits(self) -> tuple[datetime, datetime]:
        limit, end = self.limit_days()
        return self.closing(limit), self.closing(end)

    def limit_days(self) -> tuple[date, date]:
        assert self.current
        this = len(self.versions)
        called = max([self.last_day_to_confirm(), *(word.day for word in self.current.words.values())])
        limit = self.held.get((this, "limit")) or max(self.approve_by, self.later(called, self.approve_days))
        more = self.rules.fallback_days if self.rules.fallback in ("postpone", "written") else 0
        return limit, self.held.get((this, "end")) or self.later(limit, more)

    def last_moment(self, now: datetime) -> datetime:
        return self.over or super().last_moment(now)

    def _before_cut_off(self, now: datetime) -> tuple[str, set[str], set[str]]:
        if len(self.versions) in self.back and not self.is_withdrawn:
            return "waiting-submission", {self.lead}, set()
        return super()._before_cut_off(now)

    def hold(self, now: datetime) -> None:
        """Days are about to be entered: what has passed by now stays as it is."""
        end = self.last_moment(now)
        if now >= end:
            self.over = end
        self.hold_return(now)
        if self.current is None or self.is_recalled_or_reopened:
            return
        this = len(self.versions)
        confirm = self.last_day_to_confirm()
        limit, end_day = self.limit_days()
        if after_midnight(confirm, now) <= now:
            self.held[this, "confirm"] = confirm
            for name, day in (("limit", limit), ("end", end_day)):
                if self.closing(day) <= now:
                    self.held[this, name] = day

    def hold_return(self, now: datetime) -> None:
        stage = self.standing(now)[0]
        if stage == "waiting-submission" and self.current and not self.is_recalled_or_reopened:
            self.back.add(len(self.versions))

    @property
    def is_recalled_or_reopened(self) -> bool:
        return bool(self.current and (self.current.is_recalled or self.current.reopened_until))

    # Orders.

    def extends(self, step: str, until: date, now: datetime) -> bool:
        """Whether more time may be given; it is then."""
        stage = self.standing(now)[0]
        open_steps = {
            "waiting-submission": STEPS,
            "waiting-confirmation": STEPS[1:],
            "waiting-approval": STEPS[2:],
        }.get(stage, ())
        is_past = self.cut_off < until or after_midnight(until, now) <= now
        if step not in open_steps or is_past or self.opened_again or until <= getattr(self, step):
            return False
        self.hold_return(now)
        self.given[step] = until
        self.take_dates()
        return True

    def asks_to_withdraw(self, by: str, now: datetime) -> bool:
        stage = self.standing(now)[0]
        if by not in OFFICERS or self.dates.is_closed or stage == "withdrawn":
            return False
        if stage == "approved" or self.opened_again:
            self.waits = (by, len(self.versions))
        else:
            self.is_withdrawn = True
        return True

    def seconds(self, by: str, now: datetime) -> bool:
        assert self.waits
        first, version = self.waits
        if by not in OFFICERS or by == first or self.dates.is_closed or version != len(self.versions):
            return False
        if self.is_withdrawn:
            return False
        self.is_withdrawn, self.waits = True, None
        return True

    def recalls_for(self, now: datetime) -> bool:
        """An officer, with a reason, in the place of the unit."""
        version = self.current
        if version is None or self.standing(now)[0] not in ("waiting-confirmation", "waiting-approval"):
            return False
        if self.is_consent_taken(now) or version.said or version.votes:
            return False
        version.is_recalled = True
        return True

    def reopens(self, until: date, now: datetime) -> bool:
        stood = self.counted(now)
        if not super().reopens(until, now):
            return False
        self.stood, self.over = stood, None
        return True

    # What counts.

    def counted(self, now: datetime) -> int | None:
        """The version whose approval stands, counted from 0."""
        if self.standing(now)[0] != "approved":
            return None
        end = self.last_moment(now)
        stage = self._before_cut_off(min(now, end))[0]
        return len(self.versions) - 1 if stage == "approved" else self.stood

    def reported(self, now: datetime) -> PlainSaid | None:
        """What counts of the item at the end of its period: of the approved version; of the last one where
        units or committee did not answer, unless the rule leaves that out."""
        stage = self.standing(now)[0]
        if stage == "approved":
            place = self.counted(now)
            assert place is not None
            return self.said[place]
        if stage == "undecided" and self.rules.undecided != "left-out":
            return self.said[-1]
        return None


@dataclass
class PlainKept:
    """How an item's cycle ended in one quarter."""

    stage: str
    said: PlainSaid | None
    """What counts."""


def deciding(ends: list[PlainKept]) -> PlainKept:
    """Of one item's ends, in the order of the quarters, the one that decides over the span."""
    for is_it in (
        lambda one: one.said is not None,
        lambda one: one.stage != "withdrawn",
        lambda one: True,
    ):
        if found := [one for one in ends if is_it(one)]:
            return found[-1]
    raise AssertionError


def mean(totals: Iterable[Decimal]) -> Decimal:
    found = list(totals)
    return (sum(found, Decimal(0)) / len(found)).quantize(Decimal("0.01"), ROUND_HALF_UP)
