"""A cycle and the facts about it: submissions, confirmations, ballots, each bound to a version.

What follows from the facts is `workflow.domain.advance`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from workflow.domain.period import Timetable


class Stage(StrEnum):
    """Where a cycle stands."""

    WAITING_SUBMISSION = "waiting-submission"
    WAITING_CONFIRMATION = "waiting-confirmation"
    WAITING_APPROVAL = "waiting-approval"
    APPROVED = "approved"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is awaited."""
        return self in (Stage.APPROVED, Stage.LAPSED, Stage.WITHDRAWN)

    @property
    def label(self) -> str:
        """The stage in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    Stage.WAITING_SUBMISSION: "Chờ báo cáo",
    Stage.WAITING_CONFIRMATION: "Chờ xác nhận",
    Stage.WAITING_APPROVAL: "Chờ phê duyệt",
    Stage.APPROVED: "Đã duyệt",
    Stage.LAPSED: "Quá hạn, đã khóa",
    Stage.WITHDRAWN: "Đã rút",
}


class Verdict(StrEnum):
    """What a coordinating unit says of a report."""

    CONFIRM = "confirm"
    PARTIAL = "partial"
    OBJECT = "object"


class Choice(StrEnum):
    """What a committee member says of a report."""

    APPROVE = "approve"
    RETURN = "return"
    ABSTAIN = "abstain"
    RECUSE = "recuse"


@dataclass(frozen=True, slots=True)
class Submission:
    """A report, in one version."""

    version: int
    unit_id: int
    person_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A unit's word on one version; of several, the last stands."""

    version: int
    unit_id: int
    person_id: int
    verdict: Verdict
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A member's vote on one version; of several, the last stands."""

    version: int
    person_id: int
    choice: Choice
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Roll:
    """The committee entitled to vote: its members' person ids, and who presides."""

    members: frozenset[int]
    chair: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a cycle. Order within the tuples carries no meaning.

    `lead_units` owe the report; `confirming_units` are those asked to confirm it (groups expanded,
    co-leads included): the unit that submitted is never asked to confirm itself.
    """

    lead_units: frozenset[int]
    confirming_units: frozenset[int]
    roll: Roll
    timetable: Timetable
    submissions: tuple[Submission, ...] = field(default=())
    confirmations: tuple[Confirmation, ...] = field(default=())
    ballots: tuple[Ballot, ...] = field(default=())
    is_withdrawn: bool = False
    is_closed: bool = False
    """Whether the office closed the period, perhaps before its cut-off."""

    @property
    def current(self) -> Submission | None:
        """The submission that counts: the one of the highest version."""
        return max(self.submissions, key=lambda submission: submission.version, default=None)


def standing_confirmations(facts: Facts, version: int) -> dict[int, Confirmation]:
    """Each unit's last confirmation of that version."""
    found: dict[int, Confirmation] = {}
    for said in sorted(facts.confirmations, key=lambda said: (said.at, said.person_id, said.verdict)):
        if said.version == version:
            found[said.unit_id] = said
    return found


def standing_ballots(facts: Facts, version: int) -> dict[int, Ballot]:
    """Each member's last ballot on that version."""
    found: dict[int, Ballot] = {}
    for cast in sorted(facts.ballots, key=lambda cast: (cast.at, cast.choice)):
        if cast.version == version and cast.person_id in facts.roll.members:
            found[cast.person_id] = cast
    return found
