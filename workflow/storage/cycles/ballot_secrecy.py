"""What may be shown of the ballots on a version of a report: as much as the rule `shows` allows, to the
office too. How somebody voted is secret unless the rule names them. Whoever sees who has voted, as the office
does, doesn't see a running count: comparing it before and after one ballot would reveal that ballot. When
somebody voted is shown once the vote is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.domain.cycles.ballots import reasons_of
from workflow.domain.cycles.cycle import Choice, Stage
from workflow.domain.rules.routing_rules import Shows
from workflow.storage.cycles.heads import CycleHead
from workflow.storage.cycles.said import BallotRow
from workflow.storage.fact_hashes import FACT

OF_BALLOTS = frozenset({"voted", "paper-entered", "paper-countersigned", "paper-struck"})
"""Audit verbs that are about ballots."""
_SECRET = frozenset({"choice", "reason", FACT})
"""The hash of a ballot too: there are few ballots to try it against."""


@dataclass(frozen=True, slots=True)
class BallotsShown:
    """How many ballots there are; of each kind, None while only the total may be shown; why it was returned,
    without names; and who voted how, None unless the rule names them."""

    total: int
    is_over: bool
    count: dict[Choice, int] | None
    reasons: tuple[str, ...]
    named: tuple[BallotRow, ...] | None


def may_show_count(shows: Shows, *, is_over: bool, knows_who: bool) -> bool:
    """Whether the number of ballots of each kind may be shown: by whether the vote is over, and whether the
    reader also sees who has voted (`knows_who`: the office, and readers of its papers; not a member)."""
    return is_over or shows is Shows.NAMES or (shows is Shows.COUNTS and not knows_who)


def ballots_shown(cast: Iterable[BallotRow], shows: Shows, cycle: CycleHead, version: int) -> BallotsShown:
    """What the office's pages and the API may show of the ballots on a version."""
    found = tuple(one for one in cast if one.version == version)
    is_over = is_vote_over(cycle, version)
    kinds = Counter(one.choice for one in found)
    return BallotsShown(
        len(found),
        is_over,
        {one: kinds[one] for one in Choice if kinds[one]}
        if may_show_count(shows, is_over=is_over, knows_who=True)
        else None,
        reasons_of(one for one in found if one.choice is Choice.RETURN) if is_over else (),
        found if shows is Shows.NAMES else None,
    )


def is_vote_over(cycle: CycleHead, version: int) -> bool:
    """Whether no more ballots can come on the version: it was replaced, sent back, or the cycle ended."""
    if version != cycle.version or cycle.stage.is_final:
        return True
    return cycle.stage is Stage.WAITING_SUBMISSION


def is_shown(verb: str, details: Mapping[str, Any], shows: Shows, cycle: CycleHead) -> bool:
    """Whether an audit entry may be shown now: one about a ballot only once the vote is over, unless the rule
    names who voted how."""
    if verb not in OF_BALLOTS or shows is Shows.NAMES:
        return True
    # The second pair of eyes on a paper ballot puts no version on record: taken for the one being voted on.
    return is_vote_over(cycle, details.get("version") or cycle.version)


def details_shown(verb: str, details: Mapping[str, Any], shows: Shows) -> dict[str, Any]:
    """The details of an audit entry, without how somebody voted where the rule does not name them."""
    if verb not in OF_BALLOTS or shows is Shows.NAMES:
        return dict(details)
    return {name: value for name, value in details.items() if name not in _SECRET}
