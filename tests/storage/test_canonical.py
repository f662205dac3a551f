"""Domain values kept as plain JSON and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

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
