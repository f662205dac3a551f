"""Shared by the pages that urge: the form's name, and the result shown afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.domain.typed import whole_number
from workflow.storage.duties.urging import Urged, UrgedPerson

URGE = "urge"


@dataclass(frozen=True, slots=True)
class UrgedCount:
    """How many people were urged, and how many were not and why. Passed in the address of the page that
    shows it."""

    intended: int
    today: int
    waiting: int

    @classmethod
    def of(cls, people: Iterable[UrgedPerson]) -> UrgedCount:
        """The counts of urging these people."""
        outcomes = [one.outcome for one in people]
        return cls(*(outcomes.count(one) for one in (Urged.INTENDED, Urged.TODAY, Urged.WAITING)))

    @classmethod
    def read(cls, query: Mapping[str, str]) -> UrgedCount | None:
        """The counts in a page's address; None where it has none."""
        counts = [whole_number(count) for count in query.get("urged", "").split(".")]
        match counts:
            case [int() as intended, int() as today, int() as waiting]:
                return cls(intended, today, waiting)
        return None

    def __str__(self) -> str:
        return f"{self.intended}.{self.today}.{self.waiting}"
