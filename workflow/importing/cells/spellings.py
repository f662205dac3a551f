"""One spelling for each person: the same name with lost accents is settled, near misses are proposed.

Works on the names of a whole plan. `Nguyễn Thị An` and `Lương Thị An` are two people: nothing here
looks at given names alone.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from workflow.importing.folding import fold


@dataclass(frozen=True, slots=True)
class SpellingProposal:
    """Two spellings that may be one person; `certain` when only accents differ."""

    spelling: str
    instead: str
    uses: int
    uses_instead: int
    certain: bool


def settle_spellings(names: Iterable[str]) -> dict[str, str]:
    """Maps each spelling to the preferred one, for names that differ in nothing but accents.

    The most used spelling wins; but scanning loses accents far more often than it invents them, so a
    spelling with more accents wins when at least a third as many rows have it. `names` holds a name once
    for each row that has it. Names that differ in a letter are never merged here.
    """
    counts = Counter(names)
    return {proposal.spelling: proposal.instead for proposal in _by_accents(counts)}


def propose_spellings(names: Iterable[str]) -> tuple[SpellingProposal, ...]:
    """What a person should look at: the settled pairs, and full names a single letter apart."""
    counts = Counter(names)
    found = list(_by_accents(counts))
    settled = {proposal.spelling for proposal in found}
    kept = [name for name in counts if name not in settled]
    for name in kept:
        for other in kept:
            if (
                counts[name] < counts[other]
                and len(name.split()) > 2
                and _one_letter_apart(fold(name), fold(other))
            ):
                found.append(SpellingProposal(name, other, counts[name], counts[other], certain=False))
    return tuple(found)


def _by_accents(counts: Counter[str]) -> list[SpellingProposal]:
    alike: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        alike[fold(name)].append(name)
    found: list[SpellingProposal] = []
    for spellings in alike.values():
        most = max(counts[name] for name in spellings)
        likely = [name for name in spellings if counts[name] * 3 >= most]
        best = max(likely, key=lambda name: (_accents(name), counts[name]))
        found += [
            SpellingProposal(name, best, counts[name], counts[best], certain=True)
            for name in spellings
            if name != best
        ]
    return found


def _accents(name: str) -> int:
    return sum(bool(unicodedata.combining(char)) for char in unicodedata.normalize("NFD", name))


def _one_letter_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    head = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    short, long = sorted((one, other), key=len)
    return short[head + (len(short) == len(long)) :] == long[head + 1 :]
