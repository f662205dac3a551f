"""The difficulties in a digest: those that wait for the receiver's opinion or work, and what was
decided on those of the receiver's units since their last mail.

Read when the mail is composed; wording is `workflow.mail.letters.wording`'s and the templates'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection

from workflow.domain.cycles.difficulty import DifficultyState
from workflow.storage.duties.difficulty_lists import DifficultyRow, share_of
from workflow.storage.periods.watched import watched_period


class Concern(StrEnum):
    """Why a difficulty is in the mail."""

    TO_DECIDE = "to-decide"
    """The chair owes the committee's opinion."""
    TO_SOLVE = "to-solve"
    """The unit owes what the opinion asks for."""
    DECIDED = "decided"
    """The lead unit is informed of the decision, and of the result."""
    PENDING = "pending"
    """A member is informed that it waits for the committee."""


@dataclass(frozen=True, slots=True)
class DifficultyInWords:
    """One difficulty as a mail shows it: the item, what was raised, and what was said of it."""

    code: str
    content: str
    raised: str
    opinion: str
    unit: str
    due: date | None
    closing_note: str


@dataclass(frozen=True, slots=True)
class Concerns:
    """Difficulties listed for one reason. `count` counts all of them; `items` may be cut down for a mail."""

    concern: Concern
    items: tuple[DifficultyInWords, ...]
    due: date | None
    is_one_day: bool
    is_late: bool
    count: int

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.items)

    @property
    def is_owed(self) -> bool:
        """Whether the receiver is to do something about them."""
        return self.concern in (Concern.TO_DECIDE, Concern.TO_SOLVE)

    def cut_to(self, limit: int) -> Concerns:
        """The same with at most `limit` listed."""
        return replace(self, items=self.items[:limit])


def concerns_of(
    tx: Connection, person_id: int, period_id: int, now: datetime, told_last_at: datetime | None
) -> tuple[Concerns, ...]:
    """The difficulties of the person's digest, in its order; empty where there is nothing to report."""
    period = watched_period(tx, period_id, now)
    share = share_of(tx, person_id, period)
    decided = [row for row in share.raised if _is_news(row, told_last_at)]
    return tuple(
        _gathered(concern, rows)
        for concern, rows in (
            (Concern.TO_DECIDE, [row for row in share.to_decide if row.id in share.owed]),
            (Concern.PENDING, [row for row in share.to_decide if row.id not in share.owed]),
            (Concern.TO_SOLVE, [row for row in share.to_solve if row.id in share.owed]),
            (Concern.DECIDED, decided),
        )
        if rows
    )


def _is_news(row: DifficultyRow, told_last_at: datetime | None) -> bool:
    moment = row.closed_at if row.state is DifficultyState.CLOSED else row.opined_at
    return moment is not None and (told_last_at is None or moment > told_last_at)


def _gathered(concern: Concern, rows: tuple[DifficultyRow, ...] | list[DifficultyRow]) -> Concerns:
    days = [row.last_day for row in rows if row.last_day]
    return Concerns(
        concern,
        tuple(
            DifficultyInWords(
                row.cycle.code,
                row.cycle.content,
                row.text or row.proposal,
                row.opinion,
                row.responsible_unit,
                row.due_on,
                row.closing_note,
            )
            for row in rows
        ),
        min(days, default=None),
        len(set(days)) == 1,
        any(row.is_late for row in rows),
        len(rows),
    )
