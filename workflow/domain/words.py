"""Vietnamese texts that keep their message and values, so that they can be translated when they are shown.

The domain produces Vietnamese and knows no catalogue: its texts are ordinary `str` values, and
`workflow.i18n` translates them for readers of another language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any, Self


class Words(str):
    """A text in Vietnamese, with the message it was formatted from and the values inserted:
    `Words("Trễ %(n)s ngày", n=3)`. Each message is in the catalogues."""

    message: str
    values: dict[str, Any]

    def __new__(cls, message: str, /, **values: Any) -> Self:
        """The message with its values put in."""
        found = super().__new__(cls, message % values if values else message)
        found.message = message
        found.values = values
        return found

    @classmethod
    def joined(cls, parts: Iterable[str], by: str = " ") -> Self:
        """Joins texts, each still translatable; empty ones are left out."""
        values = {f"_{n}": part for n, part in enumerate(filter(None, parts))}
        return cls(by.replace("%", "%%").join(f"%({name})s" for name in values), **values)


class Day(Words):
    """A day as Vietnamese writes it, `16/3/2026`, which a translation formats in its own way; without its
    year if `has_year` is false."""

    on: date
    has_year: bool

    def __new__(cls, text: str, /, on: date, *, has_year: bool = True) -> Self:
        """The day `on`, written so."""
        # Its figures are the message's only value, so that nothing of it is looked up in a catalogue.
        found = super().__new__(cls, "%(day)s", day=text)
        found.on = on
        found.has_year = has_year
        return found


def kept(value: Any) -> Any:
    """Returns the JSON form of a text that can still be translated: `Words` as their message and values."""
    if isinstance(value, Day):
        return {"day": value.on.isoformat(), "text": str(value), "has_year": value.has_year}
    if not isinstance(value, Words):
        return value
    return {"words": value.message, "values": {name: kept(one) for name, one in value.values.items()}}


def restored(value: Any) -> Any:
    """The inverse of `kept`."""
    if not isinstance(value, Mapping):
        return value
    if "day" in value:
        return Day(value["text"], date.fromisoformat(value["day"]), has_year=value["has_year"])
    message, values = value["words"], value["values"]
    return Words(message, **{name: restored(one) for name, one in values.items()})


def recognised(text: str, *messages: str) -> str:
    """Parses a text that was stored plain: returns `Words` of the first of these messages that matches it,
    else the text."""
    for message in messages:
        if found := _pattern(message).fullmatch(text):
            return Words(message, **found.groupdict())
    return text


@cache
def _pattern(message: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(message)))
