"""Parses a number as a person types it beside a target, in the target's unit of measure: `1.234,5`, `98.5`,
`15 tỷ 500 triệu`, `12 hộ`.

What the digits are is `workflow.domain.numbers`; here what can be read two ways is refused, not
guessed: the message shows both readings and how to write each.
"""

from __future__ import annotations

from decimal import Decimal

from workflow.domain.errors import NotAllowed
from workflow.domain.numbers import Amount, both_ways, folded_digits, read_amount, split_scale
from workflow.domain.typed import FIGURES, clipped
from workflow.domain.words import Words

_LONGEST = 200
"""Characters of a number with its words."""
_MOST = Decimal(10) ** FIGURES.before


def typed_number(text: str, measure: str = "") -> Decimal:
    """Returns the number in the unit of measure; raises NotAllowed if it is none, or ambiguous.

    `1,234` is refused, with both ways to write it. `1,2 tỷ` for a target in `triệu đồng` is 1200.
    """
    if len(text) > _LONGEST:
        raise _none(text)
    own = measure.strip().lower()
    amount = read_amount(folded_digits(text), own)
    if amount.read.is_too_long:
        raise _too_long(text)
    if not amount.read.readings:
        raise _none(text)
    words = amount.words.strip().lower()
    factor = _factor(amount, words, own)
    if factor is None:
        raise _other_measure(text, words or text, measure)
    if amount.in_doubt:
        raise _two_ways(text, amount.in_doubt)
    value = amount.read.readings[0] * factor
    if abs(value) >= _MOST:
        raise _too_long(text)
    return value


def _factor(amount: Amount, words: str, measure: str) -> Decimal | None:
    """What an amount with these words after it is multiplied by to be in the measure; None where the words
    are of something else."""
    if not amount.has_scale and (not words or words == measure or (words == "%" and not measure)):
        return Decimal(1)
    if "%" in (words, measure):
        return None
    own_scale, own_thing = split_scale(measure)
    if words and words != own_thing:
        return None
    return 1 / own_scale


def _two_ways(text: str, digits: str) -> NotAllowed:
    thousands, decimals, rest = both_ways(digits)
    return NotAllowed(
        Words("“%(text)s” có thể hiểu hai cách.", text=clipped(text)),
        cure=Words(
            "Viết %(thousands)s nếu là hàng nghìn, %(decimals)s nếu %(rest)s là phần lẻ.",
            thousands=thousands,
            decimals=decimals,
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
