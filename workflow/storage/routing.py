"""`advance` at work on stored cycles: loads facts under lock, settles what follows from them.

Set-based: a thousand cycles cost as many statements as one. Whoever calls, however often, the end is the
same; a call that finds nothing changed writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    delete,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from workflow.domain.advance import Standing, advance
from workflow.domain.calendar import Calendar
from workflow.domain.cycle import (
    Ballot,
    Choice,
    Confirmation,
    Facts,
    Roll,
    Stage,
    Submission,
    Verdict,
)
from workflow.domain.period import Timetable
from workflow.domain.rules import Rules
from workflow.storage import outbox
from workflow.storage.audit import Entry, chained
from workflow.storage.tables import (
    audit,
    ballots,
    confirmations,
    cycle_units,
    cycles,
    duties,
    organisations,
    periods,
    plans,
    submissions,
)
from workflow.storage.tables import rules as rules_table
from workflow.storage.types import Moment

LEAD = "lead"
CONFIRMING = "confirming"


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
    entries: list[Entry] = field(default_factory=list)

    def standing_at(self, now: datetime) -> Standing:
        """Where the facts stand at `now`."""
        return advance(self.facts, self.rules, now, self.calendar)

    def add(
        self,
        *,
        submission: Submission | None = None,
        confirmation: Confirmation | None = None,
        ballot: Ballot | None = None,
    ) -> None:
        """Adds a fact just recorded, so that what follows from it is settled with it."""
        facts = self.facts
        if submission:
            facts = replace(facts, submissions=(*facts.submissions, submission))
        if confirmation:
            facts = replace(facts, confirmations=(*facts.confirmations, confirmation))
        if ballot:
            facts = replace(facts, ballots=(*facts.ballots, ballot))
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Change:
    """A cycle whose stage changed."""

    cycle_id: int
    before: Stage
    after: Stage


def advance_cycles(tx: Connection, cycle_ids: Iterable[int], now: datetime) -> list[Change]:
    """Brings the cycles to where their facts, their rules and the clock put them."""
    return settle(tx, list(load(tx, cycle_ids).values()), now)


_HEADS = (
    select(
        cycles.c.id,
        cycles.c.period_id,
        cycles.c.stage,
        cycles.c.version,
        cycles.c.standing,
        cycles.c.withdrawn_at,
        cycles.c.audit_seq,
        cycles.c.audit_hash,
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
    )
    .join(periods, periods.c.id == cycles.c.period_id)
    .join(rules_table, rules_table.c.id == periods.c.rules_id)
    .join(plans, plans.c.id == periods.c.plan_id)
    .join(organisations, organisations.c.id == plans.c.organisation_id)
    .order_by(cycles.c.id)
)


def _facts(which: Callable[[ColumnElement[int]], ColumnElement[bool]]) -> CompoundSelect[Any]:
    """Every fact of the cycles chosen by `which`, and the units seated in them, in one question."""
    return union_all(
        select(
            literal("submission").label("what"),
            submissions.c.cycle_id,
            submissions.c.version,
            submissions.c.unit_id,
            submissions.c.person_id,
            literal("").label("said"),
            submissions.c.at,
            literal("").label("reason"),
        ).where(which(submissions.c.cycle_id)),
        select(
            literal("confirmation"),
            confirmations.c.cycle_id,
            confirmations.c.version,
            confirmations.c.unit_id,
            confirmations.c.person_id,
            confirmations.c.verdict,
            confirmations.c.at,
            confirmations.c.reason,
        ).where(which(confirmations.c.cycle_id)),
        select(
            literal("ballot"),
            ballots.c.cycle_id,
            ballots.c.version,
            literal(0),
            ballots.c.person_id,
            ballots.c.choice,
            ballots.c.at,
            ballots.c.reason,
        ).where(which(ballots.c.cycle_id)),
        select(
            cycle_units.c.role,
            cycle_units.c.cycle_id,
            literal(0),
            cycle_units.c.unit_id,
            literal(0),
            literal(""),
            null().cast(Moment()),
            literal(""),
        ).where(which(cycle_units.c.cycle_id)),
    )


def _one(column: ColumnElement[int]) -> ColumnElement[bool]:
    return column == bindparam("id")


def _several(column: ColumnElement[int]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))


# A click is about one cycle; its own form of the questions spares SQLAlchemy the list on every call.
_OF_ONE = (_HEADS.where(_one(cycles.c.id)), _facts(_one))
_OF_SEVERAL = (_HEADS.where(_several(cycles.c.id)), _facts(_several))


def load(tx: Connection, cycle_ids: Iterable[int], *, is_for_writing: bool = True) -> dict[int, Routed]:
    """The cycles with all that is known of them; for writing, locked in order of id until the transaction
    ends."""
    ids = sorted(set(cycle_ids))
    if len(ids) == 1:
        return _load_some(tx, _OF_ONE, {"id": ids[0]}, is_for_writing)
    found: dict[int, Routed] = {}
    for start in range(0, len(ids), 500):
        found |= _load_some(tx, _OF_SEVERAL, {"ids": ids[start : start + 500]}, is_for_writing)
    return found


def _load_some(
    tx: Connection,
    questions: tuple[Select[Any], CompoundSelect[Any]],
    known: dict[str, Any],
    is_for_writing: bool,
) -> dict[int, Routed]:
    heads_of, facts_of = questions
    if is_for_writing and tx.dialect.name == "postgresql":
        heads_of = _locked(heads_of)
    heads = tx.execute(heads_of, known).all()
    told: dict[int, dict[str, list[Any]]] = {
        head.id: {"submission": [], "confirmation": [], "ballot": [], LEAD: [], CONFIRMING: []}
        for head in heads
    }
    for what, cycle_id, version, unit_id, person_id, said, at, reason in tx.execute(facts_of, known):
        fact: Any
        match what:
            case "submission":
                fact = Submission(version, unit_id, person_id, at)
            case "confirmation":
                fact = Confirmation(version, unit_id, person_id, Verdict(said), at, reason)
            case "ballot":
                fact = Ballot(version, person_id, Choice(said), at, reason)
            case _:
                fact = unit_id
        told[cycle_id][what].append(fact)
    return {head.id: _routed(head, told[head.id]) for head in heads}


@cache
def _locked(heads_of: Select[Any]) -> Select[Any]:
    return heads_of.with_for_update(of=cycles)


def _routed(head: Any, told: dict[str, list[Any]]) -> Routed:
    return Routed(
        id=head.id,
        organisation_id=head.organisation_id,
        period_id=head.period_id,
        stage=Stage(head.stage),
        version=head.version,
        standing=head.standing,
        audit_seq=head.audit_seq,
        audit_hash=head.audit_hash,
        rules=pinned(head.rules_sha256, head.routing),
        calendar=calendar_of(head.zone, tuple(head.days_off), tuple(head.days_worked)),
        facts=Facts(
            lead_units=frozenset(told[LEAD]),
            confirming_units=frozenset(told[CONFIRMING]),
            roll=Roll(frozenset(head.committee["members"]), head.committee["chair"]),
            timetable=Timetable(head.opens_on, head.due_on, head.confirm_by, head.approve_by, head.cut_off),
            submissions=tuple(told["submission"]),
            confirmations=tuple(told["confirmation"]),
            ballots=tuple(told["ballot"]),
            is_withdrawn=head.withdrawn_at is not None,
            is_closed=head.closed_at is not None,
        ),
    )


_PINNED: dict[str, Rules] = {}


def pinned(sha256: str, routing: dict[str, Any]) -> Rules:
    """The rules of a stored version; its hash names its content, so reading it once is enough."""
    if sha256 not in _PINNED:
        _PINNED[sha256] = Rules.from_json(routing)
    return _PINNED[sha256]


@lru_cache(maxsize=256)
def calendar_of(zone: str, days_off: tuple[str, ...], days_worked: tuple[str, ...]) -> Calendar:
    """The organisation's calendar from its stored days (ISO dates)."""
    return Calendar.of(map(date.fromisoformat, days_off), map(date.fromisoformat, days_worked), zone)


def told_standing(standing: Standing) -> dict[str, Any]:
    """The standing as the cycle's row keeps it, for pages to show without routing again."""
    told: dict[str, Any] = {}
    if standing.duty:
        told["duty"] = standing.duty.value
        told["units"] = sorted(standing.units)
        told["persons"] = sorted(standing.persons)
    if standing.returned:
        told["returned"] = {
            "version": standing.returned.version,
            "by_committee": standing.returned.by_committee,
            "reasons": [list(reason) for reason in standing.returned.reasons],
        }
    if standing.objections:
        told["objections"] = sorted(standing.objections)
    if standing.deemed:
        told["deemed"] = sorted(standing.deemed)
    if standing.count:
        count = standing.count
        told["count"] = {
            "approve": count.approve,
            "return": count.back,
            "abstain": count.abstain,
            "recuse": count.recuse,
            "missing": count.missing,
        }
    return told


_SET_CYCLE = (
    update(cycles)
    .where(cycles.c.id == bindparam("cycle"))
    .values(
        stage=bindparam("new_stage"),
        version=bindparam("new_version"),
        stage_since=bindparam("since"),
        standing=bindparam("new_standing"),
        audit_seq=bindparam("seq"),
        audit_hash=bindparam("hash"),
    )
)
_SET_HEAD = (
    update(cycles)
    .where(cycles.c.id == bindparam("cycle"))
    .values(
        version=bindparam("new_version"),
        standing=bindparam("new_standing"),
        audit_seq=bindparam("seq"),
        audit_hash=bindparam("hash"),
    )
)


_ADD_AUDIT = audit.insert()
_ADD_DUTY = duties.insert()
_DROP_DUTY = delete(duties).where(
    duties.c.cycle_id == bindparam("cycle"),
    duties.c.duty == bindparam("was"),
    or_(duties.c.unit_id == bindparam("unit"), duties.c.person_id == bindparam("person")),
)


def settle(tx: Connection, routed: Sequence[Routed], now: datetime) -> list[Change]:
    """Writes what follows from the facts: stage, duties, audit entries, intents to write to people."""
    changes: list[Change] = []
    moved: list[dict[str, Any]] = []
    same_stage: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    owed: list[dict[str, Any]] = []
    no_longer: list[dict[str, Any]] = []
    newly: dict[tuple[int, int], outbox.Owing] = {}
    for cycle in routed:
        standing = cycle.standing_at(now)
        told = told_standing(standing)
        if told == cycle.standing and standing.stage is cycle.stage and not cycle.entries:
            continue
        if standing.stage is not cycle.stage:
            changes.append(Change(cycle.id, cycle.stage, standing.stage))
            cycle.entries.append(
                Entry(
                    "stage",
                    details={
                        "from": cycle.stage.value,
                        "to": standing.stage.value,
                        "version": standing.version,
                    },
                )
            )
        rows, seq, digest = chained(f"c{cycle.id}", cycle.audit_seq, cycle.audit_hash, now, cycle.entries)
        entries += rows
        gone, come = _duty_changes(cycle, standing)
        no_longer += gone
        owed += [{**duty, "since": now} for duty in come]
        if come or (standing.returned and standing.stage is not cycle.stage):
            _note_newly_owing(newly, cycle, standing)
        setting = {
            "cycle": cycle.id,
            "new_stage": standing.stage.value,
            "new_version": standing.version,
            "since": now,
            "new_standing": told,
            "seq": seq,
            "hash": digest,
        }
        if standing.stage is cycle.stage:
            del setting["new_stage"], setting["since"]
            same_stage.append(setting)
        else:
            moved.append(setting)
        cycle.stage, cycle.version, cycle.standing = standing.stage, standing.version, told
        cycle.audit_seq, cycle.audit_hash = seq, digest
        cycle.entries = []
    if entries:
        tx.execute(_ADD_AUDIT, entries)
    if no_longer:
        tx.execute(_DROP_DUTY, no_longer)
    if owed:
        tx.execute(_ADD_DUTY, owed)
    if moved:
        tx.execute(_SET_CYCLE, moved)
    if same_stage:
        tx.execute(_SET_HEAD, same_stage)
    for owing in newly.values():
        outbox.intend_digests(tx, owing, now)
    return changes


def _duty_changes(cycle: Routed, standing: Standing) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The duties that end and those that begin, as rows."""
    was = cycle.standing
    before: set[tuple[str | None, int | None, int | None]]
    before = {(was.get("duty"), unit, None) for unit in was.get("units", ())}
    before |= {(was.get("duty"), None, person) for person in was.get("persons", ())}
    duty = standing.duty.value if standing.duty else None
    after: set[tuple[str | None, int | None, int | None]] = {(duty, unit, None) for unit in standing.units}
    after |= {(duty, None, person) for person in standing.persons}
    gone = [
        {"cycle": cycle.id, "was": what, "unit": unit, "person": person}
        for what, unit, person in before - after
    ]
    come = [
        {"cycle_id": cycle.id, "duty": what, "unit_id": unit, "person_id": person}
        for what, unit, person in sorted(after - before, key=str)
    ]
    return gone, come


def _note_newly_owing(newly: dict[tuple[int, int], outbox.Owing], cycle: Routed, standing: Standing) -> None:
    """Who owes something now and did not before, or owes it anew because it came back to them."""
    was = cycle.standing
    is_same = standing.duty is not None and was.get("duty") == standing.duty.value and not standing.returned
    units = standing.units - set(was.get("units", ()) if is_same else ())
    persons = standing.persons - set(was.get("persons", ()) if is_same else ())
    if units or persons:
        owing = newly.setdefault(
            (cycle.organisation_id, cycle.period_id),
            outbox.Owing(cycle.organisation_id, cycle.period_id, cycle.rules.mail, cycle.calendar),
        )
        owing.units |= units
        owing.persons |= persons
