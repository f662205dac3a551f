"""Drafts: what a person typed into a form and has not sent. Never a fact; nobody else sees it.

One draft per form, whatever link or device it is typed on. The later save wins; what it replaced without
having seen it is stored beside it, so that of two tabs neither silently loses what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from workflow.storage.tables import drafts
from workflow.storage.writing import insert_new

Fields = Mapping[str, Any]
"""A form's fields by name, as plain JSON."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft. `other` is what another page had saved and this draft replaced unseen, if any."""

    fields: Fields
    writer: str
    revision: int
    saved_at: datetime
    other: Fields | None = None
    other_at: datetime | None = None


_MINE = (
    drafts.c.person_id == bindparam("person"),
    drafts.c.period_id == bindparam("period"),
    drafts.c.form == bindparam("name"),
)
_DRAFT = select(drafts).where(*_MINE)


def draft_of(tx: Connection, person_id: int, period_id: int, form: str) -> Kept | None:
    """The person's draft of a form."""
    row = tx.execute(_DRAFT, {"person": person_id, "period": period_id, "name": form}).first()
    if row is None or not row.revision:
        return None
    return Kept(row.fields, row.writer, row.revision, row.saved_at, row.other, row.other_at)


def keep(
    tx: Connection,
    person_id: int,
    period_id: int,
    form: str,
    fields: Fields,
    *,
    writer: str,
    seen: int,
    now: datetime,
) -> Kept:
    """Saves a draft. `writer` names the page that saves, `seen` the revision it knows of (0 for none): a
    newer one of another page is not lost but becomes `other`."""
    known = {"person": person_id, "period": period_id, "name": form}
    empty = {"fields": {}, "writer": writer, "revision": 0, "saved_at": now}
    mine = {"person_id": person_id, "period_id": period_id, "form": form}
    insert_new(tx, drafts, [mine | empty], list(mine))
    row = tx.execute(_DRAFT.with_for_update(), known).one()
    other, other_at = row.other, row.other_at
    if row.revision and row.writer != writer and row.revision != seen and row.fields != dict(fields):
        other, other_at = row.fields, row.saved_at
    kept = Kept(dict(fields), writer, row.revision + 1, now, other, other_at)
    tx.execute(
        update(drafts)
        .where(drafts.c.id == row.id)
        .values(
            fields=kept.fields,
            writer=writer,
            revision=kept.revision,
            saved_at=now,
            other=other,
            other_at=other_at,
        )
    )
    return kept


def drop(
    tx: Connection, person_id: int, period_id: int, form: str, names: Iterable[str] | None = None
) -> None:
    """Removes a draft that was sent: whole, or only the fields of these names; the others stay."""
    known = {"person": person_id, "period": period_id, "name": form}
    if names is None:
        tx.execute(delete(drafts).where(*_MINE), known)
        return
    row = tx.execute(_DRAFT.with_for_update(), known).first()
    if row is None:
        return
    gone = set(names)
    fields = {name: value for name, value in row.fields.items() if name not in gone}
    other = {name: value for name, value in (row.other or {}).items() if name not in gone}
    if not fields:
        tx.execute(delete(drafts).where(drafts.c.id == row.id))
        return
    tx.execute(
        update(drafts)
        .where(drafts.c.id == row.id)
        .values(fields=fields, other=other or None, other_at=row.other_at if other else None)
    )


def drop_all(tx: Connection, period_id: int) -> None:
    """Removes every draft of a period: nothing of it can be sent any more."""
    tx.execute(delete(drafts).where(drafts.c.period_id == period_id))


def report_drafts(tx: Connection, person_id: int, period_id: int) -> dict[int, Kept]:
    """The reports the person has begun and not sent, by cycle."""
    begun = select(drafts).where(
        drafts.c.person_id == person_id,
        drafts.c.period_id == period_id,
        drafts.c.form.startswith("report-"),
        drafts.c.revision > 0,
    )
    return {
        int(row.form.removeprefix("report-")): Kept(
            row.fields, row.writer, row.revision, row.saved_at, row.other, row.other_at
        )
        for row in tx.execute(begun)
    }
