"""Sittings of the emulation council as pages, mails and minutes show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from workflow.domain.cycles.cycle import Choice
from workflow.domain.cycles.escalation import is_to_be_reminded
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.rules.routing_rules import ApprovalRule
from workflow.storage.people.rolls import body_deciding
from workflow.storage.periods.watched import Watched
from workflow.storage.post import intents
from workflow.storage.scores.sittings import is_too_few, rule_of, shown_count, standing_ballots
from workflow.storage.tables import motions, periods, persons, sitting_turnouts, sittings


@dataclass(frozen=True, slots=True)
class Motion:
    """What the council is asked. `is_carried` and `count` are None until the sitting is closed, and `count`
    also where so few voted in secret that it can't be shown; `ballots` are the named ones, by member."""

    id: int
    subject: str
    title: str
    details: dict[str, Any]
    rule: ApprovalRule
    is_carried: bool | None
    count: dict[str, int] | None
    ballots: dict[int, Choice]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the council."""

    id: int
    name: str
    title: str
    is_chair: bool
    voted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sitting:
    """A sitting with its motions and members, the chair first."""

    id: int
    matter: str
    until: date
    is_secret: bool
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    motions: tuple[Motion, ...]
    members: tuple[Member, ...]

    @property
    def n_voted(self) -> int:
        """How many members have voted."""
        return sum(one.voted_at is not None for one in self.members)

    @property
    def is_too_few(self) -> bool:
        """Whether so few have voted in secret that the office can't end it."""
        return is_too_few(self.is_secret, self.n_voted)

    def takes_ballots(self, today: date) -> bool:
        """Whether ballots are still taken on that day: after the last one the next sweep closes it."""
        return self.closed_at is None and self.until >= today

    def voted_at(self, person_id: int) -> datetime | None:
        """When the member voted last."""
        return next((one.voted_at for one in self.members if one.id == person_id), None)


def sittings_of(tx: Connection, period_id: int, matter: str = "") -> list[Sitting]:
    """The period's sittings (on one matter), in the order they were opened."""
    of_matter = (sittings.c.matter == matter,) if matter else ()
    return _sittings(tx, sittings.c.period_id == period_id, *of_matter)


def sittings_for(tx: Connection, person_id: int, period_id: int) -> list[Sitting]:
    """The period's sittings of which the person is a member."""
    return [
        one for one in sittings_of(tx, period_id) if any(member.id == person_id for member in one.members)
    ]


def sittings_owed(tx: Connection, person_id: int, period: Watched) -> list[Sitting]:
    """The sittings on which the person still owes their ballots."""
    return [
        one
        for one in sittings_for(tx, person_id, period.id)
        if one.takes_ballots(period.today) and one.voted_at(person_id) is None
    ]


def _sittings(tx: Connection, *which: ColumnElement[bool]) -> list[Sitting]:
    rows = tx.execute(
        select(sittings, persons.c.name.label("opener"), periods.c.committee)
        .join(persons, persons.c.id == sittings.c.opened_by)
        .join(periods, periods.c.id == sittings.c.period_id)
        .where(*which)
        .order_by(sittings.c.id)
    ).all()
    ids = [row.id for row in rows]
    chair_of = {row.id: body_deciding(row.committee, VotedMatter(row.matter)).roll.chair for row in rows}
    asked = tx.execute(
        select(motions)
        .where(motions.c.sitting_id.in_(ids))
        .order_by(motions.c.sitting_id, motions.c.position)
    ).all()
    ballots = standing_ballots(tx, [row.id for row in asked])
    is_secret = {row.id: row.is_secret for row in rows}
    by_sitting: dict[int, list[Motion]] = {}
    for row in asked:
        by_sitting.setdefault(row.sitting_id, []).append(
            Motion(
                row.id,
                row.subject,
                row.title,
                row.details,
                rule_of(row.rule),
                row.is_carried,
                shown_count(is_secret[row.sitting_id], row.counted),
                ballots.get(row.id, {}),
            )
        )
    turnout = {
        (row.sitting_id, row.person_id): row.at
        for row in tx.execute(select(sitting_turnouts).where(sitting_turnouts.c.sitting_id.in_(ids)))
    }
    everyone = {member for row in rows for member in row.members}
    named = {
        row.id: row
        for row in tx.execute(
            select(persons.c.id, persons.c.name, persons.c.title).where(persons.c.id.in_(everyone))
        )
    }
    return [
        Sitting(
            row.id,
            row.matter,
            row.until,
            row.is_secret,
            row.opener,
            row.opened_at,
            row.closed_at,
            tuple(by_sitting.get(row.id, ())),
            tuple(
                Member(
                    one,
                    named[one].name,
                    named[one].title,
                    one == chair_of[row.id],
                    turnout.get((row.id, one)),
                )
                for one in _chair_first(row.members, chair_of[row.id])
            ),
        )
        for row in rows
    ]


def _chair_first(members: Collection[int], chair: int | None) -> list[int]:
    return sorted(members, key=lambda one: (one != chair, one))


@dataclass(frozen=True, slots=True)
class Silent:
    """A sitting that is open, its last day, and the members who have not voted in it."""

    period_id: int
    until: date
    members: frozenset[int]


def silent_in(tx: Connection, watched: Mapping[int, Watched]) -> dict[int, Silent]:
    """Who is still to vote in each open sitting of these periods."""
    rows = tx.execute(
        select(sittings).where(sittings.c.closed_at.is_(None), sittings.c.period_id.in_(watched))
    )
    open_now = {row.id: row for row in rows}
    voted: dict[int, set[int]] = {}
    for row in tx.execute(select(sitting_turnouts).where(sitting_turnouts.c.sitting_id.in_(open_now))):
        voted.setdefault(row.sitting_id, set()).add(row.person_id)
    return {
        row.id: Silent(row.period_id, row.until, frozenset(row.members) - voted.get(row.id, set()))
        for row in open_now.values()
    }


def remind_council(tx: Connection, watched: Mapping[int, Watched], now: datetime) -> None:
    """Puts a digest into the outbox for the members who have not voted, on the days the rules remind."""
    waiting: dict[int, set[int]] = {}
    for sitting in silent_in(tx, watched).values():
        period = watched[sitting.period_id]
        days_before = period.rules.mail.remind_working_days_before
        if is_to_be_reminded(sitting.until, period.today, days_before, period.calendar):
            waiting.setdefault(period.id, set()).update(sitting.members)
    for period_id, people in waiting.items():
        owing = watched[period_id].owing()
        owing.persons, owing.has_absences = people, False
        intents.intend_reminders(tx, owing, now)
