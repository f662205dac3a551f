"""Mails that a period has begun or ended, to those whom no other mail says so: once to each person, however
often these functions are called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, or_, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.people.directory import Role
from workflow.domain.rules.mail_hours import polite
from workflow.storage.people.directory import holders
from workflow.storage.periods.periods import hold_period_alone
from workflow.storage.periods.watched import Watched, watched_period
from workflow.storage.post import intents
from workflow.storage.post.intents import CLOSED, DIGEST, OPENED, REPORT
from workflow.storage.rules import pinned_rules
from workflow.storage.tables import CONFIRMING, LEAD, cycle_units, cycles, outbox, persons, roles


def announce_opening(tx: Connection, period_id: int, now: datetime) -> int:
    """Puts a short mail to the office, the committee and the coordinating units into the outbox: the days to
    expect, and that nothing is to be done yet. Anyone who owes a report is invited by their digest instead.
    Returns how many it goes to."""
    period = watched_period(tx, period_id, now)
    people = set(holders(tx, period.organisation_id, Role.OFFICE)) | period.members
    people |= _reporters(tx, period_id, CONFIRMING)
    # Who is to report is never told that there is nothing to do: the digest with the link invites them.
    people -= _reporters(tx, period_id, LEAD) - set(holders(tx, period.organisation_id, Role.OFFICE))
    goes_at = polite(now, period.rules.mail, period.calendar)
    return _announce(tx, OPENED, period, people, (DIGEST, OPENED), now, goes_at)


def announce_closing(tx: Connection, period_id: int, now: datetime) -> int:
    """Puts a short mail to the lead units and the committee into the outbox: how their items ended. Those who
    receive the report learn it from that. Returns how many it goes to."""
    period = watched_period(tx, period_id, now)
    people = _reporters(tx, period_id, LEAD) | period.members
    if pinned_rules(tx, period_id).scoring:
        # Units that only coordinated have a score too.
        people |= _reporters(tx, period_id, CONFIRMING)
    people -= set(holders(tx, period.organisation_id, Role.OFFICE, Role.RECIPIENT))
    # At once, as the report goes out to the others.
    return _announce(tx, CLOSED, period, people, (CLOSED, REPORT), now, now)


def _reporters(tx: Connection, period_id: int, role: str) -> set[int]:
    """Those who report for the units that have that part in one of the period's items."""
    return set(
        tx.scalars(
            select(persons.c.id)
            .distinct()
            .join(roles, roles.c.person_id == persons.c.id)
            .join(cycle_units, cycle_units.c.unit_id == roles.c.unit_id)
            .join(cycles, cycles.c.id == cycle_units.c.cycle_id)
            .where(
                cycles.c.period_id == period_id,
                cycles.c.stage != Stage.WITHDRAWN.value,
                cycle_units.c.role == role,
                roles.c.role == Role.REPORTER.value,
                persons.c.is_active,
            )
        )
    )


def _announce(
    tx: Connection,
    kind: str,
    period: Watched,
    people: set[int],
    instead: Iterable[str],
    now: datetime,
    not_before: datetime,
) -> int:
    hold_period_alone(tx, period.id)
    is_written_to = or_(*(outbox.c.kind == one for one in instead))
    written_to = set(
        tx.scalars(select(outbox.c.person_id).where(outbox.c.period_id == period.id, is_written_to))
    )
    found = sorted(people - written_to)
    intents.intend(
        tx,
        kind,
        period.organisation_id,
        period.id,
        found,
        {},
        now,
        not_before=not_before,
    )
    return len(found)
