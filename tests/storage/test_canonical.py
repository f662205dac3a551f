"""Domain values kept as plain JSON and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import pytest

from workflow.domain.cycles.cycle import Stage
from workflow.domain.results.record import Status
from workflow.domain.results.rollup import Tally, tally
from workflow.storage.canonical import canonical, plain, revived


@dataclass(frozen=True)
class Named:
    days: Mapping[int, str]


def test_counts_are_read_back_as_they_were_kept() -> None:
    empty = tally(())
    counts = {**empty.by_status, Status.DONE_LATE: 3}
    kept = Tally(counts, empty.by_stage, submitted=3, progress_sum=Fraction(250, 3))
    assert revived(Tally, json.loads(canonical(kept))) == kept


def test_a_status_or_stage_added_since_counts_zero() -> None:
    kept = plain(tally(()))
    del kept["by_status"][Status.DONE_LATE.value], kept["by_stage"][Stage.LAPSED.value]
    assert revived(Tally, kept) == tally(())


def test_keys_and_values_of_a_mapping_are_of_their_kinds() -> None:
    assert revived(Named, plain(Named({2: "hai"}))) == Named({2: "hai"})


@dataclass(frozen=True)
class Counted:
    name: str
    on: date | None = None
    length: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


def test_a_computed_field_keeps_its_stored_value() -> None:
    assert revived(Counted, {"name": "hai", "length": 7}).length == 7


def test_a_computed_field_missing_in_what_was_stored_is_computed() -> None:
    assert revived(Counted, {"name": "hai"}).length == 3


def test_a_field_gained_since_gets_its_default_and_one_lost_since_is_ignored() -> None:
    assert revived(Counted, {"name": "hai", "lost": 1}) == Counted("hai")


def test_a_missing_text_is_an_error_and_not_the_word_none() -> None:
    with pytest.raises(TypeError):
        revived(Named, {"days": {"2": None}})


def test_a_day_is_read_back_as_a_day() -> None:
    assert revived(Counted, plain(Counted("hai", date(2026, 3, 31)))).on == date(2026, 3, 31)
