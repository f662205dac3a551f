"""Locking a closed period: a manifest with the SHA-256 of every fact, rule, result and issued file, signed.

Each new one (a recompute, an issued report) names the one before it. Checking them is
`workflow.storage.results.lock_checks`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, CursorResult, Integer, Row, Select, Table, bindparam, select

from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import body_hash, canonical_bytes
from workflow.storage.key_files import sign
from workflow.storage.signing_keys import signing_key
from workflow.storage.tables import (
    attachments,
    award_requests,
    ballots,
    commendation_entries,
    confirmations,
    countersigns,
    cycle_units,
    cycles,
    items,
    manifests,
    motion_ballots,
    motion_counts,
    motions,
    nominations,
    orders,
    organisations,
    paper_ballots,
    periods,
    plans,
    report_approvals,
    report_ballots,
    report_drafts,
    report_issues,
    reports,
    results,
    rules,
    score_ballots,
    score_decisions,
    score_entries,
    score_reviews,
    sitting_turnouts,
    sittings,
    submissions,
    unit_summaries,
)

FORMAT = "tiendo-period-manifest/1"
SEALED = "period-sealed"
"""The audit entry that goes with each manifest."""

# Each query is built once: building them for every period costs as much as running them.
_PERIOD = bindparam("period", type_=Integer)


def _of_cycles(asked: Select[Any]) -> Select[Any]:
    own = select(cycles.c.id).where(cycles.c.period_id == _PERIOD)
    return asked.where(asked.selected_columns.cycle_id.in_(own))


def _of_entries(table: Table) -> Select[Any]:
    return (
        select(table)
        .join(score_entries, score_entries.c.id == table.c.entry_id)
        .where(score_entries.c.period_id == _PERIOD)
    )


# What the council decides may still change while it is being asked.
_IS_DECIDED = (sittings.c.period_id == _PERIOD, sittings.c.closed_at.is_not(None))


def _of_sittings(table: Table) -> Select[Any]:
    return select(table).join(sittings, sittings.c.id == table.c.sitting_id).where(*_IS_DECIDED)


def _of_motions(table: Table) -> Select[Any]:
    return (
        select(table)
        .join(motions, motions.c.id == table.c.motion_id)
        .join(sittings, sittings.c.id == motions.c.sitting_id)
        .where(*_IS_DECIDED)
    )


CYCLE_SETS: dict[str, tuple[Table, Select[Any]]] = {
    "seats": (cycle_units, _of_cycles(select(cycle_units))),
    "submissions": (submissions, _of_cycles(select(submissions))),
    "attachments": (
        attachments,
        _of_cycles(
            select(attachments, submissions.c.cycle_id).join(
                submissions, submissions.c.id == attachments.c.submission_id
            )
        ),
    ),
    "confirmations": (confirmations, _of_cycles(select(confirmations))),
    "ballots": (ballots, _of_cycles(select(ballots))),
    # One that no second person confirmed does not count, and may still be struck out.
    "paper_ballots": (
        paper_ballots,
        _of_cycles(
            select(paper_ballots).join(countersigns, countersigns.c.paper_ballot_id == paper_ballots.c.id)
        ),
    ),
    "countersigns": (
        countersigns,
        _of_cycles(
            select(countersigns, paper_ballots.c.cycle_id).join(
                paper_ballots, paper_ballots.c.id == countersigns.c.paper_ballot_id
            )
        ),
    ),
    "orders": (orders, _of_cycles(select(orders))),
}
"""The facts of a period's cycles, by name: their table and the question for them."""

ENTRY_SETS: dict[str, tuple[Table, Select[Any]]] = {
    "score_entries": (score_entries, select(score_entries).where(score_entries.c.period_id == _PERIOD)),
    "score_reviews": (score_reviews, select(score_reviews).where(score_reviews.c.period_id == _PERIOD)),
    "commendation_entries": (
        commendation_entries,
        select(commendation_entries).where(commendation_entries.c.period_id == _PERIOD),
    ),
    "nominations": (nominations, select(nominations).where(nominations.c.period_id == _PERIOD)),
    "award_requests": (award_requests, select(award_requests).where(award_requests.c.period_id == _PERIOD)),
    "score_decisions": (score_decisions, _of_entries(score_decisions)),
    "score_ballots": (score_ballots, _of_entries(score_ballots)),
    "sittings": (sittings, select(sittings).where(*_IS_DECIDED)),
    "sitting_turnouts": (sitting_turnouts, _of_sittings(sitting_turnouts)),
    "motions": (motions, _of_sittings(motions)),
    "motion_ballots": (motion_ballots, _of_motions(motion_ballots)),
    "motion_counts": (motion_counts, _of_motions(motion_counts)),
    "unit_summaries": (unit_summaries, select(unit_summaries).where(unit_summaries.c.period_id == _PERIOD)),
}
"""The facts of scores and commendations that people entered or the council decided, by name."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A stored manifest. `body` is what is signed."""

    number: int
    body: dict[str, Any]
    sha256: str
    signature: str
    made_at: datetime


def seal(tx: Connection, period_id: int, because: str, now: datetime) -> Manifest:
    """Builds the period's next manifest from its present facts, signs and stores it."""
    period = tx.execute(
        select(
            periods,
            plans.c.organisation_id,
            organisations.c.name.label("organisation"),
        )
        .join(plans, plans.c.id == periods.c.plan_id)
        .join(organisations, organisations.c.id == plans.c.organisation_id)
        .where(periods.c.id == period_id)
        .with_for_update(of=periods)
    ).one()
    before = latest_manifest(tx, period_id)
    number = before.number + 1 if before else 1
    body = {
        "format": FORMAT,
        "number": number,
        "previous": before.sha256 if before else None,
        "because": because,
        "made_at": now.astimezone(timezone.utc).isoformat(),
        "organisation": period.organisation,
        "period": period.code,
        "columns": hashed_columns(),
        **facts_of(tx, period_id, is_sealing=True),
    }
    signed = canonical_bytes(body)
    signature = sign(signing_key(tx, now), signed)
    digest = hashlib.sha256(signed).hexdigest()
    tx.execute(
        manifests.insert().values(
            period_id=period_id,
            number=number,
            body=body,
            sha256=digest,
            signature=signature,
            made_at=now,
        )
    )
    details = {"period": period_id, "number": number, "sha256": digest, "previous": body["previous"]}
    record(tx, period.organisation_id, now, AuditEntry(SEALED, details=details))
    return Manifest(number, body, digest, signature, now)


def manifests_of(tx: Connection, period_id: int) -> tuple[Manifest, ...]:
    """The period's manifests, the first one first."""
    rows = tx.execute(
        select(manifests).where(manifests.c.period_id == period_id).order_by(manifests.c.number)
    )
    return tuple(Manifest(row.number, row.body, row.sha256, row.signature, row.made_at) for row in rows)


def latest_manifest(tx: Connection, period_id: int) -> Manifest | None:
    """The manifest the period is locked with now; None while it is open."""
    row = tx.execute(
        select(manifests)
        .where(manifests.c.period_id == period_id)
        .order_by(manifests.c.number.desc())
        .limit(1)
    ).first()
    return Manifest(row.number, row.body, row.sha256, row.signature, row.made_at) if row else None


def hashed_columns() -> dict[str, list[str]]:
    """What a row's hash is over, set by set. A manifest holds it, so that it still verifies after a table has
    gained a column, or the program a set."""
    names = {name: table for name, (table, _) in (CYCLE_SETS | ENTRY_SETS).items()}
    found = {name: [str(column.name) for column in table.c] for name, table in names.items()}
    # These are hashed with the cycle they are found by.
    found["attachments"].append("cycle_id")
    found["countersigns"].append("cycle_id")
    found["timetable"] = [str(one.name) for one in periods.c if one is not periods.c.reopened_seen]
    return found


def facts_of(
    tx: Connection,
    period_id: int,
    *,
    is_sealing: bool = False,
    columns: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """The hashes of everything a closed period is based on, row by row. For results it takes the hashes
    stored when they were written, so that a result altered since is not sealed as it is. `columns` are those
    an earlier manifest hashed; without it all there are."""
    columns = columns or hashed_columns()
    head = tx.execute(
        select(periods, rules.c.id.label("rules"), rules.c.routing, rules.c.scoring, organisations.c.id)
        .join(rules, rules.c.id == periods.c.rules_id)
        .join(organisations, organisations.c.id == rules.c.organisation_id)
        .where(periods.c.id == period_id)
    ).one()
    seq, digest = tx.execute(
        select(organisations.c.audit_seq, organisations.c.audit_hash).where(organisations.c.id == head[-1])
    ).one()
    # What the sweep stores about reopened cycles is no fact of the period.
    timetable = select(*(periods.c[name] for name in columns["timetable"]))
    return {
        "timetable": row_hash(tx.execute(timetable.where(periods.c.id == period_id)).one()),
        "rules": body_hash({"routing": head.routing, "scoring": head.scoring}),
        "cycles": _cycles(tx, period_id, columns),
        "entries": _entries(tx, period_id, columns),
        "results": _written(tx, period_id) if is_sealing else _as_read(tx, period_id),
        "outputs": _outputs(tx, period_id),
        "audit": {"chain": f"o{head[-1]}", "seq": seq, "hash": digest},
    }


_RESULTS = select(results).where(results.c.period_id == _PERIOD).order_by(results.c.version, results.c.id)
_HASHES = _RESULTS.with_only_columns(results.c.version, results.c.kind, results.c.sha256)


def _as_read(tx: Connection, period_id: int) -> dict[str, str]:
    rows = tx.execute(_RESULTS, {"period": period_id})
    return {f"{row.version}.{row.kind}": body_hash(row.body) for row in rows}


def _written(tx: Connection, period_id: int) -> dict[str, str]:
    rows = tx.execute(_HASHES, {"period": period_id})
    return {f"{row.version}.{row.kind}": row.sha256 for row in rows}


_HEADS = (
    select(
        cycles.c.id, cycles.c.stage, cycles.c.version, cycles.c.audit_seq, cycles.c.audit_hash, items.c.code
    )
    .join(items, items.c.id == cycles.c.item_id)
    .where(cycles.c.period_id == _PERIOD)
)


def _cycles(tx: Connection, period_id: int, columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    asked = {"period": period_id}
    found: dict[int, dict[str, Any]] = {
        row.id: {
            "code": row.code,
            "stage": row.stage,
            "version": row.version,
            "audit": {"chain": f"c{row.id}", "seq": row.audit_seq, "hash": row.audit_hash},
        }
        for row in tx.execute(_HEADS, asked)
    }
    for name, (table, question) in CYCLE_SETS.items():
        if name not in columns:
            continue
        for row, key, digest in _hashed(table, tx.execute(question, asked), columns[name]):
            found[row.cycle_id].setdefault(name, {})[key] = digest
    return {str(cycle): hashes for cycle, hashes in found.items()}


def _entries(
    tx: Connection, period_id: int, columns: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, str]]:
    found = {}
    for name, (table, question) in ENTRY_SETS.items():
        if name in columns:
            rows = tx.execute(question, {"period": period_id})
            found[name] = {key: digest for _, key, digest in _hashed(table, rows, columns[name])}
    return found


def _outputs(tx: Connection, period_id: int) -> list[dict[str, Any]]:
    """The reports issued so far: their number, the text and the approval they went out with, their files."""
    found = []
    for one in tx.execute(
        select(report_issues)
        .where(report_issues.c.period_id == period_id, report_issues.c.issued_at.is_not(None))
        .order_by(report_issues.c.sequence)
    ):
        draft = select(report_drafts).where(
            report_drafts.c.report_issue_id == one.id, report_drafts.c.version == one.draft_version
        )
        votes = (
            select(report_ballots)
            .join(report_approvals, report_approvals.c.id == report_ballots.c.report_approval_id)
            .where(report_approvals.c.report_issue_id == one.id)
        )
        files = select(reports).where(reports.c.report_issue_id == one.id).order_by(reports.c.id)
        found.append(
            {
                "sequence": one.sequence,
                "number": one.number,
                "dated_on": one.dated_on.isoformat() if one.dated_on else None,
                "draft": row_hash(tx.execute(draft).one()),
                "ballots": {key: digest for _, key, digest in _hashed(report_ballots, tx.execute(votes))},
                "files": {row.name: row.sha256 for row in tx.execute(files)},
            }
        )
    return found


def _hashed(
    table: Table, rows: CursorResult[Any], columns: Sequence[str] | None = None
) -> Iterator[tuple[Row[Any], str, str]]:
    """Each row with its key and its hash, over those columns or all."""
    names = tuple(map(str, rows.keys()))
    keys = [names.index(column.name) for column in table.primary_key]
    wanted = names if columns is None or set(columns) == set(names) else tuple(columns)
    places = [names.index(name) for name in wanted]
    for row in rows.all():
        values = row if wanted is names else [row[place] for place in places]
        yield row, "-".join([str(row[key]) for key in keys]), _hash(wanted, values)


def row_hash(row: Row[Any]) -> str:
    """SHA-256 of a row's values, the same on every database."""
    return _hash(tuple(map(str, row._fields)), row)


def _hash(names: Sequence[str], row: Sequence[Any]) -> str:
    values = dict(zip(names, row, strict=True))
    return hashlib.sha256(orjson.dumps(values, _exact, orjson.OPT_SORT_KEYS)).hexdigest()


def _exact(value: Any) -> str:
    """SQLite gives a number more places than PostgreSQL does; moments are in UTC on both."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    raise TypeError(f"no fact is a {type(value).__name__}")
