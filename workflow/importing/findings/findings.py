"""A finding: one doubt of a careful reader about a plan, with its place and what to do about it.

Findings never stop an import. They are worded in Vietnamese for the office that must settle them; they are
computed in `table_findings`, `number_findings` and `item_findings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflow.domain.words import Words
from workflow.importing.tables.table import Place

MOST_PLACES = 3
LONGEST_QUOTE = 80


class FindingKind(StrEnum):
    """What kind of doubt a finding is."""

    CELL_UNREAD = "cell-unread"
    COLUMNS_GUESSED = "columns-guessed"
    COLUMN_MISSING = "column-missing"
    COLUMN_LEFT_OUT = "column-left-out"
    CELLS_FILLED = "cells-filled"
    DITTO_UNRESOLVED = "ditto-unresolved"
    COUNT_DIFFERS = "count-differs"
    NUMBER_MISSING = "number-missing"
    NUMBER_REPEATED = "number-repeated"
    NUMBER_ABSENT = "number-absent"
    TWO_SPELLINGS = "two-spellings"
    LEADER_UNREAD = "leader-unread"
    LEAD_MISSING = "lead-missing"
    PERSON_AS_UNIT = "person-as-unit"
    UNITS_UNSPLIT = "units-unsplit"
    UNIT_UNKNOWN = "unit-unknown"
    TIME_UNREAD = "time-unread"
    BEYOND_YEAR = "beyond-year"
    DEADLINE_MISSING = "deadline-missing"
    KIND_IN_DOUBT = "kind-in-doubt"
    NUMBER_IN_DOUBT = "number-in-doubt"
    FIGURE_UNREAD = "figure-unread"
    ROW_LEFT_OUT = "row-left-out"


class Severity(StrEnum):
    """Whether a finding can change what people are asked to do."""

    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: what it is, where, what to do, and the codes of the items and parts it is about."""

    kind: FindingKind
    severity: Severity
    place: str
    message: str
    cure: str
    codes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The form printed by `--json`."""
        return {
            "kind": self.kind.value,
            "severity": self.severity.value,
            "place": self.place,
            "message": self.message,
            "cure": self.cure,
            "codes": list(self.codes),
        }


def by_code(findings: Iterable[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    """The findings about each item and part."""
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        for code in dict.fromkeys(finding.codes):
            found[code] = (*found.get(code, ()), finding)
    return found


def places_said(places: Iterable[Place]) -> str:
    """The first places of many: `dòng 3, dòng 5, dòng 9 và 4 dòng khác`."""
    named = list(dict.fromkeys(str(place) for place in places))
    more = len(named) - MOST_PLACES
    first = ", ".join(named[:MOST_PLACES])
    return Words("%(places)s và %(n)s dòng khác", places=first, n=more) if more > 0 else first


def of_row(code: str, what: str) -> str:
    """A message about the row of that code: `I.2.7: Không có đơn vị chủ trì.`"""
    return Words("%(code)s: %(what)s", code=code, what=what)


def quoted(text: str) -> str:
    """The text in quotation marks, its end left out where it is long."""
    short = text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1].rstrip()}…"
    return f"“{short}”"
