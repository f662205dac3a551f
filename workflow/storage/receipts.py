"""Receipts: what one form recorded, found again by its number, and never recorded twice.

Each recorded form leaves its own mark among the link's uses: `confirm 0f3a... 1B2C3D4E`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, String, and_, exists, literal, select

from workflow.storage.tables import audit, cycles, link_uses, links


def given_before(tx: Connection, link_id: int, mark: str) -> str | None:
    """The receipt's number if this very form was recorded before. Holds the link until the transaction
    ends, so that of two clicks one comes after the other."""
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
