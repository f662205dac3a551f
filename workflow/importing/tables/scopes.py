"""How the rows between two numbered headings are counted: whether at all, and whether from 1 again.

Headings without numbers group rows without taking part in their codes, until the numbers below them
start again; a plan without any numbers is counted row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.importing.tables.numbering import NO_LABEL, Label, Rank


@dataclass(frozen=True, slots=True)
class HeadingScope:
    """What is true of all rows between two numbered headings."""

    is_unnumbered: bool
    """No item there has a number."""
    restarts: bool
    """A number is repeated there, under two headings without numbers."""


def scopes_of(labels: Sequence[Label], are_headings: Sequence[bool]) -> list[HeadingScope]:
    """The scope of each row.

    A heading above numbered ones is within the scope of the whole table: headings of its kind restart the
    numbers of the headings below them.
    """
    found: list[HeadingScope] = []
    start = 0
    outer = _outer_scope(labels, are_headings)
    for at in range(1, len(labels) + 1):
        if at < len(labels) and not (are_headings[at] and _is_numbered(labels[at])):
            continue
        scope = _scope(labels[start:at], are_headings[start:at])
        found += [outer if label.kind is Rank.OUTER else scope for label in labels[start:at]]
        start = at
    return found


def _outer_scope(labels: Sequence[Label], are_headings: Sequence[bool]) -> HeadingScope:
    """Of the headings that stand above numbered ones: whether the numbers of these start again."""
    numbered = [
        label
        for label, is_heading in zip(labels, are_headings, strict=True)
        if is_heading and _is_numbered(label) and label.kind is not Rank.ANNEX
    ]
    firsts = [label for label in numbered if label.is_first]
    return HeadingScope(is_unnumbered=False, restarts=len(firsts) > len(set(firsts)))


def _scope(labels: Sequence[Label], are_headings: Sequence[bool]) -> HeadingScope:
    group = 0
    groups: dict[Label, set[int]] = {}
    for label, is_heading in zip(labels, are_headings, strict=True):
        if is_heading:
            group += 1
        elif label is not NO_LABEL:
            groups.setdefault(label, set()).add(group)
    counted = {label: there for label, there in groups.items() if label.kind is not Rank.LOWER} or groups
    return HeadingScope(not groups, any(len(there) > 1 for there in counted.values()))


def _is_numbered(label: Label) -> bool:
    return label.kind not in (Rank.STAR, Rank.NONE, Rank.OUTER)
