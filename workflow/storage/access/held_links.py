"""Who holds which links of a period and how they were used, as the office sees it; and taking them away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from workflow.domain.errors import NotFound
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.storage.access.links import NEW_LINK, Purpose
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.history import hidden_vote_moments
from workflow.storage.post import intents
from workflow.storage.tables import codes, link_uses, links, persons

MOST_USES = 100
"""Uses of a person's links shown at once."""


@dataclass(frozen=True, slots=True)
class Access:
    """A person of the organisation, how many links of the period live, and the last use of any."""

    person_id: int
    name: str
    email: str
    title: str
    is_active: bool
    live: int
    last_use_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldLink:
    """A link as the office sees it: without its token, which is not stored."""

    id: int
    purpose: Purpose
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.revoked_at is None and self.expires_at > now


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a link: what was asked, from which address, with which browser."""

    link_id: int
    at: datetime
    act: str
    address: str
    agent: str


def accesses(tx: Connection, organisation_id: int, period_id: int, now: datetime) -> tuple[Access, ...]:
    """Everyone of the organisation, by given name as Vietnamese lists go."""
    lives = and_(links.c.revoked_at.is_(None), links.c.expires_at > now)
    counted = (
        select(links.c.person_id, func.sum(case((lives, 1), else_=0)).label("live"))
        .where(_of_period(period_id))
        .group_by(links.c.person_id)
        .subquery()
    )
    used = (
        select(links.c.person_id, func.max(link_uses.c.at).label("at"))
        .join(link_uses, link_uses.c.link_id == links.c.id)
        .where(_of_period(period_id))
        .group_by(links.c.person_id)
        .subquery()
    )
    rows = tx.execute(
        select(persons, func.coalesce(counted.c.live, 0).label("live"), used.c.at.label("used_at"))
        .outerjoin(counted, counted.c.person_id == persons.c.id)
        .outerjoin(used, used.c.person_id == persons.c.id)
        .where(persons.c.organisation_id == organisation_id)
        .order_by(persons.c.id)
    )
    found = (
        Access(row.id, row.name, row.email, row.title, row.is_active, row.live, row.used_at) for row in rows
    )
    return tuple(sorted(found, key=lambda one: (fold(one.name).split()[-1:], fold(one.name))))


def access_of(
    tx: Connection, organisation_id: int, period_id: int, person_id: int, now: datetime
) -> tuple[Access, tuple[HeldLink, ...], tuple[Use, ...]]:
    """One person with their links of the period and the last uses of them; raises NotFound."""
    found = [one for one in accesses(tx, organisation_id, period_id, now) if one.person_id == person_id]
    if not found:
        raise NotFound(Words("Không có người nhận này trong danh bạ."))
    hidden_moments = hidden_vote_moments(tx, organisation_id, period_id, person_id)
    held = tx.execute(
        select(links)
        .where(links.c.person_id == person_id, _of_period(period_id))
        .order_by(links.c.made_at.desc(), links.c.id.desc())
    ).all()
    uses = tx.execute(
        select(link_uses)
        .where(link_uses.c.link_id.in_([row.id for row in held]), link_uses.c.at.not_in(hidden_moments))
        .order_by(link_uses.c.at.desc(), link_uses.c.id.desc())
        .limit(MOST_USES)
    )
    return (
        found[0],
        tuple(
            HeldLink(row.id, Purpose(row.purpose), row.made_at, row.expires_at, row.revoked_at)
            for row in held
        ),
        tuple(Use(row.link_id, row.at, row.act, row.address, row.agent) for row in uses),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """Which links of a person are ended: all, of every period and session, or those of one period alone."""

    only_period: int | None = None
    but: int = 0
    """The link the officer works by, which stays."""


def take_away(
    tx: Connection,
    officer_id: int | None,
    organisation_id: int,
    person_id: int,
    now: datetime,
    *,
    reach: Reach,
    sends_new: bool,
    period_id: int | None = None,
) -> int:
    """Ends the person's live links and the trust that codes gave to their browsers, as far as it reaches;
    puts it into the organisation's log, and has a new link mailed for each that ended, of its own period.
    Where none of a period did, one for what is owed in `period_id` is mailed. Returns how many links were
    ended."""
    whose = select(persons.c.id).where(
        persons.c.id == person_id, persons.c.organisation_id == organisation_id
    )
    if tx.scalar(whose) is None:
        raise NotFound(Words("Không có người nhận này trong danh bạ."))
    live = [
        links.c.person_id == person_id,
        links.c.revoked_at.is_(None),
        links.c.expires_at > now,
        links.c.id != reach.but,
    ]
    trusted = [codes.c.person_id == person_id, codes.c.expires_at > now]
    if reach.only_period is not None:
        live.append(_of_period(reach.only_period))
        trusted.append(codes.c.period_id == reach.only_period)
    gone = tx.execute(
        select(links.c.id, links.c.purpose, links.c.period_id).where(*live).with_for_update()
    ).all()
    tx.execute(update(links).where(links.c.id.in_([row.id for row in gone])).values(revoked_at=now))
    tx.execute(update(codes).where(*trusted).values(expires_at=now))
    details = {
        "person": person_id,
        "period": reach.only_period,
        "links": [row.id for row in gone],
        "new": sends_new,
    }
    record(tx, organisation_id, now, AuditEntry("links-revoked", officer_id, details))
    if sends_new:
        wanted = {(row.period_id or period_id, row.purpose) for row in gone}
        _send_new(tx, organisation_id, person_id, wanted, period_id, now)
    return len(gone)


def _send_new(
    tx: Connection,
    organisation_id: int,
    person_id: int,
    wanted: Iterable[tuple[int | None, str]],
    period_id: int | None,
    now: datetime,
) -> None:
    # Who was signed in signs in again: a session is never sent.
    renewed = {
        (period, purpose)
        for period, purpose in wanted
        if period is not None and purpose not in (Purpose.SESSION.value, Purpose.SIGN_IN.value)
    }
    if not renewed and period_id is not None:
        renewed = {(period_id, Purpose.DUTIES.value)}
    for period, purpose in sorted(renewed):
        context = {"about": NEW_LINK, "purpose": purpose, "by": "office"}
        intents.intend(tx, intents.NOTICE, organisation_id, period, [person_id], context, now)


def _of_period(period_id: int) -> ColumnElement[bool]:
    """Links of the period, and those bound to none."""
    return or_(links.c.period_id == period_id, links.c.period_id.is_(None))
