"""What a sender takes from the outbox, and what became of it: sent, superfluous, refused, in doubt.

Rows are written by `intents`; sending is `workflow.mail`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, not_, or_, select, update

from workflow.domain.words import Words
from workflow.storage.outside import events
from workflow.storage.post.intents import DIGEST, ESCALATION, GATHERED, IS_TO_GO, ONE_A_DAY
from workflow.storage.tables import outbox, persons

LEASE = timedelta(minutes=5)
"""How long a sender may hold a row before it is taken for dead: real time, whatever a demo's clock says.
Longer than any live sender takes over one mail (`workflow.mail.post.sending.LONGEST_SEND`)."""

MAX_ATTEMPTS = 13
"""Temporary refusals after which a mail is shown as undeliverable (about two days of back-off)."""

_other = outbox.alias("other")
_ANOTHER_UNDER_WAY = and_(
    outbox.c.kind.in_(GATHERED),
    exists().where(
        _other.c.state == "sending",
        _other.c.kind == outbox.c.kind,
        _other.c.person_id == outbox.c.person_id,
        _other.c.period_id == outbox.c.period_id,
    ),
)
_IS_COVERED_BY_DIGEST = and_(
    outbox.c.kind == ESCALATION,
    exists().where(
        _other.c.kind == DIGEST,
        _other.c.state.in_(("waiting", "retry", "sending")),
        _other.c.person_id == outbox.c.person_id,
        _other.c.period_id == outbox.c.period_id,
    ),
)


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
    contains what this one would.
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
    is_covered = or_(_ANOTHER_UNDER_WAY, _IS_COVERED_BY_DIGEST)
    due = or_(and_(IS_TO_GO, outbox.c.not_before <= now, not_(is_covered)), lost)
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


def last_mailed_at(tx: Connection, claimed: Claimed) -> datetime | None:
    """When the person was last mailed in this kind: the moment whose facts that mail shows; None where this
    is their first."""
    last = _others(claimed).with_only_columns(func.max(outbox.c.sent_at)).where(outbox.c.state == "sent")
    found: datetime | None = tx.scalar(last)
    return found


def late_last_mailed_at(tx: Connection, claimed: Claimed) -> datetime | None:
    """When late work was last reported to the person, by a mail of its own or in a digest; else None."""
    # A superfluous row has the moment of the digest that contained it.
    last = _others(claimed, (ESCALATION,)).with_only_columns(func.max(outbox.c.sent_at))
    found: datetime | None = tx.scalar(last.where(outbox.c.state.in_(("sent", "void"))))
    return found


def has_late_mail_waiting(tx: Connection, claimed: Claimed) -> bool:
    """Whether a mail on late work waits for the person; a digest then contains it with what they owe."""
    return bool(tx.scalars(_others(claimed, (ESCALATION,)).where(IS_TO_GO)).first())


def deadlines_mailed(tx: Connection, claimed: Claimed) -> tuple[dict[str, str], int]:
    """The deadline of each task in the calendar files of the person's earlier mails of the kind (of several
    the latest), and how many such files there were."""
    earlier = _others(claimed).with_only_columns(outbox.c.context)
    rows = tx.scalars(earlier.where(outbox.c.state.in_(("sent", "bounced"))).order_by(outbox.c.sent_at))
    calendars = [row["deadlines"] for row in rows if "deadlines" in row]
    return {task: day for one in calendars for task, day in one.items()}, len(calendars)


def covered_by(tx: Connection, claimed: Claimed) -> list[int]:
    """Ids of the other waiting mails of a gathered kind to the person, written while this one was held up or
    under way; for a digest those on late work too. Query it before reading the content, so that this mail
    contains everything they would have said."""
    if claimed.kind not in GATHERED:
        return []
    kinds = ONE_A_DAY if claimed.kind == DIGEST else (claimed.kind,)
    return list(tx.scalars(_others(claimed, kinds).where(IS_TO_GO)))


def _others(claimed: Claimed, kinds: Iterable[str] = ()) -> Select[int]:
    return select(outbox.c.id).where(
        outbox.c.kind.in_(tuple(kinds) or (claimed.kind,)),
        outbox.c.person_id == claimed.person_id,
        outbox.c.period_id == claimed.period_id,
        outbox.c.id != claimed.id,
    )


def _held(claimed: Claimed) -> ColumnElement[bool]:
    """The row while this sender holds its lease: a sender that overslept must not undo what another did."""
    return and_(
        outbox.c.id == claimed.id, outbox.c.state == "sending", outbox.c.claimed_at == claimed.taken_at
    )


def mark_sent(
    tx: Connection,
    claimed: Claimed,
    as_of: datetime,
    covers: Iterable[int] = (),
    deadlines: Mapping[str, str] | None = None,
) -> None:
    """The server accepted it. Its content is as of `as_of`, and includes that of the rows `covers`, which
    become void. `deadlines` are those in its calendar file, where it had one."""
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
    if others := list(covers):
        tx.execute(
            update(outbox)
            .where(outbox.c.id.in_(others), IS_TO_GO)
            .values(state="void", sent_at=as_of, error=Words("Đã nhắc trong thư gửi cùng lúc."))
        )


def mark_void(tx: Connection, claimed: Claimed, now: datetime, why: str) -> None:
    """There is no content left, so nothing is sent."""
    tx.execute(update(outbox).where(_held(claimed)).values(state="void", sent_at=now, error=why))


def mark_refused(tx: Connection, claimed: Claimed, now: datetime, error: str, *, is_permanent: bool) -> None:
    """The server refused it: for good, or for now (retried after 4, 16, 36, ... minutes)."""
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
