"""An organisation's letterhead: what is printed on all its reports, and its own Word template."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from workflow.storage.audit import AuditEntry, record
from workflow.storage.tables import organisations


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What an organisation set; empty: as the layout has it. `template` is its own template's SHA-256,
    `minutes_series` the kind in the numbers of its minutes (`BB`); empty: they bear none. `no_superior`: the
    office said that there is no superior body, so that its place is not merely forgotten."""

    superior: str = ""
    no_superior: bool = False
    place: str = ""
    signs_for: str = ""
    signs_as: str = ""
    signer: str = ""
    filed: str = ""
    template: str = ""
    minutes_series: str = ""


def letterhead_of(tx: Connection, organisation_id: int) -> Letterhead:
    """The organisation's letterhead."""
    kept = tx.scalar(select(organisations.c.letterhead).where(organisations.c.id == organisation_id))
    return Letterhead(**(kept or {}))


def set_letterhead(
    tx: Connection, organisation_id: int, now: datetime, person_id: int | None = None, /, **changes: Any
) -> Letterhead:
    """Changes what is given, with an audit entry: of who did on the office's page, None on the command line.
    What is not given stays."""
    letterhead = replace(letterhead_of(tx, organisation_id), **changes)
    kept = {name: value for name, value in asdict(letterhead).items() if value}
    tx.execute(update(organisations).where(organisations.c.id == organisation_id).values(letterhead=kept))
    by = "office" if person_id else "command-line"
    record(tx, organisation_id, now, AuditEntry("letterhead", person_id, {"by": by, **changes}))
    return letterhead
