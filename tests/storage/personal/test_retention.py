"""What is kept for a while only: gone after its days, untouched before, and never what a decision rests
on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, update

from tests.builders import NOW, Opened, a_link, an_open_period, submitted
from workflow import old_files
from workflow.domain.events import Event
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.access import codes, links
from workflow.storage.access.links import Purpose
from workflow.storage.outside.events import delivery_of
from workflow.storage.personal.retention import KINDS, due, remove_due
from workflow.storage.post import intents
from workflow.storage.tables import (
    ballots,
    link_uses,
    periods,
    submissions,
    webhook_deliveries,
    webhooks,
)
from workflow.storage.tables import codes as code_rows
from workflow.storage.tables import links as link_rows
from workflow.storage.tables import outbox as mails

DAYS = Settings().keep_days


def a_used_link(opened: Opened, purpose: Purpose) -> None:
    with opened.store.begin() as tx:
        token = links.make(
            tx, opened.person("ubnd"), purpose, opened.period_id, NOW, lifetime=timedelta(hours=1)
        )
        link = links.find(tx, token, NOW)
        assert link is not None
        links.note_use(tx, link.id, "GET /", "203.0.113.7", "Firefox", NOW)


def a_mail(opened: Opened, state: str) -> None:
    with opened.store.begin() as tx:
        context = {"about": "x", "issue": 3, "text": "riêng"}
        told = opened.organisation_id, opened.period_id, [opened.person("ubnd")]
        tx.execute(mails.delete())
        intents.intend(tx, intents.NOTICE, *told, context, NOW)
        tx.execute(update(mails).values(state=state, sent_at=NOW, address="ubnd@hoaxuan.example", error="x"))
        tx.execute(update(periods).values(closed_at=NOW))


def a_code(opened: Opened) -> None:
    with opened.store.begin() as tx:
        codes.ask(tx, opened.organisation_id, opened.person("ubnd"), opened.period_id, "b", NOW)
        tx.execute(mails.delete())


def a_delivery(opened: Opened) -> None:
    with opened.store.begin() as tx:
        hook = webhooks.insert().values(
            organisation_id=opened.organisation_id,
            name="a",
            url="https://example.com",
            form="tiendo",
            events=[],
            secret="s",
            made_at=NOW,
        )
        hook_id: int = tx.execute(hook.returning(webhooks.c.id)).scalar_one()
        tx.execute(
            webhook_deliveries.insert().values(delivery_of(hook_id, Event.PING, {}, NOW) | {"state": "sent"})
        )


def count(tx: Connection, table: object) -> int:
    return tx.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


CASES: dict[str, tuple[Callable[[Opened], None], Callable[[Connection], bool]]] = {
    "addresses_keep_days": (
        lambda opened: a_used_link(opened, Purpose.DUTIES),
        lambda tx: tx.execute(select(link_uses.c.address, link_uses.c.agent)).all() == [("", "")],
    ),
    "sign_ins_keep_days": (
        lambda opened: a_used_link(opened, Purpose.SESSION),
        lambda tx: count(tx, link_rows) == count(tx, link_uses) == 0,
    ),
    "links_keep_days": (
        lambda opened: a_used_link(opened, Purpose.DUTIES),
        lambda tx: count(tx, link_rows) == count(tx, link_uses) == 0,
    ),
    "codes_keep_days": (a_code, lambda tx: count(tx, code_rows) == 0),
    "mails_keep_days": (
        lambda opened: a_mail(opened, "sent"),
        lambda tx: (
            tx.execute(select(mails.c.context, mails.c.address)).all() == [({"about": "x", "issue": 3}, "")]
        ),
    ),
    "bounces_keep_days": (
        lambda opened: a_mail(opened, "bounced"),
        lambda tx: tx.execute(select(mails.c.address, mails.c.error)).all() == [("", "")],
    ),
    "webhooks_keep_days": (a_delivery, lambda tx: count(tx, webhook_deliveries) == 0),
}


def test_each_kind_has_a_setting_and_a_case() -> None:
    assert {kind.setting for kind in KINDS} == CASES.keys() <= DAYS.keys()


@pytest.mark.parametrize("setting", CASES)
def test_it_goes_after_its_days_and_not_before(store: Store, setting: str) -> None:
    opened = an_open_period(store)
    make, is_gone = CASES[setting]
    make(opened)
    only = dict.fromkeys(DAYS, 0) | {setting: DAYS[setting]}
    with store.begin() as tx:
        remove_due(tx, only, NOW + timedelta(days=DAYS[setting] - 1))
        assert not is_gone(tx)
        later = NOW + timedelta(days=DAYS[setting] + 1)
        assert sum(one.count for one in due(tx, only, later)) == 1
        assert sum(one.count for one in remove_due(tx, only, later)) == 1
        assert is_gone(tx)
        assert sum(one.count for one in due(tx, only, later)) == 0


def test_nothing_that_was_decided_is_ever_too_old(store: Store) -> None:
    opened = an_open_period(store)
    submitted(opened, opened.cycles[0])
    a_link(opened, "ubnd")
    with store.begin() as tx:
        before = count(tx, submissions), count(tx, ballots)
        remove_due(tx, DAYS, NOW + timedelta(days=9999))
        assert (count(tx, submissions), count(tx, ballots)) == before


def test_a_setting_of_nought_keeps_for_ever(store: Store) -> None:
    opened = an_open_period(store)
    a_used_link(opened, Purpose.DUTIES)
    with store.begin() as tx:
        remove_due(tx, dict.fromkeys(DAYS, 0), NOW + timedelta(days=9999))
        assert count(tx, link_uses) == 1


def test_a_log_is_turned_over_and_its_old_part_goes(tmp_path: Path) -> None:
    log = tmp_path / "prefect" / "server.log"
    log.parent.mkdir()
    log.write_text("first\n")
    assert old_files.remove_old_files(tmp_path, NOW - timedelta(days=30), NOW) == 0
    (turned,) = log.parent.glob("server.log.*")
    assert (log.read_text(), turned.read_text()) == ("", "first\n")
    log.write_text("second\n")
    distant = NOW + timedelta(days=9999)
    assert old_files.remove_old_files(tmp_path, distant, NOW) == 1
    assert log.read_text() == "second\n"
