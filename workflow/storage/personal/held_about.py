"""All that is held about one person, as plain values to hand out: table by table, found by what names them
there.

How somebody voted is left out where the period's rule names nobody: the office makes this file, and may not
know it. So are a vote's draft, the receipts that repeat it, and when it was cast while it runs. Keys and
hashes say nothing to anybody and are left out as well."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, Table, cast, select

from workflow.domain.errors import NotFound
from workflow.domain.rules.routing_rules import Shows
from workflow.domain.words import Words
from workflow.storage.canonical import plain
from workflow.storage.cycles.ballot_secrecy import OF_BALLOTS, details_shown
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.cycles.history import hidden_vote_moments
from workflow.storage.people.history import person_history
from workflow.storage.people.rolls import chairs, voters
from workflow.storage.personal.personal_data import columns_of_persons, fate_of
from workflow.storage.post.intents import RECEIPT
from workflow.storage.private_values import revealed
from workflow.storage.tables import (
    audit,
    award_requests,
    ballots,
    commendation_entries,
    drafts,
    items,
    link_uses,
    links,
    motion_ballots,
    motions,
    nominations,
    organisations,
    outbox,
    paper_ballots,
    periods,
    persons,
    plans,
    roles,
    sittings,
    units,
    webhook_deliveries,
    webhooks,
)

NOT_HANDED_OUT = frozenset(
    {"token_sha256", "browser_sha256", "salt", "digest", "previous", "hash", "message_id"}
)
_VOTED = frozenset({"choice", "reason", "scan_sha256", "scan_name"})
_NOT_TOLD = Words("(không ghi ra: quy tắc của kỳ không cho biết ai bỏ phiếu thế nào)")

Rows = list[dict[str, Any]]


def held_about(tx: Connection, organisation_id: int, person_id: int, now: datetime) -> dict[str, Any]:
    """Everything held about the person: who they are, then `held`, the rows of each table that names them
    with what becomes of them when the person is forgotten. Raises NotFound."""
    person = tx.execute(
        select(persons, organisations.c.name.label("organisation"))
        .join(organisations, organisations.c.id == persons.c.organisation_id)
        .where(persons.c.id == person_id, persons.c.organisation_id == organisation_id)
    ).first()
    if person is None:
        raise NotFound(Words("Không có người này trong danh bạ."))
    held: dict[str, dict[str, Any]] = {}
    for table, column in columns_of_persons():
        rows = tx.execute(select(table).where(column == person_id).order_by(*table.primary_key)).all()
        if rows:
            found = held.setdefault(table.name, {"rows": []})
            found[str(column.name)] = fate_of(table, column).label
            known = list(found["rows"])
            found["rows"] += [one for row in rows if (one := _plain(table, row)) not in known]
    hidden_moments = _hidden_vote_moments(tx, organisation_id, person_id)
    _hide_votes(tx, held, person_id, hidden_moments)
    if uses := _uses(tx, person_id, hidden_moments):
        held["link_uses"] = {"rows": uses}
    if deliveries := _deliveries(tx, person_id, person.email):
        held["webhook_deliveries"] = {"rows": deliveries}
    if seats := _seats(tx, organisation_id, person_id):
        held["committees"] = {"rows": seats}
    if done := person_history(tx, organisation_id, person_id):
        held["directory_history"] = {"rows": plain(done)}
    if named := _named(tx, organisation_id, person.name):
        held["named_in"] = {"rows": named}
    return {
        "made_at": plain(now),
        "person": {
            "id": person_id,
            "organisation": person.organisation,
            "name": person.name,
            "email": person.email,
            "title": person.title,
            "is_active": person.is_active,
            "roles": _roles(tx, person_id),
        },
        "held": held,
    }


def _plain(table: Table, row: Row[Any]) -> dict[str, Any]:
    names = (column.name for column in table.columns)
    values: dict[str, Any] = plain(
        {name: value for name, value in zip(names, row, strict=True) if name not in NOT_HANDED_OUT}
    )
    return values


def _roles(tx: Connection, person_id: int) -> Rows:
    rows = tx.execute(
        select(units.c.name, roles.c.role)
        .join(units, units.c.id == roles.c.unit_id)
        .where(roles.c.person_id == person_id)
        .order_by(units.c.name, roles.c.role)
    )
    return [{"unit": row.name, "role": row.role} for row in rows]


def _hidden_vote_moments(tx: Connection, organisation_id: int, person_id: int) -> set[datetime]:
    open_now = tx.scalars(
        select(periods.c.id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(plans.c.organisation_id == organisation_id)
    ).all()
    found: set[datetime] = set()
    for period_id in open_now:
        found |= hidden_vote_moments(tx, organisation_id, period_id, person_id)
    return found


def _hide_votes(
    tx: Connection, held: dict[str, dict[str, Any]], person_id: int, hidden_moments: Collection[datetime]
) -> None:
    """Takes out how and, while a vote runs, when the person voted, where nobody may know it."""
    hidden = {str(plain(one)) for one in hidden_moments}
    asked = {row["cycle_id"] for name in ("ballots", "paper_ballots") for row in _rows(held, name)}
    chains = {int(row["chain"][1:]) for row in _rows(held, audit.name) if row["chain"].startswith("c")}
    shows = {
        cycle: routed.rules.approval.shows
        for cycle, routed in (
            load(tx, asked | chains, is_for_writing=False) if asked | chains else {}
        ).items()
    }
    for name in (ballots.name, paper_ballots.name):
        for row in _rows(held, name):
            if shows[row["cycle_id"]] is not Shows.NAMES:
                row.update(dict.fromkeys(_VOTED & row.keys(), _NOT_TOLD))
            if row["at"] in hidden:
                row["at"] = None
    _of_log(tx, held, shows, hidden)
    over = set(
        tx.scalars(
            select(motions.c.id)
            .join(sittings, sittings.c.id == motions.c.sitting_id)
            .where(sittings.c.closed_at.is_not(None))
        )
    )
    for row in _rows(held, motion_ballots.name):
        if row["motion_id"] not in over:
            row.update({"choice": _NOT_TOLD, "at": None})
    for row in _rows(held, "sitting_turnouts"):
        if row["at"] in hidden:
            row["at"] = None
    for row in _rows(held, drafts.name):
        if row["form"] == "vote":
            row.update({"fields": _NOT_TOLD, "other": None})
    for row in _rows(held, outbox.name):
        if row["kind"] == RECEIPT:
            row["context"] = _NOT_TOLD


def _of_log(
    tx: Connection, held: dict[str, dict[str, Any]], shows: Mapping[int, Shows], hidden: Collection[str]
) -> None:
    rows = _rows(held, audit.name)
    for row, details in zip(rows, revealed(tx, [row["details"] for row in rows]), strict=True):
        of_cycle = row["chain"].startswith("c")
        seen = shows.get(int(row["chain"][1:]), Shows.NOTHING) if of_cycle else Shows.NAMES
        row["details"] = details_shown(row["verb"], details, seen)
        is_vote = row["verb"] in OF_BALLOTS or row["verb"] == "council-voted"
        if is_vote and row["at"] in hidden:
            row.update({"at": None, "details": _NOT_TOLD})


def _rows(held: Mapping[str, Mapping[str, Any]], name: str) -> Rows:
    found: Rows = held.get(name, {}).get("rows", [])
    return found


def _uses(tx: Connection, person_id: int, hidden_moments: Collection[datetime]) -> Rows:
    rows = tx.execute(
        select(link_uses)
        .join(links, links.c.id == link_uses.c.link_id)
        .where(links.c.person_id == person_id, link_uses.c.at.not_in(hidden_moments))
        .order_by(link_uses.c.id)
    )
    return [_plain(link_uses, row) for row in rows]


def _deliveries(tx: Connection, person_id: int, email: str) -> Rows:
    rows = tx.execute(deliveries_about(person_id, email))
    return [_plain(webhook_deliveries, row) for row in rows]


def deliveries_about(person_id: int, email: str) -> Any:
    """The webhook deliveries whose event names the person or contains the address."""
    body = cast(webhook_deliveries.c.body, String)
    return (
        select(webhook_deliveries)
        .join(webhooks, webhooks.c.id == webhook_deliveries.c.webhook_id)
        .join(persons, persons.c.organisation_id == webhooks.c.organisation_id)
        .where(persons.c.id == person_id, body.contains(email, autoescape=True))
        .order_by(webhook_deliveries.c.id)
    )


def _named(tx: Connection, organisation_id: int, name: str) -> Rows:
    """Where plans and commendations have the name as text: it may be a namesake's."""
    leading = tx.execute(
        select(items.c.code, items.c.leaders, plans.c.number)
        .join(plans, plans.c.id == items.c.plan_id)
        .where(plans.c.organisation_id == organisation_id)
        .order_by(items.c.id)
    )
    put_forward = tx.execute(
        select(commendation_entries)
        .join(units, units.c.id == commendation_entries.c.unit_id)
        .where(units.c.organisation_id == organisation_id, commendation_entries.c.name == name)
        .order_by(commendation_entries.c.id)
    )
    led = [{"plan": one.number, "item": one.code, "as": "leader"} for one in leading if name in one.leaders]
    of_periods = (
        select(periods.c.id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(plans.c.organisation_id == organisation_id)
    )
    nominated = tx.execute(
        select(nominations)
        .where(nominations.c.period_id.in_(of_periods), nominations.c.name == name)
        .order_by(nominations.c.id)
    )
    asked = tx.execute(
        select(award_requests).where(award_requests.c.period_id.in_(of_periods)).order_by(award_requests.c.id)
    )
    listed = [
        # Of the list only the rows that name the person: the others are other people's.
        {"number": row.number, "addressee": row.addressee, "lines": own}
        for row in asked
        if (own := [line for line in row.lines if line["who"] == name])
    ]
    found = [_plain(commendation_entries, one) for one in put_forward]
    return led + found + [_plain(nominations, one) for one in nominated] + listed


def _seats(tx: Connection, organisation_id: int, person_id: int) -> Rows:
    rows = tx.execute(
        select(periods.c.id, periods.c.code, periods.c.committee)
        .join(plans, plans.c.id == periods.c.plan_id)
        .where(plans.c.organisation_id == organisation_id)
        .order_by(periods.c.id)
    )
    return [
        {"period": row.code, "is_chair": person_id in chairs(row.committee)}
        for row in rows
        if person_id in voters(row.committee)
    ]
