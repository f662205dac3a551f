"""A generated sentence together with the facts it was made from, so that a reader can check it and a test can
make it again from these facts alone."""

from __future__ import annotations

from collections.abc import Iterable

from workflow.domain.results.record import CycleRecord


class FactSentence(str):
    """The text, and in `cycle_ids` the cycles whose records its figures and names come from."""

    __slots__ = ("cycle_ids",)
    cycle_ids: tuple[int, ...]

    def __new__(cls, text: str, records: Iterable[CycleRecord] = ()) -> FactSentence:
        """The text as made from these records; none for a sentence that says there are none."""
        found = super().__new__(cls, text)
        found.cycle_ids = tuple(record.cycle_id for record in records)
        return found
