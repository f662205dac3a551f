"""Addresses in the log: an entry holds a salted hash, the address is stored beside it and can be erased. The
log is chained by hashes, so nothing in an entry ever changes; without the salt its hash says nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select

from workflow.domain.words import Words
from workflow.storage.tables import private_values

_MARK = "private"
ERASED = Words("(đã xóa)")


def sealed(tx: Connection, person_id: int | None, value: str) -> dict[str, str]:
    """What an audit entry holds in place of the value, which is stored beside the log; `person_id` is None
    for an address that belongs to nobody of the directory."""
    salt = secrets.token_hex(16)
    digest = hashlib.sha256(f"{salt}{value}".encode()).hexdigest()
    tx.execute(private_values.insert().values(digest=digest, person_id=person_id, salt=salt, value=value))
    return {_MARK: digest}


def revealed(tx: Connection, entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Details of entries with the values in their places, or `ERASED` where they were erased."""
    found = [dict(one) for one in entries]
    known: dict[str, str] = dict(
        tx.execute(
            select(private_values.c.digest, private_values.c.value).where(
                private_values.c.digest.in_(set(_marks(found)))
            )
        ).all()
    )
    return [_filled(one, known) for one in found]


def erase(tx: Connection, person_id: int, address: str) -> int:
    """Erases every value of the person, and the address wherever it is stored; returns how many."""
    same = func.lower(private_values.c.value) == address.lower()
    return tx.execute(
        delete(private_values).where(or_(private_values.c.person_id == person_id, same))
    ).rowcount


def _marks(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        if value.keys() == {_MARK}:
            yield str(value[_MARK])
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _marks(one)


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if value.keys() == {_MARK}:
            return known.get(str(value[_MARK]), ERASED)
        return {name: _filled(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    return value
