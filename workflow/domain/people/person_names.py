"""Exact comparison of people's names: the only comparison that binds a printed leader to a person.

Unicode form, capitals, spaces and the vowel a tone mark is put on (`Hoà`, `Hòa`) make no difference; any
other letter, tone or word does. What merely looks alike is a question for somebody
(`workflow.importing.cells.leaders`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SAME_LETTERS = str.maketrans({"Ð": "Đ", "ð": "đ", "\u2019": "'", "\u2018": "'", "\u02bc": "'"})
"""Letters that look the same on paper: Icelandic eth for `đ`, and the apostrophes of `H'Hen`."""
_HONORIFIC = re.compile(r"^(?:các\s+)?(?:đ\s?/\s?c|đ\.\s?c|đồng chí|ông|bà)(?!\w)[.:]?\s*", re.IGNORECASE)


@lru_cache(maxsize=16_384)
def name_key(name: str) -> str:
    """Returns a comparison key: equal for all spellings of one name, different for different names.

    A Vietnamese syllable has one tone, so the vowel that carries the mark is irrelevant: the key has the mark
    after the syllable's letters.
    """
    composed = unicodedata.normalize("NFC", name.translate(_SAME_LETTERS)).casefold()
    return " ".join(_syllable(word) for word in composed.split())


def same_name(one: str, other: str) -> bool:
    """Whether the two are one whole name."""
    return name_key(one) == name_key(other)


def untitled(name: str) -> str:
    """A name without the `Đ/c`, `ông` or `bà` before it."""
    return _HONORIFIC.sub("", unicodedata.normalize("NFC", name).strip())


def _syllable(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(sign for sign in letters if sign in _TONES)
    return unicodedata.normalize("NFC", "".join(sign for sign in letters if sign not in _TONES)) + tones
