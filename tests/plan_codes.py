"""Where made-up codes stand in a made-up plan: `I.2` before `I.10`, `IX` before `X`.

Only tests may ask a code for its place; the product knows the place a row has in its plan.
"""

from __future__ import annotations

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_DEPTH = 6


def place_of(code: str) -> int:
    """A number that rises with the code."""
    ranks = [_rank(part) for part in code.split(".") if part]
    return sum(rank * 1000 ** (_DEPTH - depth) for depth, rank in enumerate(ranks[:_DEPTH], start=1))


def _rank(part: str) -> int:
    if part.isdecimal():
        return int(part) + 1
    if set(part) <= _ROMAN.keys():
        values = [_ROMAN[letter] for letter in part]
        following = [*values[1:], 0]
        return sum(-one if one < two else one for one, two in zip(values, following, strict=True))
    return ord(part[0])
