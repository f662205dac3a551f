"""Taking away the links a person holds, and with them the trust of their browsers; new ones may be sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.access.links import NEW_LINK, Purpose
from workflow.storage.audit import AuditEntry, record
from workflow.storage.post import intents
from workflow.storage.tables import codes, links, persons


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
    Where none of a period did, one for what is owed in `period_id` is mailed. Says how many links were
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
        live.append(of_period(reach.only_period))
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


def of_period(period_id: int) -> ColumnElement[bool]:
    """Links of the period, and those bound to none."""
    return or_(links.c.period_id == period_id, links.c.period_id.is_(None))
