"""Webhooks, from the fact to a receiver on loopback: signed, tried again, given up, never beside the fact."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import event, select

from tests.builders import (
    NOW,
    Opened,
    StoppedClock,
    a_directory,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from tests.webhooks.receiving import Receiver, a_receiver
from workflow.domain.cycles.cycle import Choice
from workflow.domain.events import SUBSCRIBABLE, Event, WebhookFormat
from workflow.domain.periods.period import Span
from workflow.domain.rules.routing_rules import ReportApproval, ReportRule, Rules
from workflow.domain.words import kept, restored
from workflow.reports.issuing import begin_report
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.files import Files
from workflow.storage.opening.opening import open_period
from workflow.storage.outside.deliveries import PAUSES, deliveries_of, send_again
from workflow.storage.outside.webhooks import WebhookSettings, add_webhook, remove_webhook, webhook_of
from workflow.storage.post import claims
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.results.closing import close_period
from workflow.storage.tables import periods, webhook_deliveries
from workflow.webhooks.addresses import WrongAddress, looked_up
from workflow.webhooks.sending import WebhookSender

WALL = datetime(2026, 11, 24, 8, tzinfo=timezone.utc)


@dataclass
class Line:
    """An open period, a webhook, and the teller between them, with a wall clock that is moved."""

    opened: Opened
    hook: int
    secret: str
    teller: WebhookSender
    wall: list[datetime] = field(default_factory=lambda: [WALL])

    def later(self, pause: timedelta) -> None:
        """Moves the wall clock."""
        self.wall[0] += pause

    def states(self) -> list[tuple[str, int]]:
        """Each delivery's state and how often it was tried, the newest first."""
        with self.opened.store.reading() as tx:
            return [(one.state, one.attempts) for one in deliveries_of(tx, self.hook)]


def a_line(
    store: Store,
    folder: Path,
    url: str,
    *events: Event,
    form: WebhookFormat = WebhookFormat.TIENDO,
    inside: bool = True,
    rules: Rules | None = None,
) -> Line:
    opened = an_open_period(store, rules=rules)
    with store.begin() as tx:
        wanted = WebhookSettings("Trung tâm điều hành", url, events or SUBSCRIBABLE, form)
        hook, secret = add_webhook(tx, opened.organisation_id, wanted, NOW, by={})
    wall = [WALL]
    settings = Settings(data=folder, webhook_private_hosts=inside, base_url="https://tiendo.example")
    teller = WebhookSender(store, settings, StoppedClock(), wall=lambda: wall[0])
    return Line(opened, hook.id, secret, teller, wall)


def _is_signed(line: Line, receiver: Receiver, place: int = 0) -> bool:
    """As the Standard Webhooks specification tells a receiver to check, written anew here."""
    headers, body = receiver.got[place]
    key = base64.b64decode(line.secret.split("_", 1)[1])
    told = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    mine = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{mine}"


async def test_a_report_is_told_signed_with_what_it_is_about(store: Store, tmp_path: Path) -> None:
    with a_receiver() as receiver:
        line = a_line(store, tmp_path, receiver.url, Event.SUBMISSION_RECEIVED)
        submitted(line.opened, line.opened.cycles[0], progress=40)
        assert (await line.teller.drain()).taken == 1
        assert (await line.teller.drain()).count == 0
    told = receiver.bodies[0]
    assert (told["type"], told["data"]["progress"]) == ("submission.received", 40)
    assert told["data"]["cycle"]["id"] == line.opened.cycles[0]
    assert told["data"]["cycle"]["leads"] == ["UBND phường"]
    assert _is_signed(line, receiver)
    assert receiver.got[0][0]["webhook-timestamp"] == str(int(WALL.timestamp()))
    assert line.states() == [("sent", 1)]


async def test_a_whole_cycle_is_told_stage_by_stage_and_no_vote(store: Store, tmp_path: Path) -> None:
    with a_receiver() as receiver:
        line = a_line(store, tmp_path, receiver.url)
        cycle = line.opened.cycles[0]
        submitted(line.opened, cycle, difficulties="Thiếu vốn đối ứng.")
        confirmed(line.opened, cycle, "mttq", "cong-an")
        voted(line.opened, cycle, "bi-thu", choice=Choice.ABSTAIN, reason="Chưa rõ nguồn.")
        voted(line.opened, cycle, "pho-bi-thu", "uy-vien-1", "uy-vien-2")
        with store.begin() as tx:
            close_period(tx, line.opened.period_id, NOW, is_early=True)
        while (await line.teller.drain()).count:
            pass
    moves = [
        (one["data"]["from"], one["data"]["to"])
        for one in receiver.bodies
        if one["type"] == "cycle.stage_changed" and one["data"]["cycle"]["id"] == cycle
    ]
    assert sorted(moves) == [
        ("waiting-approval", "approved"),
        ("waiting-confirmation", "waiting-approval"),
        ("waiting-submission", "waiting-confirmation"),
    ]
    kinds = {one["type"] for one in receiver.bodies}
    assert kinds == {"submission.received", "difficulty.raised", "cycle.stage_changed", "period.closed"}
    said = b" ".join(body for _, body in receiver.got).decode()
    assert not [word for word in ("abstain", "Chưa rõ nguồn", "Hoàng Văn Thành", "@") if word in said]


async def test_what_a_receiver_refuses_is_told_again_under_the_same_id(store: Store, tmp_path: Path) -> None:
    with a_receiver(500, 503) as receiver:
        line = a_line(store, tmp_path, receiver.url, Event.SUBMISSION_RECEIVED)
        submitted(line.opened, line.opened.cycles[0])
        assert (await line.teller.drain()).not_taken == 1
        assert (await line.teller.drain()).count == 0
        line.later(PAUSES[0])
        assert (await line.teller.drain()).not_taken == 1
        line.later(PAUSES[0])
        assert (await line.teller.drain()).count == 0
        line.later(PAUSES[1])
        assert (await line.teller.drain()).taken == 1
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    bodies = {body for _, body in receiver.got}
    assert (len(receiver.got), len(ids), len(bodies)) == (3, 1, 1)
    assert all(_is_signed(line, receiver, place) for place in range(3))


async def test_after_about_three_days_it_is_given_up_on_record_and_sent_again_by_hand(
    store: Store, tmp_path: Path
) -> None:
    with a_receiver(*[500] * (len(PAUSES) + 1)) as receiver:
        line = a_line(store, tmp_path, receiver.url, Event.SUBMISSION_RECEIVED)
        submitted(line.opened, line.opened.cycles[0])
        await line.teller.drain()
        for pause in PAUSES:
            line.later(pause)
            await line.teller.drain()
        assert line.states() == [("failed", 10)]
        with store.begin() as tx:
            row = deliveries_of(tx, line.hook)[0]
            assert (row.status, row.error) == (500, "máy nhận trả lời 500")
            assert webhook_of(tx, None, line.hook).failed == 1
            assert verify(tx)[1] == []
            send_again(tx, line.hook, row.id)
        assert (await line.teller.drain()).taken == 1
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=4)


async def test_a_redirect_is_not_followed(sqlite_store: Store, tmp_path: Path) -> None:
    with a_receiver() as elsewhere, a_receiver(307, Location=elsewhere.url) as receiver:
        line = a_line(sqlite_store, tmp_path, receiver.url, Event.SUBMISSION_RECEIVED)
        submitted(line.opened, line.opened.cycles[0])
        assert (await line.teller.drain()).not_taken == 1
        assert (len(receiver.got), elsewhere.got) == (1, [])


async def test_a_name_that_leads_into_the_house_is_not_called(sqlite_store: Store, tmp_path: Path) -> None:
    with a_receiver() as receiver:
        url = receiver.url.replace("http://127.0.0.1", "https://localhost")
        line = a_line(sqlite_store, tmp_path, url, Event.SUBMISSION_RECEIVED, inside=False)
        submitted(line.opened, line.opened.cycles[0])
        assert (await line.teller.drain()).not_taken == 1
        assert receiver.got == []
    with sqlite_store.reading() as tx:
        assert "mạng nội bộ" in deliveries_of(tx, line.hook)[0].error


async def test_the_address_that_was_checked_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("93.184.215.14", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", looked)
    found = await looked_up("https://may.example:8443/nhan?a=1", may_be_private=False)
    assert str(found.to_call) == "https://93.184.215.14:8443/nhan?a=1"
    assert found.host == "may.example:8443"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.169.254", "::1", "fd00::1", "64:ff9b::7f00:1"]
)
async def test_one_inner_address_among_a_names_addresses_is_enough(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def looked(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", looked)
    with pytest.raises(WrongAddress, match="mạng nội bộ"):
        await looked_up("https://may.example/", may_be_private=False)


async def test_why_a_name_was_not_found_can_be_kept_and_said_in_another_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", looked)
    with pytest.raises(WrongAddress) as wrong:
        await looked_up("https://may.example/", may_be_private=False)
    told = restored(json.loads(json.dumps(kept(wrong.value.what))))
    assert told == "Không tìm được máy may.example: [Errno -2] Name or service not known."


async def test_a_receiver_that_hangs_holds_up_no_other(sqlite_store: Store, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, a_receiver() as receiver:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        line = a_line(sqlite_store, tmp_path, url, Event.SUBMISSION_RECEIVED)
        for cycle in line.opened.cycles:
            submitted(line.opened, cycle)
        with sqlite_store.begin() as tx:
            tx.execute(webhook_deliveries.update().values(next_at=WALL + timedelta(hours=1)))
            wanted = WebhookSettings("b", receiver.url, (Event.PERIOD_CLOSED,))
            add_webhook(tx, line.opened.organisation_id, wanted, NOW, by={})
            close_period(tx, line.opened.period_id, NOW, is_early=True)
        assert (await line.teller.drain()).taken == 1


async def test_what_was_removed_is_told_nothing_more(store: Store, tmp_path: Path) -> None:
    with a_receiver() as receiver:
        line = a_line(store, tmp_path, receiver.url)
        submitted(line.opened, line.opened.cycles[0])
        with store.begin() as tx:
            remove_webhook(tx, line.opened.organisation_id, line.hook, NOW, by={})
        submitted(line.opened, line.opened.cycles[1])
        assert (await line.teller.drain()).count == 0
        assert receiver.got == []
    assert len(line.states()) == 2


def test_a_webhook_is_told_nothing_of_another_organisation(store: Store, tmp_path: Path) -> None:
    line = a_line(store, tmp_path, "https://example.com/")
    other = an_open_period(store, directory=a_directory("Đảng ủy phường Khác"))
    submitted(other, other.cycles[0])
    assert line.states() == []


def test_a_fact_that_is_not_recorded_is_not_told(store: Store, tmp_path: Path) -> None:
    line = a_line(store, tmp_path, "https://example.com/")

    class Broken(Exception):
        pass

    def fail(*_: object) -> None:
        raise Broken

    event.listen(store.engine, "commit", fail)
    with pytest.raises(Broken):
        submitted(line.opened, line.opened.cycles[0])
    event.remove(store.engine, "commit", fail)
    assert line.states() == []


def test_a_mail_given_up_is_told(store: Store, tmp_path: Path) -> None:
    a_line(store, tmp_path, "https://example.com/")
    with store.begin() as tx:
        claimed = claims.claim(tx, NOW + timedelta(hours=1), 1, wall=WALL)[0]
        claims.mark_refused(tx, claimed, NOW, "550 không có hộp thư", is_permanent=True)
    with store.reading() as tx:
        told = tx.scalars(select(webhook_deliveries.c.body)).one()
    assert (told["type"], told["data"]["person"]["email"]) == ("mail.undeliverable", "ubnd@hoaxuan.example")


def test_an_issued_report_is_told_with_its_summary(sqlite_store: Store, tmp_path: Path) -> None:
    at_once = Rules(report=ReportRule(ReportApproval.NONE))
    wanted = (Event.REPORT_ISSUED, Event.PERIOD_OPENED)
    line = a_line(sqlite_store, tmp_path, "https://example.com/", *wanted, rules=at_once)
    with sqlite_store.begin() as tx:
        close_period(tx, line.opened.period_id, NOW, is_early=True)
        set_letterhead(tx, line.opened.organisation_id, NOW, place="Hòa Xuân", no_superior=True)
    begin_report(sqlite_store, Files(f"file://{tmp_path}/files"), line.opened.period_id, NOW)
    with sqlite_store.begin() as tx:
        rules_id = tx.execute(select(periods.c.rules_id)).scalar_one()
        open_period(tx, line.opened.plan_id, Span.parse("2026-Q2"), rules_id, NOW)
    with sqlite_store.reading() as tx:
        told = tx.scalars(select(webhook_deliveries.c.body).order_by(webhook_deliveries.c.id)).all()
    assert [one["type"] for one in told] == ["report.issued", "period.opened"]
    assert told[0]["data"]["lines"][0].startswith("3 nội dung")
    assert told[1]["data"]["period"]["label"] == "Quý II/2026"


def _statements(opened: Opened, cycle: int) -> int:
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(opened.store.engine, "before_cursor_execute", note)
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    event.remove(opened.store.engine, "before_cursor_execute", note)
    return count


def test_without_a_webhook_no_click_asks_the_database_more(store: Store, tmp_path: Path) -> None:
    line = a_line(store, tmp_path, "https://example.com/")
    with_one = _statements(line.opened, line.opened.cycles[0])
    with store.begin() as tx:
        remove_webhook(tx, line.opened.organisation_id, line.hook, NOW, by={})
    without = _statements(line.opened, line.opened.cycles[1])
    never = an_open_period(store, directory=a_directory("Đảng ủy phường Khác"))
    assert without == _statements(never, never.cycles[0]) < with_one
