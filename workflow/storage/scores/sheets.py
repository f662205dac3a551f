"""A unit's score in detail: the pinned rules, every line with its reasons, the facts, days and evidence
behind each reason, what people entered and how the council voted. Also the changes between versions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.errors import NotFound
from workflow.domain.scores.score_difference import UnitChange, score_difference
from workflow.domain.scores.score_entries import ScoreEntry
from workflow.domain.scores.scoring_explained import span_score_in_words
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.domain.scores.span_scores import MEAN
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.results.closing import refresh_results
from workflow.storage.results.entered import entries_of
from workflow.storage.results.figures import RECORDS, SCORES, Figures, figures, versions
from workflow.storage.rules import PinnedRules, pinned_rules
from workflow.storage.scores.entries import Meeting, decide
from workflow.storage.tables import attachments, submissions


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """An evidence file of a cycle."""

    cycle_id: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """Everything a unit's points are based on. `unit` is its stored score, `records` the cycles referred to
    by id, `files` the evidence of each, `texts` each criterion as the rules file has it."""

    figures: Figures
    pinned: PinnedRules
    rules: ScoringRules
    unit: Any
    records: dict[int, Any]
    files: dict[int, list[ScoredFile]]
    entries: list[ScoreEntry]
    texts: dict[str, str]

    @property
    def own_points(self) -> dict[str, ScoreEntry]:
        """The points the unit gave itself, by criterion: the last it said."""
        return {one.code: one for one in self.entries if not one.kind.is_voted}


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What changed between one version of the scores and the one before, and why there is a new one."""

    before: Figures
    after: Figures
    units: list[UnitChange]


def score_sheet(tx: Connection, period_id: int, unit_id: int, now: datetime) -> UnitSheet:
    """The unit's score in the period with all it goes back to; raises NotFound where it has none."""
    pinned = pinned_rules(tx, period_id)
    rules = pinned.scores
    if rules is None:
        raise NotFound(Words("Kỳ này không chấm điểm."))
    found = figures(tx, period_id, SCORES, now)
    unit = next((one for one in found.body if one["unit"]["id"] == unit_id), None)
    if unit is None:
        raise NotFound(Words("Đơn vị này không có điểm trong kỳ."))
    spoken = {cycle for reason in _reasons(unit) for cycle in reason["cycle_ids"]}
    kept = figures(tx, period_id, RECORDS, now).body
    records = {one["cycle_id"]: one for one in kept if one["cycle_id"] in spoken}
    text = pinned.scoring["toml"]
    return UnitSheet(
        found,
        pinned,
        rules,
        unit,
        dict(sorted(records.items(), key=lambda one: (one[1]["position"], one[0]))),
        _evidence(tx, spoken),
        [one for one in entries_of(tx, period_id) if one.unit.id == unit_id],
        {
            code: rule_text(text, code)
            for code in [
                *(one.code for one in rules.criteria),
                *(one.code for one in rules.extras),
            ]
        }
        | {MEAN: str(span_score_in_words(rules))},
    )


def _reasons(unit: Any) -> Iterable[Any]:
    for line in (*unit["lines"], *unit["extras"]):
        yield from line["reasons"]


def _evidence(tx: Connection, cycle_ids: Iterable[int]) -> dict[int, list[ScoredFile]]:
    """The evidence files of the cycles, each once, of every version of the reports."""
    found: dict[int, list[ScoredFile]] = defaultdict(list)
    rows = tx.execute(
        select(submissions.c.cycle_id, attachments.c.name, attachments.c.sha256)
        .join(attachments, attachments.c.submission_id == submissions.c.id)
        .where(submissions.c.cycle_id.in_(cycle_ids))
        .order_by(submissions.c.cycle_id, submissions.c.version, attachments.c.id)
    )
    for cycle_id, name, sha256 in rows:
        file = ScoredFile(cycle_id, name, sha256)
        if file not in found[cycle_id]:
            found[cycle_id].append(file)
    return dict(found)


def rule_text(toml: str, code: str) -> str:
    """The part of a rules file that has this code, as it is written there, notes and all."""
    heads = [match.start() for match in re.finditer(r"^\[\[", toml, re.MULTILINE)] + [len(toml)]
    wanted = re.compile(rf'^\s*code\s*=\s*["\']{re.escape(code)}["\']', re.MULTILINE)
    for start, end in pairwise(heads):
        if wanted.search(toml, start, end):
            return re.sub(r"\n+# -{3}.*", "", toml[start:end], flags=re.DOTALL).strip()
    return ""


def version_changes(tx: Connection, period_id: int) -> list[VersionChange]:
    """What each later version of a closed period's scores changed, the last one first."""
    kept = versions(tx, period_id)
    return [
        VersionChange(before, after, score_difference(before.body, after.body))
        for before, after in reversed(list(pairwise(kept)))
    ]


def decide_entry(
    tx: Connection, person_id: int, entry_id: int, meeting: Meeting, now: datetime
) -> int | None:
    """Records the council's vote; in a closed period writes new results and returns their version."""
    period_id = decide(tx, person_id, entry_id, meeting, now)
    because = f"hội đồng biểu quyết, biên bản {meeting.minutes.strip()} ngày {day(meeting.met_on)}"
    return refresh_results(tx, period_id, because, now)
