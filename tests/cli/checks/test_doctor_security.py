"""`tiendo doctor security`: what is really open is told with its cure; a good deployment passes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.builders import NOW, a_store, an_open_period
from workflow.cli import app
from workflow.cli.checks import key_checks, security_checks
from workflow.cli.checks.security_checks import Check, CheckStanding, Deployment, Seen, deployment_of
from workflow.cli.exposure import check_exposure
from workflow.domain.errors import WrongSetting
from workflow.private_files import close_to_others
from workflow.settings import Settings
from workflow.storage.proof.safekeeping import Anchored
from workflow.storage.tables import deployment

PUBLIC = "https://tiendo.phuong.example"


def _seen(check: Check, settings: Settings, *processes: int) -> dict[str, Seen]:
    return {one.name: one for one in check(Deployment(settings, frozenset(processes)))}


def _open(found: dict[str, Seen]) -> list[str]:
    told = [one for one in found.values() if one.standing is CheckStanding.OPEN]
    assert all(one.cure for one in told)
    return [one.name for one in told]


@contextmanager
def _listening(host: str) -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((host, 0))
        listener.listen()
        yield listener.getsockname()[1]


@contextmanager
def _answering(
    answers: Callable[[BaseHTTPRequestHandler], int], headers: dict[str, str] | None = None
) -> Iterator[int]:
    """A server that answers each request with the status that `answers` says and these headers; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(answers(self))
            for name, value in ({"content-length": "0"} | (headers or {})).items():
                self.send_header(name, value)
            self.end_headers()

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_others_may_read_is_told(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    (tmp_path / "tiendo.db").touch()
    close_to_others([tmp_path])
    assert _open(_seen(security_checks.files, settings)) == []
    (tmp_path / "tiendo.db").chmod(0o640)
    found = _seen(security_checks.files, settings)
    assert _open(found) == ["Quyền của thư mục dữ liệu"]
    assert str(tmp_path / "tiendo.db") in found["Quyền của thư mục dữ liệu"].what


def test_a_settings_file_others_may_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tiendo.toml"
    file.write_text('smtp_password = "x"\n')
    monkeypatch.setenv("TIENDO_CONFIG", str(file))
    (tmp_path / "data").mkdir(mode=0o700)
    settings = Settings(data=tmp_path / "data")
    file.chmod(0o644)
    assert _open(_seen(security_checks.files, settings)) == ["Tệp có mật khẩu, khóa"]
    file.chmod(0o600)
    assert _open(_seen(security_checks.files, settings)) == []


def test_a_process_that_makes_open_files_is_told(tmp_path: Path) -> None:
    close_to_others([tmp_path])
    before = os.umask(0o022)
    try:
        found = _seen(security_checks.files, Settings(data=tmp_path), os.getpid())
        assert _open(found) == ["Quyền của tệp sẽ tạo"]
        os.umask(0o077)
        assert _open(_seen(security_checks.files, Settings(data=tmp_path), os.getpid())) == []
    finally:
        os.umask(before)


def test_a_port_is_told_open_by_where_it_really_listens_whatever_the_settings_say(tmp_path: Path) -> None:
    for host, is_open in (("0.0.0.0", True), ("127.0.0.1", False)):
        with _listening(host) as port:
            settings = Settings(data=tmp_path, prefect_port=port)
            found = _seen(security_checks.ports, settings, os.getpid())
            assert (f"Cổng {port} (Prefect)" in _open(found)) is is_open
            settings = Settings(data=tmp_path, port=port)
            found = _seen(security_checks.ports, settings, os.getpid())
            assert (f"Cổng {port} (trang web)" in _open(found)) is is_open


def test_pages_open_to_the_network_are_well_behind_https_unless_the_proxy_can_be_gone_around(
    tmp_path: Path,
) -> None:
    with _listening("0.0.0.0") as port:
        for proxies, is_open in (("10.1.0.1", False), ("127.0.0.1", True)):
            settings = Settings(
                data=tmp_path, host="0.0.0.0", port=port, base_url=PUBLIC, trusted_proxies=proxies
            )
            found = _seen(security_checks.ports, settings, os.getpid())
            assert (f"Cổng {port} (trang web)" in _open(found)) is is_open


def test_the_processes_of_a_deployment_are_found_by_its_lock(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        (tmp_path / "lock").write_text(f"{os.getpid()}\n")
        assert {os.getpid(), child.pid} <= deployment_of(Settings(data=tmp_path)).processes
        child.communicate(b"\n")
    (tmp_path / "lock").write_text("")
    assert deployment_of(Settings(data=tmp_path)).processes == frozenset()


def test_a_prefect_server_that_asks_for_no_password_is_told(tmp_path: Path) -> None:
    def answers(request: BaseHTTPRequestHandler) -> int:
        return 200

    with _answering(answers) as port:
        found = _seen(security_checks.prefect, Settings(data=tmp_path, prefect_port=port))
    assert _open(found) == ["Mật khẩu của Prefect"]
    assert not (tmp_path / "prefect").exists()  # a look makes nothing


def test_a_prefect_server_that_answers_any_sites_scripts_is_told(tmp_path: Path) -> None:
    def answers(request: BaseHTTPRequestHandler) -> int:
        return 200 if "Authorization" in request.headers or "health" in request.path else 401

    secret = "tiendo:" + "x" * 30
    for allowed, told in (("*", ["Trang khác gọi Prefect"]), ("http://127.0.0.1:8482", [])):
        with _answering(answers, {"access-control-allow-origin": allowed}) as port:
            settings = Settings(data=tmp_path, prefect_port=port, prefect_auth=secret)
            assert _open(_seen(security_checks.prefect, settings)) == told
            settings = Settings(data=tmp_path, prefect_port=port, prefect_auth="tiendo:short")
            assert "Mật khẩu của Prefect" in _open(_seen(security_checks.prefect, settings))


def test_what_does_not_answer_is_a_doubt_and_no_pass(tmp_path: Path) -> None:
    with _listening("127.0.0.1") as port:
        pass
    settings = Settings(data=tmp_path, port=port, prefect_port=port)
    for check in (security_checks.prefect, security_checks.pages, security_checks.catcher):
        found = _seen(check, settings)
        assert _open(found) == []
        assert any(one.standing is CheckStanding.UNKNOWN for one in found.values())


def test_a_catcher_that_answers_to_any_name_is_told(tmp_path: Path) -> None:
    for status, told in ((200, ["Hộp thư thử"]), (403, [])):
        with _answering(lambda _, status=status: status) as port:  # type: ignore[misc]
            assert _open(_seen(security_checks.catcher, Settings(data=tmp_path, port=port))) == told


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, []),
        ({"base_url": PUBLIC}, ["Máy chủ trung gian"]),
        ({"base_url": PUBLIC, "trusted_proxies": "10.1.0.0/16"}, []),
        ({"trusted_proxies": "0.0.0.0/0"}, ["Máy chủ trung gian"]),
        ({"trusted_proxies": "::/0"}, ["Máy chủ trung gian"]),
    ],
)
def test_proxies_that_are_not_named_or_too_many_are_told(
    tmp_path: Path, settings: dict[str, str], told: list[str]
) -> None:
    given = Settings(data=tmp_path, **settings)  # type: ignore[arg-type]
    assert _open(_seen(security_checks.proxies, given)) == told


def test_an_address_without_https_for_other_machines_is_told(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, base_url="http://tiendo.phuong.example:8480", smtp_host="mail")
    assert "Địa chỉ trang" in _open(_seen(security_checks.pages, settings))
    settings = Settings(data=tmp_path)
    assert "Địa chỉ trang" not in _open(_seen(security_checks.pages, settings))


def test_a_signing_key_beside_the_data_it_signs_is_told(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    an_open_period(store)
    with store.begin() as tx:
        tx.execute(deployment.delete().where(deployment.c.key.endswith("_key")))
    settings = Settings(data=tmp_path)
    assert "Khóa ký để riêng" not in _open(_seen(key_checks.database, settings))
    with store.begin() as tx:
        tx.execute(deployment.insert().values(key="manifest_key", value="c2VjcmV0"))
    assert "Khóa ký để riêng" in _open(_seen(key_checks.database, settings))
    with store.begin() as tx:
        tx.execute(deployment.delete().where(deployment.c.key == "manifest_key"))
    (tmp_path / "signing-key.pem").write_text("x")
    (tmp_path / "signing-key.pem").chmod(0o644)
    assert "Khóa ký để riêng" in _open(_seen(key_checks.database, settings))
    (tmp_path / "signing-key.pem").chmod(0o600)
    assert _seen(key_checks.database, settings)["Khóa ký để riêng"].standing is CheckStanding.GOOD


@pytest.mark.parametrize(
    ("anchored", "moved", "standing"),
    [
        (None, 1, CheckStanding.UNKNOWN),
        (None, 3, CheckStanding.OPEN),
        (10, 12, CheckStanding.GOOD),
        (10, 9, CheckStanding.OPEN),
        (1, 0, CheckStanding.GOOD),
    ],
)
def test_a_log_that_is_no_longer_anchored_is_told(
    anchored: int | None, moved: int, standing: CheckStanding
) -> None:
    """How many days ago the newest anchor was taken, and the newest entry, which is the first one too."""
    at = None if anchored is None else NOW - timedelta(days=anchored)
    entry = NOW - timedelta(days=moved)
    assert key_checks.about_anchor(Anchored("Phường", entry, entry, at), NOW).standing is standing


@pytest.mark.parametrize(
    ("begun", "verified", "standing"),
    [
        (10, None, CheckStanding.UNKNOWN),
        (40, None, CheckStanding.OPEN),
        (400, 30, CheckStanding.GOOD),
        (400, 40, CheckStanding.OPEN),
    ],
)
def test_anchors_nobody_compares_are_told(begun: int, verified: int | None, standing: CheckStanding) -> None:
    at = None if verified is None else NOW - timedelta(days=verified)
    found = key_checks.about_verified(at, NOW - timedelta(days=begun), NOW)
    assert found.standing is standing
    assert bool(found.cure) is (standing is not CheckStanding.GOOD)


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"host": "192.168.1.5"},
        {"base_url": "http://tiendo.phuong.example:8480"},
        {"base_url": PUBLIC, "trusted_proxies": "127.0.0.1"},
    ],
)
def test_a_catcher_others_could_open_does_not_start_without_a_switch(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with pytest.raises(WrongSetting, match="Hộp thư thử") as told:
        check_exposure(Settings(data=tmp_path, **settings))  # type: ignore[arg-type]
    assert "TIENDO_CATCHER_OPEN" in told.value.cure
    for more in ({"catcher_open": True}, {"smtp_host": "mail.example"}):
        check_exposure(Settings(data=tmp_path, **settings, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("base_url", [PUBLIC, "http://tiendo.phuong.example"])
def test_pages_behind_a_proxy_nobody_named_do_not_start(tmp_path: Path, base_url: str) -> None:
    settings = Settings(data=tmp_path, base_url=base_url, smtp_host="mail.example")
    with pytest.raises(WrongSetting) as told:
        check_exposure(settings, has_catcher=False)
    assert "TIENDO_TRUSTED_PROXIES" in told.value.cure
    check_exposure(settings.model_copy(update={"trusted_proxies": "10.1.0.1"}))


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


@pytest.mark.prefect
@pytest.mark.slow
def test_a_deployment_as_tiendo_up_makes_it_has_nothing_open_and_says_so_once_something_is(
    tmp_path: Path,
) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    ports = _free_ports(3)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TIENDO_", "PREFECT_"))
    } | {
        f"TIENDO_{name}": str(port)
        for name, port in zip(("PORT", "CATCHER_PORT", "PREFECT_PORT"), ports, strict=True)
    }
    data.mkdir()
    an_open_period(a_store(data))
    data.chmod(0o755)
    command = [sys.executable, "-c", "from workflow.cli import main; main()"]
    # Beside other tests Prefect may take longer than a person would wait.
    patient = (
        "from workflow.cli import prefect_api, running; "
        "prefect_api.PREFECT_LIMIT_SECONDS = running.PREFECT_LIMIT_SECONDS = 900; "
    )
    with log.open("wb") as out:
        up = subprocess.Popen(
            [sys.executable, "-c", f"{patient}{command[-1]}", "up", "--data", str(data)],
            env=environment,
            stdout=out,
            stderr=out,
            umask=0o022,
        )

    def security() -> tuple[int, dict[str, Any]]:
        told = subprocess.run(
            [*command, "doctor", "security", "--json", "--data", str(data)],
            env=environment,
            capture_output=True,
            check=False,
        )
        return told.returncode, json.loads(told.stdout)

    try:
        deadline = time.monotonic() + 1000
        while "Nhấn Ctrl-C" not in log.read_text():
            assert up.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.5)
        said = log.read_text()
        assert "/o/" not in said
        assert "/sign-in/" not in said
        assert f"tiendo office link --data {data}" in said
        assert str(data / "prefect" / "api-auth") in said

        code, found = security()
        # The signing key and the anchors are tested with what makes them.
        wrong = {one["name"] for one in found["checks"] if one["standing"] == "open"}
        assert {one for one in wrong if not one.startswith(("Khóa", "Mốc neo", "Đối chiếu"))} == set()
        looked = {one["name"] for one in found["checks"] if one["standing"] == "good"}
        assert {
            "Quyền của thư mục dữ liệu",
            "Quyền của tệp sẽ tạo",
            f"Cổng {ports[0]} (trang web)",
            f"Cổng {ports[1]} (hộp thư thử)",
            f"Cổng {ports[2]} (Prefect)",
            "Mật khẩu của Prefect",
            "Trang khác gọi Prefect",
            "Địa chỉ trang",
            "Cookie",
            "Máy chủ trung gian",
            "Hộp thư thử",
        } <= looked
        assert code == (1 if found["open"] else 0)

        answer = httpx.post(f"http://127.0.0.1:{ports[2]}/api/deployments/filter", json={}, timeout=60)
        assert answer.status_code == 401

        (data / "tiendo.db").chmod(0o644)
        code, found = security()
        assert code == 1
        assert "Quyền của thư mục dữ liệu" in {
            one["name"] for one in found["checks"] if one["standing"] == "open"
        }
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(timeout=120)


def test_the_command_ends_with_1_where_something_is_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    told = CliRunner().invoke(app, ["doctor", "security", "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert "chmod" in told.stdout
    assert str(tmp_path) in told.stdout
