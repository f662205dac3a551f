"""What a person owes in a period at this moment, as a digest tells it: by duty, returned reports first.

Read from the live database when the mail is made. Wording is `workflow.mail.wording`'s and the templates'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from workflow.domain.advance import Duty
from workflow.domain.calendar import Calendar
from workflow.domain.cycle import may_vote_for_another
from workflow.domain.rules import Rules, Silence
from workflow.storage.holders import holding, owes
from workflow.storage.rules import calendar_of, pinned
from workflow.storage.tables import (
    cycles,
    duties,
    items,
    organisations,
    periods,
    persons,
    plans,
    submissions,
    units,
)
from workflow.storage.tables import rules as rules_table


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a report came back: the words, and who wrote them (empty for the committee's ballots)."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Owed:
    """One item a person owes something on. `due` is the last day on which it is in time."""

    code: str
    content: str
    due: date
    reporting_unit: str = ""
    """Who reported, for a confirmation or a vote."""
    reasons: tuple[Reason, ...] = ()
    """Why the report came back, for one to be made again."""
    is_disputed: bool = False
    """Whether a coordinating unit objects to what is voted on."""


@dataclass(frozen=True, slots=True)
class Group:
    """Things owed of one kind. `count` counts all of them; `items` may be cut down for a mail."""

    duty: Duty
    items: tuple[Owed, ...]
    is_returned: bool = False
    count: int = 0

    @property
    def due(self) -> date:
        """The earliest last day among them."""
        return min(owed.due for owed in self.items)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.items)


@dataclass(frozen=True, slots=True)
class Owing:
    """All that a person owes in a period, in the order of a digest."""

    groups: tuple[Group, ...]
    today: date
    cut_off: date
    silence_is_consent: bool

    @property
    def due(self) -> date:
        """The earliest last day of all."""
        return min(group.due for group in self.groups)

    def cut_to(self, limit: int) -> Owing:
        """The same with at most `limit` items listed; no kind crowds out the others."""
        shown = [0] * len(self.groups)
        while sum(shown) < limit and any(
            n < len(group.items) for n, group in zip(shown, self.groups, strict=True)
        ):
            for place, group in enumerate(self.groups):
                if sum(shown) < limit and shown[place] < len(group.items):
                    shown[place] += 1
        cut = (
            replace(group, items=group.items[:n], count=len(group.items))
            for n, group in zip(shown, self.groups, strict=True)
        )
        return replace(self, groups=tuple(cut))


_OWED = (
    select(
        duties.c.duty,
        duties.c.person_id.label("member_id"),
        cycles.c.id,
        cycles.c.version,
        cycles.c.standing,
        items.c.code,
        items.c.content,
        submissions.c.at.label("submitted_at"),
        units.c.name.label("reporting_unit"),
    )
    .join(cycles, cycles.c.id == duties.c.cycle_id)
    .join(items, items.c.id == cycles.c.item_id)
    .outerjoin(
        submissions,
        and_(submissions.c.cycle_id == cycles.c.id, submissions.c.version == cycles.c.version),
    )
    .outerjoin(units, units.c.id == submissions.c.unit_id)
    .where(
        cycles.c.period_id == bindparam("period"),
        owes(),
        # Nobody confirms or votes on what they sent themselves.
        or_(
            duties.c.duty == Duty.SUBMIT.value,
            submissions.c.id.is_(None),
            and_(
                submissions.c.person_id != bindparam("person"),
                func.coalesce(submissions.c.acted_for, 0) != bindparam("person"),
            ),
        ),
    )
    .order_by(items.c.position, items.c.id)
)
_PERIOD = (
    select(
        periods.c.due_on,
        periods.c.confirm_by,
        periods.c.approve_by,
        periods.c.cut_off,
        periods.c.committee,
        rules_table.c.sha256,
        rules_table.c.routing,
        organisations.c.zone,
        organisations.c.days_off,
        organisations.c.days_worked,
    )
    .join(rules_table, rules_table.c.id == periods.c.rules_id)
    .join(plans, plans.c.id == periods.c.plan_id)
    .join(organisations, organisations.c.id == plans.c.organisation_id)
    .where(periods.c.id == bindparam("period"))
)


def owing_of(tx: Connection, person_id: int, period_id: int, now: datetime) -> Owing | None:
    """What the person owes in the period at `now`, or None where it is nothing."""
    period = tx.execute(_PERIOD, {"period": period_id}).one()
    rules = pinned(period.sha256, period.routing)
    calendar = calendar_of(period.zone, tuple(period.days_off), tuple(period.days_worked))
    today = calendar.day_of(now)
    found: dict[tuple[bool, Duty], dict[int, Owed]] = {}
    known = {"person": person_id, "period": period_id}
    held = holding(tx, person_id, today)
    rows = [
        row
        for row in tx.execute(_OWED, known | held.known)
        if row.member_id in (None, person_id) or _votes_in_place(person_id, period.committee, rules)
    ]
    writers = _writers(tx, rows)
    for row in rows:
        duty = Duty(row.duty)
        returned = row.standing.get("returned") if duty is Duty.SUBMIT else None
        due = _due(row, duty, returned is not None, period, rules, calendar, today)
        if duty is Duty.CONFIRM and due < today and _silence_ends_it(rules):
            # No longer waited for, though the sweep that says so may be still to come.
            continue
        owed = Owed(
            row.code,
            row.content,
            due,
            row.reporting_unit or "",
            _reasons(returned, writers) if returned else (),
            duty is Duty.VOTE and bool(row.standing.get("objections")),
        )
        # A person who reports for two of a cycle's units owes it once.
        found.setdefault((returned is None, duty), {}).setdefault(row.id, owed)
    if not found:
        return None
    order = list(Duty)
    groups = [
        Group(duty, tuple(owed.values()), not is_fresh, len(owed))
        for (is_fresh, duty), owed in sorted(
            found.items(), key=lambda pair: (pair[0][0], order.index(pair[0][1]))
        )
    ]
    is_consent = rules.confirmation.silence is Silence.CONSENT
    return Owing(tuple(groups), today, period.cut_off, is_consent)


def _silence_ends_it(rules: Rules) -> bool:
    """Whether no item waits for a word past its last day, whatever its silence then counts as."""
    is_told_apart = any("silence" in dict(one.confirmation) for one in rules.overrides)
    return rules.confirmation.silence is not Silence.BLOCK and not is_told_apart


def _votes_in_place(person_id: int, committee: dict[str, Any], rules: Rules) -> bool:
    """Whether the person may vote for another: who has a vote of their own may not."""
    return may_vote_for_another(person_id, frozenset(committee["members"]), rules.approval.substitutes)


def _due(
    row: Any, duty: Duty, is_returned: bool, period: Any, rules: Rules, calendar: Calendar, today: date
) -> date:
    last: date
    match duty:
        case Duty.SUBMIT if is_returned and today > period.due_on:
            # Nothing but the cut-off limits a report made again.
            last = period.cut_off
        case Duty.SUBMIT:
            last = period.due_on
        case Duty.CONFIRM | Duty.VOTE if "until" in row.standing:
            last = calendar.day_of(datetime.fromisoformat(row.standing["until"]) - timedelta(microseconds=1))
        case Duty.CONFIRM:
            limit = calendar.add_working_days(
                calendar.day_of(row.submitted_at), rules.confirmation.silence_working_days
            )
            last = max(limit, period.confirm_by)
        case Duty.VOTE:
            last = period.approve_by
    return last


def _writers(tx: Connection, rows: Sequence[Any]) -> dict[int, str]:
    """The names of those whose reasons are quoted."""
    ids = {
        person
        for row in rows
        if (returned := row.standing.get("returned")) and not returned["by_committee"]
        for person, _ in returned["reasons"]
    }
    if not ids:
        return {}
    return dict(tx.execute(select(persons.c.id, persons.c.name).where(persons.c.id.in_(ids))).all())


def _reasons(returned: dict[str, Any], writers: dict[int, str]) -> tuple[Reason, ...]:
    said = (Reason(writers.get(person, ""), words) for person, words in returned["reasons"])
    # Members who return many items at once give all the same words.
    return tuple(dict.fromkeys(said))
