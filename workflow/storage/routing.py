"""`advance` at work on stored cycles: loads facts under lock, settles what follows from them.

Set-based: a thousand cycles cost as many statements as one. Whoever calls, however often, the end is the
same; a call that finds nothing changed writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, literal, null, select, union_all, update

from workflow.domain.advance import Duty, Standing, advance
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
    .where(cycles.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(cycles.c.id)
    .with_for_update(of=cycles)
)

_FACTS = union_all(
    select(
        literal("submission").label("what"),
        submissions.c.cycle_id,
        submissions.c.version,
        submissions.c.unit_id,
        submissions.c.person_id,
        literal("").label("said"),
        submissions.c.at,
        literal("").label("reason"),
    ).where(submissions.c.cycle_id.in_(bindparam("ids", expanding=True))),
    select(
        literal("confirmation"),
        confirmations.c.cycle_id,
        confirmations.c.version,
        confirmations.c.unit_id,
        confirmations.c.person_id,
        confirmations.c.verdict,
        confirmations.c.at,
        confirmations.c.reason,
    ).where(confirmations.c.cycle_id.in_(bindparam("ids", expanding=True))),
    select(
        literal("ballot"),
        ballots.c.cycle_id,
        ballots.c.version,
        literal(0),
        ballots.c.person_id,
        ballots.c.choice,
        ballots.c.at,
        ballots.c.reason,
    ).where(ballots.c.cycle_id.in_(bindparam("ids", expanding=True))),
    select(
        cycle_units.c.role,
        cycle_units.c.cycle_id,
        literal(0),
        cycle_units.c.unit_id,
        literal(0),
        literal(""),
        null().cast(Moment()),
        literal(""),
    ).where(cycle_units.c.cycle_id.in_(bindparam("ids", expanding=True))),
)


def load(tx: Connection, cycle_ids: Iterable[int]) -> dict[int, Routed]:
    """The cycles with all that is known of them, locked in order of id until the transaction ends."""
    ids = sorted(set(cycle_ids))
    found: dict[int, Routed] = {}
    for start in range(0, len(ids), 500):
        found |= _load_some(tx, ids[start : start + 500])
    return found


def _load_some(tx: Connection, ids: Sequence[int]) -> dict[int, Routed]:
    heads = tx.execute(_HEADS, {"ids": ids}).all()
    told: dict[int, dict[str, list[Any]]] = {
        head.id: {"submission": [], "confirmation": [], "ballot": [], LEAD: [], CONFIRMING: []}
        for head in heads
    }
    for what, cycle_id, version, unit_id, person_id, said, at, reason in tx.execute(_FACTS, {"ids": ids}):
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


def settle(tx: Connection, routed: Sequence[Routed], now: datetime) -> list[Change]:
    """Writes what follows from the facts: stage, duties, audit entries, intents to write to people."""
    changes: list[Change] = []
    moved: list[dict[str, Any]] = []
    same_stage: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    owed: list[dict[str, Any]] = []
    no_longer: list[int] = []
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
        if _duties(told) != _duties(cycle.standing):
            no_longer.append(cycle.id)
            owed += _duty_rows(cycle.id, standing, now)
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
        tx.execute(audit.insert(), entries)
    if no_longer:
        tx.execute(delete(duties).where(duties.c.cycle_id.in_(no_longer)))
    if owed:
        tx.execute(duties.insert(), owed)
    if moved:
        tx.execute(_SET_CYCLE, moved)
    if same_stage:
        tx.execute(_SET_HEAD, same_stage)
    for owing in newly.values():
        outbox.intend_digests(tx, owing, now)
    return changes


def _duties(told: dict[str, Any]) -> tuple[Any, ...]:
    return told.get("duty"), told.get("units"), told.get("persons")


def _duty_rows(cycle_id: int, standing: Standing, now: datetime) -> list[dict[str, Any]]:
    if standing.duty is None:
        return []
    common = {"cycle_id": cycle_id, "duty": standing.duty.value, "since": now}
    units = [{**common, "unit_id": unit, "person_id": None} for unit in sorted(standing.units)]
    persons = [{**common, "unit_id": None, "person_id": person} for person in sorted(standing.persons)]
    return units + persons


def _note_newly_owing(newly: dict[tuple[int, int], outbox.Owing], cycle: Routed, standing: Standing) -> None:
    """Who owes something now and did not under the same duty before; a ballot just cast wakes nobody."""
    before = cycle.standing
    is_same = standing.duty is not None and before.get("duty") == standing.duty.value
    known_units = set(before.get("units", ())) if is_same else set()
    known_persons = set(before.get("persons", ())) if is_same else set()
    units, persons = standing.units - known_units, standing.persons - known_persons
    if standing.duty is Duty.SUBMIT and standing.returned:
        units = standing.units
    if units or persons:
        owing = newly.setdefault(
            (cycle.organisation_id, cycle.period_id),
            outbox.Owing(cycle.organisation_id, cycle.period_id, cycle.rules.mail, cycle.calendar),
        )
        owing.units |= units
        owing.persons |= persons
