"""Routing rules as data: who confirms, how silence counts, who votes, what carries. Pinned per period.

Validating a rules file is `schema`, each rule in a sentence `explained`, rules that apply to some items only
`layers`. Scoring rules are `domain.scores.scoring_rules`. The ready-made files are settings a customer
confirms, never constants.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import time
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from workflow.domain.words import Words


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months it has."""
        return {"month": 1, "quarter": 3, "half-year": 6, "year": 12}[self.value]


class Reporting(StrEnum):
    """Which items report in a period."""

    EXPECTED = "expected"
    """Begun and not finished, with a deadline in the period, or recurring at its own rhythm."""
    ALL = "all"
    ACTIVE = "active"
    DUE = "due"
    CADENCE = "cadence"
    """Each item in the periods of its own cadence."""


class Confirming(StrEnum):
    """How many coordinating units must agree."""

    ALL = "all"
    MAJORITY = "majority"
    AT_LEAST = "at-least"
    NONE = "none"


class Silence(StrEnum):
    """What a coordinating unit's silence past the limit means."""

    CONSENT = "consent"
    ESCALATE = "escalate"
    BLOCK = "block"


class Objection(StrEnum):
    """Where an objection leads."""

    TO_LEAD = "to-lead"
    TO_COMMITTEE = "to-committee"


class MajorityOf(StrEnum):
    """What the majority is counted over."""

    ALL = "all"
    PRESENT = "present"
    CAST = "cast"


class Carry(StrEnum):
    """Which confirmations of a version hold for the version that replaces it."""

    NONE = "none"
    UNTOUCHED = "untouched"
    """Those of units that the change does not concern."""
    UNLESS_OBJECTION = "unless-objection"
    """All, unless a unit objected to the version."""


class Veto(StrEnum):
    """Whose return ends the vote, however the others vote."""

    NONE = "none"
    CHAIR = "chair"
    ANY = "any"


class EarlyClose(StrEnum):
    """Whether a vote ends before its last day once the remaining ballots could not change it."""

    NO = "no"
    """Every ballot is awaited until the last day."""
    AFTER_CHAIR = "after-chair"
    """It does once the chair has voted, or has no vote on it."""
    YES = "yes"


class Fallback(StrEnum):
    """What happens when the vote has no result by its deadline."""

    WAIT = "wait"
    """Ballots are taken until the cut-off; where the last day has an hour (`until`), none after it, and the
    office brings the item before a sitting."""
    COUNT = "count"
    """The vote closes with the ballots cast; who has not voted has not approved."""
    CHAIR = "chair"
    """The chair decides, where the quorum took part."""
    POSTPONE = "postpone"
    """The vote stays open some working days longer, then closes with the ballots cast."""
    WRITTEN = "written"
    """Those who have not voted are asked in writing, for some working days; then the vote closes."""


class Undecided(StrEnum):
    """What becomes of a report that still waits for others (units, the committee) when its period ends."""

    REPORTED = "reported"
    """It counts as it was reported, marked as not decided."""
    LEFT_OUT = "left-out"
    """It counts in no sum and no score."""
    AFTERWARDS = "afterwards"
    """It stays open for them some working days longer; then it counts as it was reported."""


class Shows(StrEnum):
    """What is shown of the ballots cast: to members while a vote is open, and in the minutes."""

    NOTHING = "nothing"
    """Members see their own ballot only; the minutes show the count."""
    COUNTS = "counts"
    """Members see how many ballots of each kind there are."""
    NAMES = "names"
    """Each member's ballot is shown by name, in the minutes too."""


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """When a period's steps end; working days count from the step before.

    Units report by `due_day` of the period's last month or, where `due_working_days` is given, that many
    working days after the period's end (before it, if negative). A report that others returned is due again
    `again_working_days` after the day it came back, if that is later.

    `rhythm` is how often an item reports whose times name no rhythm of their own; the year's quarters, or its
    shortest periods where it has none, while no rule says otherwise. `reporting` and `rhythm` may differ by
    item (`Override`); the days are the period's.
    """

    reporting: Reporting = Reporting.EXPECTED
    rhythm: PeriodKind | None = None
    due_day: int = 15
    due_working_days: int | None = None
    open_working_days_before: int = 10
    confirm_working_days: int = 3
    approve_working_days: int = 3
    cut_off_working_days: int = 3
    again_working_days: int = 2


class Close(StrEnum):
    """Who closes a period."""

    AUTOMATIC = "automatic"
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """Which periods a year has, and whether they open and close automatically.

    A period opens on its day, or later if the machine was off, while its last day for reports is still
    `fair_working_days` away (or as far as it ordinarily is, where that is less); else the office is asked.
    It closes `close_working_days` after the cut-off's day. The office is notified `tell_working_days_before`
    it opens, and again before the cut-off.
    """

    automatic: bool = False
    kinds: tuple[PeriodKind, ...] = (PeriodKind.QUARTER,)
    tell_working_days_before: int = 3
    fair_working_days: int = 5
    close: Close = Close.AUTOMATIC
    close_working_days: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmationRule:
    """Who of the coordinating units must confirm, and what silence and objection do.

    `co_leads`: a lead unit that did not send the report itself is asked to confirm it. `each_lead`: it has to
    tell its own result instead; neither a word without one nor its silence is ever taken for that, whatever
    `required` says of the coordinating units.
    """

    required: Confirming = Confirming.ALL
    at_least: int = 1
    co_leads: bool = True
    each_lead: bool = False
    silence: Silence = Silence.CONSENT
    silence_working_days: int = 3
    objection: Objection = Objection.TO_LEAD
    carry: Carry = Carry.NONE


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """How the committee decides.

    A Party standing committee decides by more than half of all its members (Party Statute art. 9(5)),
    and no source gives its secretary a casting vote; a people's committee decides by more than half of
    all members and a tie follows the chairman's side (Law 72/2025 art. 40(3)).

    `committee` is the voting unit's id in the directory; empty for the one that `BodiesRule.items` or the
    directory's kinds of body give.
    `more_than` is a fraction of the base; exactly that fraction is not enough. `quorum` is the least
    fraction of the seats that must take part, `quorum_count` the least number of members: for, against and
    abstaining take part, standing aside and silence do not. Without it there is no decision.
    `casting_vote`: where exactly half of the base are in favour, the chair among them, and half is what
    `more_than` asks for, the item is approved.
    `recuse_leader` bars the member who leads the item, `recuse_unit` members who belong to a lead unit; the
    barred, and who stands aside, keep their seats in the base and in the quorum's fraction unless
    `recused_in_base` is off. Where those left could not approve even together, there is no decision.
    `substitutes`: an absent member's substitute may vote.

    The vote's deadline is its last day or, with `until`, that hour of it; `fallback` says what happens
    then, `fallback_working_days` how long it takes. `silence_is_consent`: who does not answer when asked
    in writing has approved; silence is consent only where a rule says so. `carry_approvals`: who approved
    a version the committee returned need not vote again on the next.
    `one_time_code`: a ballot by link counts only with a code mailed to the member's address on file.
    `shows`: what members see of a vote that is open; only `names` puts names beside ballots in the minutes.
    `undecided`: what becomes of a report that others have not answered when the period ends;
    `undecided_working_days` are those that `afterwards` gives them.
    """

    committee: str = ""
    more_than: Fraction = Fraction(1, 2)
    of: MajorityOf = MajorityOf.ALL
    quorum: Fraction = Fraction(0)
    quorum_count: int = 0
    casting_vote: bool = False
    veto: Veto = Veto.NONE
    recuse_leader: bool = False
    recuse_unit: bool = False
    recused_in_base: bool = True
    substitutes: bool = True
    early_close: EarlyClose = EarlyClose.YES
    until: time | None = None
    fallback: Fallback = Fallback.WAIT
    fallback_working_days: int = 3
    silence_is_consent: bool = False
    carry_approvals: bool = False
    one_time_code: bool = False
    shows: Shows = Shows.NOTHING
    undecided: Undecided = Undecided.REPORTED
    undecided_working_days: int = 5


@dataclass(frozen=True, slots=True)
class BodiesRule:
    """Which voting body of the directory decides on what, by its id there; empty: the body whose kind is for
    it (`domain.people.bodies`). `items` holds where `[approval] committee` names none."""

    items: str = ""
    report: str = ""
    scores: str = ""
    commendations: str = ""


@dataclass(frozen=True, slots=True)
class MailRule:
    """How often a person may be written to: never sooner than `gap_hours` after the last digest, and
    `settle_minutes` after something new is owed, so that what follows at once goes into the same mail.

    Nothing goes out before `from_hour` or from `to_hour` on (local time), nor on days off, unless
    `on_days_off`. `remind_working_days_before` are the days before a deadline on which a digest reminds.
    `receipts`: what a person sends is acknowledged by mail, at any hour.
    """

    settle_minutes: int = 10
    gap_hours: int = 20
    from_hour: int = 7
    to_hour: int = 20
    on_days_off: bool = False
    receipts: bool = True
    remind_working_days_before: tuple[int, ...] = (3, 1, 0)


class EscalateTo(StrEnum):
    """Whom overdue work is reported to."""

    HEAD = "head"
    """The head of the unit that owes the work."""
    LEADER = "leader"
    """The leader in charge of the item; the chair where the directory does not know that leader."""
    CHAIR = "chair"
    INSPECTORS = "inspectors"


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step of the ladder: after how many working days late, and whom the work is then reported to."""

    late_working_days: int
    to: EscalateTo


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """Whom overdue work is reported to, and when; and what the inspection committee counts as repeatedly
    overdue.

    A unit is on the inspectors' list when late in `repeated_times` of the last `repeated_periods` periods,
    or with one report late by more than `long_working_days`. `opinion_working_days` are the committee's for
    a difficulty raised in a report.
    """

    steps: tuple[EscalationStep, ...] = (
        EscalationStep(2, EscalateTo.HEAD),
        EscalationStep(4, EscalateTo.LEADER),
        EscalationStep(6, EscalateTo.INSPECTORS),
    )
    repeated_times: int = 2
    repeated_periods: int = 4
    long_working_days: int = 5
    opinion_working_days: int = 5


class ReportApproval(StrEnum):
    """Who approves a closed period's report before it is issued."""

    NONE = "none"
    """Nobody: it is issued at the close, without a number."""
    CHAIR = "chair"
    COMMITTEE = "committee"
    """More than half of all members, counted as ballots are."""


@dataclass(frozen=True, slots=True)
class ReportRule:
    """What a closed period's report goes through before it is sent.

    Who approves it is asked to answer within `approve_working_days` of the day it was put before them.
    Silence never approves it: they are reminded, and the office hears who is late.
    """

    approval: ReportApproval = ReportApproval.CHAIR
    approve_working_days: int = 3


class Counts(StrEnum):
    """What a report's counts count."""

    IN_PERIOD = "in-period"
    """What was done in the period alone: periods add up."""
    TO_DATE = "to-date"
    """Cumulative from the start of the year: the last period's value counts."""


class Rates(StrEnum):
    """What a rate over several periods is."""

    LAST = "last"
    MEAN = "mean"
    """The mean of the periods, by weight where the item has a figure in one of the `weights`."""


class DoneBy(StrEnum):
    """What makes an item with targets done."""

    TARGETS = "targets"
    """The unit's report that it is, and its targets reached."""
    REPORT = "report"
    """The unit's report alone; a missed target is shown beside it."""


@dataclass(frozen=True, slots=True)
class FigureRule:
    """How targets' values over several periods are aggregated.

    `sum`, `last`, `mean`, `highest`, `lowest` name the targets that add up otherwise than their kind does,
    by item code or unit of measure. `weights` are units of measure: a figure in one of them is what the
    item's rates weigh.
    """

    counts: Counts = Counts.IN_PERIOD
    rates: Rates = Rates.LAST
    done: DoneBy = DoneBy.TARGETS
    weights: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    mean: tuple[str, ...] = ()
    highest: tuple[str, ...] = ()
    lowest: tuple[str, ...] = ()


PERIOD_BY_ITEM = ("reporting", "rhythm")
"""The rules of `[period]` that may differ from item to item."""


@dataclass(frozen=True, slots=True)
class Override:
    """Rules that hold for some items only: those under a section (by code prefix), one item (by code), those
    that a unit leads (by its id in the directory; a group's are those of its members), those with a target of
    at least an amount (in `measure`, where one is named), or all of these at once.

    `period`, `confirmation` and `approval` name only the rules that differ, as they stand in the file; of
    the period's, those in `PERIOD_BY_ITEM`.
    """

    section: str = ""
    item: str = ""
    unit: str = ""
    amount_from: Decimal | None = None
    measure: str = ""
    period: tuple[tuple[str, Any], ...] = ()
    confirmation: tuple[tuple[str, Any], ...] = ()
    approval: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """A named version of the routing rules."""

    name: str = Words("mặc định")
    version: str = "1"
    period: PeriodRule = field(default_factory=PeriodRule)
    schedule: ScheduleRule = field(default_factory=ScheduleRule)
    confirmation: ConfirmationRule = field(default_factory=ConfirmationRule)
    approval: ApprovalRule = field(default_factory=ApprovalRule)
    bodies: BodiesRule = field(default_factory=BodiesRule)
    mail: MailRule = field(default_factory=MailRule)
    escalation: EscalationRule = field(default_factory=EscalationRule)
    report: ReportRule = field(default_factory=ReportRule)
    figures: FigureRule = field(default_factory=FigureRule)
    overrides: tuple[Override, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The JSON form stored with a period: fractions as `1/2`, hours as `11:00`."""
        found: dict[str, Any] = _plain(asdict(self))
        for plain, override in zip(found["overrides"], self.overrides, strict=True):
            plain["period"] = _plain(dict(override.period))
            plain["confirmation"] = _plain(dict(override.confirmation))
            plain["approval"] = _plain(dict(override.approval))
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Rules:
        """The inverse of `as_json`; missing keys take their defaults, unknown ones are an error."""
        return read_as(cls, found)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case time():
            return value.isoformat("minutes")
        case Enum():
            return value.value
        case Fraction() | Decimal():
            return str(value)
    return value


Kind = TypeVar("Kind")


def read_as(kind: type[Kind], raw: Any) -> Kind:
    """Converts a value of the rules from its JSON form; raises ValueError, TypeError or KeyError if it does
    not fit the type."""
    return _read(kind, raw)  # type: ignore[no-any-return]


def _read(kind: Any, raw: Any) -> Any:
    if is_dataclass(kind):
        hints = kinds_of(kind)
        if kind is Override:
            raw = {key: tuple(one.items()) if isinstance(one, dict) else one for key, one in raw.items()}
        return kind(**{key: _read(hints[key], one) for key, one in raw.items()})  # type: ignore[operator]
    if raw is None or kind is Any:
        return raw
    match get_origin(kind), get_args(kind):
        case None, _:
            if kind is time:
                return raw if isinstance(raw, time) else time.fromisoformat(raw)
            return Decimal(str(raw)) if kind is Decimal else kind(raw)
        case origin, (one, *_) if origin is tuple:
            return tuple(_read(one, each) for each in raw) if get_args(kind)[-1] is ... else tuple(raw)
        case _, (one, *_):
            return _read(one, raw)
    raise TypeError(kind)


def kinds_of(rule: Any) -> dict[str, Any]:
    """The type of each rule of a group, by name."""
    hints = get_type_hints(rule)
    return {one.name: hints[one.name] for one in fields(rule)}
