"""What waits on the office's desk: votes that ended without a decision, difficulties to be closed, mails that
did not arrive, a report whose approval is late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.difficulty import DifficultyState
from workflow.domain.people.directory import Role
from workflow.storage.cycles.heads import CycleHead, cycle_heads
from workflow.storage.duties.difficulty_lists import DifficultyRow, difficulties_of
from workflow.storage.people.directory import holders
from workflow.storage.periods.watched import Watched
from workflow.storage.post import intents
from workflow.storage.post.intents import OFFICE
from workflow.storage.post.office_mails import UNDELIVERED, Unreached, unreached
from workflow.storage.reports.awaiting import Awaited, awaited_in
from workflow.storage.tables import cycles, difficulties, outbox


@dataclass(frozen=True, slots=True)
class Desk:
    """What the office is to do in a period."""

    to_close: tuple[DifficultyRow, ...]
    unreached: tuple[Unreached, ...]
    late_approval: Awaited | None = None
    """The report on which somebody's word is late."""
    undecided: tuple[CycleHead, ...] = ()
    """Items whose vote ended without a decision."""


def desk_of(tx: Connection, period: Watched) -> Desk:
    """What waits for the office in the period now."""
    done = [row for row in difficulties_of(tx, period) if row.state is DifficultyState.DONE]
    late = next((one for one in awaited_in(tx, {period.id: period}) if one.late), None)
    return Desk(tuple(done), unreached(tx, period.id), late, undecided_in(tx, period.id))


_UNDECIDED = (
    cycles.c.stage == Stage.WAITING_APPROVAL.value,
    cycles.c.standing["no_decision"].as_string().is_not(None),
)


def undecided_in(tx: Connection, period_id: int) -> tuple[CycleHead, ...]:
    """The period's items whose vote ended without a decision, in the plan's order: the office has to act."""
    ids = tx.scalars(select(cycles.c.id).where(cycles.c.period_id == period_id, *_UNDECIDED))
    return tuple(cycle_heads(tx, list(ids)).values())


def intend_office_mails(tx: Connection, watched: Iterable[Watched], now: datetime) -> int:
    """Writes the office's mail to the outbox for each period with votes that ended undecided, difficulties to
    be closed or a report whose approval is late, each working day, and for each with mails found undelivered
    since its last one; returns for how many periods."""
    periods = {period.id: period for period in watched if period.calendar.is_working(period.today)}
    if not periods:
        return 0
    last = _last_mailed(tx, periods)
    for period_id, at in last.items():
        if periods[period_id].calendar.day_of(at) == periods[period_id].today:
            del periods[period_id]
    with_news = _with_difficulties(tx, periods) | _with_news_of_mails(tx, periods, last)
    with_news |= {one.period_id for one in awaited_in(tx, periods) if one.late}
    with_news |= set(
        tx.scalars(select(cycles.c.period_id).distinct().where(cycles.c.period_id.in_(periods), *_UNDECIDED))
    )
    for period_id in sorted(with_news):
        period = periods[period_id]
        owing = period.owing()
        owing.persons |= set(holders(tx, period.organisation_id, Role.OFFICE))
        intents.intend_office(tx, owing, now)
    return len(with_news)


def _with_difficulties(tx: Connection, period_ids: Iterable[int]) -> set[int]:
    return set(
        tx.scalars(
            select(cycles.c.period_id)
            .distinct()
            .join(difficulties, difficulties.c.cycle_id == cycles.c.id)
            .where(cycles.c.period_id.in_(period_ids), difficulties.c.state == DifficultyState.DONE.value)
        )
    )


def _last_mailed(tx: Connection, period_ids: Iterable[int]) -> dict[int, datetime]:
    """When the office's last mail of each period was sent."""
    return dict(
        tx.execute(
            select(outbox.c.period_id, func.max(outbox.c.sent_at))
            .where(outbox.c.period_id.in_(period_ids), outbox.c.kind == OFFICE, outbox.c.state == "sent")
            .group_by(outbox.c.period_id)
        ).all()
    )


def _with_news_of_mails(tx: Connection, period_ids: Iterable[int], last: Mapping[int, datetime]) -> set[int]:
    """Periods with a mail that was found undelivered after the office's last mail was made. Its own mails
    are no news: one that cannot reach the office would call for the next."""
    found = tx.execute(
        select(outbox.c.period_id, func.max(outbox.c.undelivered_at))
        .where(
            outbox.c.period_id.in_(period_ids),
            outbox.c.kind != OFFICE,
            outbox.c.state.in_(UNDELIVERED),
        )
        .group_by(outbox.c.period_id)
    )
    return {period for period, at in found if period not in last or at > last[period]}
