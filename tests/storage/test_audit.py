"""The audit log: chained, so that what was changed or cut off shows."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from tests.builders import an_open_period, confirmed, submitted, voted
from workflow.storage.audit import verify
from workflow.storage.tables import audit


@pytest.fixture
def opened(store):
    found = an_open_period(store)
    submitted(found, found.cycles[0])
    confirmed(found, found.cycles[0], "mttq", "cong-an")
    voted(found, found.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    return found


def test_an_untouched_log_holds(store, opened):
    with store.reading() as tx:
        checked, faults = verify(tx)
    assert checked >= 10
    assert faults == []


def test_a_changed_entry_shows(store, opened):
    with store.begin() as tx:
        tx.execute(
            audit.update()
            .where(audit.c.verb == "voted", audit.c.seq == 7)
            .values(details={"choice": "return"})
        )
    with store.reading() as tx:
        assert [fault.what for fault in verify(tx)[1]] == ["nội dung đã bị sửa"]


def test_a_removed_entry_shows(store, opened):
    with store.begin() as tx:
        tx.execute(delete(audit).where(audit.c.chain == f"c{opened.cycles[0]}", audit.c.seq == 3))
    with store.reading() as tx:
        assert any(fault.what == "thiếu mục trước đó" for fault in verify(tx)[1])


def test_a_log_cut_off_at_its_end_shows(store, opened):
    with store.begin() as tx:
        chain = f"c{opened.cycles[0]}"
        last = tx.scalar(select(audit.c.seq).where(audit.c.chain == chain).order_by(audit.c.seq.desc()))
        tx.execute(delete(audit).where(audit.c.chain == chain, audit.c.seq == last))
    with store.reading() as tx:
        assert [fault.what for fault in verify(tx)[1]] == ["phần cuối chuỗi đã mất hoặc bị thay"]
