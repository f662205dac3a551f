"""Matches a printed name to a unit of a directory: by rule first, by similarity where no rule applies.

A match has its method and its confidence, so that the doubtful ones can be shown to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from workflow.domain.people.directory import Directory, Unit
from workflow.domain.plans.plan import PlanPart
from workflow.importing.cells.vocabulary import UnitKey, unit_key
from workflow.importing.folding import fold

LIKE_ENOUGH = 88
"""Below this similarity (0 to 100) two names are treated as two bodies."""
LIKE_WORD = 70
"""Each word of a similar name must itself be this similar: `Lê Lợi` and `Lê Lai` are two schools."""
SHORTEST_LIKE = 6
"""Shorter stems are too similar to compare; they must match by rule."""


class MatchKind(StrEnum):
    """The method by which a name was matched."""

    NAME = "name"
    """Printed as in the directory, accents and capitals aside."""
    RULE = "rule"
    """The same after abbreviations, plurals and levels are understood."""
    LIKENESS = "likeness"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """The unit a name means, or None, with the confidence from 0 to 1."""

    unit_id: str | None
    confidence: float
    how: MatchKind


@dataclass(frozen=True, slots=True)
class _Entry:
    unit: Unit
    key: UnitKey


NO_MATCH = UnitMatch(None, 0.0, MatchKind.NONE)


class Matcher:
    """Finds units by printed names in one directory."""

    def __init__(self, directory: Directory) -> None:
        self._level = unit_key(f"_ {directory.organisation}").level
        self._names: dict[str, Unit] = {}
        self._entries: dict[tuple[str, int | None], list[_Entry]] = defaultdict(list)
        units = {unit.id: unit for unit in directory.units}
        self._ids = frozenset(units)
        for unit in directory.units:
            for name in (unit.name, *unit.aliases):
                self._names.setdefault(fold(name), unit)
                self._add(unit, unit_key(name))
        for unit in directory.units:
            stems = {unit_key(units[member].name).stem for member in unit.members if member in units}
            numbers = {unit_key(units[member].name).number for member in unit.members if member in units}
            if len(stems) == 1 and None not in numbers:
                self._add(unit, UnitKey(stems.pop(), is_plural=True))
        self._found: dict[str, UnitMatch] = {}

    def unit_id(self, name: str) -> str | None:
        """The unit of that name, or of that very id; None where the directory has none."""
        return name if name in self._ids else self.match(name).unit_id

    def ids(self, names: Iterable[str]) -> tuple[str | None, ...]:
        """The unit id of each name, None where the directory has none, in the names' order."""
        return tuple(self.match(name).unit_id for name in names)

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ids of the names the directory knows, sorted, each once."""
        return tuple(sorted({unit_id for unit_id in self.ids(names) if unit_id}))

    def bound_otherwise(self, row: PlanPart) -> dict[str, str]:
        """The row's printed units that are bound to another unit than their text matches now (it was renamed
        since), with the unit's id: the binding counts, not the text."""
        found = {
            name: unit_id
            for name, unit_id in zip(row.lead_units, row.lead_ids, strict=False)
            if unit_id in self._ids and unit_id != self.match(name).unit_id
        }
        meant = self.ids(row.coordinating_units)
        spare = [one for one in row.coordinating_ids if one in self._ids and one not in meant]
        open_ = [
            name
            for name, unit_id in zip(row.coordinating_units, meant, strict=True)
            if unit_id not in row.coordinating_ids
        ]
        # Ids of coordinating units are stored without gaps for unknown names, so the ids left over belong to
        # the names left over, in their order.
        if len(spare) == len(open_):
            found |= dict(zip(open_, spare, strict=True))
        return found

    def match(self, name: str) -> UnitMatch:
        """Returns the unit a printed name means, with the method and the confidence."""
        folded = fold(name)
        if folded not in self._found:
            self._found[folded] = self._match(name, folded)
        return self._found[folded]

    def _match(self, name: str, folded: str) -> UnitMatch:
        if folded in self._names:
            return UnitMatch(self._names[folded].id, 1.0, MatchKind.NAME)
        key = unit_key(name)
        fitting = [entry for entry in self._entries[key.stem, key.number] if self._fits(key, entry.key)]
        if fitting:
            best = max(fitting, key=lambda entry: _closeness(key, entry))
            return UnitMatch(best.unit.id, 0.95 if key.level == best.key.level else 0.9, MatchKind.RULE)
        return self._like(key)

    def _like(self, key: UnitKey) -> UnitMatch:
        best, score = None, 0.0
        if len(key.stem) >= SHORTEST_LIKE and not key.is_vague:
            for (stem, number), entries in self._entries.items():
                if number == key.number and (likeness := _likeness(key.stem, stem)) > score:
                    fitting = [entry for entry in entries if self._fits(key, entry.key)]
                    best, score = (fitting[0], likeness) if fitting else (best, score)
        return UnitMatch(best.unit.id, round(score / 100 * 0.9, 2), MatchKind.LIKENESS) if best else NO_MATCH

    def _fits(self, asked: UnitKey, kept: UnitKey) -> bool:
        """Whether the levels and places go together: `UBND quận` is not the ward's UBND."""
        if asked.level and (asked.level != (kept.level or self._level or asked.level)):
            return False
        return not (asked.place and kept.place and asked.place != kept.place)

    def _add(self, unit: Unit, key: UnitKey) -> None:
        self._entries[key.stem, key.number].append(_Entry(unit, key))


def _closeness(asked: UnitKey, entry: _Entry) -> tuple[bool, bool, bool]:
    """Of several units with one stem: the same level first, then a group for a plural."""
    return asked.level == entry.key.level, asked.is_plural == entry.unit.is_group, not entry.unit.is_group


def _likeness(one: str, other: str) -> float:
    score = fuzz.ratio(one, other, score_cutoff=LIKE_ENOUGH)
    return score if score and _words_alike(one.split(), other.split()) else 0.0


def _words_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    if len(one) != len(other):
        return "".join(one) == "".join(other)
    return all(
        a == b or (len(a) > 2 and fuzz.ratio(a, b) >= LIKE_WORD) for a, b in zip(one, other, strict=True)
    )
