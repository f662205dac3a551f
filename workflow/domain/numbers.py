"""What number some digits are: the one place that knows how numbers are written.

Conventions: points between thousands and a comma before the decimals, as Vietnamese write (Law on Accounting
88/2015/QH13, article 11: a point after the thousands, a comma after the units); commas and a point, as in
English; spaces between thousands, of any width, with either decimal mark. Scales follow as words: `15 tỷ 500
triệu`, `2 tỷ rưỡi`. A number that both conventions read, and read differently, has two readings; who
asks says what becomes of it: a form refuses it with both, a plan takes the likelier one and says so. Digits
that no convention groups so (`1.2.3,4`, `12 50`) are no number.

A lone group of three after a point, `1.250`, is a thousand by the law above, except where something speaks
against it: the rest of the document writes as English does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from workflow.domain.typed import FIGURES, plain_number


class Convention(Enum):
    """How a writer marks thousands and decimals."""

    VIETNAMESE = "1.250,5"
    ENGLISH = "1,250.5"


@dataclass(frozen=True, slots=True)
class NumberRead:
    """What digits may mean: one number, two with the likelier first, or none."""

    readings: tuple[Decimal, ...] = ()
    is_too_long: bool = False
    """The digits are a number, of more digits than any figure has."""

    @property
    def value(self) -> Decimal | None:
        """The only reading; None where there are two, or none."""
        return self.readings[0] if len(self.readings) == 1 else None

    def times(self, factor: Decimal) -> NumberRead:
        """Every reading times a factor."""
        return NumberRead(tuple(one * factor for one in self.readings), self.is_too_long)


NO_NUMBER = NumberRead()

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_AS_ASCII = {0xFF10 + at: 0x30 + at for at in range(10)} | {0xFF0C: ",", 0xFF0E: ".", 0x2212: "-"}
_WITH_SPACES = re.compile(r"(-?)([1-9][0-9]{0,2}(?: [0-9]{3})+)(?:[.,]([0-9]+))?")
_WITH_POINTS = re.compile(r"(-?)([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,([0-9]+))?")
_WITH_COMMAS = re.compile(r"(-?)([1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_PLAIN = re.compile(r"(-?)([0-9]+)(?:[.,]([0-9]+))?")
_LONE_GROUP = re.compile(r"-?[1-9][0-9]{0,2}([.,])[0-9]{3}")

SCALES = {
    "trăm nghìn": Decimal(10) ** 5,
    "trăm ngàn": Decimal(10) ** 5,
    "trăm triệu": Decimal(10) ** 8,
    "trăm tỷ": Decimal(10) ** 11,
    "trăm tỉ": Decimal(10) ** 11,
    "nghìn tỷ": Decimal(10) ** 12,
    "nghìn tỉ": Decimal(10) ** 12,
    "ngàn tỷ": Decimal(10) ** 12,
    "ngàn tỉ": Decimal(10) ** 12,
    "nghìn": Decimal(1_000),
    "ngàn": Decimal(1_000),
    "triệu": Decimal(1_000_000),
    "tr": Decimal(1_000_000),
    "tỷ": Decimal(1_000_000_000),
    "tỉ": Decimal(1_000_000_000),
}
"""Words of scale, those of two words before their parts; `tr` only people in a hurry write."""
_SCALE = re.compile(rf"({'|'.join(SCALES)})(?!\w)\s*", re.IGNORECASE)
_MEASURED = re.compile(
    r"(?:%|điểm(?: phần trăm)?|m|m2|m²|m3|m³|km|km2|km²|cm|mm|ha|hecta|héc ta|tấn|tạ|yến|kg|g|lít|mét"
    r"|mét vuông|mét khối|giờ|giây|kwh|mw)(?:/.*)?",
    re.IGNORECASE,
)


def folded_digits(text: str) -> str:
    """The text with digits, signs and spaces as a keyboard has them: `−`, wide digits and spaces."""
    return _SPACES.sub(" ", text.translate(_AS_ASCII)).strip()


def is_counted(measure: str) -> bool:
    """Whether a unit of measure is of things that come whole: households, not km, % or tỷ đồng."""
    words = measure.strip().lower()
    return bool(words) and not _MEASURED.fullmatch(words) and not _SCALE.match(words)


def read_number(digits: str, measure: str = "", convention: Convention | None = None) -> NumberRead:
    """The number these digits are in that unit of measure, in a document of that convention (None: unknown).

    `digits` holds nothing but the number; `folded_digits` has been over it.
    """
    lone = _LONE_GROUP.fullmatch(digits)
    if lone is None:
        return _one(digits)
    decimals, thousands = _plain(digits.replace(",", ".")), _plain(digits.replace(lone[1], ""))
    if decimals is None or thousands is None:
        return NumberRead(is_too_long=True)
    is_whole = is_counted(measure) or (digits.endswith("0") and measure.strip() != "%")
    if lone[1] == ".":
        if convention is not Convention.ENGLISH:
            return NumberRead((thousands,))
        return NumberRead((thousands, decimals) if is_whole else (decimals, thousands))
    if convention is Convention.ENGLISH and measure.strip() != "%":
        return NumberRead((thousands,))
    if convention is Convention.VIETNAMESE and measure and not is_whole:
        return NumberRead((decimals,))
    return NumberRead((thousands, decimals) if is_whole else (decimals, thousands))


def _one(digits: str) -> NumberRead:
    """Digits that can be read in one way, or in none."""
    for pattern in (_PLAIN, _WITH_POINTS, _WITH_COMMAS, _WITH_SPACES):
        if match := pattern.fullmatch(digits):
            sign, whole, rest = match.groups()
            value = _plain(sign + re.sub(r"[ .,]", "", whole) + (f".{rest}" if rest else ""))
            return NumberRead(is_too_long=True) if value is None else NumberRead((value,))
    return NO_NUMBER


def _plain(digits: str) -> Decimal | None:
    return plain_number(digits, FIGURES)


def split_scale(words: str) -> tuple[Decimal, str]:
    """The scale that words of measure begin with, and the rest: `triệu đồng` is 1000000 of `đồng`."""
    match = _SCALE.match(words)
    return (SCALES[match[1].lower()], words[match.end() :]) if match else (Decimal(1), words)


_PIECE = re.compile(r"([0-9][0-9., ]*)")
_HALF = re.compile(r"rưỡi(?!\w)\s*", re.IGNORECASE)


def read_amount(text: str, measure: str = "", convention: Convention | None = None) -> tuple[NumberRead, str]:
    """A number with its words of scale, and the words after it: `15 tỷ 500 triệu đồng` is 15500000000 and
    `đồng`. Scales must fall from piece to piece; else nothing is read.
    """
    said = folded_digits(text)
    sign = Decimal(1)
    if said.startswith("-"):
        sign, said = Decimal(-1), said[1:].strip()
    total, last, is_first = NumberRead((Decimal(0),)), None, True
    while match := _PIECE.match(said):
        rest = said[match.end() :]
        scale, after = split_scale(rest)
        named = "%" if rest.startswith("%") else measure if scale == 1 else rest[: len(rest) - len(after)]
        read = read_number(match[1].strip(), named, convention).times(scale)
        if half := _HALF.match(after) if scale > 1 else None:
            after = after[half.end() :]
            read = NumberRead(tuple(one + scale / 2 for one in read.readings), read.is_too_long)
        if not read.readings or (last is not None and (scale >= last or max(read.readings) >= last)):
            return (read if is_first else NO_NUMBER), after
        if not is_first and scale == 1:
            return NO_NUMBER, said
        total = NumberRead(
            tuple(dict.fromkeys(one + more for more in read.readings for one in total.readings))
        )
        said, last, is_first = after, scale, False
        if scale == 1:
            break
    return (NO_NUMBER, said) if is_first else (total.times(sign), said)


def written(value: Decimal) -> str:
    """A number as it may stand in a box to be read again: a decimal comma, no groups, one way to read it."""
    whole, _, rest = f"{round(value, FIGURES.after).normalize():f}".partition(".")
    return f"{whole},{rest}{'0' if len(rest) == 3 else ''}" if rest else whole
