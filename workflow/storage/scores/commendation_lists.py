"""A period's proposals for commendations as pages, documents and the council see them: the rule's, stored in
versions with the period's results, and those put forward by hand; each with the council's vote."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.periods.period import Span
from workflow.domain.scores.award_rules import Award
from workflow.domain.scores.commendations import candidacy_changes, is_proposed, subject_of
from workflow.domain.scores.score_difference import ScoreChange
from workflow.domain.words import Words
from workflow.storage.periods.periods import period_of
from workflow.storage.results.figures import Figures, figures, versions
from workflow.storage.rules import pinned_scoring
from workflow.storage.scores.commendations import COMMENDATIONS, PutForward, put_forward_in
from workflow.storage.scores.nominations import is_ad_hoc
from workflow.storage.scores.sitting_lists import Motion, Sitting, sittings_of
from workflow.storage.scores.sittings import NewMotion, open_sitting


@dataclass(frozen=True, slots=True)
class CommendationLine:
    """Someone who was considered or put forward: `grounds` are the rule's conditions (plain JSON), `by_hand`
    is how they were put forward; `motion` is what the council was asked about them."""

    subject: str
    award: Award
    who: str
    title: str
    unit: str
    cluster: str
    is_proposed: bool
    grounds: tuple[dict[str, Any], ...] = ()
    by_hand: PutForward | None = None
    motion: Motion | None = None

    @property
    def is_listed(self) -> bool:
        """Whether it belongs on the list that goes to the council."""
        return self.is_proposed or self.by_hand is not None

    @property
    def is_carried(self) -> bool:
        """Whether the council has carried it."""
        return self.motion is not None and self.motion.is_carried is True

    @property
    def reasons(self) -> list[str]:
        """Why, line by line: the reason given by hand, then the rule's conditions."""
        given = [self.by_hand.text] if self.by_hand else []
        return given + [str(ground["text"]) for ground in self.grounds]


@dataclass(frozen=True, slots=True)
class Proposals:
    """A period's proposals, each award's lines in order: the rule's, those by hand, those not proposed."""

    figures: Figures
    awards: tuple[Award, ...]
    lines: tuple[CommendationLine, ...]
    sittings: tuple[Sitting, ...] = field(default=())

    def of(self, award: Award) -> list[CommendationLine]:
        """The lines of one award."""
        return [one for one in self.lines if one.award.code == award.code]

    @property
    def open_to_vote(self) -> list[CommendationLine]:
        """What may be put to the council: listed, and not asked about yet."""
        return [one for one in self.lines if one.is_listed and one.motion is None]


def proposals(tx: Connection, period_id: int, now: datetime) -> Proposals:
    """Everyone considered for the period's commendations; empty where its rules have none."""
    rules = pinned_scoring(tx, period_id)
    kind = Span.parse(period_of(tx, period_id).code).kind
    awards = tuple(one for one in rules.awards if one.is_of(kind))
    held = tuple(one for one in sittings_of(tx, period_id, COMMENDATIONS) if not is_ad_hoc(one))
    if not awards:
        return Proposals(Figures([], None), (), (), held)
    found = figures(tx, period_id, COMMENDATIONS, now)
    asked = {motion.subject: motion for sitting in held for motion in sitting.motions}
    considered: dict[str, list[Any]] = {}
    for one in found.body:
        considered.setdefault(one["award"], []).append(one)
    by_hand: dict[str, list[PutForward]] = {}
    for entry in put_forward_in(tx, period_id):
        by_hand.setdefault(entry.award, []).append(entry)
    lines: list[CommendationLine] = []
    for award in awards:
        own = [_considered(award, one, asked) for one in considered.get(award.code, ())]
        lines += [one for one in own if one.is_proposed]
        lines += [
            _by_hand(award, one, considered.get(award.code, ()), asked) for one in by_hand.get(award.code, ())
        ]
        lines += [one for one in own if not one.is_proposed]
    return Proposals(found, awards, tuple(lines), held)


def _considered(award: Award, kept: Any, asked: dict[str, Motion]) -> CommendationLine:
    subject = subject_of(kept)
    return CommendationLine(
        subject,
        award,
        kept["name"],
        kept["title"],
        kept["unit"]["name"],
        kept["unit"]["cluster"],
        is_proposed(kept),
        tuple(kept["grounds"]),
        motion=asked.get(subject),
    )


def _by_hand(
    award: Award, entry: PutForward, considered: Collection[Any], asked: dict[str, Motion]
) -> CommendationLine:
    """The entry, with what the rule says of the same unit or person where it says something."""
    same = next(
        (one for one in considered if one["unit"]["id"] == entry.unit.id and one["name"] == entry.who), None
    )
    return CommendationLine(
        entry.subject,
        award,
        entry.who,
        entry.title,
        entry.unit.name,
        entry.unit.cluster,
        False,
        tuple(same["grounds"]) if same else (),
        entry,
        asked.get(entry.subject),
    )


def open_vote(
    tx: Connection, person_id: int, period_id: int, subjects: Collection[str], until: date, now: datetime
) -> int:
    """Puts those candidacies of a closed period to the council; returns the sitting's id."""
    if period_of(tx, period_id).closed_at is None:
        raise Conflict(
            Words("Kỳ chưa khóa, danh sách còn thay đổi."), cure=Words("Khóa kỳ rồi đưa ra hội đồng.")
        )
    council = pinned_scoring(tx, period_id).council
    found = proposals(tx, period_id, now)
    lines = [one for one in found.open_to_vote if one.subject in subjects]
    if len(lines) != len(set(subjects)):
        raise NotAllowed(Words("Danh sách vừa thay đổi."), cure=Words("Mở lại trang rồi chọn lại."))
    asked = [
        NewMotion(
            one.subject,
            f"{one.award.title}: {one.who}",
            {
                "award": one.award.title,
                "whom": one.award.whom.value,
                "who": one.who,
                "title": one.title,
                "unit": one.unit,
                "lines": [dict(ground) for ground in one.grounds],
                "reason": one.by_hand.text if one.by_hand else "",
                "evidence": one.by_hand.evidence if one.by_hand else "",
                "version": found.figures.version,
            },
            council.rule(one.award.more_than),
        )
        for one in lines
    ]
    is_secret = council.secret_commendations
    return open_sitting(tx, person_id, period_id, COMMENDATIONS, asked, until, now, is_secret=is_secret)


def commendation_changes(tx: Connection, period_id: int) -> list[tuple[Figures, list[ScoreChange]]]:
    """What each later version of a closed period's proposals changed, the last one first; versions that
    changed something else are left out."""
    kept = versions(tx, period_id, COMMENDATIONS)
    found = [(after, candidacy_changes(before.body, after.body)) for before, after in pairwise(kept)]
    return [(after, changes) for after, changes in reversed(found) if changes]
