"""Receipts: what one form recorded, looked up by its number, never recorded twice, and confirmed by mail.

Each recorded form leaves its own mark among the link's uses: `confirm 0f3a... 1B2C3D4E`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, and_, bindparam, exists, literal, select, update

from workflow.domain.words import kept
from workflow.storage.post import intents
from workflow.storage.rules import rules_of
from workflow.storage.tables import audit, cycles, items, link_uses, links
from workflow.storage.tables import outbox as outbox_table

LATEST = timedelta(hours=4)
"""A receipt goes out this long after the first form it lists, even if the person is still at work."""


def given_before(tx: Connection, link_id: int, mark: str) -> str | None:
    """The receipt's number if this very form was recorded before, else None. Locks the link until the
    transaction ends, so that of two clicks one comes after the other."""
    tx.execute(select(links.c.id).where(links.c.id == link_id).with_for_update())
    act = tx.scalar(
        select(link_uses.c.act)
        .where(link_uses.c.link_id == link_id, link_uses.c.act.startswith(f"{mark} "))
        .limit(1)
    )
    return act.rpartition(" ")[2] if act else None


def receipt_moment(tx: Connection, person_id: int, period_id: int, number: str) -> datetime | None:
    """When what the receipt names was recorded, if this person did it in this period."""
    if len(number) != 8 or not set(number) <= set("0123456789ABCDEF"):
        return None
    chains = select(literal("c", String) + cycles.c.id.cast(String)).where(cycles.c.period_id == period_id)
    receipt = audit.alias()
    own = and_(audit.c.chain == receipt.c.chain, audit.c.at == receipt.c.at, audit.c.person_id == person_id)
    return tx.scalar(
        select(receipt.c.at)
        .where(receipt.c.chain.in_(chains), receipt.c.hash.startswith(number.lower()), exists().where(own))
        .limit(1)
    )


_NAMED = (
    select(cycles.c.id, items.c.code, items.c.content)
    .join(items, items.c.id == cycles.c.item_id)
    .where(cycles.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(items.c.position)
)


def intend_receipt(
    tx: Connection,
    organisation_id: int,
    person_id: int,
    period_id: int,
    said: Mapping[int, str],
    number: str,
    now: datetime,
) -> None:
    """Puts what one form recorded (what was said, by cycle) into the person's next receipt mail, if the
    rule has receipts. It goes out `settle_minutes` after the person's last form: one mail lists an evening's
    work."""
    rule = rules_of(tx, period_id).mail
    if not rule.receipts or not said:
        return
    acts = [
        {"code": row.code, "content": row.content, "said": kept(said[row.id]), "number": number}
        for row in tx.execute(_NAMED, {"ids": list(said)})
    ]
    settled = now + timedelta(minutes=rule.settle_minutes)
    waiting = intents.waiting_receipt(tx, period_id, person_id)
    if waiting is None:
        context: dict[str, Any] = {"number": number, "acts": acts}
        intents.intend(
            tx,
            intents.RECEIPT,
            organisation_id,
            period_id,
            [person_id],
            context,
            now,
            not_before=settled,
        )
        return
    context = {"number": number, "acts": [*waiting.context["acts"], *acts], "until": now.isoformat()}
    tx.execute(
        update(outbox_table)
        .where(outbox_table.c.id == waiting.id)
        .values(context=context, not_before=min(settled, waiting.made_at + LATEST))
    )
