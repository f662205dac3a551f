"""Which person of a directory a printed leader is: bound if exactly one has the whole name, else a question.

Only `person_names.name_key` binds. Namesakes, close spellings, initials, given names and titles are offered
to somebody who knows; nothing here chooses among them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from rapidfuzz import fuzz

from workflow.domain.people.directory import Directory, Person
from workflow.domain.people.person_names import name_key, untitled
from workflow.domain.plans.plan import Plan, PlanPart, without_last_nones
from workflow.importing.cells.target_kinds import keeping_kinds
from workflow.importing.folding import fold

CLOSE = 88
"""From this similarity on (0 to 100) two names may be one, misspelt."""
MOST_OFFERED = 6

P = TypeVar("P", bound=PlanPart)


class Likeness(StrEnum):
    """How a printed leader resembles the persons it may be."""

    SAME = "same"
    """Exactly one person has the whole name."""
    NAMESAKES = "namesakes"
    """Several persons have the whole name."""
    CLOSE = "close"
    """A letter or an accent differs."""
    SHORTENED = "shortened"
    """Initials, or the last words of the name."""
    WITH_MORE = "with-more"
    """The name with other words before or after it."""
    TITLE = "title"
    """The title of a person."""
    NONE = "none"

    @property
    def must_be_answered(self) -> bool:
        """Whether the plan is refused until somebody answers who it is."""
        return self in (Likeness.NAMESAKES, Likeness.CLOSE)


@dataclass(frozen=True, slots=True)
class LeaderMatch:
    """The persons a printed leader may be, the most likely first, and why."""

    likeness: Likeness
    offered: tuple[Person, ...] = ()

    @property
    def person(self) -> Person | None:
        """The person, where the name alone identifies one; else None."""
        return self.offered[0] if self.likeness is Likeness.SAME else None


class LeaderMatcher:
    """Finds persons by printed names in one directory."""

    def __init__(self, directory: Directory) -> None:
        self._persons = directory.persons
        self._by_key: dict[str, list[Person]] = defaultdict(list)
        for person in directory.persons:
            self._by_key[name_key(person.name)].append(person)
        self._found: dict[str, LeaderMatch] = {}

    def match(self, name: str) -> LeaderMatch:
        """Returns the persons a printed leader is or may be."""
        if name not in self._found:
            self._found[name] = self._match(name)
        return self._found[name]

    def ids(self, names: Iterable[str]) -> tuple[str | None, ...]:
        """The address of each leader whom the name alone identifies, in the form of `leader_ids`."""
        persons = (self.match(name).person for name in names)
        return without_last_nones([person.email if person else None for person in persons])

    def _match(self, name: str) -> LeaderMatch:
        # `Ông` is an honorific and a surname: both readings are looked up.
        keys = {key for key in (name_key(name), name_key(untitled(name))) if key}
        bearers = [person for key in sorted(keys) for person in self._by_key.get(key, ())]
        if bearers:
            return LeaderMatch(Likeness.SAME if len(bearers) == 1 else Likeness.NAMESAKES, tuple(bearers))
        printed = fold(untitled(name))
        if printed:
            for likeness, look in _LOOKS:
                ranked = [(look(printed, person), at) for at, person in enumerate(self._persons)]
                found = sorted((-score, at) for score, at in ranked if score)
                if found:
                    offered = tuple(self._persons[at] for _, at in found[:MOST_OFFERED])
                    return LeaderMatch(likeness, offered)
        return LeaderMatch(Likeness.NONE)


def _close(printed: str, person: Person) -> float:
    return fuzz.ratio(printed, fold(person.name), score_cutoff=CLOSE)


def _shortened(printed: str, person: Person) -> float:
    words, name = re.findall(r"[^\W\d_]+", printed), fold(person.name).split()
    if not words or len(words) > len(name):
        return 0
    if len(words) == len(name):
        has_initials = any(len(word) == 1 < len(own) for word, own in zip(words, name, strict=True))
        return float(
            has_initials and all(word in (own, own[:1]) for word, own in zip(words, name, strict=True))
        )
    return float(words == name[-len(words) :])


def _with_more(printed: str, person: Person) -> float:
    name = fold(person.name)
    return len(name) if " " in name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", printed) else 0


def _title(printed: str, person: Person) -> float:
    title = fold(person.title)
    return float(bool(title) and title == printed)


_LOOKS: tuple[tuple[Likeness, Callable[[str, Person], float]], ...] = (
    (Likeness.SHORTENED, _shortened),
    (Likeness.CLOSE, _close),
    (Likeness.WITH_MORE, _with_more),
    (Likeness.TITLE, _title),
)


def bound(plan: Plan, directory: Directory) -> Plan:
    """Returns the plan with each leader bound whose name identifies one person; existing bindings stay."""
    matcher = LeaderMatcher(directory)

    def row_bound(row: P) -> P:
        by_name = _padded(matcher.ids(row.leaders), len(row.leaders))
        pairs = zip(row.led_by, by_name, strict=True)
        return replace(
            row,
            leader_ids=without_last_nones([found if said is None else said for (_, said), found in pairs]),
        )

    return replace(
        plan,
        items=tuple(
            replace(row_bound(item), parts=tuple(row_bound(part) for part in item.parts))
            for item in plan.items
        ),
    )


def keeping_bindings(row: P, before: PlanPart) -> P:
    """Returns the row with the earlier bindings of its leaders, of those printed in both, by the whole name;
    and with the kinds that its targets had.

    New bindings count only for the other leaders: a person who changed their name stays the leader.
    """
    said = {name_key(untitled(name)): person for name, person in before.led_by if person is not None}
    ids = [said.get(name_key(untitled(name)), person) for name, person in row.led_by]
    targets = keeping_kinds(row.targets, before.targets)
    return replace(row, leader_ids=without_last_nones(ids), targets=targets)


def keeping_all_bindings(plan: Plan, running: Plan, earlier: dict[str, str]) -> Plan:
    """Returns a newly read plan with the leaders' bindings of the running one; `earlier` maps its items'
    codes to those they had."""
    before = {item.code: item for item in running.items}

    items = []
    for item in plan.items:
        was = before.get(earlier.get(item.code, ""))
        if was is not None:
            parts = {part.code.removeprefix(was.code): part for part in was.parts}
            item = replace(
                keeping_bindings(item, was),
                parts=tuple(
                    keeping_bindings(part, parts[suffix])
                    if (suffix := part.code.removeprefix(item.code)) in parts
                    else part
                    for part in item.parts
                ),
            )
        items.append(item)
    return replace(plan, items=tuple(items))


def _padded(ids: Sequence[str | None], count: int) -> list[str | None]:
    return [*ids, *(None,) * (count - len(ids))]
