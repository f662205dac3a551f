"""`tiendo api`: keys and webhooks from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.builders import a_directory, a_store, an_open_period
from workflow.cli import app
from workflow.storage.access.api_keys import find_key
from workflow.storage.audit import verify
from workflow.webhooks.addresses import WrongAddress


def _run(folder: Path, *words: str) -> Any:
    found = CliRunner().invoke(app, ["api", *words, "--data", str(folder)], catch_exceptions=False)
    return json.loads(found.stdout) if "--json" in words else found.stdout


def test_a_key_is_made_listed_and_revoked_on_record(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store)
    made = _run(tmp_path, "token", "create", "Thành phố", "--scope", "urge", "--days", "9", "--json")
    with store.reading() as tx:
        key = find_key(tx, made["token"])
    assert key is not None
    assert ({scope.value for scope in key.scopes}, key.name) == ({"urge"}, "Thành phố")
    assert [one["is_live"] for one in _run(tmp_path, "token", "list", "--json")] == [True]
    assert made["token"] not in _run(tmp_path, "token", "list")
    _run(tmp_path, "token", "revoke", "1")
    assert [one["is_live"] for one in _run(tmp_path, "token", "list", "--json")] == [False]
    with store.reading() as tx:
        assert verify(tx)[1] == []


def test_where_there_are_two_organisations_one_must_be_named(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store)
    an_open_period(store, directory=a_directory("Đảng ủy phường Khác"))
    asked = CliRunner().invoke(app, ["api", "token", "create", "a", "--data", str(tmp_path)])
    assert (asked.exit_code, "--organisation" in asked.stderr) == (2, True)
    made = _run(tmp_path, "token", "create", "a", "--organisation", "dang-uy-phuong-khac", "--json")
    assert made["organisation"] == "Đảng ủy phường Khác"


def test_a_webhook_is_added_tried_and_removed(tmp_path: Path) -> None:
    an_open_period(a_store(tmp_path))
    with pytest.raises(WrongAddress):
        _run(tmp_path, "webhook", "add", "a", "https://127.0.0.1/")
    made = _run(tmp_path, "webhook", "add", "a", "https://example.com/", "--form", "teams", "--json")
    assert (made["form"], len(made["events"]), made["secret"][:6]) == ("teams", 7, "whsec_")
    _run(tmp_path, "webhook", "ping", "1")
    assert [one["event"] for one in _run(tmp_path, "webhook", "deliveries", "1", "--json")] == ["ping"]
    _run(tmp_path, "webhook", "remove", "1")
    assert _run(tmp_path, "webhook", "list", "--json") == []
