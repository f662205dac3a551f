"""Stored cycles as the domain sees them: every fact of each, the rules that hold for it, its calendar.

Set-based: a thousand cycles cost as many statements as one. What follows from the facts is `routing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
)

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Standing, advance
from workflow.domain.cycles.cycle import (
    Ballot,
    Choice,
    Confirmation,
    Facts,
    Paper,
    Recall,
    Reopening,
    Stage,
    Submission,
    Verdict,
)
from workflow.domain.cycles.office_acts import recalls_of, reopenings_of
from workflow.domain.cycles.orders import (
    WITHDRAW,
    Order,
    extended_steps,
    in_force,
    versions_before_more_time,
)
from workflow.domain.periods.period import Timetable, extended
from workflow.domain.rules.routing_rules import Rules
from workflow.storage.audit import AuditEntry
from workflow.storage.cycles.item_rules import interests_kept
from workflow.storage.people.rolls import body_for_item
from workflow.storage.rules import calendar_of, pinned
from workflow.storage.tables import (
    CONFIRMING,
    LEAD,
    ballots,
    confirmations,
    countersigns,
    cycle_units,
    cycles,
    orders,
    organisations,
    paper_ballots,
    periods,
    plans,
    submissions,
    substitutions,
)
from workflow.storage.tables import rules as rules_table
from workflow.storage.types import Moment


@dataclass(slots=True)
class Routed:
    """A cycle under lock: its facts, what they are judged by, and the acts to put on record."""

    id: int
    organisation_id: int
    period_id: int
    stage: Stage
    version: int
    standing: dict[str, Any]
    audit_seq: int
    audit_hash: str
    facts: Facts
    rules: Rules
    calendar: Calendar
    has_absences: bool = True
    """Whether any substitution is on record; where there is none, nobody need be looked up."""
    has_webhooks: bool = False
    """Whether the organisation has webhooks, so that events are to be written (`storage.outside.events`)."""
    orders: tuple[Order, ...] = ()
    """Every order given, those too that wait for a second person."""
    entries: list[AuditEntry] = field(default_factory=list)

    def standing_at(self, now: datetime) -> Standing:
        """The standing that follows from the facts at `now`."""
        return advance(self.facts, self.rules, now, self.calendar)

    def withdraw(self) -> None:
        """Takes the cycle out of its period, as an order just recorded says."""
        self.facts = replace(self.facts, is_withdrawn=True)

    def add(
        self,
        *,
        submission: Submission | None = None,
        confirmation: Confirmation | None = None,
        ballot: Ballot | None = None,
        recall: Recall | None = None,
        reopening: Reopening | None = None,
    ) -> None:
        """Adds a fact just recorded, so that what follows from it is settled with it."""
        facts = self.facts
        if submission:
            facts = replace(facts, submissions=(*facts.submissions, submission))
        if confirmation:
            facts = replace(facts, confirmations=(*facts.confirmations, confirmation))
        if ballot:
            facts = replace(facts, ballots=(*facts.ballots, ballot))
        if recall:
            facts = replace(facts, recalls=(*facts.recalls, recall))
        if reopening:
            facts = replace(facts, reopenings=(*facts.reopenings, reopening))
        self.facts = facts


_OF_A_CYCLE = (
    cycles.c.id,
    cycles.c.period_id,
    cycles.c.stage,
    cycles.c.version,
    cycles.c.standing,
    cycles.c.withdrawn_at,
    cycles.c.layers,
    cycles.c.interests,
    cycles.c.audit_seq,
    cycles.c.audit_hash,
)
_OF_ITS_PERIOD = (
    exists(select(substitutions.c.id).where(substitutions.c.revoked_at.is_(None))).label("has_absences"),
    periods.c.opens_on,
    periods.c.due_on,
    periods.c.confirm_by,
    periods.c.approve_by,
    periods.c.cut_off,
    periods.c.committee,
    periods.c.closed_at,
    rules_table.c.sha256.label("rules_sha256"),
    rules_table.c.routing,
    plans.c.organisation_id,
    organisations.c.zone,
    organisations.c.days_off,
    organisations.c.days_worked,
    organisations.c.has_webhooks,
)


def _with_period(question: Select[Any]) -> Select[Any]:
    return (
        question.join(rules_table, rules_table.c.id == periods.c.rules_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .join(organisations, organisations.c.id == plans.c.organisation_id)
    )


def _facts(
    which: Callable[[ColumnElement[int]], ColumnElement[bool]], *, with_ballots: bool = True
) -> CompoundSelect[Any]:
    """Every fact of the cycles chosen by `which`, and the units seated in them, in one query."""
    return union_all(*(part for what, part in _parts(which) if with_ballots or what not in _CAST))


_CAST = ("ballot", "paper")


def _parts(
    which: Callable[[ColumnElement[int]], ColumnElement[bool]],
) -> Iterator[tuple[str, Select[Any]]]:
    yield (
        "submission",
        select(
            literal("submission").label("what"),
            submissions.c.cycle_id,
            submissions.c.version,
            submissions.c.unit_id,
            submissions.c.person_id,
            literal("").label("said"),
            submissions.c.at,
            literal("").label("reason"),
            submissions.c.acted_for,
            submissions.c.touches.label("more"),
        ).where(which(submissions.c.cycle_id)),
    )
    yield (
        "confirmation",
        select(
            literal("confirmation"),
            confirmations.c.cycle_id,
            confirmations.c.version,
            confirmations.c.unit_id,
            confirmations.c.person_id,
            confirmations.c.verdict,
            confirmations.c.at,
            confirmations.c.reason,
            confirmations.c.acted_for,
            null(),
        ).where(which(confirmations.c.cycle_id)),
    )
    yield (
        "ballot",
        select(
            literal("ballot"),
            ballots.c.cycle_id,
            ballots.c.version,
            literal(0),
            ballots.c.person_id,
            ballots.c.choice,
            ballots.c.at,
            ballots.c.reason,
            ballots.c.acted_for,
            null(),
        ).where(which(ballots.c.cycle_id)),
    )
    yield (
        "seats",
        select(
            cycle_units.c.role,
            cycle_units.c.cycle_id,
            literal(0),
            cycle_units.c.unit_id,
            literal(0),
            literal(""),
            null().cast(Moment()),
            literal(""),
            null(),
            null(),
        ).where(which(cycle_units.c.cycle_id)),
    )
    # The unit's place holds who entered the ballot, the last but one who confirmed the entry.
    yield (
        "paper",
        select(
            literal("paper"),
            paper_ballots.c.cycle_id,
            paper_ballots.c.version,
            paper_ballots.c.entered_by,
            paper_ballots.c.person_id,
            paper_ballots.c.choice,
            func.coalesce(countersigns.c.at, paper_ballots.c.at, type_=Moment()),
            paper_ballots.c.reason,
            countersigns.c.person_id,
            null(),
        )
        .outerjoin(countersigns, countersigns.c.paper_ballot_id == paper_ballots.c.id)
        .where(which(paper_ballots.c.cycle_id), paper_ballots.c.struck_at.is_(None)),
    )
    # The unit's place holds the order's id, the last but one the order it is about.
    yield (
        "order",
        select(
            literal("order"),
            orders.c.cycle_id,
            orders.c.version,
            orders.c.id,
            orders.c.person_id,
            orders.c.kind,
            orders.c.at,
            orders.c.reason,
            orders.c.about,
            orders.c.details,
        ).where(which(orders.c.cycle_id)),
    )


def _one(column: ColumnElement[int]) -> ColumnElement[bool]:
    return column == bindparam("id")


def _several(column: ColumnElement[int]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))


# A click is about one cycle: queries of its own spare SQLAlchemy the expanding list on every call, and join
# the period. For many cycles a period, with its rules and rolls, is read once.
_ONE_HEAD = _with_period(
    select(*_OF_A_CYCLE, *_OF_ITS_PERIOD).join(periods, periods.c.id == cycles.c.period_id)
).where(_one(cycles.c.id))
_HEADS = select(*_OF_A_CYCLE).where(_several(cycles.c.id)).order_by(cycles.c.id)
_PERIODS = _with_period(select(periods.c.id, *_OF_ITS_PERIOD)).where(_several(periods.c.id))
_FACTS_OF_ONE = _facts(_one)
_FACTS_OF_SEVERAL = {is_all: _facts(_several, with_ballots=is_all) for is_all in (True, False)}


def load(
    tx: Connection, cycle_ids: Iterable[int], *, is_for_writing: bool = True, with_ballots: bool = True
) -> dict[int, Routed]:
    """The cycles by id with all their facts; for writing, locked in order of id until the transaction ends.
    Without ballots they cannot be routed, only read."""
    ids = sorted(set(cycle_ids))
    is_locking = is_for_writing and tx.dialect.name == "postgresql"
    if len(ids) == 1:
        known = {"id": ids[0]}
        heads = tx.execute(_locked(_ONE_HEAD) if is_locking else _ONE_HEAD, known).all()
        facts = _facts_by_cycle(tx, _FACTS_OF_ONE, known, ids)
        return {head.id: _routed(head, head, facts[head.id]) for head in heads}
    found: dict[int, Routed] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        rows = tx.execute(_locked(_HEADS) if is_locking else _HEADS, {"ids": some}).all()
        of = {row.id: row for row in tx.execute(_PERIODS, {"ids": list({row.period_id for row in rows})})}
        facts = _facts_by_cycle(tx, _FACTS_OF_SEVERAL[with_ballots], {"ids": some}, some)
        found |= {row.id: _routed(row, of[row.period_id], facts[row.id]) for row in rows}
    return found


def _facts_by_cycle(
    tx: Connection, facts_of: CompoundSelect[Any], known: dict[str, Any], ids: Iterable[int]
) -> dict[int, dict[str, list[Any]]]:
    """The facts of each cycle, by their kind."""
    facts: dict[int, dict[str, list[Any]]] = {one: {kind: [] for kind in _KINDS} for one in ids}
    for row in tx.execute(facts_of, known).all():
        facts[row[1]][row[0]].append(_fact(*row))
    return facts


_KINDS = ("submission", "confirmation", "ballot", "paper", "order", LEAD, CONFIRMING)


def _fact(
    what: str,
    _cycle_id: int,
    version: int,
    unit_id: int,
    person_id: int,
    said: str,
    at: datetime,
    reason: str,
    acted_for: int | None,
    more: Any,
) -> Any:
    match what:
        case "submission":
            touches = None if more is None else frozenset(more)
            return Submission(version, unit_id, person_id, at, acted_for, touches)
        case "confirmation":
            return Confirmation(version, unit_id, person_id, Verdict(said), at, reason, acted_for)
        case "ballot" if acted_for is not None:
            return Ballot(version, acted_for, Choice(said), at, reason, acted_by=person_id)
        case "ballot":
            return Ballot(version, person_id, Choice(said), at, reason)
        case "paper":
            return Ballot(version, person_id, Choice(said), at, reason, paper=Paper(unit_id, acted_for))
        case "order":
            return Order(unit_id, said, version, person_id, at, reason, more, acted_for)
    return unit_id


def _timetable(period: Any) -> Timetable:
    return Timetable(period.opens_on, period.due_on, period.confirm_by, period.approve_by, period.cut_off)


@cache
def _locked(heads_of: Select[Any]) -> Select[Any]:
    return heads_of.with_for_update(of=cycles)


def _routed(head: Any, period: Any, facts: dict[str, list[Any]]) -> Routed:
    rules = pinned(period.rules_sha256, period.routing, tuple(head.layers))
    ordered = in_force(facts["order"])
    calendar = calendar_of(period.zone, period.days_off, period.days_worked)
    steps = extended_steps(ordered)
    dates = _timetable(period)
    return Routed(
        has_absences=bool(period.has_absences),
        has_webhooks=period.has_webhooks,
        id=head.id,
        organisation_id=period.organisation_id,
        period_id=head.period_id,
        stage=Stage(head.stage),
        version=head.version,
        standing=head.standing,
        audit_seq=head.audit_seq,
        audit_hash=head.audit_hash,
        rules=rules,
        calendar=calendar,
        orders=tuple(facts["order"]),
        facts=Facts(
            lead_units=frozenset(facts[LEAD]),
            confirming_units=frozenset(facts[CONFIRMING]),
            roll=body_for_item(period.committee, rules.approval.committee).roll,
            timetable=extended(dates, steps, calendar) if steps else dates,
            earlier_dates=tuple(
                (version, extended(dates, extended_steps(ordered, version), calendar))
                for version in versions_before_more_time(ordered)
            ),
            is_due_extended="due_on" in steps,
            submissions=tuple(facts["submission"]),
            confirmations=tuple(facts["confirmation"]),
            ballots=(*facts["ballot"], *facts["paper"]),
            is_withdrawn=head.withdrawn_at is not None or any(one.kind == WITHDRAW for one in ordered),
            is_closed=period.closed_at is not None,
            recalls=recalls_of(ordered),
            reopenings=reopenings_of(ordered),
            interests=interests_kept(head.interests),
            closed_at=period.closed_at,
        ),
    )
