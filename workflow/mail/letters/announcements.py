"""What the mails tell that announce a period's opening and its end, to those whose other mails do not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.people.directory import Role
from workflow.domain.words import Words
from workflow.mail.letters.gathered import MOST_LISTED, Void
from workflow.mail.letters.wording import Wording
from workflow.storage.access.links import Purpose
from workflow.storage.cycles.heads import stages_of
from workflow.storage.people.directory import holders
from workflow.storage.people.stand_ins import units_held
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.claims import Claimed
from workflow.storage.tables import CONFIRMING, LEAD, cycle_units, cycles, items, periods

Told = tuple[str, dict[str, Any], Purpose | None]


def opened(tx: Connection, claimed: Claimed, words: Wording, now: datetime) -> Told | Void:
    """The subject, facts and purpose of the mail that a period has begun."""
    assert claimed.period_id is not None
    period = watched_period(tx, claimed.period_id, now)
    if tx.scalar(select(periods.c.closed_at).where(periods.c.id == period.id)) is not None:
        return Void(Words("Kỳ đã khóa."))
    is_office = claimed.person_id in holders(tx, period.organisation_id, Role.OFFICE)
    total = sum(stages_of(tx, period.id).values())
    days = period.timetable
    facts = {
        "total": total,
        "days": [
            (words.step_ends(step), words.day_of_week(day))
            for step, day in (
                ("due", days.due_on),
                ("confirm", days.confirm_by),
                ("approve", days.approve_by),
                ("cut-off", days.cut_off),
            )
        ],
        "is_office": is_office,
        "is_member": claimed.person_id in period.members,
        "n_confirm": len(_own(tx, claimed, CONFIRMING)),
    }
    return words.opened_subject(total, days.due_on), facts, Purpose.OFFICE if is_office else None


def closed(tx: Connection, claimed: Claimed, words: Wording, now: datetime) -> Told | Void:
    """The subject, facts and purpose of the mail that a period has ended: how the receiver's items did, or
    all of them for a member of the committee."""
    assert claimed.period_id is not None
    period = watched_period(tx, claimed.period_id, now)
    is_member = claimed.person_id in period.members
    rows = _own(tx, claimed, "" if is_member else LEAD)
    if not rows:
        return Void(Words("Không có nội dung nào liên quan."))
    missing = [row for row in rows if row.stage != Stage.APPROVED.value]
    facts = {
        "is_member": is_member,
        "total": len(rows),
        "approved": len(rows) - len(missing),
        "missing": [{"code": row.code, "content": row.content} for row in missing[:MOST_LISTED]],
        "more": max(0, len(missing) - MOST_LISTED),
    }
    subject = words.closed_subject(len(rows) - len(missing), len(rows))
    return subject, facts, None if is_member else Purpose.DUTIES


def _own(tx: Connection, claimed: Claimed, role: str) -> list[Any]:
    """The period's cycles in which the person's units have that part; all of them without one."""
    asked = (
        select(cycles.c.id, cycles.c.stage, items.c.code, items.c.content)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.period_id == claimed.period_id, cycles.c.stage != Stage.WITHDRAWN.value)
        .order_by(items.c.position, items.c.id)
    )
    if role:
        mine = select(cycle_units.c.cycle_id).where(
            cycle_units.c.role == role, cycle_units.c.unit_id.in_(units_held())
        )
        asked = asked.where(cycles.c.id.in_(mine))
        return list(tx.execute(asked, {"reports_for": [claimed.person_id]}))
    return list(tx.execute(asked))
