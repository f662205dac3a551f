"""Applies `advance` to stored cycles: loads facts under lock, writes what follows from them.

Set-based: a thousand cycles cost as many statements as one. Idempotent: a call after which nothing changed
writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, update

from workflow.domain.cycles.advance import Standing
from workflow.storage.audit import AuditEntry, chained
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.cycles.heads import StageChange
from workflow.storage.outside import events
from workflow.storage.post import intents
from workflow.storage.tables import audit, cycles, duties
from workflow.storage.writing import Writing, write_together


def advance_cycles(tx: Connection, cycle_ids: Iterable[int], now: datetime) -> list[StageChange]:
    """Brings the cycles to where their facts, their rules and the clock put them."""
    return settle(tx, list(load(tx, cycle_ids).values()), now)


def standing_as_json(standing: Standing) -> dict[str, Any]:
    """The standing as plain JSON for the cycle's row, so that pages show it without routing again."""
    values: dict[str, Any] = {}
    if standing.duty:
        values["duty"] = standing.duty.value
        values["units"] = sorted(standing.units)
        values["persons"] = sorted(standing.persons)
    if standing.returned:
        values["returned"] = {
            "version": standing.returned.version,
            "by_committee": standing.returned.by_committee,
            "reasons": [list(reason) for reason in standing.returned.reasons],
        }
        if standing.returned.is_reopened:
            values["returned"]["is_reopened"] = True
    if standing.until:
        values["until"] = standing.until.isoformat()
    if standing.extended_to:
        values["extended_to"] = standing.extended_to.isoformat()
    if standing.form:
        values["form"] = standing.form.value
    for name in (
        "objections",
        "deemed",
        "partial",
        "carried",
        "barred",
        "deemed_persons",
        "unheard_units",
        "unheard_persons",
        "own_results",
        "silent_leads",
    ):
        if found := getattr(standing, name):
            values[name] = sorted(found)
    if standing.no_decision:
        values["no_decision"] = standing.no_decision.value
    for name in ("by_casting_vote", "is_restored"):
        if getattr(standing, name):
            values[name] = True
    if standing.count:
        count = standing.count
        values["count"] = {
            "approve": count.approve,
            "return": count.back,
            "abstain": count.abstain,
            "recuse": count.recuse,
            "missing": count.missing,
        }
    return values


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


_ADD_AUDIT = audit.insert().inline()
_ADD_DUTY = duties.insert().inline()
_DROP_DUTY = delete(duties).where(
    duties.c.cycle_id == bindparam("cycle"),
    duties.c.duty == bindparam("was"),
    or_(duties.c.unit_id == bindparam("unit"), duties.c.person_id == bindparam("person")),
)


def settle(
    tx: Connection,
    routed: Sequence[Routed],
    now: datetime,
    *,
    also: Sequence[Writing] = (),
    told: Collection[int] = (),
) -> list[StageChange]:
    """Writes what follows from the facts: stage, duties, audit entries, intents to write to people.

    `also` are the rows of the facts themselves, where they can go to the server along with the rest; `told`
    are people whom a mail of the caller's own tells of it, so that they get no digest for it as well.
    """
    changes: list[StageChange] = []
    moved: list[dict[str, Any]] = []
    same_stage: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    owed: list[dict[str, Any]] = []
    no_longer: list[dict[str, Any]] = []
    newly: dict[tuple[int, int], intents.Recipients] = {}
    for cycle in routed:
        standing = cycle.standing_at(now)
        as_json = standing_as_json(standing)
        if as_json == cycle.standing and standing.stage is cycle.stage and not cycle.entries:
            continue
        if standing.stage is not cycle.stage:
            changes.append(StageChange(cycle.id, cycle.stage, standing.stage))
            cycle.entries.append(
                AuditEntry(
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
            "new_standing": as_json,
            "seq": seq,
            "hash": digest,
        }
        if standing.stage is cycle.stage:
            del setting["new_stage"], setting["since"]
            same_stage.append(setting)
        else:
            moved.append(setting)
        cycle.stage, cycle.version, cycle.standing = standing.stage, standing.version, as_json
        cycle.audit_seq, cycle.audit_hash = seq, digest
        cycle.entries = []
    digests = [intents.digests_for(tx, owing, now, but=told) for owing in newly.values()]
    write_together(
        tx,
        [
            *also,
            (_ADD_AUDIT, entries),
            (_DROP_DUTY, no_longer),
            (_ADD_DUTY, owed),
            (_SET_CYCLE, moved),
            (_SET_HEAD, same_stage),
            *digests,
            *events.stages_changed(tx, _changes_for_webhooks(routed, changes), now),
        ],
    )
    return changes


def _changes_for_webhooks(
    routed: Sequence[Routed], changes: Sequence[StageChange]
) -> list[events.StageChanged]:
    """The stage changes of organisations that have webhooks, as events."""
    watched = {cycle.id: cycle for cycle in routed if cycle.has_webhooks} if changes else {}
    return [
        events.StageChanged(
            one.cycle_id,
            watched[one.cycle_id].organisation_id,
            watched[one.cycle_id].version,
            one.before,
            one.after,
        )
        for one in changes
        if one.cycle_id in watched
    ]


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


def _note_newly_owing(
    newly: dict[tuple[int, int], intents.Recipients], cycle: Routed, standing: Standing
) -> None:
    """Collects who owes something now and did not before, or owes it again because it was returned."""
    was = cycle.standing
    is_same = standing.duty is not None and was.get("duty") == standing.duty.value and not standing.returned
    units = standing.units - set(was.get("units", ()) if is_same else ())
    persons = standing.persons - set(was.get("persons", ()) if is_same else ())
    if units or persons:
        facts, rule = cycle.facts, cycle.rules.approval
        owing = newly.setdefault(
            (cycle.organisation_id, cycle.period_id),
            intents.Recipients(
                cycle.organisation_id, cycle.period_id, cycle.rules.mail, cycle.calendar, has_absences=False
            ),
        )
        owing.has_absences |= cycle.has_absences
        owing.units |= units
        authors = frozenset(one for one in facts.authors(standing.version) if one is not None)
        owing.authors |= authors
        if persons:
            owing.ask(persons, intents.Ballots(facts.roll.members, rule.substitutes, authors))
