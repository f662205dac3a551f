"""Forgetting a person: what goes, what stays and why, on both databases; and that no column is overlooked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, cast, func, select, update
from sqlalchemy.engine import make_url

from tests.builders import NOW, Opened, a_link, an_open_period, submitted
from workflow.domain.errors import NotAllowed
from workflow.domain.events import Event
from workflow.reports.personal_data import kind_name
from workflow.storage import Store
from workflow.storage.access import codes, links
from workflow.storage.access.links import note_use
from workflow.storage.access.mended_addresses import mend_address
from workflow.storage.audit import verify
from workflow.storage.outside.events import delivery_of
from workflow.storage.people.history import ADDRESS_MENDED, person_history
from workflow.storage.personal.forgetting import forget, prospect
from workflow.storage.personal.held_about import held_about
from workflow.storage.personal.personal_data import FATES, columns_of_persons
from workflow.storage.post import intents
from workflow.storage.private_values import ERASED
from workflow.storage.tables import (
    drafts,
    link_uses,
    metadata,
    organisations,
    persons,
    report_issues,
    roles,
    submissions,
    webhook_deliveries,
    webhooks,
)
from workflow.storage.tables import outbox as mails

OLD, ADDRESS, TELEPHONE = "ubnd@hoaxuan.example", "minhhang@hoaxuan.example", "0905 123 456"
NETWORK, BROWSER = "203.0.113.77", "Mozilla/5.0 (X11) Firefox/141.0 rieng"
LATER = NOW + timedelta(hours=1)


def lived_in(store: Store) -> tuple[Opened, int]:
    """A ward in which the committee's reporter has done and received what a person can, and has left."""
    opened = an_open_period(store)
    person = opened.person("ubnd")
    submitted(opened, opened.cycles[0])
    token = a_link(opened, "ubnd")
    with store.begin() as tx:
        mend_address(
            tx, opened.person("van-phong"), opened.organisation_id, person, ADDRESS, NOW, ends_links=False
        )
        link = links.find(tx, token, NOW)
        assert link is not None
        note_use(tx, link.id, "GET /", NETWORK, BROWSER, NOW)
        codes.ask(tx, opened.organisation_id, person, opened.period_id, "b", NOW)
        tx.execute(
            drafts.insert().values(
                person_id=person,
                period_id=opened.period_id,
                form="confirm",
                fields={"reason": f"gọi {TELEPHONE}, {ADDRESS}"},
                writer="w",
                revision=1,
                saved_at=NOW,
            )
        )
        context = {"about": "new-link", "purpose": "duties", "note": f"{ADDRESS} {TELEPHONE}"}
        told = opened.organisation_id, opened.period_id
        intents.intend(tx, intents.NOTICE, *told, [person], context, NOW)
        intents.intend(
            tx, intents.NOTICE, *told, [opened.person("van-phong")], {"about": "x", "who": ADDRESS}, NOW
        )
        tx.execute(
            update(mails)
            .where(mails.c.person_id == person)
            .values(address=ADDRESS, state="sent", sent_at=NOW)
        )
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
        said = delivery_of(
            hook_id, Event.MAIL_UNDELIVERABLE, {"person": {"id": person, "email": ADDRESS}}, NOW
        )
        tx.execute(webhook_deliveries.insert().values(said))
        listed = [{"label": "UBND phường", "email": ADDRESS, "is_printed": True}]
        tx.execute(update(organisations).values(report_recipients=listed))
        tx.execute(
            report_issues.insert().values(
                organisation_id=opened.organisation_id,
                period_id=opened.period_id,
                sequence=1,
                kind="first",
                because="",
                recipients=listed,
                begun_at=NOW,
            )
        )
        tx.execute(
            update(persons)
            .where(persons.c.id == person)
            .values(is_active=False, title=f"Phó Chủ tịch, ĐT: {TELEPHONE}")
        )
        tx.execute(roles.delete().where(roles.c.person_id == person))
    return opened, person


def everywhere(store: Store, *texts: str) -> list[str]:
    """The columns, of every table, in which one of the texts stands."""
    found = []
    with store.reading() as tx:
        for table in metadata.sorted_tables:
            for column in table.columns:
                for text in texts:
                    holds = func.lower(cast(column, String)).contains(text.lower(), autoescape=True)
                    if tx.scalar(select(func.count()).select_from(table).where(holds)):
                        found.append(f"{table.name}.{column.name}: {text}")
    return found


def bytes_of(store: Store) -> bytes:
    name = make_url(store.url).database
    assert name
    return b"".join(file.read_bytes() for file in (Path(name), Path(f"{name}-wal")) if file.exists())


def test_after_forgetting_neither_address_telephone_network_nor_browser_is_anywhere(store: Store) -> None:
    opened, person = lived_in(store)
    assert everywhere(store, ADDRESS, TELEPHONE, NETWORK)
    with store.begin() as tx:
        done = forget(tx, opened.organisation_id, person, LATER, by=opened.person("van-phong"))
    store.scrub()
    assert done.left == ()
    assert everywhere(store, OLD, ADDRESS, TELEPHONE, NETWORK, BROWSER) == []
    if store.is_sqlite:
        kept = bytes_of(store)
        assert not [text for text in (OLD, ADDRESS, TELEPHONE, NETWORK, BROWSER) if text.encode() in kept]


def test_the_log_still_holds_and_says_that_the_address_changed_and_the_person_was_forgotten(
    store: Store,
) -> None:
    opened, person = lived_in(store)
    with store.begin() as tx:
        forget(tx, opened.organisation_id, person, LATER, by=opened.person("van-phong"))
    with store.reading() as tx:
        assert verify(tx)[1] == []
        said = {one.verb: one for one in person_history(tx, opened.organisation_id, person)}
    assert (said[ADDRESS_MENDED].details["from"], said[ADDRESS_MENDED].details["to"]) == (ERASED, ERASED)
    assert said["person-forgotten"].by == "Trịnh Thu Hà"


def test_what_was_decided_stays_with_its_name(store: Store) -> None:
    opened, person = lived_in(store)
    with store.begin() as tx:
        done = forget(tx, opened.organisation_id, person, LATER, by=None)
        row = tx.execute(select(persons).where(persons.c.id == person)).one()
        assert tx.scalars(select(submissions.c.person_id)).all() == [person]
        assert tx.scalars(select(link_uses.c.id)).all() == []
    assert done.name_stays
    assert (row.name, row.title) == ("Nguyễn Thị Minh Hằng", "Phó Chủ tịch")


def test_who_never_did_anything_of_record_loses_the_name_too(store: Store) -> None:
    opened = an_open_period(store)
    person = opened.person("doan")
    with store.begin() as tx:
        tx.execute(update(persons).where(persons.c.id == person).values(is_active=False))
        name = tx.scalar(select(persons.c.name).where(persons.c.id == person))
        assert name
        assert not forget(tx, opened.organisation_id, person, LATER, by=None).name_stays
        assert tx.scalar(select(persons.c.name).where(persons.c.id == person)) != name


def test_who_is_still_in_the_directory_is_not_forgotten(store: Store) -> None:
    opened = an_open_period(store)
    with pytest.raises(NotAllowed, match="còn trong danh bạ"), store.begin() as tx:
        forget(tx, opened.organisation_id, opened.person("ubnd"), LATER, by=None)


def test_before_it_is_done_it_is_told_where_the_address_will_stay(store: Store) -> None:
    opened, person = lived_in(store)
    with store.begin() as tx:
        tx.execute(update(submissions).values(body=f"Liên hệ {ADDRESS}"))
        found = prospect(tx, opened.organisation_id, person)
        done = forget(tx, opened.organisation_id, person, LATER, by=None)
    assert found.left == done.left == (("submissions.body", 1),)


def test_the_export_holds_all_that_names_the_person_and_no_key(store: Store) -> None:
    opened, person = lived_in(store)
    with store.reading() as tx:
        told = held_about(tx, opened.organisation_id, person, LATER)
    held: dict[str, Any] = told["held"]
    assert told["person"]["email"] == ADDRESS
    assert {
        "submissions",
        "links",
        "link_uses",
        "codes",
        "drafts",
        "outbox",
        "webhook_deliveries",
    } <= held.keys()
    assert held["link_uses"]["rows"][0]["address"] == NETWORK
    assert "token_sha256" not in str(told)


def test_every_column_that_names_a_person_has_its_fate() -> None:
    assert {f"{table.name}.{column.name}" for table, column in columns_of_persons()} == FATES.keys()


def test_every_table_that_names_a_person_has_a_name_for_people() -> None:
    assert all(kind_name(where.partition(".")[0]) for where in FATES)


def test_a_receiver_of_reports_outside_the_directory_is_forgotten_at_once(store: Store) -> None:
    opened = an_open_period(store)
    with store.begin() as tx:
        outside = persons.insert().values(
            organisation_id=opened.organisation_id,
            name="Thành ủy",
            email="thanh-uy@thanhpho.example",
            is_active=True,
            is_outside=True,
        )
        person: int = tx.execute(outside.returning(persons.c.id)).scalar_one()
        assert not forget(tx, opened.organisation_id, person, LATER, by=None).is_active
    assert everywhere(store, "thanh-uy@thanhpho.example") == []
