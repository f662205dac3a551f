"""Webhook events: one row per event and webhook, written in the transaction of the fact it is about.

An organisation without webhooks costs nothing: its cycles say so (`Routed.has_webhooks`), and callers pass on
only what somebody subscribed to. No event says how anybody voted, and none has an e-mail address in it but
that of a mail that could not be delivered. Sending is `workflow.webhooks`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.events import Event
from workflow.storage.names import lead_names
from workflow.storage.tables import (
    cycles,
    items,
    organisations,
    outbox,
    periods,
    persons,
    plans,
    webhook_deliveries,
    webhooks,
)
from workflow.storage.writing import Writing, write_together

EventData = tuple[int, dict[str, Any]]
"""An organisation's id, and the data of one of its events."""


@dataclass(frozen=True, slots=True)
class StageChanged:
    """A cycle that moved to another stage, and the version of its report since then."""

    cycle_id: int
    organisation_id: int
    version: int
    before: Stage
    after: Stage


@dataclass(frozen=True, slots=True)
class SubmissionReceived:
    """A report just recorded in a cycle; `about` is its version, unit, progress and reported state."""

    cycle_id: int
    organisation_id: int
    about: Mapping[str, Any]


def stages_changed(tx: Connection, changes: Sequence[StageChanged], now: datetime) -> list[Writing]:
    """The rows of events about cycles that changed stage, for the caller to write with its own."""
    if not changes:
        return []
    named = _cycles(tx, [change.cycle_id for change in changes])
    data = [
        (
            change.organisation_id,
            named[change.cycle_id]
            | {"from": change.before.value, "to": change.after.value, "version": change.version},
        )
        for change in changes
    ]
    return _deliveries(tx, Event.STAGE_CHANGED, data, now)


def submissions_received(
    tx: Connection, received: Sequence[SubmissionReceived], now: datetime
) -> list[Writing]:
    """The rows of events about reports just recorded, for the caller to write with its own."""
    if not received:
        return []
    named = _cycles(tx, [one.cycle_id for one in received])
    data = [(one.organisation_id, named[one.cycle_id] | dict(one.about)) for one in received]
    return _deliveries(tx, Event.SUBMISSION_RECEIVED, data, now)


def difficulty_raised(
    tx: Connection,
    cycle_id: int,
    organisation_id: int,
    difficulty: Mapping[str, Any],
    now: datetime,
) -> None:
    """Writes the event of a difficulty that a report raises: its `id`, `text` and `proposal`."""
    data = [(organisation_id, _cycles(tx, [cycle_id])[cycle_id] | {"difficulty": dict(difficulty)})]
    write_together(tx, _deliveries(tx, Event.DIFFICULTY_RAISED, data, now))


def period_changed(tx: Connection, event: Event, period_id: int, now: datetime, **about: Any) -> None:
    """Writes an event about a period as a whole; `about` is added to its data."""
    row = tx.execute(_PERIOD, {"id": period_id}).one()
    if row.has_webhooks:
        data = [(row.organisation_id, _period(row._mapping) | about)]
        write_together(tx, _deliveries(tx, event, data, now))


def undeliverable(tx: Connection, outbox_ids: Collection[int], now: datetime) -> None:
    """Writes the events of mails that were given up."""
    rows = tx.execute(
        select(
            outbox.c.id,
            outbox.c.kind,
            outbox.c.organisation_id,
            outbox.c.error,
            organisations.c.name.label("organisation"),
            persons.c.id.label("person_id"),
            persons.c.name,
            persons.c.email,
        )
        .join(organisations, organisations.c.id == outbox.c.organisation_id)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(outbox.c.id.in_(outbox_ids), organisations.c.has_webhooks)
    ).all()
    data = [
        (
            row.organisation_id,
            {
                "organisation": {"id": row.organisation_id, "name": row.organisation},
                "mail": {"id": row.id, "kind": row.kind, "error": row.error},
                "person": {"id": row.person_id, "name": row.name, "email": row.email},
            },
        )
        for row in rows
    ]
    write_together(tx, _deliveries(tx, Event.MAIL_UNDELIVERABLE, data, now))


def delivery_of(webhook_id: int, event: Event, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The delivery row of one event to one webhook."""
    return {
        "webhook_id": webhook_id,
        "message_id": f"msg_{uuid.uuid4().hex}",
        "event": event.value,
        "body": {"type": event.value, "timestamp": now.isoformat(timespec="seconds"), "data": data},
        "state": "waiting",
        "made_at": now,
    }


def _deliveries(tx: Connection, event: Event, payloads: Sequence[EventData], now: datetime) -> list[Writing]:
    if not payloads:
        return []
    hooks = tx.execute(
        _HOOKS, {"organisations": sorted({organisation for organisation, _ in payloads})}
    ).all()
    rows = [
        delivery_of(hook.id, event, data, now)
        for organisation, data in payloads
        for hook in hooks
        if hook.organisation_id == organisation and event.value in hook.events
    ]
    return [(ADD_DELIVERY, rows)] if rows else []


def _cycles(tx: Connection, cycle_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The data that every event about a cycle contains, by cycle id."""
    leads = lead_names(tx, cycle_ids)
    return {
        row.cycle_id: _period(row._mapping)
        | {
            "cycle": {
                "id": row.cycle_id,
                "code": row.item_code,
                "content": row.content,
                "leads": list(leads.get(row.cycle_id, ())),
            }
        }
        for row in tx.execute(_CYCLES, {"ids": cycle_ids})
    }


def _period(row: RowMapping) -> dict[str, Any]:
    return {
        "organisation": {"id": row["organisation_id"], "name": row["organisation"]},
        "period": {
            "id": row["period_id"],
            "code": row["code"],
            "label": row["label"],
            "due_on": row["due_on"].isoformat(),
            "cut_off": row["cut_off"].isoformat(),
        },
    }


_WHOSE = (
    plans.c.organisation_id,
    organisations.c.name.label("organisation"),
    organisations.c.has_webhooks,
    periods.c.id.label("period_id"),
    periods.c.code,
    periods.c.label,
    periods.c.due_on,
    periods.c.cut_off,
)
_PERIOD = (
    select(*_WHOSE)
    .select_from(periods)
    .join(plans, plans.c.id == periods.c.plan_id)
    .join(organisations, organisations.c.id == plans.c.organisation_id)
    .where(periods.c.id == bindparam("id"))
)
_CYCLES = (
    select(*_WHOSE, cycles.c.id.label("cycle_id"), items.c.code.label("item_code"), items.c.content)
    .select_from(cycles)
    .join(items, items.c.id == cycles.c.item_id)
    .join(periods, periods.c.id == cycles.c.period_id)
    .join(plans, plans.c.id == periods.c.plan_id)
    .join(organisations, organisations.c.id == plans.c.organisation_id)
    .where(cycles.c.id.in_(bindparam("ids", expanding=True)))
)
_HOOKS = (
    select(webhooks.c.id, webhooks.c.organisation_id, webhooks.c.events)
    .where(
        webhooks.c.removed_at.is_(None),
        webhooks.c.organisation_id.in_(bindparam("organisations", expanding=True)),
    )
    .order_by(webhooks.c.id)
)
ADD_DELIVERY = webhook_deliveries.insert().inline()
