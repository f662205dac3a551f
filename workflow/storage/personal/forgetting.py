"""Forgetting a person: what was stored to reach them and to show how they came here is deleted; what they
decided, or took part in deciding, stays with their name, and so does the log, which is chained by hashes and
holds addresses only as salted hashes (`private_values`).

Whoever still is in the directory leaves it first: there is work for them, and somebody takes it over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    String,
    Table,
    Text,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)

from workflow.domain.errors import NotAllowed, NotFound
from workflow.domain.words import Words
from workflow.storage import private_values
from workflow.storage.access.links import revoke_all
from workflow.storage.audit import AuditEntry, record
from workflow.storage.people.history import PERSON_FORGOTTEN
from workflow.storage.personal.held_about import deliveries_about
from workflow.storage.personal.personal_data import Fate, columns_of_persons, fate_of
from workflow.storage.personal.retention import blank_mails
from workflow.storage.post.intents import void_all
from workflow.storage.tables import (
    escalations,
    link_uses,
    links,
    metadata,
    organisations,
    outbox,
    persons,
    report_issues,
    webhook_deliveries,
)

# RFC 2606: no address under it can ever be somebody's.
_NOWHERE = "da-xoa.invalid"
_TELEPHONE = re.compile(r"[\s,;(]*(?:ĐT|SĐT|Tel|DĐ)?[.:\s]*(?:\+84|0)(?:[\s.\-]?\d){8,10}\)?", re.IGNORECASE)
_TRANSIENT = frozenset({"outbox", "webhook_deliveries", "organisations", "report_issues", "persons"})


@dataclass(frozen=True, slots=True)
class PersonsRows:
    """Rows of a column; `fate` is what becomes of them."""

    where: str
    count: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would go and what would stay: whether the name does, and in how many rows of which column the
    address remains as text."""

    person_id: int
    name: str
    email: str
    is_active: bool
    is_forgotten: bool
    places: tuple[PersonsRows, ...]
    name_stays: bool
    left: tuple[tuple[str, int], ...]

    def of(self, *fates: Fate) -> list[PersonsRows]:
        """The places of these fates."""
        return [one for one in self.places if one.fate in fates]


def is_forgotten(email: str) -> bool:
    """Whether the address is the placeholder of one that was erased."""
    return email.endswith(f"@{_NOWHERE}")


def prospect(tx: Connection, organisation_id: int, person_id: int) -> Prospect:
    """What forgetting the person would take and leave. Raises NotFound."""
    person = _person(tx, organisation_id, person_id)
    places = []
    for table, column in columns_of_persons():
        n_rows = tx.scalar(select(func.count()).select_from(table).where(column == person_id)) or 0
        if n_rows:
            places.append(PersonsRows(f"{table.name}.{column.name}", n_rows, fate_of(table, column)))
    n_uses = tx.scalar(
        select(func.count())
        .select_from(link_uses.join(links, links.c.id == link_uses.c.link_id))
        .where(links.c.person_id == person_id)
    )
    if n_uses:
        places.append(PersonsRows("link_uses.link_id", n_uses, Fate.GOES))
    forgotten = is_forgotten(person.email)
    return Prospect(
        person_id,
        person.name,
        person.email,
        # An address outside the directory, to which reports go, has no work here to be handed on.
        person.is_active and not person.is_outside,
        forgotten,
        tuple(places),
        any(one.fate in (Fate.DECIDED, Fate.RUNS) for one in places),
        () if forgotten else _left(tx, person.email, is_after=False),
    )


def forget(
    tx: Connection, organisation_id: int, person_id: int, now: datetime, *, by: int | None
) -> Prospect:
    """Forgets the person, puts it into the organisation's log, and says what went and what stays (`left`: as
    it is found afterwards). Raises NotAllowed for one who is still in the directory."""
    found = prospect(tx, organisation_id, person_id)
    if found.is_active:
        raise NotAllowed(
            Words("%(name)s còn trong danh bạ, còn việc và quyền ở đây.", name=found.name),
            cure=Words("Đưa người này ra khỏi danh bạ trước, rồi xóa dữ liệu."),
        )
    if found.is_forgotten:
        raise NotAllowed(Words("Dữ liệu của người này đã xóa từ trước."))
    revoke_all(tx, [person_id], now)
    void_all(tx, [person_id], now)
    _blank(tx, found)
    own = select(links.c.id).where(links.c.person_id == person_id)
    tx.execute(delete(link_uses).where(link_uses.c.link_id.in_(own)))
    for table, column in columns_of_persons():
        if fate_of(table, column) is Fate.GOES:
            tx.execute(delete(table).where(column == person_id))
    private_values.erase(tx, person_id, found.email)
    _out_of_lists(tx, organisation_id, found.email)
    person = _person(tx, organisation_id, person_id)
    name = person.name if found.name_stays else f"Người đã xóa số {person_id}"
    tx.execute(
        update(persons)
        .where(persons.c.id == person_id)
        .values(
            email=f"da-xoa-{person_id}@{_NOWHERE}",
            is_active=False,
            name=name,
            title=_TELEPHONE.sub("", person.title).strip() if found.name_stays else "",
        )
    )
    details: dict[str, Any] = {"person": person_id, "name_stays": found.name_stays}
    details["gone"] = {one.where: one.count for one in found.of(Fate.GOES, Fate.BLANKED)}
    record(tx, organisation_id, now, AuditEntry(PERSON_FORGOTTEN, by, details))
    return Prospect(
        person_id,
        found.name,
        found.email,
        False,
        True,
        found.places,
        found.name_stays,
        _left(tx, found.email, is_after=True),
    )


def _person(tx: Connection, organisation_id: int, person_id: int) -> Any:
    found = tx.execute(
        select(persons).where(persons.c.id == person_id, persons.c.organisation_id == organisation_id)
    ).first()
    if found is None:
        raise NotFound(Words("Không có người này trong danh bạ."))
    return found


def _blank(tx: Connection, found: Prospect) -> None:
    """Blanks mails to the person and those to others that contain the address; deletes webhook deliveries
    that name the person."""
    context = cast(outbox.c.context, String)
    blank_mails(
        tx,
        or_(
            outbox.c.person_id == found.person_id,
            context.contains(found.email, autoescape=True),
            outbox.c.error.contains(found.email, autoescape=True),
        ),
    )
    deliveries = deliveries_about(found.person_id, found.email).with_only_columns(webhook_deliveries.c.id)
    tx.execute(
        delete(webhook_deliveries).where(
            webhook_deliveries.c.id.in_(tx.scalars(deliveries.order_by(None)).all())
        )
    )


def _out_of_lists(tx: Connection, organisation_id: int, email: str) -> None:
    """The usual receivers of reports lose the person; an issued report's list keeps what it prints."""
    usual = tx.scalar(select(organisations.c.report_recipients).where(organisations.c.id == organisation_id))
    if usual:
        kept = [one for one in usual if str(one.get("email", "")).lower() != email.lower()]
        mine = organisations.c.id == organisation_id
        tx.execute(update(organisations).where(mine).values(report_recipients=kept))
    for row in tx.execute(
        select(report_issues.c.id, report_issues.c.recipients).where(
            report_issues.c.organisation_id == organisation_id
        )
    ).all():
        kept = [
            {**one, "email": ""} if str(one.get("email", "")).lower() == email.lower() else one
            for one in row.recipients
        ]
        if kept != row.recipients:
            tx.execute(update(report_issues).where(report_issues.c.id == row.id).values(recipients=kept))


def _left(tx: Connection, text: str, *, is_after: bool) -> tuple[tuple[str, int], ...]:
    """Where the text stands in the database and stays, by column, and in how many rows; before the person is
    forgotten, those columns are left out of which it will be taken."""
    found = []
    for table, columns in _texts():
        if not is_after and (table.name in _TRANSIENT or _goes(table.name)):
            continue
        # One question a table: there are hundreds of columns.
        holds = [
            func.sum(
                case((func.lower(cast(column, String)).contains(text.lower(), autoescape=True), 1), else_=0)
            )
            for column in columns
        ]
        counts = tx.execute(select(*holds).select_from(table)).one()
        found += [(f"{table.name}.{column.name}", n) for column, n in zip(columns, counts, strict=True) if n]
    return tuple(found)


def _goes(table_name: str) -> bool:
    gone = {table.name for table, column in columns_of_persons() if fate_of(table, column) is Fate.GOES}
    return table_name in gone | {link_uses.name, escalations.name}


@cache
def _texts() -> tuple[tuple[Table, tuple[Column[Any], ...]], ...]:
    """The columns of each table that hold texts."""
    found = (
        (table, tuple(column for column in table.columns if isinstance(column.type, (String, Text, JSON))))
        for table in metadata.sorted_tables
    )
    return tuple((table, columns) for table, columns in found if columns)
