"""Live counters over a real server: told when they change, by one question for all who listen, and ended with
the link or the period; in a real Chromium the board's numbers change without a reload."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from tests.builders import NOW, Opened, a_link, a_plan, a_store, an_open_period, submitted
from tests.web.browsing import MARKS, browsing
from tests.web.serving import served
from workflow.storage.access.links import Purpose
from workflow.storage.tables import links, periods
from workflow.web.office import live_numbers


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_numbers, "EVERY_SECONDS", 0.2)


def _opened(folder: Path) -> Opened:
    return an_open_period(a_store(folder), plan=a_plan(4))


def _events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in answer.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value) if value else None


def _listening(streams: ExitStack, address: str) -> Iterator[tuple[str, Any]]:
    """A stream that has told its first numbers. It is held open by who holds what is given back."""
    events = _events(streams.enter_context(httpx.stream("GET", address, timeout=10)))
    next(events)
    return events


def test_the_numbers_come_at_once_and_again_when_a_report_came(tmp_path: Path) -> None:
    opened = _opened(tmp_path)
    address = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/counters"
    with (
        served(opened.store, tmp_path, opened.now) as url,
        httpx.stream("GET", url + address, timeout=10) as answer,
    ):
        events = _events(answer)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert next(events)[1]["counts"][":0"] == 4
        submitted(opened, opened.cycles[0])
        counts = next(events)[1]["counts"]
        assert (counts[":0"], counts[":1"], counts["I.1:1"]) == (3, 1, 1)


def test_ten_who_listen_ask_the_database_no_more_than_one(tmp_path: Path) -> None:
    opened = _opened(tmp_path)
    asked: list[str] = []

    def counted(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if "cycles.stage, periods.closed_at" in statement:
            asked.append(statement)

    with served(opened.store, tmp_path, opened.now) as url, ExitStack() as streams:
        tokens = [a_link(opened, "van-phong", Purpose.OFFICE) for _ in range(10)]
        held = [_listening(streams, f"{url}/o/{token}/counters") for token in tokens]
        event.listen(opened.store.engine, "before_cursor_execute", counted)
        time.sleep(2)
        event.remove(opened.store.engine, "before_cursor_execute", counted)
        assert len(held) == 10
    assert 3 <= len(asked) <= 10


def test_one_link_holds_so_many_streams_and_no_more(tmp_path: Path) -> None:
    opened = _opened(tmp_path)
    address = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/counters"
    with served(opened.store, tmp_path, opened.now) as url, ExitStack() as streams:
        held = [_listening(streams, url + address) for _ in range(live_numbers.MOST_OF_ONE_LINK)]
        assert httpx.get(url + address).status_code == 429
        assert len(held) == live_numbers.MOST_OF_ONE_LINK


@pytest.mark.parametrize("ending", ["revoked", "closed"])
def test_the_stream_ends_with_the_link_and_with_the_period(tmp_path: Path, ending: str) -> None:
    opened = _opened(tmp_path)
    address = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/counters"
    with (
        served(opened.store, tmp_path, opened.now) as url,
        httpx.stream("GET", url + address, timeout=10) as answer,
    ):
        events = _events(answer)
        next(events)
        with opened.store.begin() as tx:
            if ending == "revoked":
                tx.execute(links.update().values(revoked_at=NOW))
            else:
                tx.execute(periods.update().values(closed_at=NOW))
        assert next(events)[0] == "end"
        assert list(events) == []


class TestInABrowser:
    pytestmark = MARKS

    def test_the_boards_numbers_change_without_a_reload(self, tmp_path: Path) -> None:
        opened = _opened(tmp_path)
        with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True, width=1280) as page:
            faults: list[str] = []
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            page.goto(f"{url}/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}")
            page.get_by_text("Số liệu tự cập nhật").wait_for()
            submitted(opened, opened.cycles[0])
            page.locator(".summary .stage-waiting-confirmation b", has_text="1").wait_for(timeout=5000)
            cell = page.locator('.matrix tbody [data-n="I.1:1"]')
            assert cell.inner_text() == "1"
            assert page.get_by_role("link", name="Tải lại biểu đồ và danh sách").is_visible()
            assert faults == []
