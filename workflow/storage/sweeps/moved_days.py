"""The notices to those who owe something by another day than they were told, because days off changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from workflow.domain.cycles.advance import Duty
from workflow.domain.periods.days_off import DayChange
from workflow.domain.rules.mail_hours import polite
from workflow.storage.access.links import Purpose
from workflow.storage.periods.watched import Watched
from workflow.storage.post import intents
from workflow.storage.tables import outbox

DAYS_MOVED = "days-moved"
"""`about` of the notice."""


@dataclass(frozen=True, slots=True)
class MovedDuties:
    """How many things of one kind a person owes by another last day than before."""

    person_id: int
    period_id: int
    duty: Duty
    count: int
    was: date
    becomes: date


def notify_moved(
    tx: Connection,
    watched: Mapping[int, Watched],
    duties: Iterable[MovedDuties],
    changes: Iterable[DayChange],
    now: datetime,
) -> None:
    """Puts one notice into the outbox for each person whose day moved, as their period's rules of mail say;
    one that has not gone out yet is replaced by a notice of both changes."""
    moved: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for one in duties:
        moved.setdefault((one.period_id, one.person_id), []).append(
            {
                "duty": one.duty.value,
                "n": one.count,
                "was": one.was.isoformat(),
                "becomes": one.becomes.isoformat(),
            }
        )
    days = [
        {
            "day": one.day.isoformat(),
            "kind": one.kind.value if one.kind else "removed",
            "reason": one.reason.strip(),
        }
        for one in changes
    ]
    waiting = _waiting(tx, {period_id for period_id, _ in moved}) if moved else {}
    taken, news = [], []
    for (period_id, person_id), lines in moved.items():
        period = watched[period_id]
        told = days
        for row in waiting.get((period_id, person_id), ()):
            taken.append(row.id)
            lines = _joined(row.context["moved"], lines)
            told = [
                *(one for one in row.context["days"] if one["day"] not in {d["day"] for d in days}),
                *told,
            ]
        if not lines:
            continue
        settled = now + timedelta(minutes=period.rules.mail.settle_minutes)
        context = {"about": DAYS_MOVED, "purpose": Purpose.DUTIES.value, "moved": lines, "days": told}
        news.append((period_id, person_id, context, polite(settled, period.rules.mail, period.calendar)))
    if taken:
        tx.execute(
            update(outbox)
            .where(outbox.c.id.in_(taken))
            .values(state="void", sent_at=now, error="Một thư báo hạn đổi sau đó thay thư này.")
        )
    for period_id, person_id, context, goes_at in news:
        intents.intend(
            tx,
            intents.NOTICE,
            watched[period_id].organisation_id,
            period_id,
            [person_id],
            context,
            now,
            not_before=goes_at,
        )


def _waiting(tx: Connection, period_ids: Iterable[int]) -> dict[tuple[int, int], list[Any]]:
    """The notices of moved days that have not gone out yet, by period and person."""
    found: dict[tuple[int, int], list[Any]] = {}
    asked = (
        select(outbox.c.id, outbox.c.period_id, outbox.c.person_id, outbox.c.context)
        .where(
            outbox.c.period_id.in_(period_ids),
            outbox.c.kind == intents.NOTICE,
            outbox.c.state == "waiting",
        )
        .order_by(outbox.c.id)
        .with_for_update()
    )
    for row in tx.execute(asked):
        if row.context.get("about") == DAYS_MOVED:
            found.setdefault((row.period_id, row.person_id), []).append(row)
    return found


def _joined(told: list[dict[str, Any]], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Both notices in one: what moved twice moved once, from the first day to the last; what came back to
    its day did not move."""
    sums: Counter[tuple[str, str, str]] = Counter()
    left = [dict(one) for one in told]
    for line in lines:
        n = line["n"]
        for one in left:
            if n and (one["duty"], one["becomes"]) == (line["duty"], line["was"]):
                both = min(n, one["n"])
                sums[line["duty"], one["was"], line["becomes"]] += both
                one["n"], n = one["n"] - both, n - both
        sums[line["duty"], line["was"], line["becomes"]] += n
    for one in left:
        sums[one["duty"], one["was"], one["becomes"]] += one["n"]
    return [
        {"duty": duty, "n": n, "was": was, "becomes": becomes}
        for (duty, was, becomes), n in sorted(sums.items())
        if n and was != becomes
    ]
