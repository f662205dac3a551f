"""The mail about an order: one to each person it concerns, composed when it is sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from workflow.domain.rules.mail_hours import polite
from workflow.storage.post.intents import NOTICE, Recipients, intend

ORDERED = "cycle-order"
"""`about` of the notice of an order about an item; `order` is its id. One to the office is about an order
that waits for a second person, was confirmed or taken back."""


def intend_order_news(
    tx: Connection, order_id: int, whom: Recipients, people: Collection[int], now: datetime, *, purpose: str
) -> None:
    """Puts the mail to each of the people into the outbox, to go as soon as the rule lets people be written
    to. `purpose` is that of its link."""
    context = {"about": ORDERED, "order": order_id, "purpose": purpose}
    at = polite(now, whom.rule, whom.calendar)
    intend(
        tx,
        NOTICE,
        whom.organisation_id,
        whom.period_id,
        sorted(people),
        context,
        now,
        not_before=at,
    )
