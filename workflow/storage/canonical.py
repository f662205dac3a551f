"""Domain values as plain JSON, its hash, and the way back: stored values are read, not computed again."""

from __future__ import annotations

import dataclasses
import hashlib
import types
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson

Kind = TypeVar("Kind")


def plain(value: Any) -> Any:
    """A domain value as plain JSON: dates in ISO form, decimals and fractions as text, exactly."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, frozenset, set)):
        return [plain(one) for one in value]
    if isinstance(value, (Decimal, Fraction)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def canonical(body: Any) -> str:
    """A domain value or a plain body as the text that is hashed and signed: keys in order, no space between.
    The text of a value is that of its plain form."""
    return canonical_bytes(body).decode()


def canonical_bytes(body: Any) -> bytes:
    """The canonical text in UTF-8."""
    return orjson.dumps(body, _level, _OPTIONS)


_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def _level(value: Any) -> Any:
    """A value that JSON does not know, made plain as far as its own level goes."""
    kind = type(value)
    if kind is Decimal or kind is Fraction:
        return str(value)
    names = _FIELDS.get(kind)
    if names is None and dataclasses.is_dataclass(kind):
        names = _FIELDS[kind] = tuple(one.name for one in dataclasses.fields(kind))
    return {name: getattr(value, name) for name in names} if names else plain(value)


_FIELDS: dict[type, tuple[str, ...]] = {}


def digest(text: str) -> str:
    """SHA-256 of a canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()


def body_hash(body: Any) -> str:
    """SHA-256 of a plain body in its canonical form."""
    return hashlib.sha256(canonical_bytes(body)).hexdigest()


def revived(kind: type[Kind], raw: Any) -> Kind:
    """The inverse of `plain`: a domain value from its stored JSON. Fields added to the class since then take
    their defaults; a count missing in a `Mapping[Enum, int]` is 0."""
    return _revived(kind, raw)  # type: ignore[no-any-return]


def _revived(kind: Any, raw: Any) -> Any:
    if raw is None or kind is Any:
        return raw
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _revived(_member(kind, raw), raw)
    if origin is tuple:
        return _tuple(get_args(kind), raw)
    if origin is Mapping or origin is dict:
        keys, values = get_args(kind)
        return _mapping(keys, values, raw)
    if dataclasses.is_dataclass(kind):
        return _value(kind, raw)
    if issubclass(kind, date | datetime):
        return kind.fromisoformat(raw)
    return raw if kind in (str, int, bool) else kind(raw)


def _value(kind: Any, raw: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    kept = {name: _revived(hints[name], one) for name, one in raw.items() if name in hints}
    computed = {one.name for one in dataclasses.fields(kind) if not one.init} & kept.keys()
    found = kind(**{name: one for name, one in kept.items() if name not in computed})
    for name in computed:
        # A field that the value computes itself gets the stored value, even if it would now compute another.
        object.__setattr__(found, name, kept[name])
    return found


def _tuple(kinds: tuple[Any, ...], raw: list[Any]) -> tuple[Any, ...]:
    if kinds[-1] is ...:
        return tuple(_revived(kinds[0], one) for one in raw)
    return tuple(_revived(each, one) for each, one in zip(kinds, raw, strict=True))


def _mapping(keys: Any, values: Any, raw: Mapping[str, Any]) -> dict[Any, Any]:
    if issubclass(keys, Enum) and values is int:
        # Counts of every member there is: one the program has gained since counts zero.
        return {one: raw.get(one.value, 0) for one in keys}
    # A key of JSON is always text.
    return {keys(key): _revived(values, one) for key, one in raw.items()}


def _member(union: Any, raw: Any) -> Any:
    """The kind of a union that a value was of: among dataclasses, the one with these fields."""
    kinds = [one for one in get_args(union) if one is not types.NoneType]
    if len(kinds) == 1:
        return kinds[0]
    return next(one for one in kinds if isinstance(raw, Mapping) and _hints(one).keys() == raw.keys())


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}
