"""The catcher's pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.builders import StoppedClock
from tests.mail.post.test_catcher import HANG, SUBJECT, send
from workflow.mail.letters.message import Mailbox
from workflow.mail.post.catcher import Catcher
from workflow.settings import Settings
from workflow.storage import Store
from workflow.web.app import create_app
from workflow.web.office.catcher_pages import router


@pytest.fixture
def browser(sqlite_store: Store, catcher: Catcher, tmp_path: Path) -> TestClient:
    settings = Settings(data=tmp_path)
    app = create_app(sqlite_store, settings, StoppedClock())  # type: ignore[arg-type]
    app.include_router(router(catcher, settings))
    return TestClient(app, base_url=settings.where_pages)


@pytest.mark.parametrize(
    "path", ["/mail", "/mail.json", "/mail/{id}", "/mail/{id}/source", "/mail/{id}/html"]
)
def test_a_name_its_owner_lets_point_to_this_machine_opens_no_mail(
    browser: TestClient, catcher: Catcher, path: str
) -> None:
    """DNS rebinding: a page at evil.example would read every link through the browser that opened it."""
    send(catcher, HANG)
    (mail,) = catcher.messages()
    here = path.replace("{id}", mail.id)
    for host in ("evil.example", "evil.example:8480", "127.0.0.1.evil.example", "localhost.evil.example", ""):
        answer = browser.get(here, headers={"Host": host})
        assert answer.status_code == 403
        assert "hang@x.example" not in answer.text
    for host in ("127.0.0.1:8480", "localhost", "LOCALHOST:1", "[::1]:8480", "192.168.1.5:8480"):
        assert browser.get(here, headers={"Host": host}).status_code == 200


def test_an_empty_mailbox_says_so(browser: TestClient) -> None:
    assert "Chưa có thư nào." in browser.get("/mail").text


def test_the_list_shows_who_got_what_and_how_often(browser: TestClient, catcher: Catcher) -> None:
    send(catcher, HANG, Mailbox("Lê Quang Đạo", "dao@x.example"))
    send(catcher, HANG)
    shown = browser.get("/mail").text
    assert SUBJECT in shown
    assert HANG.name in shown
    assert shown.count("nhận 2 lần") == 1
    narrowed = browser.get("/mail", params={"to": "dao@x.example"}).text
    assert HANG.name not in narrowed


def test_programs_read_the_same(browser: TestClient, catcher: Catcher) -> None:
    send(catcher, HANG)
    (mail,) = browser.get("/mail.json", params={"to": "hang@x.example"}).json()
    assert (mail["recipient"], mail["subject"], len(mail["received"])) == ("hang@x.example", SUBJECT, 1)
    assert mail["attachments"][0]["name"] == "Báo cáo Quý I.docx"


def test_the_mails_html_may_neither_run_nor_load_anything(browser: TestClient, catcher: Catcher) -> None:
    send(catcher, HANG)
    (mail,) = catcher.messages()
    assert f'src="/mail/{mail.id}/html"' in browser.get(f"/mail/{mail.id}").text
    framed = browser.get(f"/mail/{mail.id}/html")
    policy = framed.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert '<base target="_blank">' in framed.text


def test_an_attachment_is_downloaded_under_its_name(browser: TestClient, catcher: Catcher) -> None:
    send(catcher, HANG)
    (mail,) = catcher.messages()
    got = browser.get(f"/mail/{mail.id}/part/0")
    assert got.content == b"PK\0\1"
    assert "attachment; filename*=UTF-8''B%C3%A1o%20c%C3%A1o" in got.headers["content-disposition"]
    assert browser.get(f"/mail/{mail.id}/source").content.startswith(b"From: ")


@pytest.mark.parametrize("rest", ["", "/html", "/source", "/part/0", "/part/x"])
def test_a_mail_that_is_not_there_is_told_as_such(browser: TestClient, rest: str) -> None:
    assert browser.get(f"/mail/{'0' * 32}{rest}").status_code in (404, 422)
