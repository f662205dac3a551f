"""The lines above a table that name it: `PHỤ LỤC II`, `B. Nhiệm vụ thường xuyên`.

One table needs no name. Where several tables each count from 1, the names keep their numbers apart; a
table without a name then gets one (`Biểu 2`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workflow.importing.tables.numbering import NO_LABEL, Label, Rank, split_label
from workflow.importing.tables.rows import PlanRow, a_heading
from workflow.importing.tables.table import Cell, Place

_ANNEX = re.compile(
    r"(?:phụ lục|phụ biểu|biểu|bảng)(?:\s+(?:số\s*)?(?P<number>\d{1,2}|[IVX]{1,5}|[A-E]))?\s*"
    r"(?:$|[.:–-]\s*(?P<title>.*))",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\(?(?:ban hành )?kèm theo|đơn vị(?: tính)?:|\(.*\)$", re.IGNORECASE)
_LONGEST_TITLE = 200
_MOST_HEADINGS = 3


@dataclass(frozen=True, slots=True)
class Opening:
    """The start of a table: the row it begins before, and the lines above it."""

    at: int
    lines: tuple[Cell, ...]
    place: Place

    @staticmethod
    def names_an_annex(line: str) -> bool:
        """Whether a line is an annex's: `PHỤ LỤC 02`, `Biểu số 1: Nhiệm vụ trọng tâm`."""
        return len(line) <= _LONGEST_TITLE and bool(_ANNEX.match(line))

    @property
    def annex(self) -> int | None:
        """Which of the lines names an annex."""
        marked = [at for at, line in enumerate(self.lines) if self.names_an_annex(line.flat)]
        return marked[-1] if marked else None

    @property
    def headings(self) -> list[PlanRow]:
        """The numbered lines right above the table, outermost first."""
        found: list[PlanRow] = []
        for line in reversed(self.lines[-_MOST_HEADINGS - 1 :]):
            label, title = split_label(line.flat)
            if _ASIDE.match(line.flat) and not found:
                continue
            is_outer = not found or label.depth < found[0].label.depth
            if label is NO_LABEL or len(title) > _LONGEST_TITLE or not is_outer or label.kind is Rank.LOWER:
                break
            found.insert(0, a_heading(label, title.rstrip(":"), line.place))
        return found

    @property
    def caption(self) -> str:
        """The table's caption: the lines below the annex's line, else the last one."""
        annex = self.annex
        below = self.lines[annex + 1 :] if annex is not None else self.lines[-2:]
        said = [line.flat for line in below if not _ASIDE.match(line.flat)]
        words = said[:2] if annex is not None else said[-1:]
        return " ".join(words) if all(len(text) <= _LONGEST_TITLE for text in words) else ""

    def as_annex(self, count: int) -> PlanRow:
        """The heading of the annex; `count` numbers it where its own line does not."""
        if self.annex is None:
            return a_heading(Label(f"B{count}", Rank.ANNEX), self.caption or f"Biểu {count}", self.place)
        line = self.lines[self.annex]
        named = _ANNEX.match(line.flat)
        assert named
        number = named["number"] or str(count)
        title = f"{line.flat} {self.caption}".strip()
        return a_heading(Label(f"PL{number.upper()}", Rank.ANNEX), title, line.place)


def with_openings(rows: Sequence[PlanRow], openings: Sequence[Opening]) -> list[PlanRow]:
    """The rows with a heading at each opening, where the plan needs them to keep its tables apart."""
    annexes = [opening for opening in openings if opening.annex is not None]
    if len(annexes) > 1:
        added = {opening.at: [opening.as_annex(count)] for count, opening in enumerate(annexes, start=1)}
    else:
        added = {opening.at: opening.headings for opening in openings if opening.headings}
        if len(added) == 1 and openings[0].headings and not _goes_on(openings[0].headings[-1], rows):
            added = {}
        divided = _divided(rows, [opening for opening in openings if not opening.headings])
        added |= {opening.at: [opening.as_annex(count)] for count, opening in enumerate(divided, start=1)}
    found: list[PlanRow] = []
    for at, row in enumerate(rows):
        found += added.get(at, [])
        found.append(row)
    return _without_repeated_labels(found)


def _goes_on(heading: PlanRow, rows: Sequence[PlanRow]) -> bool:
    """Whether the headings within the table count on from the one above it: `III` below `II`, with no `I`."""
    alike = [row.label for row in rows if row.label.kind is heading.label.kind and not row.has_work]
    is_counted = heading.label.kind in (Rank.PART, Rank.UPPER, Rank.ROMAN)
    return is_counted and bool(alike) and not any(label.is_first for label in alike)


def _divided(rows: Sequence[PlanRow], openings: Sequence[Opening]) -> list[Opening]:
    """The tables without a name whose numbers start again; none where only the first would have one."""
    if not openings:
        return []
    starts: list[Opening] = [openings[0]]
    for opening in openings[1:]:
        above = rows[starts[-1].at : opening.at]
        first = rows[opening.at].label if opening.at < len(rows) else NO_LABEL
        begins_again = first.is_first and first in [row.label for row in above]
        if begins_again and above and above[-1].has_work:
            starts.append(opening)
    return starts if len(starts) > 1 else []


def _without_repeated_labels(rows: Sequence[PlanRow]) -> list[PlanRow]:
    """Two annexes of one number (a slip of the pen) are numbered by their order."""
    seen: set[str] = set()
    found: list[PlanRow] = []
    for row in rows:
        if row.label.kind is Rank.ANNEX and row.label.text in seen:
            label = Label(f"{row.label.text}-{len(seen) + 1}", Rank.ANNEX)
            row = replace(row, label=label, number=label.text)
        if row.label.kind is Rank.ANNEX:
            seen.add(row.label.text)
        found.append(row)
    return found
