"""What a person owes in a period at this moment, as a digest lists it: by duty, returned reports first.

Read from the live database when the mail is composed: `storage.duties.owed` decides what is owed, wording
is `workflow.mail.letters.wording`'s and the templates'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.domain.cycles.advance import Duty
from workflow.domain.rules.routing_rules import Silence
from workflow.storage.duties.owed import owed_by_person
from workflow.storage.duties.owed_items import Reason, owed_items
from workflow.storage.periods.watched import watched_period


@dataclass(frozen=True, slots=True)
class OwedLine:
    """One item a person owes something on. `due` is the last day on which it is in time."""

    code: str
    content: str
    due: date
    reporting_unit: str = ""
    """Who reported, for a confirmation or a vote."""
    reasons: tuple[Reason, ...] = ()
    """Why the report was returned, for one that is owed again."""
    is_disputed: bool = False
    """Whether a coordinating unit objects to what is voted on."""
    is_late: bool = False
    """Whether the deadline has passed."""


@dataclass(frozen=True, slots=True)
class OwedGroup:
    """Things owed of one kind. `count` counts all of them; `items` may be cut down for a mail."""

    duty: Duty
    items: tuple[OwedLine, ...]
    is_returned: bool = False
    count: int = 0

    @property
    def due(self) -> date:
        """The earliest deadline among them."""
        return min(owed.due for owed in self.items)

    @property
    def is_late(self) -> bool:
        """Whether the deadline of one of them has passed."""
        return any(owed.is_late for owed in self.items)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.items)


@dataclass(frozen=True, slots=True)
class OwedWork:
    """All that a person owes in a period, in the order of a digest."""

    groups: tuple[OwedGroup, ...]
    today: date
    cut_off: date
    silence_is_consent: bool

    @property
    def due(self) -> date:
        """The earliest deadline of all."""
        return min(group.due for group in self.groups)

    def cut_to(self, limit: int) -> OwedWork:
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


def owing_of(tx: Connection, person_id: int, period_id: int, now: datetime) -> OwedWork | None:
    """What the person owes in the period at `now`, or None where it is nothing."""
    period = watched_period(tx, period_id, now)
    owed = owed_by_person(tx, period, person_id)
    if not owed:
        return None
    shown = owed_items(tx, {one.cycle_id for one in owed if one.cycle_id is not None})
    place = {cycle_id: number for number, cycle_id in enumerate(shown)}
    found: dict[tuple[bool, Duty], dict[int, OwedLine]] = {}
    for one in sorted(owed, key=lambda one: place[one.cycle_id or 0]):
        assert one.cycle_id is not None
        item = shown[one.cycle_id]
        returned = item.returned if one.duty is Duty.SUBMIT else None
        # A person who reports for two of a cycle's units owes it once.
        group = found.setdefault((returned is None, one.duty), {})
        late = one.lateness
        if (known := group.get(one.cycle_id)) and known.due <= late.last_day:
            continue
        group[one.cycle_id] = OwedLine(
            item.code,
            item.content,
            late.last_day,
            item.reporting_unit,
            returned or (),
            one.duty is Duty.VOTE and item.is_disputed,
            late.is_late,
        )
    order = list(Duty)
    groups = [
        OwedGroup(duty, tuple(things.values()), not is_fresh, len(things))
        for (is_fresh, duty), things in sorted(
            found.items(), key=lambda pair: (pair[0][0], order.index(pair[0][1]))
        )
    ]
    is_consent = period.rules.confirmation.silence is Silence.CONSENT
    return OwedWork(tuple(groups), period.today, period.timetable.cut_off, is_consent)
