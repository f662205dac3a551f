"""Signing in: who may, the mail that brings a sign-in link, and sessions begun, kept alive and ended.

A sign-in link and a session are links of their own purposes: their uses are recorded, the office sees and
revokes them, and who is dropped from the directory loses them, all as with any other link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select, update

from workflow.domain.people.directory import Role
from workflow.storage.access import links
from workflow.storage.access.links import NEW_LINK, SIGN_IN, SIGN_IN_LASTS, Link, Purpose
from workflow.storage.post import intents
from workflow.storage.tables import links as links_table
from workflow.storage.tables import organisations, periods, persons, plans, roles
from workflow.storage.tables import outbox as outbox_table

NEW_LINK_REST = timedelta(minutes=15)
"""No second new link is mailed to a person within this time."""
SIGN_IN_REST = timedelta(minutes=1)
"""The same for sign-in links of people who ask seldom: these links are valid for a short time only."""
MOST_SIGN_INS_AN_HOUR = 6
SIGN_IN_ALWAYS = SIGN_IN_LASTS
"""One is mailed however often it was asked for, where none was mailed for so long, or the last one is used.
So a person has a valid link or gets one, even if others keep asking in their name."""

_SLIDES = timedelta(minutes=1)
"""A session's end is extended in steps of this, so that not every page writes."""


class Rights(StrEnum):
    """What a person may do on the office's pages."""

    ACTS = "acts"
    READS = "reads"


@dataclass(frozen=True, slots=True)
class KnownOfficer:
    """An active person of an address; `rights` on the office's pages, None where they have none."""

    id: int
    organisation_id: int
    organisation: str
    rights: Rights | None


def office_rights(tx: Connection, person_id: int) -> Rights | None:
    """What the person may do on the office's pages, None where they may not even look."""
    return _rights(tx, [person_id]).get(person_id)


def is_shown_turnout(tx: Connection, person_id: int) -> bool:
    """Whether the person is shown who has not voted yet: the office's pages name them."""
    return office_rights(tx, person_id) is not None


def still_let_in(tx: Connection, link_ids: Iterable[int], now: datetime) -> set[int]:
    """Which of these links and sessions still open the office's pages: live, and of people with a right."""
    found = tx.scalars(
        select(links_table.c.id)
        .distinct()
        .join(persons, persons.c.id == links_table.c.person_id)
        .join(roles, roles.c.person_id == persons.c.id)
        .where(
            links_table.c.id.in_(list(link_ids)),
            links_table.c.revoked_at.is_(None),
            links_table.c.expires_at > now,
            persons.c.is_active,
            roles.c.role.in_([Role.OFFICE.value, Role.VIEWER.value]),
        )
    )
    return set(found)


def _rights(tx: Connection, people: Iterable[int]) -> dict[int, Rights]:
    held = tx.execute(
        select(roles.c.person_id, roles.c.role)
        .where(roles.c.person_id.in_(list(people)), roles.c.role.in_([Role.OFFICE.value, Role.VIEWER.value]))
        # `office` comes before `viewer`: of someone who has both, the first is what counts.
        .order_by(roles.c.role.desc())
    )
    return {row.person_id: Rights.ACTS if row.role == Role.OFFICE.value else Rights.READS for row in held}


def known_by(tx: Connection, email: str) -> list[KnownOfficer]:
    """The active persons of that address, one an organisation at most."""
    rows = tx.execute(
        select(persons.c.id, persons.c.organisation_id, organisations.c.name)
        .join(organisations, organisations.c.id == persons.c.organisation_id)
        .where(func.lower(persons.c.email) == email.strip().lower(), persons.c.is_active)
        .order_by(persons.c.id)
    ).all()
    rights = _rights(tx, [row.id for row in rows])
    return [KnownOfficer(row.id, row.organisation_id, row.name, rights.get(row.id)) for row in rows]


def ask(tx: Connection, email: str, now: datetime, *, is_seldom: bool = True) -> None:
    """Has mailed to whoever has that address what lets them in: a sign-in link to those with rights on the
    office's pages, a new link of their own to others who have a page. Mails nothing too often; `is_seldom`
    says that who asks has not asked much lately."""
    for person in known_by(tx, email):
        if person.rights is not None:
            if _may_sign_in_again(tx, person.id, now, is_seldom=is_seldom):
                context = {"about": SIGN_IN, "purpose": Purpose.SIGN_IN.value}
                intents.intend(tx, intents.NOTICE, person.organisation_id, None, [person.id], context, now)
        elif (period := _open_period(tx, person)) is not None:
            send_new_link(tx, person.organisation_id, period, person.id, Purpose.DUTIES, now)


def _may_sign_in_again(tx: Connection, person_id: int, now: datetime, *, is_seldom: bool) -> bool:
    """Whether another sign-in link may be mailed to the person."""
    used = tx.scalar(
        select(func.max(links_table.c.revoked_at)).where(
            links_table.c.person_id == person_id, links_table.c.purpose == Purpose.SIGN_IN.value
        )
    )
    since = now - SIGN_IN_ALWAYS
    if not _asked(tx, person_id, SIGN_IN, max(since, used) if used else since):
        return True
    return (
        is_seldom
        and not _asked(tx, person_id, SIGN_IN, now - SIGN_IN_REST)
        and _asked(tx, person_id, SIGN_IN, now - timedelta(hours=1)) < MOST_SIGN_INS_AN_HOUR
    )


def send_new_link(
    tx: Connection,
    organisation_id: int,
    period_id: int | None,
    person_id: int,
    purpose: Purpose,
    now: datetime,
) -> None:
    """Has a new link mailed to the address on file, unless one was asked for lately."""
    if not _asked(tx, person_id, NEW_LINK, now - NEW_LINK_REST):
        context = {"about": NEW_LINK, "purpose": purpose.value}
        intents.intend(tx, intents.NOTICE, organisation_id, period_id, [person_id], context, now)


def _asked(tx: Connection, person_id: int, about: str, since: datetime) -> int:
    contexts: Iterable[dict[str, Any]] = tx.scalars(
        select(outbox_table.c.context).where(
            outbox_table.c.person_id == person_id,
            outbox_table.c.kind == intents.NOTICE,
            outbox_table.c.made_at > since,
        )
    )
    return sum(context.get("about") == about for context in contexts)


def _open_period(tx: Connection, person: KnownOfficer) -> int | None:
    """The organisation's newest open period, for a person who has a page in it."""
    has_page = select(roles.c.role).where(
        roles.c.person_id == person.id, roles.c.role != Role.RECIPIENT.value
    )
    if tx.scalar(has_page.limit(1)) is None:
        return None
    return tx.scalar(
        select(periods.c.id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(plans.c.organisation_id == person.organisation_id, periods.c.closed_at.is_(None))
        .order_by(periods.c.opened_at.desc(), periods.c.id.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Ends:
    """When a session ends: unused for `idle`, and `longest` after it began in any case."""

    idle: timedelta
    longest: timedelta


def use_up(tx: Connection, link: Link, now: datetime) -> bool:
    """Uses up a sign-in link, and with it every other the person was sent; returns whether it was still
    unused."""
    mine = (
        links_table.c.person_id == link.person_id,
        links_table.c.purpose == Purpose.SIGN_IN.value,
        links_table.c.revoked_at.is_(None),
    )
    taken = tx.execute(update(links_table).where(*mine, links_table.c.id == link.id).values(revoked_at=now))
    tx.execute(update(links_table).where(*mine).values(revoked_at=now))
    return taken.rowcount == 1


def begin(tx: Connection, person_id: int, now: datetime, ends: Ends) -> str:
    """Begins a session; returns its token, to be put into a cookie and nowhere else."""
    lifetime = min(ends.idle, ends.longest)
    return links.make(tx, person_id, Purpose.SESSION, None, now, lifetime=lifetime)


def keep_alive(tx: Connection, link: Link, now: datetime, ends: Ends) -> None:
    """Extends a session that is in use."""
    until = min(now + ends.idle, link.made_at + ends.longest)
    if until - link.expires_at > _SLIDES:
        tx.execute(update(links_table).where(links_table.c.id == link.id).values(expires_at=until))


def end(tx: Connection, link_id: int, now: datetime) -> None:
    """Ends one session."""
    tx.execute(update(links_table).where(links_table.c.id == link_id).values(revoked_at=now))


def end_all(tx: Connection, person_id: int, now: datetime) -> int:
    """Ends every session of the person, and any unused sign-in link; returns how many sessions."""
    live = (
        links_table.c.person_id == person_id,
        links_table.c.revoked_at.is_(None),
        links_table.c.expires_at > now,
    )
    under_way = links_table.c.purpose == Purpose.SIGN_IN.value
    tx.execute(update(links_table).where(*live, under_way).values(revoked_at=now))
    open_ones = links_table.c.purpose == Purpose.SESSION.value
    return tx.execute(update(links_table).where(*live, open_ones).values(revoked_at=now)).rowcount
