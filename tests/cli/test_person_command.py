"""`tiendo person` and `tiendo retention`: a person's data handed out, erased; links ended; what is too
old."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from tests.builders import NOW, OFFICER, a_directory, a_link, a_store, an_open_period
from tests.storage.personal.test_forgetting import (
    ADDRESS,
    NETWORK,
    OLD,
    TELEPHONE,
    bytes_of,
    everywhere,
    lived_in,
)
from workflow.cli import app
from workflow.clock import Clock
from workflow.domain.errors import Conflict, NotAllowed, NotFound, TiendoError
from workflow.domain.people.directory import Person, Role
from workflow.storage import Store
from workflow.storage.access import links
from workflow.storage.access.links import Purpose
from workflow.storage.audit import verify

NAME = "nguyen thi minh hang"


def run(store: Store, folder: Path, *words: str) -> Any:
    environment = {"TIENDO_DATABASE_URL": store.engine.url.render_as_string(hide_password=False)}
    told = [*words, "--data", str(folder)]
    found = CliRunner().invoke(app, told, env=environment, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout) if "--json" in words else found.stdout


def test_all_that_is_held_is_printed_as_json_or_to_be_read(store: Store, tmp_path: Path) -> None:
    lived_in(store)
    told = run(store, tmp_path, "person", "export", NAME, "--json")
    assert told["person"]["email"] == ADDRESS
    assert told["held"]["link_uses"]["rows"][0]["address"] == NETWORK
    assert "Báo cáo kết quả (1)" in run(store, tmp_path, "person", "export", NAME)
    run(store, tmp_path, "person", "export", NAME, "--to", str(tmp_path / "out"))
    assert sorted(one.suffix for one in (tmp_path / "out").iterdir()) == [".json", ".txt"]


def test_forgetting_leaves_no_byte_of_address_or_telephone_and_the_log_holds(
    store: Store, tmp_path: Path
) -> None:
    lived_in(store)
    caught = tmp_path / "mail" / "a.eml"
    caught.parent.mkdir()
    caught.write_bytes(f"X-Caught-For: {ADDRESS}\r\n".encode())
    run(store, tmp_path, "person", "forget", NAME, "--dry-run")
    assert everywhere(store, ADDRESS)
    run(store, tmp_path, "person", "forget", NAME, "--yes")
    assert everywhere(store, OLD, ADDRESS, TELEPHONE, NETWORK) == []
    assert not caught.exists()
    if store.is_sqlite:
        assert not [one for one in (OLD, ADDRESS, TELEPHONE) if one.encode() in bytes_of(store)]
    with store.reading() as tx:
        assert verify(tx)[1] == []


def test_nothing_is_erased_unasked_nor_of_one_still_in_the_directory(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    lived_in(store)
    with pytest.raises(TiendoError, match="Chưa xóa gì"):
        run(store, tmp_path, "person", "forget", NAME)
    with pytest.raises(NotAllowed, match="còn trong danh bạ"):
        run(store, tmp_path, "person", "forget", OFFICER, "--yes")
    with pytest.raises(NotFound):
        run(store, tmp_path, "person", "forget", "không có ai", "--yes")


def test_of_namesakes_one_must_be_named(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    same = Person("Nguyễn Thị Minh Hằng", "khac@hoaxuan.example", "Kế toán", (("van-phong", Role.OFFICE),))
    opened = an_open_period(store, directory=a_directory(extra=[same]))
    with pytest.raises(Conflict, match="Có 2 người"):
        run(store, tmp_path, "person", "export", NAME)
    told = run(store, tmp_path, "person", "export", str(opened.person("ubnd")), "--json")
    assert told["person"]["email"] == OLD


def test_every_link_ends_with_a_new_address_unless_they_are_kept(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    opened = an_open_period(store)

    def held() -> str:
        return a_link(opened, "ubnd", Purpose.DUTIES, now=Clock(store).now())

    def is_live(token: str) -> bool:
        with store.reading() as tx:
            link = links.find(tx, token, Clock(store).now())
        return link is not None and link.is_live

    first = held()
    said = run(store, tmp_path, "person", "address", OLD, "a@hoaxuan.example", "--keep-links", "--json")
    assert (said["ended_links"], is_live(first)) == (0, True)
    said = run(store, tmp_path, "person", "address", NAME, "b@hoaxuan.example", "--json")
    assert (said["ended_links"], is_live(first)) == (1, False)
    second = held()
    assert "Đã thu hồi 1 đường dẫn" in run(store, tmp_path, "person", "revoke", NAME)
    assert not is_live(second)


def test_retention_says_what_is_too_old_then_removes_it(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    opened = an_open_period(store)
    a_link(opened, "ubnd", now=NOW - timedelta(days=9999))
    with store.begin() as tx:
        tx.execute(update(links.links).values(expires_at=NOW - timedelta(days=9000)))

    def too_old(*words: str) -> int:
        told = run(store, tmp_path, "retention", *words, "--json")
        return int(next(one["count"] for one in told["kinds"] if one["setting"] == "links_keep_days"))

    assert [too_old("--dry-run"), too_old("--dry-run"), too_old(), too_old()] == [1, 1, 1, 0]
