"""Requests for a review of a closed period's score: who may ask until when, what was asked, what the council
answered. The answer is a `score_entries` fact that names the request, decided as every entry is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.lateness import Lateness, Term
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.people.directory import Role
from workflow.domain.results.record import UnitRef
from workflow.domain.scores.reviews import WHOLE, Review, ReviewFile
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.domain.vietnamese import day
from workflow.domain.words import Words
from workflow.storage.access.links import Purpose
from workflow.storage.audit import AuditEntry, record
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.people.directory import holders
from workflow.storage.people.stand_ins import holding, units_held
from workflow.storage.periods.periods import hold_period
from workflow.storage.periods.watched import Watched, watched_period
from workflow.storage.post import intents
from workflow.storage.results.entered import entries_of
from workflow.storage.results.figures import SCORES, figures
from workflow.storage.rules import pinned_rules, pinned_scoring
from workflow.storage.tables import persons, roles, score_entries, score_reviews, units

REVIEW_ASKED, REVIEW_ANSWERED = "review-asked", "review-answered"
"""`about` of the notice to the office that a review is asked for, and to the unit that it is answered;
`review` is its id."""


@dataclass(frozen=True, slots=True)
class NewReview:
    """What a unit asks: of a criterion by its code, or of the whole score."""

    unit_id: int
    code: str
    text: str
    files: Sequence[ReviewFile] = ()


def scored_units_of(tx: Connection, person_id: int, period: Watched) -> list[UnitRef]:
    """The units the person reports for that have an official score: of a closed period that is scored."""
    if not period.is_closed or not pinned_rules(tx, period.id).scoring:
        return []
    held = holding(tx, person_id, period.today).reports_for
    mine = set(tx.scalars(units_held(), {"reports_for": held}))
    if not mine:
        return []
    body = figures(tx, period.id, SCORES, period.now).body
    return [UnitRef(**one["unit"]) for one in body if one["unit"]["id"] in mine]


def review_term(period: Watched, rules: ScoringRules) -> Lateness | None:
    """Until when units may ask for a review; None where they may not: the rules have none, the period is
    open, or it is the mean of periods that had reviews of their own."""
    if rules.review is None or period.closed_at is None or rules.is_mean(period.evaluation is not None):
        return None
    days = rules.review.working_days
    return period.lateness(Term(Duty.ANSWER, period.closed_at, working_days=days))


def answer_term(period: Watched, rules: ScoringRules, review: Review) -> Lateness | None:
    """Until when the council is to answer."""
    if rules.review is None:
        return None
    days = rules.review.answer_working_days
    return period.lateness(Term(Duty.ANSWER, review.at, working_days=days))


def ask_review(tx: Connection, person_id: int, period_id: int, new: NewReview, now: datetime) -> int:
    """Records a unit's request and tells the office; returns its id. Raises Conflict after the last day."""
    hold_period(tx, period_id)
    period = watched_period(tx, period_id, now)
    if new.unit_id not in [one.id for one in scored_units_of(tx, person_id, period)]:
        raise NotAllowed(Words("Ông/bà không báo cáo thay cho đơn vị này, hoặc đơn vị không có điểm."))
    rules = pinned_scoring(tx, period_id)
    term = review_term(period, rules)
    if term is None:
        raise NotAllowed(
            Words("Kỳ này không nhận đề nghị xem lại điểm."), cure=Words("Báo Văn phòng nếu cần.")
        )
    if term.is_late:
        raise Conflict(
            Words("Đã hết hạn đề nghị xem lại điểm (ngày %(day)s).", day=day(term.last_day)),
            cure=Words("Báo Văn phòng nếu cần."),
        )
    codes = {one.code for one in rules.criteria} | {one.code for one in rules.extras} | {WHOLE}
    if new.code not in codes:
        raise NotAllowed(Words("Quy tắc không có tiêu chí này."), where=new.code)
    if not new.text.strip():
        raise NotAllowed(
            Words("Chưa ghi lý do đề nghị xem lại."), cure=Words("Ghi điểm nào chưa đúng, vì sao.")
        )
    mine = [one for one in reviews_of(tx, period_id) if one.unit.id == new.unit_id and one.code == new.code]
    if any(not one.state(rules.council).is_answered for one in mine):
        raise Conflict(
            Words("Đơn vị đã đề nghị xem lại mục này, hội đồng chưa trả lời."), cure=Words("Chờ trả lời.")
        )
    row = {
        "period_id": period_id,
        "unit_id": new.unit_id,
        "code": new.code,
        "text": new.text.strip(),
        "evidence": [asdict(one) for one in new.files],
        "person_id": person_id,
        "at": now,
    }
    review_id: int = tx.execute(score_reviews.insert().values(row).returning(score_reviews.c.id)).scalar_one()
    details = {
        "period": period_id,
        "entry": review_id,
        "unit": new.unit_id,
        "code": new.code,
        "text": new.text.strip(),
        FACT: fact_hash(FactKind.SCORE_REVIEW, row),
    }
    record(tx, period.organisation_id, now, AuditEntry("review-asked", person_id, details))
    context = {
        "about": REVIEW_ASKED,
        "review": review_id,
        "purpose": Purpose.OFFICE.value,
        "path": f"/scores/{new.unit_id}?period={period.code}",
    }
    office = holders(tx, period.organisation_id, Role.OFFICE)
    intents.intend(tx, intents.NOTICE, period.organisation_id, period_id, office, context, now)
    return review_id


def reviews_of(tx: Connection, period_id: int, review_id: int | None = None) -> list[Review]:
    """The period's requests (or that one) with what was put to the council, in the order they were made."""
    asked = (
        select(
            score_reviews,
            units.c.name.label("unit"),
            units.c.cluster,
            persons.c.name.label("person"),
        )
        .join(units, units.c.id == score_reviews.c.unit_id)
        .join(persons, persons.c.id == score_reviews.c.person_id)
        .where(score_reviews.c.period_id == period_id)
        .order_by(score_reviews.c.id)
    )
    if review_id is not None:
        asked = asked.where(score_reviews.c.id == review_id)
    rows = tx.execute(asked).all()
    entries = entries_of(tx, period_id) if rows else []
    return [
        Review(
            row.id,
            UnitRef(row.unit_id, row.unit, row.cluster),
            row.code,
            row.text,
            tuple(ReviewFile(**one) for one in row.evidence),
            row.person,
            row.at,
            tuple(one for one in entries if one.review_id == row.id),
        )
        for row in rows
    ]


def review_in(tx: Connection, period_id: int, review_id: int) -> Review:
    """One request of the period; raises NotFound."""
    found = reviews_of(tx, period_id, review_id)
    if not found:
        raise NotFound(Words("Không có đề nghị xem lại điểm này."))
    return found[0]


def check_answer(tx: Connection, period_id: int, unit_id: int, code: str, review_id: int) -> None:
    """Refuses an entry that would answer another unit's request, another criterion's, or one answered."""
    review = review_in(tx, period_id, review_id)
    council = pinned_scoring(tx, period_id).council
    if review.unit.id != unit_id or (review.code and code and code != review.code):
        raise NotAllowed(Words("Đề nghị xem lại là về mục khác."), cure=Words("Chọn đúng mục được đề nghị."))
    if review.state(council).is_answered:
        raise Conflict(Words("Hội đồng đã trả lời đề nghị xem lại này."))


def tell_answered(tx: Connection, period_id: int, entry_id: int, now: datetime) -> None:
    """Mails those who report for the unit once the council's vote on the entry answers their request."""
    review_id = tx.scalar(select(score_entries.c.review_id).where(score_entries.c.id == entry_id))
    if review_id is None:
        return
    review = review_in(tx, period_id, review_id)
    if not review.state(pinned_scoring(tx, period_id).council).is_answered:
        return
    people = tx.scalars(
        select(roles.c.person_id)
        .join(persons, persons.c.id == roles.c.person_id)
        .where(roles.c.unit_id == review.unit.id, roles.c.role == Role.REPORTER.value, persons.c.is_active)
        .order_by(roles.c.person_id)
    ).all()
    period = watched_period(tx, period_id, now)
    context = {"about": REVIEW_ANSWERED, "review": review_id, "purpose": Purpose.DUTIES.value}
    intents.intend(
        tx, intents.NOTICE, period.organisation_id, period_id, people, context | {"path": "/score"}, now
    )


def last_day_to_ask(tx: Connection, period: Watched) -> date | None:
    """The last day on which a review may be asked for; None where it may not, or no more."""
    rules = pinned_rules(tx, period.id).scores
    term = review_term(period, rules) if rules else None
    return term.last_day if term and not term.is_late else None
