"""The council's vote ends while the period closes: neither waits for ever, and the lock holds both."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, Opened, an_open_period
from workflow.domain.cycles.cycle import Choice
from workflow.domain.rules.routing_rules import ApprovalRule
from workflow.storage import Store
from workflow.storage.files import Files
from workflow.storage.results import closing
from workflow.storage.results.closing import close_period
from workflow.storage.results.lock_checks import check_lock
from workflow.storage.scores.sittings import COMMENDATIONS, NewMotion, cast, close_sitting, open_sitting

LATER = NOW + timedelta(days=60)
COUNCIL = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")


def asked(opened: Opened) -> int:
    """A council asked in an open period, in which all but the last member have voted."""
    motion = NewMotion("giay-khen/ubnd", "UBND phường", {}, ApprovalRule())
    with opened.store.begin() as tx:
        office = opened.person("van-phong")
        until = (LATER + timedelta(days=3)).date()
        sitting = open_sitting(tx, office, opened.period_id, COMMENDATIONS, [motion], until, LATER)
        for member in COUNCIL[:-1]:
            cast(tx, opened.person(member), sitting, {1: Choice.APPROVE}, LATER)
    return sitting


def by_the_office(tx: Any, opened: Opened, sitting: int) -> None:
    close_sitting(tx, opened.person("van-phong"), sitting, LATER)


def by_the_last_ballot(tx: Any, opened: Opened, sitting: int) -> None:
    cast(tx, opened.person(COUNCIL[-1]), sitting, {1: Choice.APPROVE}, LATER)


@pytest.mark.parametrize("end", [by_the_office, by_the_last_ballot])
def test_a_sitting_that_ends_while_the_period_closes_is_sealed(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[Any, Opened, int], None],
) -> None:
    opened = an_open_period(store)
    sitting = asked(opened)
    is_closing, failed = threading.Event(), []
    reckon = closing.counted

    def slowly(*given: Any) -> Any:
        is_closing.set()
        time.sleep(0.7)
        return reckon(*given)

    monkeypatch.setattr(closing, "counted", slowly)

    def close() -> None:
        with store.begin() as tx:
            close_period(tx, opened.period_id, LATER, is_early=True)

    def end_it() -> None:
        is_closing.wait(10)
        with store.begin() as tx:
            end(tx, opened, sitting)

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            failed.append(error)

    crowd = [threading.Thread(target=run, args=(act,)) for act in (close, end_it)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(30)
    assert failed == []
    with store.reading() as tx:
        state = check_lock(tx, Files(f"file://{tmp_path / 'files'}"), opened.period_id)
    assert state.faults == ()
    assert list(state.latest.body["entries"]["sittings"]) == [str(sitting)]
