"""Domain values as plain JSON, its hash, and the way back: stored values are read, not computed again."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import orjson
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn

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
    """The inverse of `plain`: a domain value from its stored plain form. Fields that the class gained since
    get their defaults, fields it lost are ignored; counts missing in a `Mapping[Enum, int]` are 0."""
    return _CONVERTER.structure(raw, kind)


_CONVERTER = Converter(detailed_validation=False)


def _text(raw: str | None, kind: type[str]) -> str:
    # cattrs would read a missing text as the word "None".
    if raw is None:
        raise TypeError(f"a stored {kind.__name__} is null")
    return kind(raw)


def _from_iso(raw: str, kind: type[date]) -> date:
    return kind.fromisoformat(raw)


def _from_text(raw: str, kind: Callable[[str], Any]) -> Any:
    return kind(raw)


_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook(date, _from_iso)
_CONVERTER.register_structure_hook(datetime, _from_iso)
_CONVERTER.register_structure_hook(Decimal, _from_text)
_CONVERTER.register_structure_hook(Fraction, _from_text)


def _is_counts(kind: Any) -> bool:
    if get_origin(kind) is not Mapping:
        return False
    keys, values = get_args(kind)
    return isinstance(keys, type) and issubclass(keys, Enum) and values is int


@_CONVERTER.register_structure_hook_factory(_is_counts)
def _counts_of(kind: Any) -> Callable[[Mapping[str, int], Any], dict[Enum, int]]:
    """Counts of every member there is: one that the program has gained since counts zero."""
    members = {one: one.value for one in get_args(kind)[0]}
    return lambda raw, _kind: {one: raw.get(text, 0) for one, text in members.items()}


def _has_computed_fields(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) and any(not one.init for one in dataclasses.fields(kind))


@_CONVERTER.register_structure_hook_factory(_has_computed_fields)
def _with_computed_fields(kind: Any, converter: Converter) -> Callable[[Mapping[str, Any], Any], Any]:
    """Reads a class whose `__post_init__` computes fields: they keep their stored values, whatever the
    program computes by now. (cattrs can set such fields itself, but not on a frozen class.)"""
    structure = make_dict_structure_fn(kind, converter, _cattrs_detailed_validation=False)
    hints = get_type_hints(kind)
    computed = {one.name: hints[one.name] for one in dataclasses.fields(kind) if not one.init}

    def structured(raw: Mapping[str, Any], _kind: Any) -> Any:
        found = structure(raw, kind)
        for name in computed.keys() & raw.keys():
            object.__setattr__(found, name, converter.structure(raw[name], computed[name]))
        return found

    return structured
