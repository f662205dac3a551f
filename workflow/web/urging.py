"""What the pages that urge share: the form's name, and what they tell once people were urged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.storage.urging import Urged, UrgedPerson

URGE = "urge"


@dataclass(frozen=True, slots=True)
class Told:
    """How many people were urged, and how many were left in peace and why. Goes through the address of the
    page that tells it."""

    intended: int
    today: int
    waiting: int

    @classmethod
    def of(cls, people: Iterable[UrgedPerson]) -> Told:
        """What urging these people came to."""
        outcomes = [one.outcome for one in people]
        return cls(*(outcomes.count(one) for one in (Urged.INTENDED, Urged.TODAY, Urged.WAITING)))

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Told | None:
        """What the address of a page tells, None where nobody was to be urged."""
        counts = query.get("urged", "").split(".")
        if len(counts) != 3 or not all(count.isdecimal() and len(count) < 7 for count in counts):
            return None
        return cls(*map(int, counts))

    def __str__(self) -> str:
        return f"{self.intended}.{self.today}.{self.waiting}"
