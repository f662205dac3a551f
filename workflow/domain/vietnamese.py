"""Numbers, days and lists as a Vietnamese document writes them; text as a search or an alphabet compares it.

Only wording: rounding here is for the eye, figures that count are rounded by their own rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor

from workflow.domain.words import Day, Words

Number = int | Decimal | Fraction

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"


@lru_cache(maxsize=16_384)
def number(value: Number, places: int = 2) -> str:
    """A number with a decimal comma and dots between thousands, half up, no trailing zeros: `1.234,5`."""
    scale = 10**places
    whole = floor(abs(Fraction(value)) * scale + Fraction(1, 2))
    units, rest = divmod(whole, scale)
    digits = str(rest).zfill(places).rstrip("0") if places else ""
    sign = "-" if value < 0 and whole else ""
    return f"{sign}{units:,}".replace(",", ".") + (f",{digits}" if digits else "")


@lru_cache(maxsize=16_384)
def percent(share: Fraction, places: int = 1) -> str:
    """A share of one in percent: `94,4%`."""
    return f"{number(share * 100, places)}%"


def count(value: int) -> str:
    """A count as official documents write it: two digits at least, `05`, so none can be slipped in."""
    return f"{value:02}" if value < 100 else number(value)


@lru_cache(maxsize=4096)
def day(value: date) -> str:
    """A day in figures: `05/03/2026`."""
    return Day(f"{value:%d/%m/%Y}", value)


def letter_day(value: date) -> str:
    """A day in figures as a letter writes it: `05/3/2026`."""
    return Day(f"{value.day:02}/{_month(value)}/{value.year}", value)


def short_day(value: date) -> str:
    """A day without its year, for a subject line: `16/3`, `05/3`."""
    return Day(f"{value.day:02}/{_month(value)}", value, has_year=False)


def day_in_words(value: date) -> str:
    """A day as the heading writes it: `ngày 05 tháng 3 năm 2026`."""
    return f"ngày {value.day:02} tháng {_month(value)} năm {value.year}"


_BOUND = re.compile(
    r"(?<!\w)((?:tháng|quý|ngày|năm)|\d{1,2}/)\s+(?=\d|[IVX]+\b)|(?<=\d)\s+(?=(?:tháng|năm)\s+\d)",
    re.IGNORECASE,
)


def unbroken(text: str) -> str:
    """Text of which no time is broken over two lines: `Tháng 12/2026`, `Quý IV/2026`, `9/ 2026` and
    `ngày 28 tháng 3 năm 2026` get no-break spaces."""
    return _BOUND.sub(lambda found: f"{found[1] or ''}\N{NO-BREAK SPACE}", text)


def name_in_text(name: str) -> str:
    """A person's name in running text: `TRẦN VĂN AN` is `Trần Văn An`; what is not all capitals stays."""
    is_name = len(name.split()) > 1 and name.isupper() and not any(char.isdigit() for char in name)
    return " ".join(word.capitalize() for word in name.split()) if is_name else name


def _month(value: date) -> str:
    # Decree 30/2020, annex I: a zero before days under 10 and months 1 and 2 only.
    return f"{value.month:02}" if value.month < 3 else str(value.month)


def quantity(value: Number, measure: str) -> str:
    """A number with its unit of measure: `120 bóng`, `99,5%`."""
    return f"{number(value)}{'' if measure == '%' else ' '}{measure}".strip()


def joined(parts: Sequence[str], limit: int | None = None, of: str = Words("nội dung")) -> str:
    """Joins a list, `a, b và c`; past `limit` the rest is shown as a count of what they are (`of`)."""
    if limit is not None and len(parts) > limit:
        return Words(
            "%(names)s và %(n)s %(of)s khác",
            names=Words.joined(parts[:limit], by=", "),
            n=count(len(parts) - limit),
            of=of,
        )
    if len(parts) < 2:
        return parts[0] if parts else ""
    return Words("%(names)s và %(last)s", names=Words.joined(parts[:-1], by=", "), last=parts[-1])


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """For comparing: NFC, lower case, no diacritics, `đ` as `d`, each run of white space one space."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d").replace("Đ", "d"))
    kept = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", kept).split())


@lru_cache(maxsize=16_384)
def alphabetical(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """A sort key in the order of a Vietnamese dictionary: letters first (D before Đ before E), then tones."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text.lower()):
        parts = unicodedata.normalize("NFD", char)
        bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        place = _LETTERS.find(bare)
        letters.append(ord(bare[0]) if place < 0 and bare < "a" else 1000 + place)
        tones.append(max((_TONES.find(part) + 1 for part in parts), default=0))
    return tuple(letters), tuple(tones), text
