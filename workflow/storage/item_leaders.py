"""Who leads items: the persons their printed leaders are bound to. All who bar, urge, sum or mail ask here;
what is printed is only shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from workflow.domain.record import LeaderRef
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
    known = {
        (row.item_id, row.position): (row.person_id, row.name)
        for row in tx.execute(
            select(
                item_leaders.c.item_id,
                item_leaders.c.position,
                persons.c.id.label("person_id"),
                persons.c.name,
            )
            .join(persons, persons.c.id == item_leaders.c.person_id)
            .where(item_leaders.c.item_id.in_(named), item_leaders.c.part_id.is_(None))
        )
    }
    found = {}
    for item_id, names in named.items():
        refs = []
        for place, name in enumerate(names):
            person_id, person = known.get((item_id, place), (None, name))
            refs.append(LeaderRef(person, person_id, name))
        found[item_id] = tuple(refs)
    return found
