"""Headings as lists and reports show them: without their printed number and promised count, and with `*`
groups under one heading distinguished."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"(\d+|[IVXLC]+|[a-zA-Z]|\*)([.\d]*)[.)]?")
_COUNT = re.compile(r"\s*\(+[^()]*\d[^()]*\)+\s*:?\s*$")


@dataclass(frozen=True, slots=True)
class SectionPath:
    """An item's headings from the outermost in: their codes, unique in the plan, and their bare titles."""

    codes: tuple[str, ...]
    titles: tuple[str, ...]


def section_title(printed: str) -> str:
    """A heading without its number and its promised count: `2.1 Cải cách hành chính (04 chỉ tiêu)` is
    `Cải cách hành chính`."""
    label, _, rest = printed.partition(" ")
    return _COUNT.sub("", rest if rest and _NUMBER.fullmatch(label) else printed).strip()


def printed_code(code: str) -> str:
    """A heading's code as the plan prints it: a group without a number of its own (`II.2.*1`) has none."""
    return "" if "*" in code.rpartition(".")[2] else code


def section_paths(headings: Iterable[tuple[Sequence[str], Sequence[str]]]) -> list[SectionPath]:
    """The paths of a plan's items, in its order, from each one's (codes, printed headings).

    Two `*` groups under one heading share a printed code; the second becomes `II.2.1.*2`.
    """
    groups: dict[str, list[str]] = {}
    paths = []
    for codes, titles in headings:
        found = []
        for code, title in zip(codes, titles, strict=True):
            if code.endswith("*"):
                seen = groups.setdefault(code, [])
                if title not in seen:
                    seen.append(title)
                code = f"{code}{seen.index(title) + 1}"
            found.append(code)
        paths.append(SectionPath(tuple(found), tuple(section_title(title) for title in titles)))
    return paths
