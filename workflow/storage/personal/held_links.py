"""Who holds which links of a period and how they were used, as the office sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from workflow.domain.errors import NotFound
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.storage.access.links import Purpose
from workflow.storage.access.taking_away import of_period
from workflow.storage.cycles.history import hidden_vote_moments
from workflow.storage.tables import link_uses, links, persons

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
        .where(of_period(period_id))
        .group_by(links.c.person_id)
        .subquery()
    )
    used = (
        select(links.c.person_id, func.max(link_uses.c.at).label("at"))
        .join(link_uses, link_uses.c.link_id == links.c.id)
        .where(of_period(period_id))
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
        .where(links.c.person_id == person_id, of_period(period_id))
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
