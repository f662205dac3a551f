"""The outbox: one row is one intent to write to one person, written with the fact that gives rise to it.

A digest row says only "this person must be told of what they owe"; what it says is made when it is sent,
so that an hour of other people's work ends in one mail. Sending is `workflow.mail`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    text,
    update,
)

from workflow.domain.calendar import Calendar
from workflow.domain.directory import Role
from workflow.domain.mail_hours import polite
from workflow.domain.rules import MailRule
from workflow.domain.substitution import votes_for, works_for
from workflow.domain.words import Words
from workflow.storage import events
from workflow.storage.holders import stand_ins
from workflow.storage.tables import outbox, persons, roles
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
"""Kinds of which a person has at most one waiting in a period, and at most one a day; made when sent."""

ONE_A_DAY = (DIGEST, ESCALATION)
"""Kinds of which a person gets one a day together: a digest tells what a mail on late work would."""

LEASE = timedelta(minutes=5)
"""How long a sender may hold a row before it is taken for dead: real time, whatever a demo's clock says.
Longer than any live sender takes over one mail (`workflow.mail.sending.LONGEST_SEND`)."""

MAX_ATTEMPTS = 13
"""Temporary refusals after which a mail is shown as undeliverable (about two days of back-off)."""


@dataclass(frozen=True, slots=True)
class Ballots:
    """Who may vote for an absent member on what they are asked: nobody where not `may_substitute`, else the
    stand-in, unless on the `roll` or `excluded`."""

    roll: frozenset[int] = frozenset()
    may_substitute: bool = True
    excluded: frozenset[int] = frozenset()


@dataclass(slots=True)
class Owing:
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
_IS_TO_GO = outbox.c.state.in_(("waiting", "retry"))
_ONE_WAITING = text("state = 'waiting' AND kind IN ('digest', 'escalation', 'office')")
_ONE_SCHEDULE = text("state = 'waiting' AND kind = 'schedule'")
_other = outbox.alias("other")
_IS_BEING_TOLD = and_(
    outbox.c.kind.in_(GATHERED),
    exists().where(
        _other.c.state == "sending",
        _other.c.kind == outbox.c.kind,
        _other.c.person_id == outbox.c.person_id,
        _other.c.period_id == outbox.c.period_id,
    ),
)
_IS_TOLD_BY_DIGEST = and_(
    outbox.c.kind == ESCALATION,
    exists().where(
        _other.c.kind == DIGEST,
        _other.c.state.in_(("waiting", "retry", "sending")),
        _other.c.person_id == outbox.c.person_id,
        _other.c.period_id == outbox.c.period_id,
    ),
)
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


def intend_digests(tx: Connection, owing: Owing, now: datetime) -> None:
    """Makes sure that each person who owes something, or stands in for who does, has one digest waiting.

    It goes out `settle_minutes` from now, or `gap_hours` after the person's last one if that is later.
    """
    write_together(tx, [digests_for(tx, owing, now)])


def intend_reminders(tx: Connection, owing: Owing, now: datetime) -> None:
    """Intends digests because the rule reminds today. Who was sent one today already was reminded by it:
    another would go tomorrow, which the rule may not name."""
    people = _people(tx, owing, now)
    today = owing.calendar.day_of(now)
    told = {
        person
        for person, at in _told_last(tx, owing, people, (DIGEST,)).items()
        if owing.calendar.day_of(at) >= today
    }
    write_together(tx, [_gathered(tx, DIGEST, owing, people - told, now)])


def digests_for(tx: Connection, owing: Owing, now: datetime) -> Writing:
    """What `intend_digests` writes, for who writes other things with it."""
    return _gathered(tx, DIGEST, owing, _people(tx, owing, now), now)


def _people(tx: Connection, owing: Owing, now: datetime) -> set[int]:
    """Who is written to of what they owe: those who report for the units, and the members, or who stands in
    for them; and the persons."""
    reporters = set(tx.scalars(_REPORTERS, {"units": sorted(owing.units)})) if owing.units else set()
    away = stand_ins(tx, owing.calendar.day_of(now)) if owing.has_absences else {}
    people = owing.persons | {works_for(one, away) for one in reporters}
    # In doubt both are written to: the mail of whoever owes nothing when it is made is not sent.
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


def intend_escalations(tx: Connection, owing: Owing, now: datetime) -> None:
    """Makes sure that each person of `owing.persons` has one mail waiting that tells what is late, timed
    as digests are."""
    write_together(tx, [_gathered(tx, ESCALATION, owing, owing.persons, now)])


def intend_office(tx: Connection, owing: Owing, now: datetime) -> None:
    """Makes sure that each person of `owing.persons` has one mail waiting that tells what waits on the
    office's desk, timed as digests are."""
    write_together(tx, [_gathered(tx, OFFICE, owing, owing.persons, now)])


def _gathered(tx: Connection, kind: str, owing: Owing, people: set[int], now: datetime) -> Writing:
    inserting = inserting_new(tx.dialect.name, outbox, ("period_id", "person_id", "kind"), _ONE_WAITING)
    if not people:
        return inserting, []
    # Who was told this morning that the period has begun is not written to again on the same day.
    kinds = {DIGEST: (*ONE_A_DAY, OPENED), ESCALATION: ONE_A_DAY}.get(kind, (kind,))
    last = _told_last(tx, owing, people, kinds)
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


def _told_last(
    tx: Connection, owing: Owing, people: Collection[int], kinds: Collection[str]
) -> dict[int, datetime]:
    """When the last mail of these kinds went to each of the people; who had none is not in it."""
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
    """Makes sure that each of the people has one mail waiting that tells of the schedule, made when sent."""
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


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row taken for sending. `doubts` > 0: an earlier sender died with it, perhaps after acceptance.
    `taken_at` is the real moment it was taken, and the proof of who holds it."""

    id: int
    message_id: str
    kind: str
    organisation_id: int
    period_id: int | None
    person_id: int
    name: str
    address: str
    context: dict[str, Any]
    made_at: datetime
    attempts: int
    doubts: int
    taken_at: datetime


def claim(
    tx: Connection,
    now: datetime,
    limit: int,
    *,
    wall: datetime,
    lost_before: datetime | None = None,
    but_domains: Iterable[str] = (),
) -> list[Claimed]:
    """Takes up to `limit` rows that are due, and those whose sender died, for this sender alone.

    `now` is the organisation's moment, which a demo moves; `wall` is the real one, by which a sender that
    holds a row is given up after LEASE, or when it took the row before `lost_before`: a sender that knows
    itself alone gives the moment it began. A row whose sender died is sent once more, with the same
    Message-ID; if a sender dies over it again it is shown to the office instead, for it may have been
    accepted twice. Rows to `but_domains` stay where they are, and so does a gathered mail while another of
    its kind is under way to the same person, or one on late work while a digest is still to go: that one
    tells what this one would.
    """
    given_up = max(wall - LEASE, lost_before or wall - LEASE)
    lost = and_(outbox.c.state == "sending", outbox.c.claimed_at < given_up)
    lost_twice = tx.scalars(
        update(outbox)
        .where(lost, outbox.c.doubts >= 1)
        .values(
            state="failed",
            undelivered_at=now,
            error=Words("Máy gửi dừng giữa chừng hai lần; có thể thư đã tới nơi."),
        )
        .returning(outbox.c.id)
    ).all()
    if lost_twice:
        events.undeliverable(tx, lost_twice, now)
    is_told = or_(_IS_BEING_TOLD, _IS_TOLD_BY_DIGEST)
    due = or_(and_(_IS_TO_GO, outbox.c.not_before <= now, not_(is_told)), lost)
    found = tx.execute(
        select(outbox, persons.c.name, persons.c.email)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(due, *(func.lower(persons.c.email).not_like(f"%@{domain}") for domain in but_domains))
        .order_by(outbox.c.not_before, outbox.c.id)
        .limit(limit)
        .with_for_update(of=outbox, skip_locked=True)
    ).all()
    if not found:
        return []
    tx.execute(
        update(outbox)
        .where(outbox.c.id.in_([row.id for row in found]))
        .values(
            doubts=outbox.c.doubts + (outbox.c.state == "sending").cast(outbox.c.doubts.type),
            state="sending",
            claimed_at=wall,
            attempts=outbox.c.attempts + 1,
        )
    )
    return [
        Claimed(
            row.id,
            row.message_id,
            row.kind,
            row.organisation_id,
            row.period_id,
            row.person_id,
            row.name,
            row.email,
            row.context,
            row.made_at,
            row.attempts + 1,
            row.doubts + (row.state == "sending"),
            wall,
        )
        for row in found
    ]


def told_last_at(tx: Connection, claimed: Claimed) -> datetime | None:
    """The moment as of which the person's last mail of the kind told; None where this is their first."""
    last = _others(claimed).with_only_columns(func.max(outbox.c.sent_at)).where(outbox.c.state == "sent")
    found: datetime | None = tx.scalar(last)
    return found


def late_told_last_at(tx: Connection, claimed: Claimed) -> datetime | None:
    """The moment as of which the person was last told what is late, by a mail of its own or in a digest."""
    # A row made superfluous has the moment of the digest that told it.
    last = _others(claimed, (ESCALATION,)).with_only_columns(func.max(outbox.c.sent_at))
    found: datetime | None = tx.scalar(last.where(outbox.c.state.in_(("sent", "void"))))
    return found


def late_to_tell(tx: Connection, claimed: Claimed) -> bool:
    """Whether a mail on late work waits for the person, which a digest tells with what they owe."""
    return bool(tx.scalars(_others(claimed, (ESCALATION,)).where(_IS_TO_GO)).first())


def deadlines_told(tx: Connection, claimed: Claimed) -> tuple[dict[str, str], int]:
    """The last day told for each task by the calendars the person was sent in earlier mails of the kind, and
    how many calendars that were."""
    earlier = _others(claimed).with_only_columns(outbox.c.context)
    rows = tx.scalars(earlier.where(outbox.c.state.in_(("sent", "bounced"))).order_by(outbox.c.sent_at))
    told = [row["deadlines"] for row in rows if "deadlines" in row]
    return {task: day for one in told for task, day in one.items()}, len(told)


def told_by(tx: Connection, claimed: Claimed) -> list[int]:
    """The other mails of a gathered kind still to go to the person, made while this one was held up or
    under way; for a digest those on late work too. Asked before what they tell is read, so that all of it
    is in what this one tells."""
    if claimed.kind not in GATHERED:
        return []
    kinds = ONE_A_DAY if claimed.kind == DIGEST else (claimed.kind,)
    return list(tx.scalars(_others(claimed, kinds).where(_IS_TO_GO)))


def _others(claimed: Claimed, kinds: Iterable[str] = ()) -> Select[int]:
    return select(outbox.c.id).where(
        outbox.c.kind.in_(tuple(kinds) or (claimed.kind,)),
        outbox.c.person_id == claimed.person_id,
        outbox.c.period_id == claimed.period_id,
        outbox.c.id != claimed.id,
    )


def _held(claimed: Claimed) -> ColumnElement[bool]:
    """The row while this sender holds it: one that overslept its lease must not undo what another did."""
    return and_(
        outbox.c.id == claimed.id, outbox.c.state == "sending", outbox.c.claimed_at == claimed.taken_at
    )


def mark_sent(
    tx: Connection,
    claimed: Claimed,
    as_of: datetime,
    tells_too: Iterable[int] = (),
    deadlines: Mapping[str, str] | None = None,
) -> None:
    """The server accepted it; it told what was so at `as_of`, and all that `tells_too` were to tell.
    `deadlines` are the last days its calendar told, where it brought one."""
    values: dict[str, Any] = {
        "state": "sent",
        "sent_at": as_of,
        "address": claimed.address,
        "undelivered_at": None,
        "error": "",
    }
    if deadlines:
        values["context"] = {**claimed.context, "deadlines": dict(deadlines)}
    tx.execute(update(outbox).where(outbox.c.id == claimed.id).values(**values))
    if others := list(tells_too):
        tx.execute(
            update(outbox)
            .where(outbox.c.id.in_(others), _IS_TO_GO)
            .values(state="void", sent_at=as_of, error=Words("Đã nhắc trong thư gửi cùng lúc."))
        )


def mark_void(tx: Connection, claimed: Claimed, now: datetime, why: str) -> None:
    """Nothing is left to tell, so nothing is sent."""
    tx.execute(update(outbox).where(_held(claimed)).values(state="void", sent_at=now, error=why))


def void_all(tx: Connection, person_ids: Collection[int], now: datetime) -> int:
    """Sends nothing more to people who are no longer in the directory; says how many mails that were."""
    return tx.execute(
        update(outbox)
        .where(outbox.c.person_id.in_(person_ids), _IS_TO_GO)
        .values(state="void", sent_at=now, error="Người nhận không còn trong danh bạ.")
    ).rowcount


def mark_refused(tx: Connection, claimed: Claimed, now: datetime, error: str, *, is_permanent: bool) -> None:
    """The server refused it: for good, or for now (tried again after 4, 16, 36, ... minutes)."""
    gives_up = is_permanent or claimed.attempts >= MAX_ATTEMPTS
    again = now + timedelta(minutes=4 * claimed.attempts**2)
    tx.execute(
        update(outbox)
        .where(_held(claimed))
        .values(
            state="failed" if gives_up else "retry",
            not_before=again,
            undelivered_at=now if gives_up else None,
            error=error[:500],
        )
    )
    if gives_up:
        events.undeliverable(tx, [claimed.id], now)


def mark_doubtful(tx: Connection, claimed: Claimed, now: datetime, error: str) -> None:
    """The connection broke before the server's answer to the whole mail: it may have been accepted, so it
    is sent once more and then never again."""
    again = now + timedelta(minutes=4 * claimed.attempts**2)
    tx.execute(
        update(outbox)
        .where(_held(claimed))
        .values(
            state="failed" if claimed.doubts else "retry",
            undelivered_at=now if claimed.doubts else None,
            doubts=claimed.doubts + 1,
            not_before=again,
            error=error[:500],
        )
    )
    if claimed.doubts:
        events.undeliverable(tx, [claimed.id], now)


def put_back(tx: Connection, claimed: Claimed, error: str) -> None:
    """No server took the call: the row waits in its place, and no attempt is counted against it."""
    tx.execute(
        update(outbox)
        .where(_held(claimed))
        .values(state="retry", attempts=claimed.attempts - 1, error=error[:500])
    )
