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
from types import NoneType
from typing import Any

import orjson

from workflow.storage.tables import (
    award_requests,
    ballots,
    commendation_entries,
    confirmations,
    nominations,
    orders,
    paper_ballots,
    report_ballots,
    score_decisions,
    score_entries,
    score_reviews,
    sittings,
    submissions,
    unit_summaries,
)

FACT = "fact"
"""Where an entry's details keep the hash."""


class FactKind(Enum):
    """A kind of fact that has an entry of its own."""

    SUBMISSION = "submission"
    CONFIRMATION = "confirmation"
    BALLOT = "ballot"
    PAPER = "paper"
    COUNTERSIGN = "countersign"
    STRIKE = "strike"
    ORDER = "order"
    SCORE_ENTRY = "score-entry"
    SCORE_REVIEW = "score-review"
    SCORE_DECISION = "score-decision"
    COMMENDATION = "commendation"
    NOMINATION = "nomination"
    AWARD_REQUEST = "award-request"
    SITTING = "sitting"
    COUNCIL_VOTE = "council-vote"
    SITTING_END = "sitting-end"
    REPORT_VOTE = "report-vote"
    UNIT_SUMMARY = "unit-summary"


def _names(table: Any, *but: str) -> tuple[str, ...]:
    return tuple(column.name for column in table.c if column.name not in ("id", *but))


COLUMNS: dict[FactKind, tuple[str, ...]] = {
    FactKind.SUBMISSION: (*_names(submissions), "evidence"),
    FactKind.CONFIRMATION: _names(confirmations),
    FactKind.BALLOT: _names(ballots),
    # Struck out or closed later: that is a fact of its own.
    FactKind.PAPER: _names(paper_ballots, "struck_by", "struck_at"),
    FactKind.COUNTERSIGN: ("paper_ballot_id", "person_id", "at"),
    FactKind.STRIKE: ("paper_ballot_id", "struck_by", "struck_at"),
    FactKind.ORDER: _names(orders),
    FactKind.SCORE_ENTRY: _names(score_entries),
    FactKind.SCORE_REVIEW: _names(score_reviews),
    FactKind.SCORE_DECISION: (*_names(score_decisions), "ballots"),
    FactKind.COMMENDATION: _names(commendation_entries),
    FactKind.NOMINATION: _names(nominations),
    FactKind.AWARD_REQUEST: _names(award_requests),
    FactKind.SITTING: (*_names(sittings, "closed_at", "closed_by"), "motions"),
    FactKind.COUNCIL_VOTE: ("sitting_id", "person_id", "at", "ballots"),
    FactKind.SITTING_END: ("sitting_id", "closed_at", "closed_by", "motions"),
    FactKind.REPORT_VOTE: _names(report_ballots),
    FactKind.UNIT_SUMMARY: _names(unit_summaries),
}
"""The parts of each kind that are hashed. The row's id is not one: the writer may not know it yet."""


_PLAIN = frozenset({int, str, bool, NoneType})


def fact_hash(kind: FactKind, values: Mapping[str, Any]) -> str:
    """SHA-256 of a fact, the same from what is written and from what is read on either database. Raises
    KeyError where `values` lacks a part."""
    parts = {name: values[name] for name in COLUMNS[kind]}
    parts |= {name: _exact(value) for name, value in parts.items() if type(value) not in _PLAIN}
    body = orjson.dumps([kind.value, parts], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(body).hexdigest()


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat()
    return value
