"""Who leads and who coordinates, where one cell says both: `UBND xã (chủ trì); Công an xã phối hợp`.

Splits the text of one cell; which bodies the two halves name is `names`.
"""

from __future__ import annotations

import re

_MARKED = re.compile(
    r"(?P<lead>(?:cơ quan|đơn vị|bộ phận)?\s*chủ trì(?: thực hiện| tham mưu)?)"
    r"|(?P<coordinating>(?:cơ quan|đơn vị|bộ phận)?\s*(?:cùng )?phối hợp(?: thực hiện)?(?: với| cùng)?)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:^|(?<=[\s;.,(]))[-+*•]?\s*(?:cơ quan |đơn vị |bộ phận )?"
    r"(?P<role>chủ trì|phối hợp)(?: thực hiện)?\s*[:：]\s*",
    re.IGNORECASE,
)
_SEPARATORS = " \n;,.:()–-"


def split_roles(cell: str, *, names_both: bool = False) -> tuple[str, str] | None:
    """The lead's text and the coordinating bodies' text; None for a cell that names only one role.

    `names_both` is for a column headed `Cơ quan chủ trì, phối hợp`: where no words separate the roles, the
    first body leads.
    """
    return _labelled(cell) or _suffixed(cell) or (_by_order(cell) if names_both else None)


def _labelled(cell: str) -> tuple[str, str] | None:
    """`Chủ trì: UBND xã. Phối hợp: Công an xã`."""
    marks = list(_LABELLED.finditer(cell))
    if not marks:
        return None
    halves: dict[str, list[str]] = {"chủ trì": [], "phối hợp": []}
    if before := cell[: marks[0].start()].strip(_SEPARATORS):
        halves["chủ trì"].append(before)
    ends = [mark.start() for mark in marks[1:]] + [len(cell)]
    for mark, end in zip(marks, ends, strict=True):
        halves[mark["role"].lower()].append(cell[mark.end() : end].strip(_SEPARATORS))
    return "; ".join(filter(None, halves["chủ trì"])), "; ".join(filter(None, halves["phối hợp"]))


def _suffixed(cell: str) -> tuple[str, str] | None:
    """`UBND xã (chủ trì); Công an xã phối hợp`, `UBND xã chủ trì, phối hợp với Công an xã`."""
    marks = list(_MARKED.finditer(cell))
    if not any(mark["coordinating"] for mark in marks) and not any(mark["lead"] for mark in marks):
        return None
    lead: list[str] = []
    coordinating: list[str] = []
    at = 0
    for mark in marks:
        before = cell[at : mark.start()].strip(_SEPARATORS)
        is_with = re.search(r"(?:với|cùng)$", mark[0], re.IGNORECASE)
        if mark["lead"]:
            lead.append(before)
        elif is_with or (before == "" and lead):
            lead.append(before)
            coordinating.append(cell[mark.end() :].strip(_SEPARATORS))
            at = len(cell)
            break
        else:
            coordinating.append(before)
        at = mark.end()
    if rest := cell[at:].strip(_SEPARATORS):
        (coordinating if lead else lead).append(rest)
    if not any(lead):
        return _by_order("; ".join(coordinating))
    return "; ".join(filter(None, lead)), "; ".join(filter(None, coordinating))


def _by_order(cell: str) -> tuple[str, str] | None:
    """The first body, and the rest: parted by a slash or line end before a semicolon or comma."""
    for separator in ("/", "\n", ";", ","):
        first, joint, rest = cell.strip(_SEPARATORS).partition(separator)
        if joint and first.strip() and rest.strip():
            return first.strip(_SEPARATORS), rest.strip(_SEPARATORS)
    return None
