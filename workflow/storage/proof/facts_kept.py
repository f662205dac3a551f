"""Every fact that has an audit entry of its own, read as its hash was made of it. Comparing them with the log
is `workflow.storage.proof.fact_checks`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from workflow.storage.fact_hashes import FactKind
from workflow.storage.tables import (
    attachments,
    award_requests,
    ballots,
    commendation_entries,
    confirmations,
    countersigns,
    motion_ballots,
    motions,
    nominations,
    orders,
    paper_ballots,
    periods,
    plans,
    report_approvals,
    report_ballots,
    report_issues,
    score_ballots,
    score_decisions,
    score_entries,
    score_reviews,
    sitting_turnouts,
    sittings,
    submissions,
    unit_summaries,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: the chain its entry is in, its row's id, who did it and when, and what its hash is over."""

    kind: FactKind
    chain: str
    key: str
    person_id: int | None
    at: datetime
    values: Mapping[Any, Any]


_OF_CYCLES: tuple[tuple[FactKind, Table, str], ...] = (
    (FactKind.CONFIRMATION, confirmations, "person_id"),
    (FactKind.BALLOT, ballots, "person_id"),
    (FactKind.PAPER, paper_ballots, "entered_by"),
    (FactKind.ORDER, orders, "person_id"),
)
_OF_PERIODS: tuple[tuple[FactKind, Table], ...] = (
    (FactKind.SCORE_ENTRY, score_entries),
    (FactKind.SCORE_REVIEW, score_reviews),
    (FactKind.COMMENDATION, commendation_entries),
    (FactKind.NOMINATION, nominations),
    (FactKind.AWARD_REQUEST, award_requests),
    (FactKind.UNIT_SUMMARY, unit_summaries),
)


def facts_kept(tx: Connection) -> Iterator[Fact]:
    """Every fact there is, with the chain its entry is in."""
    files: dict[int, list[list[Any]]] = defaultdict(list)
    for row in tx.execute(select(attachments).order_by(attachments.c.id)):
        files[row.submission_id].append([row.sha256, row.name, row.media_type, row.size])
    for row in tx.execute(select(submissions)):
        values = {**row._mapping, "evidence": files.get(row.id, [])}
        yield Fact(FactKind.SUBMISSION, f"c{row.cycle_id}", str(row.id), row.person_id, row.at, values)
    for kind, table, by in _OF_CYCLES:
        for row in tx.execute(select(table)):
            yield Fact(kind, f"c{row.cycle_id}", str(row.id), row._mapping[by], row.at, row._mapping)
    yield from _papers(tx)
    chains = {
        row.id: f"o{row.organisation_id}"
        for row in tx.execute(
            select(periods.c.id, plans.c.organisation_id).join(plans, plans.c.id == periods.c.plan_id)
        )
    }
    for kind, table in _OF_PERIODS:
        for row in tx.execute(select(table)):
            yield Fact(kind, chains[row.period_id], str(row.id), row.person_id, row.at, row._mapping)
    yield from _decisions(tx, chains)
    yield from _sittings(tx, chains)
    for row in tx.execute(
        select(report_ballots, report_issues.c.organisation_id)
        .join(report_approvals, report_approvals.c.id == report_ballots.c.report_approval_id)
        .join(report_issues, report_issues.c.id == report_approvals.c.report_issue_id)
    ):
        chain = f"o{row.organisation_id}"
        yield Fact(FactKind.REPORT_VOTE, chain, str(row.id), row.person_id, row.at, row._mapping)


def _papers(tx: Connection) -> Iterator[Fact]:
    """Ballots on paper that a second person confirmed, and those struck out."""
    of_cycle = paper_ballots.c.id == countersigns.c.paper_ballot_id
    for row in tx.execute(select(countersigns, paper_ballots.c.cycle_id).join(paper_ballots, of_cycle)):
        key, chain = str(row.paper_ballot_id), f"c{row.cycle_id}"
        yield Fact(FactKind.COUNTERSIGN, chain, key, row.person_id, row.at, row._mapping)
    for row in tx.execute(select(paper_ballots).where(paper_ballots.c.struck_at.is_not(None))):
        values = {**row._mapping, "paper_ballot_id": row.id}
        yield Fact(FactKind.STRIKE, f"c{row.cycle_id}", str(row.id), row.struck_by, row.struck_at, values)


def _decisions(tx: Connection, chains: Mapping[int, str]) -> Iterator[Fact]:
    cast: dict[int, dict[str, str]] = defaultdict(dict)
    for row in tx.execute(select(score_ballots)):
        cast[row.entry_id][str(row.person_id)] = row.choice
    of_entry = score_entries.c.id == score_decisions.c.entry_id
    for row in tx.execute(select(score_decisions, score_entries.c.period_id).join(score_entries, of_entry)):
        values = {**row._mapping, "ballots": cast.get(row.entry_id, {})}
        chain = chains[row.period_id]
        yield Fact(FactKind.SCORE_DECISION, chain, str(row.entry_id), row.person_id, row.at, values)


def _sittings(tx: Connection, chains: Mapping[int, str]) -> Iterator[Fact]:
    """What the council was asked, who voted (and how, where the vote is named), and what it came to."""
    put: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in tx.execute(select(motions).order_by(motions.c.sitting_id, motions.c.position)):
        put[row.sitting_id].append(row)
    named: dict[int, dict[tuple[int, datetime], dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    of_motion = motions.c.id == motion_ballots.c.motion_id
    for row in tx.execute(select(motion_ballots, motions.c.sitting_id).join(motions, of_motion)):
        named[row.sitting_id][row.person_id, row.at][str(row.motion_id)] = row.choice
    turnout: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in tx.execute(select(sitting_turnouts)):
        turnout[row.sitting_id].append(row)
    for row in tx.execute(select(sittings)):
        chain, key = chains[row.period_id], str(row.id)
        asked = [{name: one._mapping[name] for name in _MOTION} for one in put[row.id]]
        values = {**row._mapping, "motions": asked}
        yield Fact(FactKind.SITTING, chain, key, row.opened_by, row.opened_at, values)
        votes: list[tuple[int, datetime, dict[str, str] | None]]
        if row.is_secret:
            votes = [(one.person_id, one.at, None) for one in turnout[row.id]]
        else:
            votes = [(person, at, choices) for (person, at), choices in named[row.id].items()]
        for person, at, choices in votes:
            said = {"sitting_id": row.id, "person_id": person, "at": at, "ballots": choices}
            yield Fact(FactKind.COUNCIL_VOTE, chain, key, person, at, said)
        if row.closed_at is not None:
            ended = [{name: one._mapping[name] for name in _OUTCOME} for one in put[row.id]]
            end = {**row._mapping, "sitting_id": row.id, "motions": ended}
            yield Fact(FactKind.SITTING_END, chain, key, row.closed_by, row.closed_at, end)


_MOTION = ("position", "subject", "entry_id", "title", "details", "rule")
_OUTCOME = ("position", "is_carried", "counted")
