"""A changed address, or links taken away: every link of the person ends, of whatever period, unless the
office says otherwise; the page and the history say how many."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import NOW, a_link
from tests.web.visiting import Visit, a_visit, form_of, post, text_of
from workflow.domain.periods.period import Span
from workflow.storage.access import codes, links
from workflow.storage.access.links import Purpose
from workflow.storage.access.mended_addresses import mend_address
from workflow.storage.opening.opening import open_period
from workflow.storage.tables import outbox, periods


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """A ward with two open periods."""
    visit = a_visit(tmp_path)
    with visit.opened.store.begin() as tx:
        rules = tx.scalar(select(periods.c.rules_id))
        assert rules is not None
        open_period(tx, visit.opened.plan_id, Span.parse("2026-Q2"), rules, NOW)
    return visit


def a_link_of(visit: Visit, code: str) -> str:
    """A link of the people's committee for a period."""
    with visit.opened.store.begin() as tx:
        period = tx.scalar(select(periods.c.id).where(periods.c.code == code))
        return f"/l/{links.make(tx, visit.opened.person('ubnd'), Purpose.DUTIES, period, NOW)}"


def office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def alive(visit: Visit, *addresses: str) -> list[bool]:
    return [visit.client.get(address).status_code == 200 for address in addresses]


def test_a_changed_address_ends_the_links_of_every_period_and_says_how_many(visit: Visit) -> None:
    held = [a_link_of(visit, "2026-Q1"), a_link_of(visit, "2026-Q2")]
    base, person = office(visit), visit.opened.person("ubnd")
    form = form_of(visit.client.get(f"{base}/directory/people/{person}"), f"/people/{person}")
    said = text_of(post(visit, form, form.filled(email="moi@hoaxuan.example")))
    assert alive(visit, *held) == [False, False]
    assert "Đã thu hồi 2 đường dẫn." in said
    assert "Thu hồi 2 đường dẫn, ở mọi kỳ" in said
    with visit.opened.store.reading() as tx:
        sent = select(outbox.c.period_id).where(outbox.c.kind == "notice", outbox.c.person_id == person)
        assert len(tx.scalars(sent).all()) == 2


def test_the_office_may_keep_the_links_when_it_changes_an_address(visit: Visit) -> None:
    held = [a_link_of(visit, "2026-Q1"), a_link_of(visit, "2026-Q2")]
    base, person = office(visit), visit.opened.person("ubnd")
    form = form_of(visit.client.get(f"{base}/directory/people/{person}"), f"/people/{person}")
    said = text_of(post(visit, form, form.filled(email="moi@hoaxuan.example", renew="")))
    assert alive(visit, *held) == [True, True]
    assert "Đã thu hồi" not in said


@pytest.mark.parametrize("only", [False, True], ids=["all", "of the period"])
def test_links_are_taken_away_in_every_period_unless_the_box_says_one(visit: Visit, only: bool) -> None:
    held = [a_link_of(visit, "2026-Q1"), a_link_of(visit, "2026-Q2")]
    page = visit.client.get(f"{office(visit)}/people/{visit.opened.person('ubnd')}?period=2026-Q1")
    form = form_of(page, "/links")
    said = text_of(post(visit, form, form.filled(**({"only": "1"} if only else {}))))
    assert alive(visit, *held) == [False, only]
    assert f"Đã thu hồi {1 if only else 2} đường dẫn." in said


def test_an_address_mended_after_a_bounce_ends_what_went_to_the_former_one(visit: Visit) -> None:
    held = a_link_of(visit, "2026-Q2")
    opened = visit.opened
    with opened.store.begin() as tx:
        told = opened.organisation_id, opened.person("ubnd"), "moi@hoaxuan.example", NOW
        assert mend_address(tx, opened.person("van-phong"), *told) == 1
    assert alive(visit, held) == [False]


def test_a_browser_trusted_by_a_code_is_trusted_no_more(visit: Visit) -> None:
    opened, person = visit.opened, visit.opened.person("ubnd")
    with opened.store.begin() as tx:
        codes.ask(tx, opened.organisation_id, person, opened.period_id, "a-browser", NOW)
        code = codes.draw(tx, 1, NOW)
        assert code is not None
        codes.enter(tx, person, opened.period_id, "a-browser", code, NOW)
        assert codes.is_trusted(tx, person, opened.period_id, "a-browser", NOW)
        told = opened.organisation_id, person, "moi@hoaxuan.example", NOW
        mend_address(tx, opened.person("van-phong"), *told)
        assert not codes.is_trusted(tx, person, opened.period_id, "a-browser", NOW)
