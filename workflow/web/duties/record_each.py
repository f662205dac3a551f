"""Recording many acts of one form: all at once where all are valid; else those that are, with the error of
each of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

from workflow.domain.errors import Conflict, NotAllowed, TiendoError
from workflow.storage.cycles.acts import Receipt

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """The last receipt, how many acts were recorded, and each refused one with its reason."""

    receipt: Receipt | None
    count: int
    refused: tuple[tuple[E, TiendoError], ...]


def record_each(tx: Connection, act: Callable[[Sequence[E]], Receipt], entries: Sequence[E]) -> Recorded[E]:
    """Records the entries through `act`. Where it refuses some, halves are tried, down to the single
    entries that fail; each try is a savepoint, so no entry is half recorded."""
    if not entries:
        return Recorded(None, 0, ())
    try:
        with tx.begin_nested():
            return Recorded(act(entries), len(entries), ())
    except (Conflict, NotAllowed) as error:
        if len(entries) == 1:
            return Recorded(None, 0, ((entries[0], error),))
    middle = len(entries) // 2
    first = record_each(tx, act, entries[:middle])
    second = record_each(tx, act, entries[middle:])
    return Recorded(
        second.receipt or first.receipt, first.count + second.count, first.refused + second.refused
    )
