"""One cycle's whole history: every version with what was said of it, and the audit entries in order, each
with the use of the link by which it was done.

An act and the link use it came by have the same moment and person; a link use has the address and browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.rules.routing_rules import Shows
from workflow.storage.cycles.ballot_secrecy import BallotsShown, ballots_shown, details_shown, is_shown
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.cycles.heads import CycleHead, TargetRow, cycle_heads, targets_of
from workflow.storage.cycles.said import (
    ConfirmationRow,
    EvidenceFile,
    SubmissionRow,
    ballots_of,
    confirmations_of,
    submissions_of,
)
from workflow.storage.names import person_names, unit_names
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.tables import (
    CONFIRMING,
    attachments,
    audit,
    cycle_units,
    cycles,
    link_uses,
    links,
    periods,
    persons,
    plans,
    sittings,
    submissions,
    units,
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the report and what was said of it."""

    report: SubmissionRow
    words: tuple[ConfirmationRow, ...]
    ballots: BallotsShown


@dataclass(frozen=True, slots=True)
class Via:
    """The use of a link by which an act was done."""

    receipt: str
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class CycleEntry:
    """An audit entry, readable: who, in whose place, when, what and on which version; `before` and `after`
    where the stage changed; `via` where it was done by a link. How somebody voted is in it only where the
    rule names them."""

    seq: int
    at: datetime
    person: str
    acted_for: str
    verb: str
    details: dict[str, Any]
    unit: str
    before: Stage | None
    after: Stage | None
    via: Via | None

    @property
    def version(self) -> int:
        """The version of the report that was seen or sent; 0 where there was none."""
        found: int = self.details.get("version", 0)
        return found


@dataclass(frozen=True, slots=True)
class History:
    """A cycle with all that is known of it. `awaited` names who is waited for now, `unheard` who had not
    answered when an undecided report's time was over."""

    period: Period
    cycle: CycleHead
    targets: tuple[TargetRow, ...]
    confirming: tuple[str, ...]
    awaited: tuple[str, ...]
    unheard: tuple[str, ...]
    versions: tuple[Version, ...]
    entries: tuple[CycleEntry, ...]


def history(tx: Connection, organisation_id: int, cycle_id: int) -> History | None:
    """The cycle's history, or None where the organisation has no such cycle."""
    head = cycle_heads(tx, [cycle_id]).get(cycle_id)
    if head is None:
        return None
    period = period_of(tx, head.period_id)
    if period.organisation_id != organisation_id:
        return None
    words = confirmations_of(tx, [cycle_id]).get(cycle_id, ())
    cast = ballots_of(tx, [cycle_id]).get(cycle_id, ())
    shows = load(tx, [cycle_id], is_for_writing=False)[cycle_id].rules.approval.shows
    versions = tuple(
        Version(
            report,
            tuple(word for word in words if word.version == report.version),
            ballots_shown(cast, shows, head, report.version),
        )
        for report in submissions_of(tx, [cycle_id], every_version=True).get(cycle_id, ())
    )
    confirming = tx.scalars(
        select(units.c.name)
        .join(cycle_units, cycle_units.c.unit_id == units.c.id)
        .where(cycle_units.c.cycle_id == cycle_id, cycle_units.c.role == CONFIRMING)
        .order_by(cycle_units.c.position)
    )
    return History(
        period,
        head,
        targets_of(tx, [cycle_id]).get(cycle_id, ()),
        tuple(confirming),
        *_waited_for(tx, cycle_id),
        versions,
        _entries(tx, head, shows),
    )


def _waited_for(tx: Connection, cycle_id: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is waited for now, and who was when the cycle ended undecided."""
    standing = tx.scalar(select(cycles.c.standing).where(cycles.c.id == cycle_id)) or {}

    def named(of_units: str, of_persons: str) -> tuple[str, ...]:
        asked = (
            select(table.c.name).where(table.c.id.in_(standing[which])).order_by(table.c.name)
            for table, which in ((units, of_units), (persons, of_persons))
            if standing.get(which)
        )
        return tuple(name for one in asked for name in tx.scalars(one))

    return named("units", "persons"), named("unheard_units", "unheard_persons")


def _entries(tx: Connection, cycle: CycleHead, shows: Shows) -> tuple[CycleEntry, ...]:
    asked = tx.execute(
        select(audit, persons.c.name)
        .outerjoin(persons, persons.c.id == audit.c.person_id)
        .where(audit.c.chain == f"c{cycle.id}")
        .order_by(audit.c.seq)
    )
    rows = [row for row in asked if is_shown(row.verb, row.details, shows, cycle)]
    named_units = unit_names(tx, _given(row.details.get("unit") for row in rows))
    absent = person_names(tx, _given(row.details.get("acted_for") for row in rows))
    came_by = _uses(tx, rows)
    return tuple(
        CycleEntry(
            row.seq,
            row.at,
            row.name or "",
            absent.get(row.details.get("acted_for"), ""),
            row.verb,
            details_shown(row.verb, row.details, shows),
            named_units.get(row.details.get("unit"), ""),
            Stage(row.details["from"]) if row.verb == "stage" else None,
            Stage(row.details["to"]) if row.verb == "stage" else None,
            came_by.get((row.person_id, row.at)),
        )
        for row in rows
    )


def hidden_vote_moments(
    tx: Connection, organisation_id: int, period_id: int, person_id: int
) -> set[datetime]:
    """When the person voted in votes that still run, which is not shown to anybody yet: link uses of the same
    moment are to be hidden."""
    open_now = tx.scalars(
        select(cycles.c.id).where(
            cycles.c.period_id == period_id, cycles.c.stage == Stage.WAITING_APPROVAL.value
        )
    ).all()
    routed, heads = load(tx, open_now, is_for_writing=False), cycle_heads(tx, open_now)
    own = select(audit).where(audit.c.person_id == person_id)
    cast = tx.execute(own.where(audit.c.chain.in_([f"c{one}" for one in open_now]), audit.c.verb == "voted"))
    found = {
        row.at
        for row in cast
        if not is_shown(
            row.verb,
            row.details,
            routed[int(row.chain[1:])].rules.approval.shows,
            heads[int(row.chain[1:])],
        )
    }
    sat = set(tx.scalars(select(sittings.c.id).where(sittings.c.closed_at.is_(None))))
    council = own.where(audit.c.chain == f"o{organisation_id}", audit.c.verb == "council-voted")
    return found | {row.at for row in tx.execute(council) if row.details["sitting"] in sat}


def _given(ids: Iterable[int | None]) -> set[int]:
    return {one for one in ids if one is not None}


_RECEIPT = re.compile(r"\w+ [0-9a-f]{12} ([0-9A-F]{8})")


def _uses(tx: Connection, acts: Sequence[Row[Any]]) -> dict[tuple[int, datetime], Via]:
    """The uses that recorded these acts, by person and moment."""
    people = {act.person_id for act in acts if act.person_id is not None}
    rows = tx.execute(
        select(links.c.person_id, link_uses)
        .join(links, links.c.id == link_uses.c.link_id)
        .where(links.c.person_id.in_(people), link_uses.c.at.in_({act.at for act in acts}))
        .order_by(link_uses.c.id)
    ).all()
    return {
        (row.person_id, row.at): Via(match[1], row.address, row.agent)
        for row in rows
        if (match := _RECEIPT.fullmatch(row.act))
    }


def evidence_of(tx: Connection, organisation_id: int, cycle_id: int, sha256: str) -> EvidenceFile | None:
    """The evidence file of one of the organisation's cycles."""
    row = tx.execute(
        select(attachments)
        .join(submissions, submissions.c.id == attachments.c.submission_id)
        .join(cycles, cycles.c.id == submissions.c.cycle_id)
        .join(periods, periods.c.id == cycles.c.period_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(
            cycles.c.id == cycle_id,
            plans.c.organisation_id == organisation_id,
            attachments.c.sha256 == sha256,
        )
        .order_by(attachments.c.id.desc())
        .limit(1)
    ).first()
    return EvidenceFile(row.sha256, row.name, row.media_type, row.size) if row else None
