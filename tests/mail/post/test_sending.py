"""One intent, at most one accepted mail: refusals, broken connections, senders that die."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.builders import a_plan, an_open_period, confirmed, submitted
from tests.mail.post_office import PostOffice, Sending, a_post_office
from workflow.domain.cycles.cycle import Verdict
from workflow.mail.post.transport import Delivery, SendOutcome
from workflow.storage import Store
from workflow.storage.post import claims, intents
from workflow.storage.post.claims import LEASE, MAX_ATTEMPTS
from workflow.storage.tables import links, persons


class Killed(BaseException):
    """The process dies here."""


def a_sending(store: Store, folder: Path, office: PostOffice) -> Sending:
    return Sending(an_open_period(store, plan=a_plan(1)), folder, office.port)


def everyone_is_told(sending: Sending) -> None:
    """A notice to each of the thirteen people."""
    opened = sending.opened
    with opened.store.begin() as tx:
        intents.intend(
            tx,
            intents.NOTICE,
            opened.organisation_id,
            opened.period_id,
            opened.persons.values(),
            {"title": "Thông báo", "paragraphs": ["Họp lúc 14 giờ."]},
            opened.now,
        )


async def test_one_connection_carries_many_mails(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        everyone_is_told(sending)
        done = await sending.mailer().drain()
    assert done.accepted == len(office.accepted) == 14
    assert office.n_connections == 1


async def test_what_was_accepted_is_not_sent_again(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        for _ in range(3):
            await sending.mailer().drain()
            sending.wall += 2 * LEASE
            sending.pass_time(days=1)
    assert len(office.accepted) == 1


async def test_a_temporary_refusal_is_tried_again_with_the_same_message_id(
    store: Store, tmp_path: Path
) -> None:
    with a_post_office() as office:
        office.to_data = ["451 4.7.1 greylisted"]
        sending = a_sending(store, tmp_path, office)
        mailer = sending.mailer()
        assert (await mailer.drain()).refused == 1
        assert (await mailer.drain()).count == 0
        (row,) = sending.rows()
        assert (row.state, row.error) == ("retry", "451 4.7.1 greylisted")
        sending.pass_time(minutes=5)
        assert (await mailer.drain()).accepted == 1
    assert len(set(office.seen)) == 1
    assert len(office.accepted) == 1


async def test_temporary_refusals_end_after_about_two_days(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        office.to_recipients = ["452 mailbox full"] * 30
        sending = a_sending(store, tmp_path, office)
        began = sending.clock.now()
        for _ in range(MAX_ATTEMPTS):
            (row,) = sending.rows()
            sending.clock.set(max(row.not_before, sending.clock.now()))
            await sending.mailer().drain()
    (row,) = sending.rows()
    assert row.state == "failed"
    assert timedelta(hours=36) < sending.clock.now() - began < timedelta(hours=60)


async def test_a_permanent_refusal_ends_in_failed_with_the_servers_words(
    store: Store, tmp_path: Path
) -> None:
    with a_post_office() as office:
        office.to_recipients = ["550 5.1.1 no such user"]
        sending = a_sending(store, tmp_path, office)
        everyone_is_told(sending)
        done = await sending.mailer().drain()
    assert (done.failed, done.accepted) == (1, 13)
    assert [row.error for row in sending.rows("notice") if row.state == "failed"] == [
        "550 5.1.1 no such user"
    ]


async def test_a_mail_that_cannot_be_made_does_not_stop_the_others(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        with sending.opened.store.begin() as tx:
            tx.execute(
                persons.update()
                .where(persons.c.id == sending.opened.person("mttq"))
                .values(email="hằng@hoaxuan.example")
            )
        everyone_is_told(sending)
        done = await sending.mailer().drain()
    assert (done.failed, done.accepted) == (1, 13)
    assert [row.error for row in sending.rows("notice") if row.state == "failed"] == [
        "không soạn được thư: địa chỉ thư có dấu trước @: 'hằng@hoaxuan.example'"
    ]


async def test_a_sender_killed_after_acceptance_is_followed_by_one_more_and_never_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_given: Any) -> None:
        raise Killed

    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        with monkeypatch.context() as patch:
            patch.setattr("workflow.storage.post.claims.mark_sent", killed)
            with pytest.raises(Killed):
                await sending.mailer().drain()
        assert (await sending.mailer().drain()).count == 0
        sending.wall += LEASE + timedelta(seconds=1)
        assert (await sending.mailer().drain()).accepted == 1
        for _ in range(3):
            sending.wall += 2 * LEASE
            await sending.mailer().drain()
    assert len(office.accepted) == 2
    assert len(set(office.seen)) == 1


async def test_senders_killed_twice_over_a_mail_leave_it_to_the_office(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_given: Any) -> None:
        raise Killed

    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        monkeypatch.setattr("workflow.storage.post.claims.mark_sent", killed)
        for _ in range(2):
            with pytest.raises(Killed):
                await sending.mailer().drain()
            sending.wall += LEASE + timedelta(seconds=1)
        assert (await sending.mailer().drain()).count == 0
    (row,) = sending.rows()
    assert (row.state, len(office.accepted)) == ("failed", 2)
    assert "có thể thư đã tới nơi" in row.error


async def test_a_sender_that_is_alone_takes_up_at_once_what_a_dead_one_held(
    store: Store, tmp_path: Path
) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        with sending.opened.store.begin() as tx:
            claims.claim(tx, sending.clock.now(), 1, wall=sending.wall)
        sending.wall += timedelta(seconds=1)
        assert (await sending.mailer().drain()).count == 0
        assert (await sending.mailer(is_alone=True).drain()).accepted == 1


async def test_a_demo_clock_that_jumps_does_not_take_a_mail_from_a_live_sender(
    store: Store, tmp_path: Path
) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        with sending.opened.store.begin() as tx:
            assert claims.claim(tx, sending.clock.now(), 1, wall=sending.wall)
        sending.pass_time(days=9)
        assert (await sending.mailer().drain()).count == 0


async def test_an_acceptance_that_could_not_be_written_down_is_written_before_anything_is_sent(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_given: Any) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        mailer = sending.mailer()
        real = claims.mark_sent
        answers = [locked, real]
        monkeypatch.setattr("workflow.storage.post.claims.mark_sent", lambda *given: answers.pop(0)(*given))
        with pytest.raises(OperationalError):
            await mailer.drain()
        sending.wall += 2 * LEASE
        assert (await mailer.drain()).count == 0
    assert len(office.accepted) == 1
    assert sending.rows()[0].state == "sent"


async def test_a_connection_lost_before_the_answer_is_followed_by_one_more_and_never_again(
    store: Store,
    tmp_path: Path,
) -> None:
    with a_post_office() as office:
        office.breaks_off = True
        sending = a_sending(store, tmp_path, office)
        for _ in range(4):
            await sending.mailer().drain()
            sending.pass_time(days=1)
            sending.wall += 2 * LEASE
    assert len(office.accepted) == 2
    assert len(set(office.seen)) == 1
    (row,) = sending.rows()
    assert row.state == "failed"
    assert "mất kết nối" in row.error


async def test_a_server_that_hung_up_an_idle_connection_is_called_again(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        mailer = sending.mailer()
        await mailer.drain()
        smtp = mailer._pool.free[0]._smtp
        assert smtp is not None
        assert smtp.transport is not None
        smtp.transport.close()
        everyone_is_told(sending)
        done = await mailer.drain()
    assert done.accepted == 13
    assert office.n_connections == 2


async def test_no_server_costs_no_attempt_and_is_told(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
    mailer = sending.mailer()
    for _ in range(3):
        assert (await mailer.drain()).trouble
    assert mailer.trouble
    (row,) = sending.rows()
    assert (row.state, row.attempts) == ("retry", 0)


async def test_a_server_that_hangs_leaves_the_mail_in_doubt(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_given: Any) -> Delivery:
        await asyncio.sleep(60)
        return Delivery(SendOutcome.ACCEPTED)

    monkeypatch.setattr("workflow.mail.post.sending.LONGEST_SEND", 0.05)
    monkeypatch.setattr("workflow.mail.post.transport.Transport.send", hangs)
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        assert (await sending.mailer().drain()).doubtful == 1
    assert sending.rows()[0].doubts == 1


async def test_run_sends_what_comes_and_ends_when_told(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        stop = asyncio.Event()
        running = asyncio.create_task(sending.mailer().run(stop))
        everyone_is_told(sending)
        async with asyncio.timeout(10):
            while len(office.accepted) < 14:
                await asyncio.sleep(0.02)
            stop.set()
            await running
    assert {row.state for row in sending.rows("notice")} == {"sent"}


async def test_the_pace_is_kept(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        everyone_is_told(sending)
        mailer = sending.mailer()
        mailer._settings = sending.settings.model_copy(update={"mail_per_second": 40.0})
        began = asyncio.get_running_loop().time()
        await mailer.drain()
        assert asyncio.get_running_loop().time() - began >= 13 / 40


async def test_a_void_digest_does_not_put_off_the_next(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        opened = sending.opened
        submitted(opened, opened.cycles[0])
        assert (await sending.mailer().drain()).void == 1
        confirmed_at = sending.clock.now()
        opened = replace(opened, now=confirmed_at)
        confirmed(opened, opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Sai số liệu.")
    waiting = [row for row in sending.rows() if row.state == "waiting"]
    assert [row.not_before - confirmed_at for row in waiting] == [timedelta(minutes=10)]


async def test_a_void_mail_makes_no_link(store: Store, tmp_path: Path) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        with sending.opened.store.begin() as tx:
            tx.execute(persons.update().values(is_active=False))
        await sending.mailer().drain()
    with sending.opened.store.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(links)) == 0


async def test_a_sender_that_overslept_its_lease_does_not_undo_what_another_did(
    store: Store, tmp_path: Path
) -> None:
    with a_post_office() as office:
        sending = a_sending(store, tmp_path, office)
        with store.begin() as tx:
            (asleep,) = claims.claim(tx, sending.clock.now(), 1, wall=sending.wall)
        sending.wall += LEASE + timedelta(seconds=1)
        assert (await sending.mailer().drain()).accepted == 1
        with store.begin() as tx:
            claims.mark_doubtful(tx, asleep, sending.clock.now(), "mất kết nối")
            claims.mark_refused(tx, asleep, sending.clock.now(), "451", is_permanent=False)
            claims.put_back(tx, asleep, "không tới được")
            claims.mark_void(tx, asleep, sending.clock.now(), "hết việc")
    assert [row.state for row in sending.rows()] == ["sent"]
