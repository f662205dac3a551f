"""Intents: one row of the outbox is one mail to one person, written in the transaction of the fact that
causes it.

A digest row says only that this person is to get a mail about what they owe; its content is composed when it
is sent, so that an hour of other people's work ends in one mail. What a sender takes is `claims`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    func,
    select,
    text,
    update,
)

from workflow.domain.calendar import Calendar
from workflow.domain.people.directory import Role
from workflow.domain.people.substitution import votes_for, works_for
from workflow.domain.rules.mail_hours import polite
from workflow.domain.rules.routing_rules import MailRule
from workflow.storage.people.stand_ins import stand_ins
from workflow.storage.tables import outbox, roles
from workflow.storage.writing import Writing, inserting_new, write_together

DIGEST = "digest"
RECEIPT = "receipt"
REPORT = "report"
NOTICE = "notice"
CODE = "code"
ESCALATION = "escalation"
OFFICE = "office"
OPENED = "opened"
CLOSED = "closed"
SCHEDULE = "schedule"

GATHERED = (DIGEST, ESCALATION, OFFICE)
"""Kinds of which a person has at most one waiting in a period, and at most one a day; composed when sent."""

ONE_A_DAY = (DIGEST, ESCALATION)
"""Kinds of which a person gets one a day together: a digest contains what a mail on late work would."""

IS_TO_GO = outbox.c.state.in_(("waiting", "retry"))
"""Whether a row is still to be sent."""


@dataclass(frozen=True, slots=True)
class Ballots:
    """Who may vote for an absent member on what they are asked: nobody where not `may_substitute`, else the
    stand-in, unless on the `roll` or `excluded`."""

    roll: frozenset[int] = frozenset()
    may_substitute: bool = True
    excluded: frozenset[int] = frozenset()


@dataclass(slots=True)
class Recipients:
    """Whom to write to in a period: who reports for the units, the members asked for their ballot or opinion,
    for an absent one of either who stands in for them; and the persons, themselves whatever the day."""

    organisation_id: int
    period_id: int
    rule: MailRule
    calendar: Calendar
    units: set[int] = field(default_factory=set)
    members: dict[Ballots, set[int]] = field(default_factory=dict)
    persons: set[int] = field(default_factory=set)
    authors: set[int] = field(default_factory=set)
    """Who sent a report that the units are to confirm: they do not stand in for others on it."""
    has_absences: bool = True

    def ask(self, members: Iterable[int], ballots: Ballots = Ballots()) -> None:
        """Adds members who are asked for a ballot, or for the committee's opinion."""
        self.members.setdefault(ballots, set()).update(members)


_REPORTERS = select(roles.c.person_id).where(
    roles.c.role == Role.REPORTER.value, roles.c.unit_id.in_(bindparam("units", expanding=True))
)
_LAST = (
    # When it really went: a mailer that was down sends late, and the gap counts from then.
    select(outbox.c.person_id, func.max(func.coalesce(outbox.c.sent_at, outbox.c.not_before)))
    .where(
        outbox.c.period_id == bindparam("period"),
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
        outbox.c.state.not_in(("waiting", "void")),
        outbox.c.person_id.in_(bindparam("people", expanding=True)),
    )
    .group_by(outbox.c.person_id)
)
_ONE_WAITING = text("state = 'waiting' AND kind IN ('digest', 'escalation', 'office')")
_ONE_SCHEDULE = text("state = 'waiting' AND kind = 'schedule'")
_WAITING_RECEIPT = (
    select(outbox)
    .where(
        outbox.c.kind == RECEIPT,
        outbox.c.state == "waiting",
        outbox.c.person_id == bindparam("person"),
        outbox.c.period_id == bindparam("period"),
    )
    .limit(1)
    .with_for_update()
)


def intend_digests(tx: Connection, owing: Recipients, now: datetime) -> None:
    """Makes sure that each person who owes something, or stands in for who does, has one digest waiting.

    It goes out `settle_minutes` from now, or `gap_hours` after the person's last one if that is later.
    """
    write_together(tx, [digests_for(tx, owing, now)])


def intend_reminders(tx: Connection, owing: Recipients, now: datetime) -> None:
    """Writes digests because the rule reminds today. Anyone who was sent one today is left out: another would
    go tomorrow, a day on which the rule may not remind."""
    people = people_of(tx, owing, now)
    today = owing.calendar.day_of(now)
    reminded_today = {
        person
        for person, at in _last_mailed(tx, owing, people, (DIGEST,)).items()
        if owing.calendar.day_of(at) >= today
    }
    write_together(tx, [_gathered(tx, DIGEST, owing, people - reminded_today, now)])


def digests_for(tx: Connection, owing: Recipients, now: datetime, *, but: Collection[int] = ()) -> Writing:
    """The rows of `intend_digests`, for a caller that writes them together with its own; none for the people
    of `but`, whom another mail tells of it."""
    return _gathered(tx, DIGEST, owing, people_of(tx, owing, now).difference(but), now)


def people_of(tx: Connection, owing: Recipients, now: datetime) -> set[int]:
    """Who gets a mail about what they owe: the units' reporters and the members, or the stand-in of an absent
    one; and the persons."""
    reporters = set(tx.scalars(_REPORTERS, {"units": sorted(owing.units)})) if owing.units else set()
    away = stand_ins(tx, owing.calendar.day_of(now)) if owing.has_absences else {}
    people = owing.persons | {works_for(one, away) for one in reporters}
    # In doubt both get a row: a mail to somebody who owes nothing when it is composed is not sent.
    people |= {one for one in reporters if works_for(one, away) in owing.authors}
    for asked, members in owing.members.items():
        people |= {
            votes_for(
                one,
                away,
                asked.roll,
                may_substitute=asked.may_substitute,
                excluded=asked.excluded,
            )
            for one in members
        }
    return people


def intend_escalations(tx: Connection, owing: Recipients, now: datetime) -> None:
    """Makes sure that each person of `owing.persons` has one mail waiting about what is late, timed
    as digests are."""
    write_together(tx, [_gathered(tx, ESCALATION, owing, owing.persons, now)])


def intend_office(tx: Connection, owing: Recipients, now: datetime) -> None:
    """Makes sure that each person of `owing.persons` has one mail waiting about what waits on the
    office's desk, timed as digests are."""
    write_together(tx, [_gathered(tx, OFFICE, owing, owing.persons, now)])


def _gathered(tx: Connection, kind: str, owing: Recipients, people: set[int], now: datetime) -> Writing:
    inserting = inserting_new(tx.dialect.name, outbox, ("period_id", "person_id", "kind"), _ONE_WAITING)
    if not people:
        return inserting, []
    # Anyone who was mailed this morning that the period has begun gets no other mail on the same day.
    kinds = {DIGEST: (*ONE_A_DAY, OPENED), ESCALATION: ONE_A_DAY}.get(kind, (kind,))
    last = _last_mailed(tx, owing, people, kinds)
    settled = now + timedelta(minutes=owing.rule.settle_minutes)
    gap = timedelta(hours=owing.rule.gap_hours)
    return inserting, [
        _row(
            kind,
            owing.organisation_id,
            owing.period_id,
            person,
            {},
            now,
            polite(
                max(settled, last[person] + gap) if person in last else settled, owing.rule, owing.calendar
            ),
        )
        for person in sorted(people)
    ]


def _last_mailed(
    tx: Connection, owing: Recipients, people: Collection[int], kinds: Collection[str]
) -> dict[int, datetime]:
    """When the last mail of these kinds was sent to each of the people; without those who had none."""
    known = {"period": owing.period_id, "people": sorted(people), "kinds": kinds}
    return dict(tx.execute(_LAST, known).all())


def intend(
    tx: Connection,
    kind: str,
    organisation_id: int,
    period_id: int | None,
    people: Iterable[int],
    context: dict[str, Any],
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> None:
    """Puts a mail of that kind to each person into the outbox, to go at once or at `not_before`. `context`
    is what the template needs beside the person, the organisation and the period."""
    due = not_before or now
    if rows := [_row(kind, organisation_id, period_id, person, context, now, due) for person in people]:
        tx.execute(outbox.insert(), rows)


def intend_schedule(
    tx: Connection, organisation_id: int, people: Iterable[int], now: datetime, not_before: datetime
) -> None:
    """Makes sure that each of the people has one mail waiting about the schedule, composed when sent."""
    inserting = inserting_new(tx.dialect.name, outbox, ("person_id",), _ONE_SCHEDULE)
    rows = [_row(SCHEDULE, organisation_id, None, person, {}, now, not_before) for person in people]
    write_together(tx, [(inserting, rows)])


def waiting_receipt(tx: Connection, period_id: int, person_id: int) -> Row[Any] | None:
    """The person's receipt that has not gone out yet, held until the transaction ends."""
    return tx.execute(_WAITING_RECEIPT, {"period": period_id, "person": person_id}).first()


def _row(
    kind: str,
    organisation_id: int,
    period_id: int | None,
    person_id: int,
    context: dict[str, Any],
    now: datetime,
    not_before: datetime,
) -> dict[str, Any]:
    return {
        "message_id": uuid.uuid4().hex,
        "kind": kind,
        "organisation_id": organisation_id,
        "period_id": period_id,
        "person_id": person_id,
        "context": context,
        "state": "waiting",
        "made_at": now,
        "not_before": not_before,
    }


def void_all(tx: Connection, person_ids: Collection[int], now: datetime) -> int:
    """Voids the waiting mails to people who are no longer in the directory; returns how many those were."""
    return tx.execute(
        update(outbox)
        .where(outbox.c.person_id.in_(person_ids), IS_TO_GO)
        .values(state="void", sent_at=now, error="Người nhận không còn trong danh bạ.")
    ).rowcount
