"""Parses numbers and days received from outside, in this one module: digits, within bounds, or refused.

Everything that comes in from outside (forms, addresses, workbooks, rules files) is text until it is read
here. `int`, `Decimal` and `Fraction` themselves read more than people write: exponents whose value fills the
memory, digits of other scripts, underscores, thousands of digits, `NaN`. What a figure beside a target may
look like is `workflow.domain.numbers` (thousands, scales) and `typed_number` (its unit of measure),
which end here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from workflow.domain.errors import NotAllowed
from workflow.domain.words import Words

GREATEST = 2**31 - 1
"""The greatest id a database has, and the greatest whole number anybody needs to send."""
MOST_WHOLE = 9_999
"""Of counts and days in rules files."""
SHOWN = 40
"""Characters of something unreadable that a message repeats."""

_WHOLE = re.compile(r"[0-9]{1,10}")
_DECIMAL = re.compile(r"-?([0-9]+)(?:[.,]([0-9]+))?")
_PART = re.compile(r"([0-9]{1,6})\s*/\s*([0-9]{1,6})")
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_WRITTEN = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many digits a number may have before its decimal mark, and how many after it."""

    before: int
    after: int


POINTS = Bounds(6, 4)
"""Points, weights, percentages."""
FIGURES = Bounds(15, 4)
"""Figures of targets: money is counted in đồng, as 1.390.000.000.000."""


def whole_number(text: str, most: int = GREATEST) -> int | None:
    """The whole number from 0 to `most` that the text is; None where it is none."""
    if not _WHOLE.fullmatch(text):
        return None
    value = int(text)
    return value if value <= most else None


def plain_number(text: str, bounds: Bounds) -> Decimal | None:
    """The number that the text is, with a point or a comma before its decimals; None where it is none, or
    has more digits than the bounds allow."""
    if len(text) > 3 + bounds.before + bounds.after:
        return None
    match = _DECIMAL.fullmatch(text)
    if match is None or len(match[1]) > bounds.before or len(match[2] or "") > bounds.after:
        return None
    return Decimal(text.replace(",", "."))


def part_of_whole(text: str) -> Fraction | None:
    """The fraction that the text is, written `2/3` or `0.5`; None where it is none."""
    if match := _PART.fullmatch(text):
        below = int(match[2])
        return Fraction(int(match[1]), below) if below else None
    value = plain_number(text, POINTS)
    return None if value is None else Fraction(value)


def sent_day(text: str) -> date | None:
    """The day written `2026-03-31`, of this or a neighbouring century; None where it is none."""
    match = _DAY.fullmatch(text)
    return sound_day(int(match[1]), int(match[2]), int(match[3])) if match else None


def written_day(text: str) -> date | None:
    """The day written `5/3/2026`, with slashes, points or hyphens; None where it is none."""
    match = _WRITTEN.fullmatch(text)
    return sound_day(int(match[4]), int(match[3]), int(match[1])) if match else None


def sound_day(year: int, month: int, day: int) -> date | None:
    """The day of these numbers; None where there is none, or so far off that deadlines can't be counted."""
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def points_typed(text: str) -> Decimal:
    """A number of points as people type it; nothing typed is 0. Raises NotAllowed where it is none."""
    plain = text.strip().replace("−", "-").removeprefix("+")
    value = plain_number(plain, POINTS) if plain else Decimal(0)
    if value is None:
        raise NotAllowed(
            Words("“%(typed)s” không phải là số điểm.", typed=clipped(text)),
            cure=Words(
                "Ghi như 2 hoặc −1,5: nhiều nhất %(before)s chữ số trước dấu phẩy và %(after)s chữ số sau.",
                before=POINTS.before,
                after=POINTS.after,
            ),
        )
    return value


def says_something(text: str) -> bool:
    """Whether a text has a letter or a digit in it: "." and "- -" say nothing."""
    return any(one.isalnum() for one in text)


def clipped(text: str) -> str:
    """Something unreadable, as a message repeats it."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
