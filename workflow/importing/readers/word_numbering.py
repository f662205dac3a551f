"""The numbers Word writes before paragraphs by itself: the STT of many plans is in no cell's text.

Counts as Word does: one counter a level for each list, deeper levels start again below a shallower one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DEEPEST = 9
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list is written."""

    start: int
    form: str
    text: str


class Numbering:
    """The lists of a document, counted on as its paragraphs are read."""

    def __init__(self, numbering: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[tuple[str, int]] = set()
        if numbering is not None:
            self._learn(numbering)

    def label(self, list_id: str, level: int) -> str:
        """The mark before the next paragraph of that list and level, `- ` for a bullet; empty for none."""
        abstract = self._lists.get(list_id, "")
        known = self._levels.get(abstract, {})
        if level not in known:
            return ""
        counts = self._counts[abstract]
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        self._count(list_id, abstract, level)
        if known[level].form == "bullet":
            return "-"
        text = known[level].text
        for place in range(_DEEPEST):
            if f"%{place + 1}" in text:
                shown = known.get(place, known[level])
                count = counts.get(place, shown.start)
                text = text.replace(f"%{place + 1}", _written(count, shown.form))
        return text.strip()

    def _count(self, list_id: str, abstract: str, level: int) -> None:
        counts = self._counts[abstract]
        start = self._starts.get((list_id, level))
        if start is not None and (list_id, level) not in self._begun:
            counts[level] = start
        else:
            counts[level] = counts.get(level, self._levels[abstract][level].start - 1) + 1
        self._begun.add((list_id, level))

    def _learn(self, numbering: etree._Element) -> None:
        for abstract in numbering.iterchildren(f"{W}abstractNum"):
            levels = {
                _number(level.get(f"{W}ilvl"), 0): _Level(
                    _number(_value(level, "start"), 1),
                    _value(level, "numFmt") or "decimal",
                    _value(level, "lvlText"),
                )
                for level in abstract.iterchildren(f"{W}lvl")
            }
            self._levels[abstract.get(f"{W}abstractNumId") or ""] = levels
        for one in numbering.iterchildren(f"{W}num"):
            list_id = one.get(f"{W}numId") or ""
            self._lists[list_id] = _value(one, "abstractNumId")
            for override in one.iterchildren(f"{W}lvlOverride"):
                if start := _value(override, "startOverride"):
                    self._starts[list_id, _number(override.get(f"{W}ilvl"), 0)] = _number(start, 1)


def _value(element: etree._Element, child: str) -> str:
    found = element.find(f"{W}{child}")
    return "" if found is None else found.get(f"{W}val") or ""


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise


def _written(count: int, form: str) -> str:
    """A count in the form of a level: `iv`, `IV`, `d`, `D`, `04`, `4`."""
    match form:
        case "lowerRoman" | "upperRoman":
            roman = _roman(count)
            return roman.upper() if form == "upperRoman" else roman
        case "lowerLetter" | "upperLetter":
            letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
            return letters.upper() if form == "upperLetter" else letters
        case "decimalZero":
            return f"{count:02d}"
        case "none":
            return ""
    return str(count)


def _roman(count: int) -> str:
    found = ""
    for value, mark in _ROMAN:
        found += mark * (count // value)
        count %= value
    return found
