"""The scanner kit: whatever opens, previews, clicks, replays or forges a link records not one fact, and the
person it is for still gets through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.builders import NOW, a_store, an_open_period
from tests.web.serving import served
from workflow.cli.checks import browser_checks
from workflow.cli.checks.link_checks import CHECKS, Check, Kit, form_for, outcome, real_person
from workflow.cli.checks.scratch import a_scratch
from workflow.storage import Store
from workflow.storage.tables import metadata


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """One scratch organisation for all checks: each leaves it as it found it."""
    with _kit(tmp_path_factory.mktemp("scanners")) as made:
        yield made


@contextmanager
def _kit(folder: Path) -> Iterator[Kit]:
    store = a_store(folder)
    with a_scratch(store, NOW) as scratch, served(store, folder, NOW) as url:
        yield Kit(url, scratch)
    store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_machine_records_a_fact(kit: Kit, check: Check) -> None:
    assert outcome(kit, check).problem == ""


@pytest.mark.browser
@pytest.mark.skipif(bool(browser_checks.missing()), reason="needs Chromium and playwright")
def test_a_real_browser_without_a_person_records_nothing_and_the_person_gets_through(kit: Kit) -> None:
    assert [one for one in browser_checks.outcomes(kit) if one.problem] == []


def test_the_person_confirms_and_neither_a_replay_nor_a_second_tab_adds_to_it(kit: Kit) -> None:
    assert real_person(kit).problem == ""


def test_a_check_fails_where_a_fact_was_recorded(tmp_path: Path) -> None:
    def votes(kit: Kit) -> str:
        with kit.client() as http:
            form = form_for(http.get(f"/l/{kit.scratch.link()}"), "/vote")
            http.post(form.action, data=form.fields | {"rest": "approve", "sure": "1"})
        return ""

    with _kit(tmp_path) as kit:
        assert "đã ghi nhận" in outcome(kit, Check("bỏ phiếu thật", votes)).problem


def _rows(store: Store) -> dict[str, int]:
    with store.reading() as tx:
        return {
            table.name: tx.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def test_the_scratch_organisation_is_taken_away_to_the_last_row(store: Store) -> None:
    an_open_period(store)
    before = _rows(store)
    with a_scratch(store, NOW) as scratch:
        scratch.link()
        assert _rows(store) != before
    assert _rows(store) == before
