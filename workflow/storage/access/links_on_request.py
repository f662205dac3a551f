"""The office's link made at the machine itself, for who can't wait for a mail: a sign-in link for one use,
of an hour, with who asked for it on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from workflow.domain.errors import NotFound
from workflow.domain.people.directory import Role
from workflow.storage.access import links
from workflow.storage.access.links import Purpose
from workflow.storage.audit import AuditEntry, record
from workflow.storage.people.directory import holders
from workflow.storage.people.history import OFFICE_LINK_MADE
from workflow.storage.tables import persons

LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody of the office, in whose name a link may be asked for."""

    id: int
    organisation_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class OfficeLink:
    """A link for one use, shown here and never again."""

    officer: Officer
    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Where it leads, on the pages."""
        return f"/sign-in/{self.token}"


def officers(tx: Connection, organisation_id: int) -> list[Officer]:
    """Who acts on the office's pages of the organisation, the first in the directory first."""
    found = holders(tx, organisation_id, Role.OFFICE)
    rows = tx.execute(select(persons).where(persons.c.id.in_(found)).order_by(persons.c.id))
    return [Officer(row.id, row.organisation_id, row.name, row.email) for row in rows]


def officer_named(tx: Connection, organisation_id: int, named: str) -> Officer:
    """The officer of that name or address or, where none is named, the only one there is.

    Raises NotFound naming those there are: a link in somebody's name is never made by guess.
    """
    known = officers(tx, organisation_id)
    wanted = named.strip().casefold()
    fitting = [one for one in known if not wanted or wanted in (one.name.casefold(), one.email.casefold())]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(f"{one.name} <{one.email}>" for one in known) or "(chưa có ai giữ vai Văn phòng)"
    if not fitting:
        raise NotFound(f"Không có ai của Văn phòng tên hay địa chỉ là “{named}”.", cure=f"Chọn: {names}.")
    raise NotFound("Chưa nói rõ đường dẫn cho ai.", cure=f"Thêm tên hoặc địa chỉ thư của một người: {names}.")


def make_office_link(tx: Connection, officer: Officer, asked_by: str, now: datetime) -> OfficeLink:
    """A link of the officer's for one use within an hour; `asked_by`, the user of the machine, is put into
    the organisation's log with it."""
    token = links.make(tx, officer.id, Purpose.SIGN_IN, None, now, lifetime=LASTS)
    made = OfficeLink(officer, token, now + LASTS)
    details = {"person": officer.id, "asked-by": asked_by, "until": made.expires_at.isoformat()}
    record(tx, officer.organisation_id, now, AuditEntry(OFFICE_LINK_MADE, details=details))
    return made
