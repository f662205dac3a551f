"""Several connections at once, each used again; and no more than its share to one domain."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.builders import a_directory, a_plan, a_store, an_open_period
from tests.mail.post.test_sending import everyone_is_told
from tests.mail.post_office import PostOffice, Sending, a_post_office, listening
from workflow.domain.people.directory import Person, Role
from workflow.mail.post.sending import Mailer
from workflow.storage import Store
from workflow.storage.post import claims, intents

ELSEWHERE = Person("Mai Văn Sơn", "son@thanhpho.example", "", (("doan", Role.REPORTER),))


@dataclass(slots=True)
class SlowOffice(PostOffice):
    """Takes a tenth of a second over a mail, and counts how many it holds at once."""

    held: int = 0
    most: int = 0
    to_wait: float = field(default=0.1)

    async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]
        self.held += 1
        self.most = max(self.most, self.held)
        await asyncio.sleep(self.to_wait)
        self.held -= 1
        return await PostOffice.handle_DATA(self, server, session, envelope)


def a_mailer(sending: Sending, **settings: Any) -> Mailer:
    changed = sending.settings.model_copy(update=settings)
    return Mailer(sending.opened.store, changed, sending.clock, sending.files, wall=lambda: sending.wall)


async def _until_accepted(mailer: Mailer, office: PostOffice, count: int) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(mailer.run(stop))
    async with asyncio.timeout(30):
        while len(office.accepted) < count:
            await asyncio.sleep(0.02)
    stop.set()
    await running


async def test_a_few_connections_carry_all_mails_at_once_and_each_goes_once(
    store: Store, tmp_path: Path
) -> None:
    with listening(SlowOffice()) as office:
        sending = Sending(an_open_period(store, plan=a_plan(1)), tmp_path, office.port)
        everyone_is_told(sending)
        await _until_accepted(a_mailer(sending, mail_connections=3), office, 14)
    assert (office.most, office.n_connections) == (3, 3)
    assert len(set(office.seen)) == len(office.seen) == 14
    assert {row.state for row in sending.rows("notice")} == {"sent"}


async def test_a_mail_under_way_is_brought_to_its_end_when_told_to_stop(tmp_path: Path) -> None:
    with listening(SlowOffice()) as office:
        office.to_wait = 0.5
        sending = Sending(an_open_period(a_store(tmp_path), plan=a_plan(1)), tmp_path, office.port)
        stop = asyncio.Event()
        running = asyncio.create_task(a_mailer(sending).run(stop))
        async with asyncio.timeout(10):
            while not office.held:
                await asyncio.sleep(0.01)
        stop.set()
        await running
    assert [row.state for row in sending.rows()] == ["sent"]


async def test_one_domain_gets_no_more_than_its_share_of_a_minute_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    with a_post_office() as office:
        opened = an_open_period(a_store(tmp_path), plan=a_plan(1), directory=a_directory(extra=[ELSEWHERE]))
        sending = Sending(opened, tmp_path, office.port)
        everyone_is_told(sending)
        mailer = a_mailer(sending, mail_per_domain_per_minute=4)
        assert (await mailer.drain()).accepted == 5
        assert len(office.mails_to("son@thanhpho.example")) == 1
        assert (await mailer.drain()).accepted == 0
        sending.wall += timedelta(seconds=61)
        assert (await mailer.drain()).accepted == 4


async def test_a_digest_waits_while_another_to_the_same_person_is_under_way(
    store: Store, tmp_path: Path
) -> None:
    with a_post_office() as office:
        sending = Sending(an_open_period(store, plan=a_plan(1)), tmp_path, office.port)
        opened = sending.opened
        with opened.store.begin() as tx:
            assert claims.claim(tx, sending.clock.now(), 5, wall=sending.wall)
        with opened.store.begin() as tx:
            people = [opened.person("ubnd")]
            intents.intend(
                tx, intents.DIGEST, opened.organisation_id, opened.period_id, people, {}, opened.now
            )
            assert claims.claim(tx, sending.clock.now(), 5, wall=sending.wall) == []


async def test_a_mail_that_met_a_421_waits_and_then_goes_once(
    tmp_path: Path,
) -> None:
    with a_post_office() as office:
        office.to_recipients = ["421 4.3.2 closing"]
        sending = Sending(an_open_period(a_store(tmp_path), plan=a_plan(1)), tmp_path, office.port)
        mailer = sending.mailer()
        assert (await mailer.drain()).refused == 1
        (row,) = sending.rows()
        assert (row.state, row.attempts) == ("retry", 1)
        sending.pass_time(minutes=5)
        assert (await mailer.drain()).accepted == 1
    assert len(office.accepted) == 1
