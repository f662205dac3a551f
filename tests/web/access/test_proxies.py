"""Who is counted as the asker where a proxy stands between, and who is believed about it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from tests.builders import Opened, StoppedClock, a_link, a_store, an_open_period
from workflow.domain.errors import WrongSetting
from workflow.settings import Settings, load_settings
from workflow.storage.access.links import Purpose
from workflow.storage.tables import link_uses
from workflow.web.app import create_app
from workflow.web.limiting import Limit, Limits, Rate, network_of

REPORTER = "ubnd"
PUBLIC = "https://tiendo.phuong.example"


def _client(
    folder: Path, peer: str, limits: Limits | None = None, **settings: str
) -> tuple[Opened, TestClient]:
    opened = an_open_period(a_store(folder))
    app = create_app(
        opened.store,
        Settings(data=folder, **settings),  # type: ignore[arg-type]
        StoppedClock(opened.now),  # type: ignore[arg-type]
        limits=limits,
    )
    return opened, TestClient(app, client=(peer, 40000), raise_server_exceptions=False)


def _seen(opened: Opened, client: TestClient, *forwarded: str) -> str:
    """The address that a look at a link is put on record with."""
    token = a_link(opened, "van-phong", Purpose.OFFICE)
    headers = [("X-Forwarded-For", one) for one in forwarded]
    assert client.get(f"/o/{token}", headers=headers).status_code == 200
    with opened.store.reading() as tx:
        return str(tx.scalars(select(link_uses.c.address).order_by(link_uses.c.id.desc())).first())


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "203.0.113.9"])
def test_nobody_is_believed_about_who_asks_unless_named(tmp_path: Path, peer: str) -> None:
    opened, client = _client(tmp_path, peer)
    assert _seen(opened, client, "198.51.100.7") == peer


@pytest.mark.parametrize(
    ("named", "peer"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("10.1.0.0/16, ::1", "10.1.2.3"),
        ("10.1.0.0/16", "::ffff:10.1.2.3"),
        ("fd00::/8", "fd00::2"),
    ],
)
def test_a_named_proxy_is(tmp_path: Path, named: str, peer: str) -> None:
    opened, client = _client(tmp_path, peer, base_url=PUBLIC, trusted_proxies=named)
    assert _seen(opened, client, "198.51.100.7") == "198.51.100.7"


def test_what_the_asker_wrote_into_the_header_counts_for_nothing(tmp_path: Path) -> None:
    opened, client = _client(tmp_path, "10.1.0.1", base_url=PUBLIC, trusted_proxies="10.1.0.0/16")
    assert _seen(opened, client, "1.1.1.1, 198.51.100.7, 10.1.0.9") == "198.51.100.7"
    assert _seen(opened, client, "1.1.1.1", "198.51.100.7") == "198.51.100.7"
    assert _seen(opened, client, "10.1.0.2, 10.1.0.3") == "10.1.0.2"
    assert _seen(opened, client, "1.1.1.1, 198.51.100.7:40123") == "198.51.100.7"
    assert _seen(opened, client, "1.1.1.1, [2001:db8::7]:40123") == "2001:db8::7"
    assert _seen(opened, client, "1.1.1.1, unknown") == "10.1.0.1"


def test_askers_are_counted_apart_however_their_addresses_are_written() -> None:
    assert (
        network_of("::ffff:198.51.100.7") == network_of("198.51.100.7") != network_of("::ffff:198.51.100.8")
    )
    assert network_of("2001:db8::1") == network_of("2001:db8::2") != network_of("2001:db8:0:1::1")


def test_people_behind_a_named_proxy_do_not_use_up_each_others_turns(tmp_path: Path) -> None:
    limits = Limits(posts_of_address=Limit(Rate(2, 0.001)))
    _, client = _client(tmp_path, "10.1.0.1", limits, base_url=PUBLIC, trusted_proxies="10.1.0.1")
    asked = [
        client.post("/sign-in", data={"email": "a@b.example"}, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        for n in range(9)
    ]
    assert {one.status_code for one in asked} == {200}
    again = [
        client.post("/sign-in", data={"email": "a@b.example"}, headers={"X-Forwarded-For": "198.51.100.200"})
        for _ in range(3)
    ]
    assert [one.status_code for one in again] == [200, 200, 429]


def test_what_comes_through_a_proxy_nobody_named_is_refused_rather_than_counted_as_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, client = _client(tmp_path, "10.9.9.9", base_url=PUBLIC, trusted_proxies="10.1.0.1")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            answer = client.get("/sign-in", headers={"X-Forwarded-For": "198.51.100.7"})
            assert answer.status_code == 421
    assert "10.9.9.9" in answer.text
    assert "TIENDO_TRUSTED_PROXIES" in answer.text
    assert answer.headers["strict-transport-security"]
    assert sum("TIENDO_TRUSTED_PROXIES" in one.getMessage() for one in caplog.records) == 1
    assert client.get("/healthz").status_code == 200  # asked directly, as a watchdog does


def test_a_proxy_that_is_no_address_is_told_with_the_setting() -> None:
    with pytest.raises(WrongSetting, match="trusted_proxies") as told:
        load_settings(trusted_proxies="127.0.0.1, nginx")
    assert "nginx" in told.value.cure
