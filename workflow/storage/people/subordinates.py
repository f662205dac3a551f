"""Which organisation is under which, and which of its items are which of the superior's.

Items match by code; where the codes differ, `item_matches` says which is which. What is summed from it is
`workflow.storage.results.rollups_below`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from workflow.domain.errors import NotAllowed, NotFound
from workflow.domain.people.organisations import OrganisationKind
from workflow.storage.audit import AuditEntry, record
from workflow.storage.people.directory import slug_of
from workflow.storage.tables import item_matches, items, organisations, plans


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation, and the one above it."""

    id: int
    slug: str
    name: str
    superior_id: int | None = None
    kind: OrganisationKind | None = None


@dataclass(frozen=True, slots=True)
class ItemMatch:
    """A subordinate's item and the superior's that it is; no `superior_code`: it is none of them."""

    organisation: str
    code: str
    superior_code: str = ""


_ALL = select(
    organisations.c.id,
    organisations.c.slug,
    organisations.c.name,
    organisations.c.superior_id,
    organisations.c.kind,
)


def _organisation(row: Any) -> Organisation:
    return Organisation(row.id, row.slug, row.name, row.superior_id, OrganisationKind(row.kind))


def all_organisations(tx: Connection) -> list[Organisation]:
    """Every organisation, by name."""
    return [_organisation(row) for row in tx.execute(_ALL.order_by(organisations.c.name))]


def organisation_named(tx: Connection, named: str) -> Organisation:
    """The organisation of that name or short name; raises NotFound."""
    own = organisations.c
    row = tx.execute(_ALL.where(or_(own.slug == slug_of(named), own.name == named))).first()
    if row is None:
        raise NotFound(f"Không có đơn vị “{named}”.", cure="Xem các đơn vị: tiendo organisation list.")
    return _organisation(row)


def subordinates(tx: Connection, organisation_id: int) -> list[Organisation]:
    """Every organisation under this one, at whatever depth, by name."""
    own = organisations.alias()
    under = select(own.c.id).where(own.c.superior_id == organisation_id).cte("under", recursive=True)
    under = under.union(select(own.c.id).join(under, own.c.superior_id == under.c.id))
    rows = tx.execute(_ALL.where(organisations.c.id.in_(select(under.c.id))).order_by(organisations.c.name))
    return [_organisation(row) for row in rows]


def attach(tx: Connection, child: Organisation, superior: Organisation | None, now: datetime) -> None:
    """Puts the organisation under the superior, or under none; raises NotAllowed for a circle."""
    if superior is not None and (
        superior.id == child.id or superior.id in {one.id for one in subordinates(tx, child.id)}
    ):
        raise NotAllowed(
            f"{superior.name} đang trực thuộc {child.name}, không thể làm cấp trên của đơn vị này."
        )
    tx.execute(
        update(organisations)
        .where(organisations.c.id == child.id)
        .values(superior_id=superior.id if superior else None)
    )
    details = {"before": child.superior_id, "superior": superior.id if superior else None}
    record(tx, child.id, now, AuditEntry("organisation-attached", details=details))


def save_matches(
    tx: Connection, superior_id: int, year: int, found: Sequence[ItemMatch], now: datetime
) -> None:
    """Replaces the matches of that year, for each organisation they name; raises NotFound with everything
    that is wrong with them."""
    if wrong := match_faults(tx, superior_id, year, found):
        raise NotFound("Bảng đối chiếu có chỗ sai.", where="; ".join(wrong))
    known = {one.slug: one.id for one in subordinates(tx, superior_id)}
    named = {known[slug_of(one.organisation)] for one in found}
    tx.execute(
        delete(item_matches).where(item_matches.c.organisation_id.in_(named), item_matches.c.year == year)
    )
    rows = [
        {
            "organisation_id": known[slug_of(one.organisation)],
            "year": year,
            "code": one.code,
            "superior_code": one.superior_code,
        }
        for one in found
    ]
    if rows:
        tx.execute(item_matches.insert(), rows)
    record(tx, superior_id, now, AuditEntry("items-matched", details={"year": year, "matches": len(rows)}))


def match_faults(tx: Connection, superior_id: int, year: int, found: Sequence[ItemMatch]) -> list[str]:
    """Everything that is wrong with the matches, in the order of the file."""
    known = {one.slug: one.id for one in subordinates(tx, superior_id)}
    own = _codes(tx, known.values(), year)
    above = _codes(tx, [superior_id], year).get(superior_id, set())
    seen: set[tuple[str, str]] = set()
    wrong = []
    for place, one in enumerate(found, 2):
        slug = slug_of(one.organisation)
        if slug not in known:
            wrong.append(f"dòng {place}: “{one.organisation}” không trực thuộc")
        elif one.code not in own.get(known[slug], ()):
            wrong.append(f"dòng {place}: {one.organisation} không có nội dung “{one.code}” năm {year}")
        elif one.superior_code and one.superior_code not in above:
            wrong.append(f"dòng {place}: cấp trên không có nội dung “{one.superior_code}” năm {year}")
        elif (slug, one.code) in seen:
            wrong.append(f"dòng {place}: nội dung “{one.code}” của {one.organisation} ghi hai lần")
        seen.add((slug, one.code))
    return wrong


def _codes(tx: Connection, organisation_ids: Iterable[int], year: int) -> dict[int, set[str]]:
    """The items' codes of each organisation's plans of the year, those that were withdrawn too."""
    found: dict[int, set[str]] = {}
    for row in tx.execute(
        select(plans.c.organisation_id, items.c.code)
        .join(plans, plans.c.id == items.c.plan_id)
        .where(plans.c.organisation_id.in_(organisation_ids), plans.c.year == year)
    ):
        found.setdefault(row.organisation_id, set()).add(row.code)
    return found
