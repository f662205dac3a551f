"""Matches the items of two plans, though their number or words changed.

The same number with similar words is the same item; so are the same words under another number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from workflow.domain.plans.plan import PlanItem
from workflow.importing.folding import fold

SAME_WORDS = 85
"""From this similarity on (0 to 100) two contents under different codes are matched as one item."""
STILL_LIKE = 60
"""Below this similarity one code over two contents may be two items, if the words are matched elsewhere."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One item in both plans: its present code, its earlier code, and its words' similarity, 0 to 100."""

    code: str
    before: str
    likeness: int

    @property
    def is_renumbered(self) -> bool:
        """Whether its code changed."""
        return self.code != self.before


def pairs(before: Sequence[PlanItem], after: Sequence[PlanItem], *, by_code: bool = True) -> tuple[Pair, ...]:
    """The items in both plans. With `by_code` off (a supplement numbers its rows from 1), equal codes are not
    enough: the words must be similar too."""
    was = {item.code: fold(item.content) for item in before}
    now = {item.code: fold(item.content) for item in after}
    found: dict[str, Pair] = {}
    for code, words in now.items():
        if code in was and (likeness := fuzz.ratio(words, was[code])) >= STILL_LIKE:
            found[code] = Pair(code, code, round(likeness))
    _add_by_words(found, was, now)
    if by_code:
        taken = {pair.before for pair in found.values()}
        for code in now:
            if code in was and code not in found and code not in taken:
                found[code] = Pair(code, code, round(fuzz.ratio(now[code], was[code])))
    return tuple(found[code] for code in now if code in found)


def renumbered(before: Sequence[PlanItem], after: Sequence[PlanItem]) -> dict[str, str]:
    """Maps each renumbered item's new code to its earlier one, as `difference` takes it."""
    return {pair.code: pair.before for pair in pairs(before, after) if pair.is_renumbered}


def _add_by_words(found: dict[str, Pair], was: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Pairs the remaining items by their words, the most similar first."""
    old = [code for code in was if code not in {pair.before for pair in found.values()}]
    new = [code for code in now if code not in found]
    if not old or not new:
        return
    words = {code: was[code] for code in old}
    ranked = sorted(
        (-score, place, code, before)
        for place, code in enumerate(new)
        for _, score, before in process.extract(
            now[code], words, scorer=fuzz.ratio, score_cutoff=SAME_WORDS, limit=None
        )
    )
    taken: set[str] = set()
    for likeness, _, code, before in ranked:
        if code not in found and before not in taken:
            taken.add(before)
            found[code] = Pair(code, before, round(-likeness))
