"""What number some digits are: the one place that knows how people write numbers.

Vietnamese put points between thousands and a comma before the decimals (Law on Accounting 88/2015/QH13,
article 11), English the reverse; both put spaces between thousands as well. What two conventions read
differently has two readings; who asks decides: a form refuses it with both, a plan takes the likelier and
says so. Digits that no convention groups so (`1.2.3,4`, `12 50`) are no number.

A lone group of three after a point, `1.250`, is a thousand, as the law writes it, except of per cents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from workflow.domain import vietnamese
from workflow.domain.typed import FIGURES, plain_number


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


NO_NUMBER = NumberRead()
TOO_LONG = NumberRead(is_too_long=True)

SCALES = {
    "nghìn": Decimal(1_000),
    "ngàn": Decimal(1_000),
    "triệu": Decimal(1_000_000),
    "tr": Decimal(1_000_000),
    "tỷ": Decimal(1_000_000_000),
    "tỉ": Decimal(1_000_000_000),
}
_SCALE = re.compile(rf"({'|'.join(SCALES)})(?!\w| lệ)\s*", re.IGNORECASE)
_HALF = re.compile(r"rưỡi(?!\w)\s*", re.IGNORECASE)
_PIECE = re.compile(r"[0-9][0-9.,]*(?: [0-9][0-9.,]*)*")
_SPACES = re.compile(r"\s+")
_KEYS = str.maketrans("０１２３４５６７８９，．−–‐‑", "0123456789,.----")
_PLAIN = re.compile(r"(-?)([0-9]+)(?:([.,])([0-9]+))?")
_GROUPED = re.compile(r"(-?)([1-9][0-9]{0,2}([., ])[0-9]{3}(?:\3[0-9]{3})*)(?:(?!\3)[.,]([0-9]+))?")
_LONE_WHOLE = re.compile(r"0*[1-9][0-9]{0,2}")
_LONE_COMMA = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
_MEASURED = re.compile(
    r"(?:%|điểm phần trăm|m|m2|m²|m3|m³|km|km2|km²|ha|hecta|héc ta|tấn|tạ|yến|kg|lít|mét(?: vuông| khối)?"
    r"|giờ)"
    r"(?:/.*)?",
    re.IGNORECASE,
)


def folded_digits(text: str) -> str:
    """The text with signs and spaces as a keyboard has them: no-break and thin spaces, wide digits."""
    return _SPACES.sub(" ", text.translate(_KEYS)).strip()


def read_number(digits: str, measure: str = "") -> NumberRead:
    """What number these digits are, in that unit of measure; nothing else may stand among them."""
    if plain := _PLAIN.fullmatch(digits):
        sign, whole, mark, rest = plain.groups(default="")
        if len(rest) == 3 and _LONE_WHOLE.fullmatch(whole):
            thousands, decimals = Decimal(f"{sign}{whole}{rest}"), Decimal(f"{sign}{whole}.{rest}")
            if mark == "." and measure != "%":
                return NumberRead((thousands,))
            return NumberRead((thousands, decimals) if _comes_whole(rest, measure) else (decimals, thousands))
        return _bounded(f"{sign}{whole}", rest)
    if grouped := _GROUPED.fullmatch(digits):
        sign, groups, mark, rest = grouped.groups(default="")
        whole = sign + groups.replace(mark, "")
        read = _bounded(whole, rest)
        if mark == " " and len(rest) == 3 and read.readings:
            # `12 500.000` is 12500 to who parts thousands by spaces, 12500000 to who mixes the two.
            more = _bounded(whole + rest, "").readings
            both = (*read.readings, *more)
            return NumberRead(both[::-1] if _comes_whole(rest, measure) else both)
        return read
    return NO_NUMBER


def _bounded(whole: str, rest: str) -> NumberRead:
    value = plain_number(f"{whole}.{rest}" if rest else whole, FIGURES)
    return TOO_LONG if value is None else NumberRead((value,))


def _comes_whole(rest: str, measure: str) -> bool:
    """Whether thousands are likelier than decimals: of households and classes, or where `,500` ends in 0."""
    is_counted = bool(measure) and not _MEASURED.fullmatch(measure) and not _SCALE.match(measure)
    return measure != "%" and (is_counted or rest.endswith("0"))


def split_scale(words: str) -> tuple[Decimal, str]:
    """The scale that words begin with, and the words after it: `triệu đồng` is a million of `đồng`."""
    match = _SCALE.match(words)
    return (SCALES[match[1].lower()], words[match.end() :]) if match else (Decimal(1), words)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its scales, the words after it, and its digits that can be read two ways."""

    read: NumberRead
    words: str
    has_scale: bool = False
    in_doubt: str = ""


def read_amount(text: str, measure: str = "") -> Amount:
    """Reads `15 tỷ 500 triệu đồng` as 15500000000 and `đồng`, `2 tỷ rưỡi` as 2500000000.

    `text` is what `folded_digits` gives. Scales fall from piece to piece, and no piece reaches the one
    before: else it is no number.
    """
    sign, said = (Decimal(-1), text[1:].strip()) if text.startswith("-") else (Decimal(1), text)
    total: tuple[Decimal, ...] = (Decimal(0),)
    above, doubt = Decimal(0), ""
    while match := _PIECE.match(said):
        scale, after = split_scale(said[match.end() :].lstrip())
        named = "%" if after.startswith("%") else measure if scale == 1 else "tỷ"
        read = read_number(match[0], named)
        if not read.readings:
            return Amount(read, after)
        found = tuple(one * scale for one in read.readings)
        if above and (scale >= above or scale == 1 or max(found) >= above):
            return Amount(NO_NUMBER, after)
        if scale > 1 and (half := _HALF.match(after)):
            found, after = tuple(one + scale / 2 for one in found), after[half.end() :]
        if len(found) > 1:
            doubt = match[0]
        total = tuple(dict.fromkeys(more + one for one in total for more in found))
        said, above = after, Decimal(0) if scale == 1 else scale
        if not above:
            return Amount(NumberRead(tuple(one * sign for one in total)), said, in_doubt=doubt)
    if not above:
        return Amount(NO_NUMBER, text)
    return Amount(NumberRead(tuple(one * sign for one in total)), said, has_scale=True, in_doubt=doubt)


def written(value: Decimal) -> str:
    """A number as it stands in a cell to be read again, in one way only: `1.250`, `98,5`, `1,2340`."""
    text = vietnamese.number(value, FIGURES.after)
    return f"{text}0" if _LONE_COMMA.fullmatch(text) else text


def both_ways(digits: str) -> tuple[str, str, str]:
    """How to write digits of two readings as thousands and as decimals, and the group in question."""
    readings = read_number(digits.removeprefix("-"), "%").readings
    return written(max(readings)), written(min(readings)), digits[-3:]
