"""Entries about scores put to the emulation council by link."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.domain.errors import NotAllowed
from workflow.domain.scores.score_entries import EntryKind, ScoreEntry
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.domain.vietnamese import number
from workflow.domain.words import Words
from workflow.storage.results.entered import entries_of
from workflow.storage.rules import pinned_scoring
from workflow.storage.scores.entries import entries_put_to_vote
from workflow.storage.scores.reviews import reviews_of
from workflow.storage.scores.sittings import SCORES, NewMotion, open_sitting


def waiting_entries(tx: Connection, period_id: int) -> list[ScoreEntry]:
    """The entries that wait for the council and that it is not being asked about."""
    asked = entries_put_to_vote(tx, period_id)
    return [
        one
        for one in entries_of(tx, period_id)
        if one.kind.is_voted and not one.decided_on and one.id not in asked
    ]


def open_score_vote(
    tx: Connection, person_id: int, period_id: int, entry_ids: Collection[int], until: date, now: datetime
) -> int:
    """Puts those entries to the council; returns the sitting's id."""
    rules = pinned_scoring(tx, period_id)
    titles = titles_of(rules)
    entries = [one for one in waiting_entries(tx, period_id) if one.id in entry_ids]
    if len(entries) != len(set(entry_ids)):
        raise NotAllowed(Words("Danh sách vừa thay đổi."), cure=Words("Mở lại trang rồi chọn lại."))
    reviews = {one.id: one for one in reviews_of(tx, period_id)}
    asked = [
        NewMotion(
            f"entry:{one.id}",
            f"{one.unit.name}: {titles.get(one.code, one.code) or 'toàn bộ điểm'}",
            {
                "who": one.unit.name,
                "kind": one.kind.label,
                "points": _points(one, rules),
                "reason": one.text,
                "evidence": one.evidence,
                "review": reviews[one.review_id].text if one.review_id else "",
                "files": [asdict(file) for file in reviews[one.review_id].files] if one.review_id else [],
                "review_id": one.review_id,
                "lines": [],
            },
            rules.council.rule(),
            one.id,
        )
        for one in entries
    ]
    return open_sitting(tx, person_id, period_id, SCORES, asked, until, now)


def titles_of(rules: ScoringRules) -> Mapping[str, str]:
    """The titles of criteria and of kinds of bonus and deduction, by code."""
    criteria = {one.code: one.title for one in rules.criteria}
    return criteria | {one.code: one.title for one in rules.extras}


def _points(entry: ScoreEntry, rules: ScoringRules) -> str:
    """What the entry asks for, in points, where it is a change of a criterion."""
    if entry.kind is not EntryKind.ADJUSTMENT:
        return ""
    return f"{'+' if entry.points > 0 else ''}{number(entry.points, rules.places)} điểm"
