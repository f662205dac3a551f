"""What an audit entry holds of the fact it is about: a hash over the whole row, so that the row and the entry
can be compared afterwards, the parts too that the entry does not spell out.

Ids of people are in it, their names and addresses are not: forgetting those leaves every hash as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson

from workflow.storage.tables import (
    ballots,
    commendation_entries,
    confirmations,
    orders,
    paper_ballots,
    report_ballots,
    score_decisions,
    score_entries,
    sittings,
    submissions,
)

FACT = "fact"
"""Where an entry's details keep the hash."""


class Kind(Enum):
    """A kind of fact that has an entry of its own."""

    SUBMISSION = "submission"
    CONFIRMATION = "confirmation"
    BALLOT = "ballot"
    PAPER = "paper"
    COUNTERSIGN = "countersign"
    STRIKE = "strike"
    ORDER = "order"
    SCORE_ENTRY = "score-entry"
    SCORE_DECISION = "score-decision"
    COMMENDATION = "commendation"
    SITTING = "sitting"
    COUNCIL_VOTE = "council-vote"
    SITTING_END = "sitting-end"
    REPORT_VOTE = "report-vote"


def _names(table: Any, *but: str) -> tuple[str, ...]:
    return tuple(column.name for column in table.c if column.name not in ("id", *but))


COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.SUBMISSION: (*_names(submissions), "evidence"),
    Kind.CONFIRMATION: _names(confirmations),
    Kind.BALLOT: _names(ballots),
    # Struck out or closed later: that is a fact of its own.
    Kind.PAPER: _names(paper_ballots, "struck_by", "struck_at"),
    Kind.COUNTERSIGN: ("paper_ballot_id", "person_id", "at"),
    Kind.STRIKE: ("paper_ballot_id", "struck_by", "struck_at"),
    Kind.ORDER: _names(orders),
    Kind.SCORE_ENTRY: _names(score_entries),
    Kind.SCORE_DECISION: (*_names(score_decisions), "ballots"),
    Kind.COMMENDATION: _names(commendation_entries),
    Kind.SITTING: (*_names(sittings, "closed_at", "closed_by"), "motions"),
    Kind.COUNCIL_VOTE: ("sitting_id", "person_id", "at", "ballots"),
    Kind.SITTING_END: ("sitting_id", "closed_at", "closed_by", "motions"),
    Kind.REPORT_VOTE: _names(report_ballots),
}
"""What the hash of each kind is over. The id a row gets is not: the writer may not know it yet."""


def fact_hash(kind: Kind, values: Mapping[str, Any]) -> str:
    """SHA-256 of a fact, the same from what is written and from what is read on either database. Raises
    KeyError where `values` lacks a part."""
    told = {name: _exact(values[name]) for name in COLUMNS[kind]}
    body = orjson.dumps([kind.value, told], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(body).hexdigest()


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return value
