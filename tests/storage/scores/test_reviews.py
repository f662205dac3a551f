"""A unit asks for a review of its closed score; the council's vote on the answer decides it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.builders import Opened
from tests.storage.scores.test_scores import LATER, asked, closed, own, points
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.scores.reviews import ReviewState
from workflow.domain.scores.score_entries import EntryKind
from workflow.storage.audit import verify
from workflow.storage.periods.watched import watched_period
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.rules import pinned_scoring
from workflow.storage.scores.entries import NewEntry, enter
from workflow.storage.scores.reviews import NewReview, ask_review, review_in, review_term
from workflow.storage.scores.sittings import cast
from workflow.storage.store import Store
from workflow.storage.tables import outbox


def ask(opened: Opened, code: str = "chat-luong", by: str = "ubnd", unit: str = "ubnd", days: int = 0) -> int:
    with opened.store.begin() as tx:
        period = watched_period(tx, opened.period_id, LATER)
        assert period.closed_at
        new = NewReview(opened.units[unit], code, "Hai lần trả lại không do đơn vị")
        at = period.closed_at + timedelta(days=days)
        return ask_review(tx, opened.person(by), opened.period_id, new, at)


def answered(opened: Opened, review: int, kind: EntryKind, value: str = "0", code: str = "chat-luong") -> int:
    with opened.store.begin() as tx:
        rules = pinned_scoring(tx, opened.period_id)
        new = NewEntry(opened.units["ubnd"], kind, code, "Đúng là lỗi", Decimal(value), review_id=review)
        return enter(tx, opened.person("van-phong"), opened.period_id, new, rules, LATER)


def voted(opened: Opened, entry: int, choice: Choice) -> None:
    sitting = asked(opened, entry)
    for box in ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3"):
        with opened.store.begin() as tx:
            cast(tx, opened.person(box), sitting.id, {one.id: choice for one in sitting.motions}, LATER)


def state(opened: Opened, review: int) -> ReviewState:
    with opened.store.reading() as tx:
        rules = pinned_scoring(tx, opened.period_id)
        return review_in(tx, opened.period_id, review).state(rules.council)


def told(opened: Opened, about: str) -> list[int]:
    with opened.store.reading() as tx:
        rows = tx.execute(outbox.select().where(outbox.c.period_id == opened.period_id))
        return [row.person_id for row in rows if row.context.get("about") == about]


def test_a_carried_adjustment_changes_the_score_and_the_unit_is_told_once(store: Store) -> None:
    opened = closed(store)
    before = points(own(opened), "chat-luong")
    review = ask(opened)
    assert state(opened, review) is ReviewState.WAITING
    entry = answered(opened, review, EntryKind.ADJUSTMENT, "1.5")
    assert state(opened, review) is ReviewState.PUT
    voted(opened, entry, Choice.APPROVE)
    assert state(opened, review) is ReviewState.CHANGED
    assert points(own(opened), "chat-luong") == before + Decimal("1.5")
    assert told(opened, "review-answered") == [opened.person("ubnd")]
    assert opened.person("van-phong") in told(opened, "review-asked")
    with store.reading() as tx:
        assert verify(tx)[1] == []
        assert check_facts(tx)[1] == []


@pytest.mark.parametrize(
    ("kind", "value", "choice"),
    [(EntryKind.UPHOLD, "0", Choice.APPROVE), (EntryKind.ADJUSTMENT, "1.5", Choice.RETURN)],
    ids=["stays", "change refused"],
)
def test_the_score_stays_where_the_council_says_so_or_refuses_the_change(
    store: Store, kind: EntryKind, value: str, choice: Choice
) -> None:
    opened = closed(store)
    before = own(opened)
    review = ask(opened)
    voted(opened, answered(opened, review, kind, value), choice)
    assert state(opened, review) is ReviewState.UPHELD
    assert own(opened)["total"] == before["total"]
    assert told(opened, "review-answered") == [opened.person("ubnd")]


def test_a_refusal_to_let_the_score_stay_is_no_answer_yet(store: Store) -> None:
    opened = closed(store)
    review = ask(opened)
    voted(opened, answered(opened, review, EntryKind.UPHOLD), Choice.RETURN)
    assert state(opened, review) is ReviewState.WAITING
    assert told(opened, "review-answered") == []


def test_asked_after_the_last_working_day_it_is_refused_with_that_day(store: Store) -> None:
    opened = closed(store)
    with store.reading() as tx:
        term = review_term(watched_period(tx, opened.period_id, LATER), pinned_scoring(tx, opened.period_id))
    assert term
    with pytest.raises(Conflict, match=f"{term.last_day:%d/%m/%Y}"):
        ask(opened, days=30)
    assert told(opened, "review-asked") == []


def test_nobody_asks_for_another_unit_nor_twice_before_the_answer(store: Store) -> None:
    opened = closed(store)
    with pytest.raises(NotAllowed):
        ask(opened, by="mttq")
    ask(opened)
    with pytest.raises(Conflict):
        ask(opened)
    assert ask(opened, code="")


def test_an_answer_is_about_what_was_asked_and_comes_once(store: Store) -> None:
    opened = closed(store)
    review = ask(opened)
    with pytest.raises(NotAllowed):
        answered(opened, review, EntryKind.ADJUSTMENT, "1", code="bao-cao")
    voted(opened, answered(opened, review, EntryKind.UPHOLD), Choice.APPROVE)
    with pytest.raises(Conflict):
        answered(opened, review, EntryKind.ADJUSTMENT, "1")
