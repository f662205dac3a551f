"""Parses a number as a person types it beside a target: `1.234,5`, `98.5`, `15 tỷ 500 triệu`, `12 hộ`,
converted to the unit of measure of its target.

What the digits are is `workflow.domain.numbers`; here an ambiguous number is refused, not guessed: the
message shows both readings and how to write each.
"""

from __future__ import annotations

import re
from decimal import Decimal

from workflow.domain.errors import NotAllowed
from workflow.domain.numbers import (
    folded_digits,
    read_amount,
    split_scale,
)
from workflow.domain.typed import FIGURES, clipped
from workflow.domain.words import Words

_LONGEST = 200
"""Characters of a number with its words."""
_MOST = Decimal(10) ** FIGURES.before
_LONE_GROUP = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2},[0-9]{3}(?![0-9.,])")


def typed_number(text: str, measure: str = "") -> Decimal:
    """Returns the number in the unit of measure; raises NotAllowed if it is none, or ambiguous.

    `1,234` is refused as ambiguous, with both ways to write it. `1,2 tỷ` for a target in `triệu đồng` is
    1200.
    """
    if len(text) > _LONGEST:
        raise _none(text)
    said, own = folded_digits(text), measure.strip().lower()
    read, words = read_amount(said, own)
    # `120 hộ` is 120 in a target of `hộ`, `120 triệu` is 120000000 in one of `lượt`.
    scale = _scale(said[: len(said) - len(words)])
    if read.is_too_long:
        raise _too_long(text)
    if not read.readings:
        raise _none(text)
    own_scale, own_thing = split_scale(own)
    words = words.strip().lower()
    factor = _factor(words, own, own_thing, own_scale, has_scale=scale)
    if factor is None:
        raise _other_measure(text, words or said, measure)
    if len(read.readings) > 1:
        raise _two_ways(text, said)
    value = read.readings[0] * factor
    if abs(value) >= _MOST:
        raise _too_long(text)
    return value


def _scale(said: str) -> bool:
    """Whether the words of the number itself hold a scale."""
    return any(split_scale(rest)[0] > 1 for rest in re.split(r"[-0-9., ]+", said) if rest)


def _factor(words: str, own: str, own_thing: str, own_scale: Decimal, *, has_scale: bool) -> Decimal | None:
    """What a number with these words after it is multiplied by to be in the measure; None where the words
    are of something else."""
    if has_scale:
        if own == "%" or (words and words != own_thing):
            return None
        return 1 / own_scale
    if not words or words == own or (words == "%" and not own):
        return Decimal(1)
    if "%" in (words, own) or words != own_thing:
        return None
    return 1 / own_scale


def _two_ways(text: str, said: str) -> NotAllowed:
    both = _LONE_GROUP.search(said)
    assert both is not None, said
    whole, _, rest = both[0].partition(",")
    return NotAllowed(
        Words("“%(text)s” có thể hiểu hai cách.", text=clipped(text)),
        cure=Words(
            "Viết %(whole)s.%(rest)s nếu là hàng nghìn, %(whole)s,%(rest)s0 nếu %(rest)s là phần lẻ.",
            whole=whole,
            rest=rest,
        ),
    )


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
