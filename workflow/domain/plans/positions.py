"""Places of a plan's rows: whole numbers that rise in the plan's own order, with room between them.

A row keeps its number when rows are inserted before or after it, so that a decided period keeps its order;
only new and moved rows get another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

STEP = 2**20
"""Between two rows of a plan that is written for the first time."""
WIDER = 2**10
"""The factor by which all numbers of a plan are multiplied when no room is left between two of them."""


def first_positions(count: int) -> list[int]:
    """The positions of the rows of a new plan."""
    return [place * STEP for place in range(1, count + 1)]


def positions(
    order: Sequence[str], was: Mapping[str, int], moved: Collection[str] = ()
) -> dict[str, int] | None:
    """Returns the position of each row of `order`, which names every row by its code. Rows in `was` keep
    theirs, except the `moved` ones, and must be ascending in that order. Returns None if there is no room
    for the others."""
    found = {code: was[code] for code in order if code in was and code not in moved}
    waiting: list[str] = []
    before = 0
    for code in (*order, None):
        if code is not None and code not in found:
            waiting.append(code)
            continue
        after = found[code] if code is not None else before + STEP * (len(waiting) + 1)
        if after - before <= len(waiting):
            return None
        gap = after - before
        found |= {
            one: before + gap * place // (len(waiting) + 1) for place, one in enumerate(waiting, start=1)
        }
        waiting, before = [], after
    return {code: found[code] for code in order}
