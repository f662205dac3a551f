"""Who leads items: the persons their printed leaders are bound to. Barring, urging, sums and mails all use
this; what is printed is only shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from workflow.domain.people.person_names import name_key
from workflow.domain.results.record import LeaderRef
from workflow.storage.tables import cycles, item_leaders, persons


def leaders_of_cycles(
    tx: Connection, cycle_ids: Collection[int], *, active_only: bool = False
) -> dict[int, set[int]]:
    """The persons who lead each cycle's item, of those still in the directory where `active_only`; no entry
    where none is known."""
    asked = (
        select(cycles.c.id, item_leaders.c.person_id)
        .join(item_leaders, item_leaders.c.item_id == cycles.c.item_id)
        .join(persons, persons.c.id == item_leaders.c.person_id)
        .where(cycles.c.id.in_(cycle_ids), item_leaders.c.part_id.is_(None))
    )
    found: dict[int, set[int]] = defaultdict(set)
    for cycle_id, person_id in tx.execute(asked.where(persons.c.is_active) if active_only else asked):
        found[cycle_id].add(person_id)
    return found


def leaders_of_items(
    tx: Connection, printed: Iterable[tuple[int, Collection[str]]]
) -> dict[int, tuple[LeaderRef, ...]]:
    """The leaders of each item (its id, and its leaders as printed), in the order they are printed in."""
    named = dict(printed)
    known: dict[tuple[int, int], int] = {
        (row.item_id, row.position): row.person_id
        for row in tx.execute(
            select(item_leaders.c.item_id, item_leaders.c.position, item_leaders.c.person_id).where(
                item_leaders.c.item_id.in_(named),
                item_leaders.c.part_id.is_(None),
                item_leaders.c.person_id.is_not(None),
            )
        )
    }
    labels = distinct_names(tx, set(known.values()))
    found = {}
    for item_id, names in named.items():
        refs = []
        for place, name in enumerate(names):
            person_id = known.get((item_id, place))
            refs.append(LeaderRef(labels.get(person_id, name) if person_id else name, person_id, name))
        found[item_id] = tuple(refs)
    return found


def distinct_names(tx: Connection, person_ids: Collection[int]) -> dict[int, str]:
    """The persons' names by id; of namesakes in one organisation with their titles, or addresses where the
    titles are the same too."""
    if not person_ids:
        return {}
    of = select(persons.c.organisation_id).where(persons.c.id.in_(person_ids))
    everyone = tx.execute(
        select(persons.c.id, persons.c.organisation_id, persons.c.name, persons.c.title, persons.c.email)
        .where(persons.c.organisation_id.in_(of), ~persons.c.is_outside)
        .order_by(persons.c.id)
    ).all()
    bearers = defaultdict(list)
    for row in everyone:
        bearers[row.organisation_id, name_key(row.name)].append(row)
    found = {}
    for row in everyone:
        namesakes = bearers[row.organisation_id, name_key(row.name)]
        has_title = row.title and [one.title for one in namesakes].count(row.title) == 1
        suffix = "" if len(namesakes) == 1 else f" ({row.title if has_title else row.email})"
        found[row.id] = f"{row.name}{suffix}"
    return {one: found[one] for one in person_ids if one in found}
