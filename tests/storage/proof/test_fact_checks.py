"""The facts against the audit log, in open periods too, on both databases: what is altered in a table is
found without any lock, and named."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from tests.builders import Opened, an_open_period, confirmed, submitted, voted
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.fact_hashes import FactKind
from workflow.storage.proof.fact_checks import VERBS, check_facts
from workflow.storage.tables import ballots, confirmations, cycles, periods, submissions


@pytest.fixture
def opened(store: Store) -> Opened:
    found = an_open_period(store)
    submitted(found, found.cycles[0])
    confirmed(found, found.cycles[0], "mttq", "cong-an")
    voted(found, found.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    return found


def told(store: Store) -> list[str]:
    with store.reading() as tx:
        assert verify(tx)[1] == []
        return [f"{one.place}: {one.what}" for one in check_facts(tx)[1]]


def test_untouched_facts_agree_with_the_log(opened: Opened) -> None:
    with opened.store.reading() as tx:
        checked, differences = check_facts(tx)
    assert differences == []
    assert checked >= 6


ALTERATIONS: tuple[tuple[Any, str], ...] = (
    (
        update(ballots).values(choice="return", reason="x").where(ballots.c.id == 1),
        "Phiếu biểu quyết số 1 khác nhật ký (mục 6): lựa chọn, lý do.",
    ),
    (
        update(ballots).values(person_id=1).where(ballots.c.id == 1),
        "Phiếu biểu quyết số 1 khác nhật ký (mục 6): người ghi.",
    ),
    (delete(ballots).where(ballots.c.id == 2), "Phiếu biểu quyết: nhật ký có (mục 7), dữ liệu không có."),
    (
        update(confirmations).values(verdict="object").where(confirmations.c.id == 1),
        "Xác nhận phối hợp số 1 khác nhật ký (mục 3): ý kiến.",
    ),
    (
        update(submissions).values(body="khác"),
        "Báo cáo kết quả số 1 khác nhật ký (mục 1): phần mà nhật ký chỉ giữ mã băm.",
    ),
    (update(submissions).values(progress=3), "Báo cáo kết quả số 1 khác nhật ký (mục 1): tiến độ."),
    (update(cycles).values(stage="lapsed").where(cycles.c.id == 1), "Giai đoạn khác nhật ký."),
    (update(cycles).values(version=9).where(cycles.c.id == 1), "Lần báo cáo khác nhật ký."),
)


def test_whatever_is_altered_in_an_open_period_is_named(opened: Opened) -> None:
    for statement, what in ALTERATIONS:
        with opened.store.begin() as tx, tx.begin_nested() as trial:
            tx.execute(statement)
            differences = [f"{one.place}: {one.what}" for one in check_facts(tx)[1]]
            trial.rollback()
        assert differences == [f"2026-Q1 I.1.1: {what}"], differences


def test_a_ballot_put_in_beside_the_log_is_named(opened: Opened) -> None:
    with opened.store.begin() as tx:
        row = tx.execute(select(ballots).where(ballots.c.id == 1)).one()._asdict()
        tx.execute(ballots.insert().values(row | {"id": 99, "person_id": opened.person("uy-vien-2")}))
    assert told(opened.store) == ["2026-Q1 I.1.1: Phiếu biểu quyết số 99 không có trong nhật ký."]


def test_a_period_that_only_its_row_calls_closed_is_named(opened: Opened) -> None:
    with opened.store.begin() as tx:
        tx.execute(update(periods).values(closed_at=periods.c.opened_at))
    assert [one.split(": ")[1] for one in told(opened.store)] == ["Việc khóa kỳ 2026-Q1 khác nhật ký."]


def test_every_kind_of_fact_has_an_entry_that_holds_its_hash() -> None:
    assert set(VERBS.values()) == set(FactKind)


def test_how_many_statements_it_takes_does_not_depend_on_how_many_facts_there_are(opened: Opened) -> None:
    counts = []
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(opened.store.engine, "before_cursor_execute", note)
    for cycle in opened.cycles[1:]:
        submitted(opened, cycle)
        asked.clear()
        with opened.store.reading() as tx:
            check_facts(tx)
        counts.append(len(asked))
    assert counts[0] == counts[-1] < 40
