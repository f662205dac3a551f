"""Routing rules as data: who confirms, how silence counts, who votes, what carries. Pinned per period.

Scoring rules are `workflow.domain.scoring`'s. The ready-made files are settings a customer confirms,
never constants.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any


class Reporting(StrEnum):
    """Which items report in a period."""

    ALL = "all"
    ACTIVE = "active"
    DUE = "due"


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


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """When a period's steps end; working days count from the step before."""

    reporting: Reporting = Reporting.ALL
    due_day: int = 15
    open_working_days_before: int = 10
    confirm_working_days: int = 3
    approve_working_days: int = 3
    cut_off_working_days: int = 3


@dataclass(frozen=True, slots=True)
class ConfirmationRule:
    """Who of the coordinating units must confirm, and what silence and objection do."""

    required: Confirming = Confirming.ALL
    at_least: int = 1
    silence: Silence = Silence.CONSENT
    silence_working_days: int = 3
    objection: Objection = Objection.TO_LEAD


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """How the committee decides.

    A Party standing committee decides by more than half of all its members (Party Statute art. 9(5)),
    and no source gives its secretary a casting vote; a people's committee decides by more than half of
    all members and a tie follows the chairman's side (Law 72/2025 art. 40(3)).

    `more_than` is a fraction of the base; exactly that fraction is not enough. `quorum` is the least
    fraction of members who must take part (any ballot but none at all counts as taking part).
    """

    more_than: Fraction = Fraction(1, 2)
    of: MajorityOf = MajorityOf.ALL
    quorum: Fraction = Fraction(0)
    casting_vote: bool = False
    early_close: bool = True


@dataclass(frozen=True, slots=True)
class MailRule:
    """How often a person may be written to: never sooner than `gap_hours` after the last digest, and
    `settle_minutes` after something new is owed, so that what follows at once goes into the same mail.

    Nothing goes out before `from_hour` or from `to_hour` on (local time), nor on days off, unless
    `on_days_off`. `remind_working_days_before` are the days before a deadline on which a digest reminds.
    """

    settle_minutes: int = 10
    gap_hours: int = 20
    from_hour: int = 7
    to_hour: int = 20
    on_days_off: bool = False
    remind_working_days_before: tuple[int, ...] = (3, 1, 0)


@dataclass(frozen=True, slots=True)
class Rules:
    """A named version of the routing rules."""

    name: str = "mặc định"
    version: str = "1"
    period: PeriodRule = field(default_factory=PeriodRule)
    confirmation: ConfirmationRule = field(default_factory=ConfirmationRule)
    approval: ApprovalRule = field(default_factory=ApprovalRule)
    mail: MailRule = field(default_factory=MailRule)

    def as_json(self) -> dict[str, Any]:
        """The form pinned with a period; fractions as `1/2`."""
        found = asdict(self)
        for key in ("more_than", "quorum"):
            found["approval"][key] = str(found["approval"][key])
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Rules:
        """The inverse of `as_json`; missing keys take their defaults, unknown ones are an error."""
        period = dict(found.get("period", {}))
        confirmation = dict(found.get("confirmation", {}))
        approval = dict(found.get("approval", {}))
        mail = dict(found.get("mail", {}))
        if "remind_working_days_before" in mail:
            mail["remind_working_days_before"] = tuple(mail["remind_working_days_before"])
        if "reporting" in period:
            period["reporting"] = Reporting(period["reporting"])
        for key, kind in (("required", Confirming), ("silence", Silence), ("objection", Objection)):
            if key in confirmation:
                confirmation[key] = kind(confirmation[key])
        for key in ("more_than", "quorum"):
            if key in approval:
                approval[key] = Fraction(approval[key])
        if "of" in approval:
            approval["of"] = MajorityOf(approval["of"])
        return cls(
            name=found.get("name", cls().name),
            version=str(found.get("version", cls().version)),
            period=PeriodRule(**period),
            confirmation=ConfirmationRule(**confirmation),
            approval=ApprovalRule(**approval),
            mail=MailRule(**mail),
        )
