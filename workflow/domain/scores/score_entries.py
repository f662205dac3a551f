"""What people enter about a unit's score: claims of initiatives, bonus, deduction, the unit's own points, the
council's adjustments; and when an entry counts. An entry is a fact: added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from workflow.domain.cycles.cycle import Choice
from workflow.domain.results.record import UnitRef
from workflow.domain.scores.scoring_extras import Council
from workflow.domain.vietnamese import count, day
from workflow.domain.words import Words


class EntryKind(StrEnum):
    """What an entry is."""

    INITIATIVE = "initiative"
    EXTRA = "extra"
    """A bonus or a deduction, depending on the rule of its code."""
    ADJUSTMENT = "adjustment"
    SELF = "self"
    UPHOLD = "uphold"
    """That the score a unit asked to have reviewed stays as it is; it counts for no points."""

    @property
    def label(self) -> Words:
        """The kind in Vietnamese."""
        return _LABELS[self]

    @property
    def is_voted(self) -> bool:
        """Whether it counts only once the council has carried it."""
        return self is not EntryKind.SELF


_LABELS = {
    EntryKind.INITIATIVE: Words("Sáng kiến"),
    EntryKind.EXTRA: Words("Điểm thưởng, điểm trừ"),
    EntryKind.ADJUSTMENT: Words("Hội đồng điều chỉnh"),
    EntryKind.SELF: Words("Đơn vị tự chấm"),
    EntryKind.UPHOLD: Words("Giữ nguyên điểm"),
}


@dataclass(frozen=True, slots=True)
class CouncilBallot:
    """A council member's vote on an entry."""

    member: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class ScoreEntry:
    """An entry about a unit in a period. `code` is the criterion's, or the kind of bonus or deduction's;
    `points` are the change of an adjustment or the unit's own points. `minutes` and `decided_on` are of the
    meeting whose ballots these are, out of `members`."""

    id: int
    unit: UnitRef
    kind: EntryKind
    code: str
    text: str
    points: Decimal = Decimal(0)
    evidence: str = ""
    entered_by: str = ""
    on: date | None = None
    ballots: tuple[CouncilBallot, ...] = ()
    members: int = 0
    minutes: str = ""
    decided_on: date | None = None
    review_id: int | None = None
    """The unit's request for a review that it answers."""

    @property
    def in_favour(self) -> int:
        """How many voted for it."""
        return sum(ballot.choice is Choice.APPROVE for ballot in self.ballots)

    def counts(self, council: Council) -> bool:
        """Whether the council has carried it."""
        return self.kind.is_voted and council.carries(self.in_favour, len(self.ballots), self.members)

    @property
    def in_full(self) -> str:
        """The entry with its evidence and its vote, as one clause."""
        said = [f"“{self.text}”"]
        if self.evidence:
            said.append(f"minh chứng: {self.evidence}")
        vote = f"hội đồng thông qua {count(self.in_favour)}/{count(self.members)} phiếu"
        if self.minutes:
            vote += f", biên bản {self.minutes}"
        if self.decided_on:
            vote += f" ngày {day(self.decided_on)}"
        return "; ".join([*said, vote])


def counted(entries: Sequence[ScoreEntry], council: Council) -> list[ScoreEntry]:
    """The entries that the council has carried, in the order they were made."""
    return sorted((one for one in entries if one.counts(council)), key=lambda one: one.id)
