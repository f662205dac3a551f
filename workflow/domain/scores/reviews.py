"""A unit's request that the council look again at its score: until when it may ask, what became of it.

The council answers by its vote on an entry that names the request: an adjustment, or that the score stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from workflow.domain.results.record import UnitRef
from workflow.domain.scores.score_entries import EntryKind, ScoreEntry
from workflow.domain.scores.scoring_extras import Council
from workflow.domain.scores.scoring_values import table, whole
from workflow.domain.words import Words

WHOLE = ""
"""The code of a request about the whole score, not one criterion."""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """Until how many working days after the close a unit may ask, and within how many after that the council
    is to answer."""

    working_days: int
    answer_working_days: int

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> ReviewRule | None:
        """The rule of a scoring file; None where it has none: then nothing is reviewed."""
        if "review" not in found:
            return None
        body = table(found, "review", Words("quy tắc chấm điểm"))
        days = whole(body, "working_days", "[review]", 5)
        return cls(days, whole(body, "answer_working_days", "[review]", 10))


def is_rank_told(found: Mapping[str, Any]) -> bool:
    """Whether a unit's page of its score shows its rank; a scoring file that does not say so shows none."""
    return table(found, "unit_page", Words("quy tắc chấm điểm")).get("rank", False) is True


class ReviewState(StrEnum):
    """What became of a request."""

    WAITING = "waiting"
    """Nothing is put to the council."""
    PUT = "put"
    UPHELD = "upheld"
    CHANGED = "changed"

    @property
    def is_answered(self) -> bool:
        """Whether the council has answered."""
        return self in (ReviewState.UPHELD, ReviewState.CHANGED)

    @property
    def label(self) -> Words:
        """The state in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    ReviewState.WAITING: Words("chờ văn phòng trình hội đồng"),
    ReviewState.PUT: Words("chờ hội đồng trả lời"),
    ReviewState.UPHELD: Words("hội đồng giữ nguyên điểm"),
    ReviewState.CHANGED: Words("hội đồng điều chỉnh điểm"),
}


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """A file that came with a request."""

    sha256: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Review:
    """A request about a criterion (or bonus, deduction), or the whole score; `entries` are what was put to
    the council in answer, in that order."""

    id: int
    unit: UnitRef
    code: str
    text: str
    files: tuple[ReviewFile, ...]
    asked_by: str
    at: datetime
    entries: tuple[ScoreEntry, ...] = ()

    def state(self, council: Council) -> ReviewState:
        """What became of it: changed where the council carried an adjustment, upheld where it carried that
        the score stays or refused an adjustment. That it refused to let the score stay is no answer yet."""
        if any(one.decided_on is None for one in self.entries):
            return ReviewState.PUT
        if any(one.kind is EntryKind.ADJUSTMENT and one.counts(council) for one in self.entries):
            return ReviewState.CHANGED
        if any(one.counts(council) is (one.kind is EntryKind.UPHOLD) for one in self.entries):
            return ReviewState.UPHELD
        return ReviewState.WAITING
