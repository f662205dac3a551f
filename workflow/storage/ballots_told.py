"""What may be told of the ballots on a version of a report: as much as the rule `shows` lets, to the office
too. Whether somebody took part is no secret; how they voted is, unless the rule names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.domain.cycle import Choice, Stage
from workflow.domain.rules import Shows
from workflow.storage.fact_hashes import FACT
from workflow.storage.telling import BallotRow
from workflow.storage.viewing import CycleHead

OF_BALLOTS = frozenset({"voted", "paper-entered", "paper-countersigned", "paper-struck"})
"""The acts on record that are about ballots."""
_SECRET = frozenset({"choice", "reason", FACT})
"""The hash of a ballot too: there are few ballots to try it against."""


@dataclass(frozen=True, slots=True)
class BallotsTold:
    """How many ballots there are; of each kind, None while only the total may be told; why it was returned,
    without names; and who voted how, None unless the rule names them."""

    total: int
    is_over: bool
    count: dict[Choice, int] | None
    reasons: tuple[str, ...]
    named: tuple[BallotRow, ...] | None


def ballots_told(cast: Iterable[BallotRow], shows: Shows, cycle: CycleHead, version: int) -> BallotsTold:
    """What may be told of the ballots on a version."""
    found = tuple(one for one in cast if one.version == version)
    is_over = is_vote_over(cycle, version)
    kinds = Counter(one.choice for one in found)
    return BallotsTold(
        len(found),
        is_over,
        {one: kinds[one] for one in Choice if kinds[one]} if is_over or shows is not Shows.NOTHING else None,
        _reasons(found) if is_over else (),
        found if shows is Shows.NAMES else None,
    )


def _reasons(found: Iterable[BallotRow]) -> tuple[str, ...]:
    given = (one.reason for one in found if one.choice is Choice.RETURN and one.reason)
    return tuple(dict.fromkeys(given))


def is_vote_over(cycle: CycleHead, version: int) -> bool:
    """Whether no more ballots can come on the version: it was replaced, sent back, or the cycle ended."""
    if version != cycle.version or cycle.stage.is_final:
        return True
    return cycle.stage is Stage.WAITING_SUBMISSION


def details_told(verb: str, details: Mapping[str, Any], shows: Shows) -> dict[str, Any]:
    """An act's details on record, without how somebody voted where the rule does not name them."""
    if verb not in OF_BALLOTS or shows is Shows.NAMES:
        return dict(details)
    return {name: value for name, value in details.items() if name not in _SECRET}
