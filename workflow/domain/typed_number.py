"""Parses a number as a person types it: `1.234,5`, `98.5`, `1,2 tỷ`, `120 triệu đồng`, converted to the unit
of measure of its target.

An ambiguous number is refused, not guessed: the message shows both readings and how to write each. The
digits themselves are read by `workflow.domain.typed`, which bounds them.
"""

from __future__ import annotations

import re
from decimal import Decimal

from workflow.domain.errors import NotAllowed
from workflow.domain.typed import FIGURES, clipped, plain_number
from workflow.domain.words import Words

_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+")
_TWO_WAYS = re.compile(r"-?([1-9][0-9]{0,2}),([0-9]{3})")
_ENGLISH = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|-?[0-9]{1,3}(,[0-9]{3}){2,}")
_WITH_WORDS = re.compile(r"(-?[0-9][0-9.,\s]*)(.*)", re.DOTALL)
_LONGEST = 200
"""Characters of a number with its words."""
_MOST = Decimal(10) ** FIGURES.before
_SCALES = {
    "nghìn": Decimal(1_000),
    "ngàn": Decimal(1_000),
    "triệu": Decimal(1_000_000),
    "tr": Decimal(1_000_000),
    "tỷ": Decimal(1_000_000_000),
    "tỉ": Decimal(1_000_000_000),
}
_SPACES = re.compile(r"\s+")


def typed_number(text: str, measure: str = "") -> Decimal:
    """Returns the number in the unit of measure; raises NotAllowed if it is none, or ambiguous.

    A lone group of three after a point, `1.234`, is a thousand, as Vietnamese write it; after a comma it is
    refused as ambiguous, with both ways to write it. `1,2 tỷ` for a target in `triệu đồng` is 1200.
    """
    said = _SPACES.sub(" ", text.replace("\u00a0", " ").replace("−", "-")).strip()
    match = _WITH_WORDS.fullmatch(said) if len(said) <= _LONGEST else None
    if match is None:
        raise _none(text)
    digits, words = match[1].replace(" ", ""), match[2].strip().lower()
    factor = _factor(words, measure.strip().lower())
    if factor is None:
        raise _other_measure(text, words, measure)
    value = _decimal(digits, text) * factor
    if abs(value) >= _MOST:
        raise _too_long(text)
    return value


def _decimal(digits: str, text: str) -> Decimal:
    if _ENGLISH.fullmatch(digits):
        raise NotAllowed(
            Words("“%(text)s” viết theo kiểu Anh nên chưa đọc được.", text=clipped(text)),
            cure=Words(
                "Viết theo kiểu Việt Nam: dấu chấm ngăn hàng nghìn, dấu phẩy trước phần lẻ, như 1.234,5."
            ),
        )
    if both := _TWO_WAYS.fullmatch(digits):
        whole, rest = both.groups()
        raise NotAllowed(
            Words("“%(text)s” có thể hiểu hai cách.", text=clipped(text)),
            cure=Words(
                "Viết %(whole)s.%(rest)s nếu là hàng nghìn, %(whole)s,%(rest)s0 nếu %(rest)s là phần lẻ.",
                whole=whole,
                rest=rest,
            ),
        )
    plain = digits
    if "," in plain:
        whole, _, rest = plain.partition(",")
        plain = f"{whole.replace('.', '')}.{rest}"
    elif _GROUPED.fullmatch(plain):
        plain = plain.replace(".", "")
    value = plain_number(plain, FIGURES)
    if value is None:
        raise _too_long(text) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain) else _none(text)
    return value


def _factor(words: str, measure: str) -> Decimal | None:
    """What a number with these words after it is multiplied by to be in the measure; None where the words
    are of something else."""
    if not words or words == measure or (words == "%" and not measure):
        return Decimal(1)
    if "%" in (words, measure):
        return None
    scale, thing = _split(words)
    own_scale, own_thing = _split(measure)
    if thing and thing != own_thing:
        return None
    return scale / own_scale if scale != 1 or thing else None


def _split(words: str) -> tuple[Decimal, str]:
    first, _, rest = words.partition(" ")
    return (_SCALES[first], rest) if first in _SCALES else (Decimal(1), words)


def _none(text: str) -> NotAllowed:
    return NotAllowed(
        Words("“%(text)s” không phải là một số.", text=clipped(text)),
        cure=Words("Viết như 98,5 hoặc 1.250."),
    )


def _too_long(text: str) -> NotAllowed:
    return NotAllowed(
        Words("Số “%(text)s” có quá nhiều chữ số.", text=clipped(text)),
        cure=Words(
            "Ghi nhiều nhất %(before)s chữ số trước dấu phẩy và %(after)s chữ số sau.",
            before=FIGURES.before,
            after=FIGURES.after,
        ),
    )


def _other_measure(text: str, words: str, measure: str) -> NotAllowed:
    if not measure:
        return _none(text)
    return NotAllowed(
        Words("“%(text)s” không phải là một số tính bằng %(measure)s.", text=clipped(text), measure=measure),
        cure=Words(
            "Chỉ ghi con số, tính bằng %(measure)s, bỏ “%(words)s”.", measure=measure, words=clipped(words)
        ),
    )
