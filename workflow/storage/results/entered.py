"""What was entered about scores and commendations of a period, as its results count it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.cycle import Choice
from workflow.domain.periods.period import Span
from workflow.domain.results.record import CycleRecord, UnitRef
from workflow.domain.rules.routing_rules import PeriodKind
from workflow.domain.scores.award_rules import Award
from workflow.domain.scores.commendations import Candidacy, CommendationFacts, Handed, propose
from workflow.domain.scores.score_entries import CouncilBallot, EntryKind, ScoreEntry
from workflow.domain.scores.score_lines import UnitScore
from workflow.storage.tables import (
    cycles,
    periods,
    persons,
    results,
    score_ballots,
    score_decisions,
    score_entries,
    submissions,
    units,
)


def entries_of(tx: Connection, period_id: int) -> list[ScoreEntry]:
    """Every entry of the period with the council's ballots, in the order they were made."""
    found = tx.execute(
        select(
            score_entries,
            units.c.name.label("unit"),
            units.c.cluster,
            persons.c.name.label("person"),
            score_decisions.c.minutes,
            score_decisions.c.met_on,
            score_decisions.c.members,
        )
        .join(units, units.c.id == score_entries.c.unit_id)
        .join(persons, persons.c.id == score_entries.c.person_id)
        .outerjoin(score_decisions, score_decisions.c.entry_id == score_entries.c.id)
        .where(score_entries.c.period_id == period_id)
        .order_by(score_entries.c.id)
    ).all()
    ballots: dict[int, list[CouncilBallot]] = {}
    for entry_id, name, choice in tx.execute(
        select(score_ballots.c.entry_id, persons.c.name, score_ballots.c.choice)
        .join(persons, persons.c.id == score_ballots.c.person_id)
        .join(score_entries, score_entries.c.id == score_ballots.c.entry_id)
        .where(score_entries.c.period_id == period_id)
        .order_by(score_ballots.c.entry_id, persons.c.id)
    ):
        ballots.setdefault(entry_id, []).append(CouncilBallot(name, Choice(choice)))
    return [
        ScoreEntry(
            row.id,
            UnitRef(row.unit_id, row.unit, row.cluster),
            EntryKind(row.kind),
            row.code,
            row.text,
            Decimal(row.points).normalize(),
            row.evidence,
            row.person,
            row.at.date(),
            tuple(ballots.get(row.id, ())),
            len(row.members or ()),
            row.minutes or "",
            row.met_on,
            row.review_id,
        )
        for row in found
    ]


def candidacies(
    tx: Connection,
    period_id: int,
    awards: Sequence[Award],
    records: Sequence[CycleRecord],
    scores: Sequence[UnitScore],
    handed: Sequence[Handed] | None = None,
) -> tuple[Candidacy, ...]:
    """Everyone considered in the period, as its facts stand; `handed` are the first reports of an evaluated
    period, which were handed in in others."""
    span = Span.parse(tx.scalars(select(periods.c.code).where(periods.c.id == period_id)).one())
    facts = CommendationFacts(
        span.kind,
        scores,
        records,
        handed_in(tx, [period_id], records) if handed is None else handed,
        _quarters(tx, period_id, span) if span.kind is PeriodKind.YEAR else {},
    )
    return propose(awards, facts)


def handed_in(tx: Connection, period_ids: Sequence[int], records: Sequence[CycleRecord]) -> list[Handed]:
    """Who handed in the first report of each decided cycle of the periods, for which unit."""
    of_cycle = {one.cycle_id: one for one in records}
    rows = tx.execute(
        select(
            submissions.c.cycle_id,
            persons.c.id,
            persons.c.name,
            persons.c.title,
            units.c.id.label("unit_id"),
            units.c.name.label("unit"),
            units.c.cluster,
        )
        .join(cycles, cycles.c.id == submissions.c.cycle_id)
        .join(persons, persons.c.id == submissions.c.person_id)
        .join(units, units.c.id == submissions.c.unit_id)
        .where(cycles.c.period_id.in_(period_ids), submissions.c.version == 1)
        .order_by(submissions.c.cycle_id)
    )
    return [
        Handed(
            row.id,
            row.name,
            row.title,
            UnitRef(row.unit_id, row.unit, row.cluster),
            found.is_report_on_time,
            found.returns_by_objection + found.returns_by_committee,
        )
        for row in rows
        if (found := of_cycle[row.cycle_id]).stage.is_final
    ]


def _quarters(tx: Connection, period_id: int, year: Span) -> dict[int, list[tuple[str, str]]]:
    """Each unit's grade in the closed quarters of the same plan's year, as last kept."""
    codes = [Span(PeriodKind.QUARTER, year.year, index).code for index in range(1, 5)]
    plan = select(periods.c.plan_id).where(periods.c.id == period_id).scalar_subquery()
    last = (
        select(results.c.period_id, func.max(results.c.id).label("id"))
        .where(results.c.kind == "scores")
        .group_by(results.c.period_id)
        .subquery()
    )
    rows = tx.execute(
        select(periods.c.label, results.c.body)
        .join(last, last.c.id == results.c.id)
        .join(periods, periods.c.id == last.c.period_id)
        .where(periods.c.plan_id == plan, periods.c.code.in_(codes))
        .order_by(periods.c.code)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for label, body in rows:
        for one in body:
            found.setdefault(one["unit"]["id"], []).append((label, one["grade"]))
    return found
