"""Webhooks: which addresses get which events; added, changed and removed on record.

Whether an address may be called at all is checked again at each call (`workflow.webhooks.addresses`).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, exists, func, select, update

from workflow.domain.errors import Conflict, NotFound, TiendoError
from workflow.domain.events import Event, WebhookFormat
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.tables import organisations, webhook_deliveries, webhooks

MOST = 20
"""Webhooks of one organisation: each event is a row for each of them."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What a webhook is to be."""

    name: str
    url: str
    events: tuple[Event, ...]
    form: WebhookFormat = WebhookFormat.TIENDO


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as it is, with its deliveries counted."""

    id: int
    organisation_id: int
    wanted: WebhookSettings
    made_at: datetime
    waiting: int
    failed: int
    last_sent_at: datetime | None


def add_webhook(
    tx: Connection, organisation_id: int, wanted: WebhookSettings, now: datetime, *, by: dict[str, Any]
) -> tuple[Hook, str]:
    """Adds a webhook; returns it and the secret its deliveries are signed with, which is shown here and never
    again. `by` records in the log by which key or command."""
    if len(webhooks_of(tx, organisation_id)) >= MOST:
        raise Conflict(
            Words("Mỗi đơn vị có nhiều nhất %(n)s webhook.", n=MOST),
            cure=Words("Gỡ bớt webhook không dùng nữa."),
        )
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    webhook_id: int = tx.execute(
        webhooks.insert()
        .values(organisation_id=organisation_id, secret=secret, made_at=now, **_columns(wanted))
        .returning(webhooks.c.id)
    ).scalar_one()
    _note_whether_any(tx, organisation_id)
    record(tx, organisation_id, now, AuditEntry("webhook-made", details=_details(webhook_id, wanted) | by))
    return webhook_of(tx, organisation_id, webhook_id), secret


def change_webhook(
    tx: Connection,
    organisation_id: int,
    webhook_id: int,
    now: datetime,
    *,
    by: dict[str, Any],
    **changes: Any,
) -> Hook:
    """Changes some of what a webhook is (`WebhookSettings`'s fields); what waits goes by the new ones."""
    wanted = replace(webhook_of(tx, organisation_id, webhook_id).wanted, **changes)
    tx.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(**_columns(wanted)))
    record(tx, organisation_id, now, AuditEntry("webhook-changed", details=_details(webhook_id, wanted) | by))
    return webhook_of(tx, organisation_id, webhook_id)


def remove_webhook(
    tx: Connection, organisation_id: int, webhook_id: int, now: datetime, *, by: dict[str, Any]
) -> None:
    """Removes a webhook; what waits for it is not sent any more."""
    hook = webhook_of(tx, organisation_id, webhook_id)
    tx.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(removed_at=now))
    _note_whether_any(tx, organisation_id)
    record(
        tx,
        organisation_id,
        now,
        AuditEntry("webhook-removed", details=_details(webhook_id, hook.wanted) | by),
    )


def webhooks_of(tx: Connection, organisation_id: int | None = None) -> list[Hook]:
    """The webhooks of an organisation, or of all, the oldest first."""
    asked = _HOOKS if organisation_id is None else _HOOKS.where(webhooks.c.organisation_id == organisation_id)
    return [_hook(row) for row in tx.execute(asked)]


def webhook_of(tx: Connection, organisation_id: int | None, webhook_id: int) -> Hook:
    """One webhook of an organisation, or of any; raises NotFound."""
    asked = _HOOKS.where(webhooks.c.id == webhook_id)
    if organisation_id is not None:
        asked = asked.where(webhooks.c.organisation_id == organisation_id)
    row = tx.execute(asked).first()
    if row is None:
        raise NotFound(Words("Không có webhook số %(n)s.", n=webhook_id))
    return _hook(row)


def events_of(names: Iterable[str]) -> tuple[Event, ...]:
    """The events of those names, each once; raises TiendoError for one that may not be subscribed to."""
    found = dict.fromkeys(names)
    wrong = [name for name in found if name not in list(Event) or name == Event.PING]
    if wrong or not found:
        known = ", ".join(event for event in Event if event is not Event.PING)
        raise TiendoError(
            Words("Không có sự kiện “%(names)s”.", names=", ".join(wrong)),
            cure=Words("Các sự kiện có: %(names)s.", names=known),
        )
    return tuple(map(Event, found))


def _note_whether_any(tx: Connection, organisation_id: int) -> None:
    """Updates `organisations.has_webhooks`, which spares a click the query where there are no webhooks."""
    any_left = exists().where(webhooks.c.organisation_id == organisation_id, webhooks.c.removed_at.is_(None))
    tx.execute(
        update(organisations)
        .where(organisations.c.id == organisation_id)
        .values(has_webhooks=select(any_left).scalar_subquery())
    )


def _columns(wanted: WebhookSettings) -> dict[str, Any]:
    return {
        "name": wanted.name.strip(),
        "url": wanted.url,
        "form": wanted.form.value,
        "events": [event.value for event in wanted.events],
    }


def _details(webhook_id: int, wanted: WebhookSettings) -> dict[str, Any]:
    return {"webhook": webhook_id, **_columns(wanted)}


_COUNTED = (
    select(
        webhook_deliveries.c.webhook_id,
        func.sum(case((webhook_deliveries.c.state == "waiting", 1), else_=0)).label("waiting"),
        func.sum(case((webhook_deliveries.c.state == "failed", 1), else_=0)).label("failed"),
        func.max(webhook_deliveries.c.sent_at).label("last_sent_at"),
    )
    .group_by(webhook_deliveries.c.webhook_id)
    .subquery()
)
_HOOKS = (
    select(webhooks, _COUNTED.c.waiting, _COUNTED.c.failed, _COUNTED.c.last_sent_at)
    .outerjoin(_COUNTED, _COUNTED.c.webhook_id == webhooks.c.id)
    .where(webhooks.c.removed_at.is_(None))
    .order_by(webhooks.c.id)
)


def _hook(row: Row[Any]) -> Hook:
    return Hook(
        row.id,
        row.organisation_id,
        WebhookSettings(row.name, row.url, tuple(map(Event, row.events)), WebhookFormat(row.form)),
        row.made_at,
        row.waiting or 0,
        row.failed or 0,
        row.last_sent_at,
    )
