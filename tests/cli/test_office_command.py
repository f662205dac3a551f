"""`tiendo office link`: a way in from the machine itself, once, within an hour, with who asked on record."""

from __future__ import annotations

import json
import os
import pwd
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from tests.builders import OFFICER, StoppedClock, a_directory, a_store, an_open_period
from tests.web.visiting import text_of
from workflow.cli import app
from workflow.clock import Clock
from workflow.domain.errors import NotFound
from workflow.domain.people.directory import Person, Role
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.tables import audit, links
from workflow.web.app import create_app

SECOND = Person("Ngô Văn Tú", "tu@hoaxuan.example", "Chuyên viên", (("van-phong", Role.OFFICE),))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = a_store(tmp_path)
    an_open_period(made)
    return made


def _link(folder: Path, *words: str) -> Any:
    found = CliRunner().invoke(
        app, ["office", "link", *words, "--json", "--data", str(folder)], catch_exceptions=False
    )
    return json.loads(found.stdout)


def _client(store: Store, folder: Path, later: timedelta = timedelta()) -> TestClient:
    clock = StoppedClock(Clock(store).now() + later)
    return TestClient(create_app(store, Settings(data=folder), clock))  # type: ignore[arg-type]


def _path(made: dict[str, str]) -> str:
    assert made["link"].startswith("http://127.0.0.1:8480/sign-in/")
    return made["link"].removeprefix("http://127.0.0.1:8480")


def test_it_opens_the_board_by_a_button_and_only_once(store: Store, tmp_path: Path) -> None:
    path = _path(_link(tmp_path))
    client = _client(store, tmp_path)
    assert client.get(path).status_code == client.get(path).status_code == 200
    answer = client.post(path)
    assert (answer.url.path, answer.status_code) == ("/o/me", 200)
    assert "Bảng theo dõi" in text_of(answer)
    assert _client(store, tmp_path).post(path).status_code == 410


def test_it_lives_an_hour(store: Store, tmp_path: Path) -> None:
    path = _path(_link(tmp_path))
    assert _client(store, tmp_path, timedelta(minutes=55)).get(path).status_code == 200
    assert _client(store, tmp_path, timedelta(minutes=61)).get(path).status_code == 410


def test_who_asked_for_it_and_for_whom_is_in_the_log_and_the_link_is_not(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("USER", "somebody-else")
    made = _link(tmp_path)
    with store.reading() as tx:
        entry = tx.execute(select(audit).where(audit.c.verb == "office-link-made")).one()
        person = tx.scalars(select(links.c.person_id).order_by(links.c.id.desc())).first()
        assert verify(tx)[1] == []
    assert entry.details["asked-by"].startswith(f"{pwd.getpwuid(os.getuid()).pw_name}@")
    assert entry.details["person"] == person
    assert _path(made).rpartition("/")[2] not in json.dumps(entry.details)


def test_the_office_sees_it_in_the_directory_beside_the_person(store: Store, tmp_path: Path) -> None:
    path = _path(_link(tmp_path))
    client = _client(store, tmp_path)
    client.post(path)
    with store.reading() as tx:
        person = tx.scalars(select(links.c.person_id).order_by(links.c.id.desc())).first()
    shown = text_of(client.get(f"/o/me/directory/people/{person}"))
    assert f"tại máy chủ, theo lệnh của {pwd.getpwuid(os.getuid()).pw_name}@" in shown


def test_where_the_office_is_several_nobody_is_taken_by_guess(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store, directory=a_directory(extra=[SECOND]))
    with pytest.raises(NotFound) as told:
        _link(tmp_path)
    assert OFFICER in told.value.cure
    assert SECOND.email in told.value.cure
    for named in (SECOND.name, SECOND.email.upper()):
        assert _link(tmp_path, named)["email"] == SECOND.email


def test_only_who_is_of_the_office_has_one(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as told:
        _link(tmp_path, "ubnd@hoaxuan.example")
    assert OFFICER in told.value.cure
    with store.reading() as tx:
        assert tx.scalar(select(audit.c.id).where(audit.c.verb == "office-link-made")) is None
