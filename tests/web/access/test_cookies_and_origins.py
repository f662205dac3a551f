"""What a browser is told over HTTPS, and which pages' forms sign people in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.builders import NOW, OFFICER, a_link
from tests.web.signing import a_signing_visit, sign_in_link
from tests.web.visiting import Visit
from workflow.storage.access.links import Purpose
from workflow.storage.tables import outbox

PUBLIC = "https://tiendo.phuong.example"


def _cookies(visit: Visit, folder: Path) -> dict[str, str]:
    """Every cookie the pages set on a way through them, by name: reading, the board, signing in."""
    client = visit.client
    client.follow_redirects = False
    link = sign_in_link(visit, folder).replace(PUBLIC, "http://testserver")
    answers = [
        client.get("/sign-in?next=/o/me/units&lang=vi"),
        client.get(f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"),
        client.post(link),
    ]
    assert [one.status_code for one in answers] == [200, 200, 303]
    told = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
    return {one.partition("=")[0]: one for one in told}


def test_cookies_are_secure_where_people_come_by_https_though_the_proxy_asks_by_http(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path, base_url=PUBLIC, trusted_proxies="127.0.0.1")
    cookies = _cookies(visit, tmp_path)
    assert {"lang", "tiendo-next", "office", "__Host-tiendo-session"} <= cookies.keys()
    assert [name for name, told in cookies.items() if "secure" not in told.lower()] == []


def test_and_are_not_where_people_come_by_http(tmp_path: Path) -> None:
    cookies = _cookies(a_signing_visit(tmp_path), tmp_path)
    assert {"lang", "tiendo-next", "office", "tiendo-session"} <= cookies.keys()
    assert [name for name, told in cookies.items() if "secure" in told.lower()] == []


def test_browsers_are_told_to_stay_with_https_only_where_there_is_https(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    https = a_signing_visit(tmp_path / "a", base_url=PUBLIC, trusted_proxies="127.0.0.1").client
    for path in ("/sign-in", "/healthz", "/nothing", "/api/v1/period"):
        assert https.get(path).headers["strict-transport-security"] == "max-age=31536000"
    http = a_signing_visit(tmp_path / "b").client
    assert "strict-transport-security" not in http.get("/sign-in").headers


FROM_ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver:81"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
]
FROM_HERE = [
    {},
    {"Origin": "http://testserver"},
    {"Origin": "http://testserver:80"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
]


@pytest.mark.parametrize("headers", FROM_ELSEWHERE)
def test_a_form_of_another_sites_page_signs_nobody_in_and_mails_nothing(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    visit = a_signing_visit(tmp_path)
    link = sign_in_link(visit, tmp_path)
    visit.clock.set(NOW.replace(hour=NOW.hour + 1))
    assert visit.client.post("/sign-in", data={"email": OFFICER}, headers=headers).status_code == 403
    with visit.opened.store.reading() as tx:
        assert tx.scalar(select(func.count()).where(outbox.c.kind == "notice")) == 1
    visit.clock.set(NOW)
    assert visit.client.post(link, headers=headers).status_code == 403
    assert visit.client.post(link).url.path == "/o/me"  # the link was not used up


@pytest.mark.parametrize("headers", FROM_HERE)
def test_the_form_of_our_own_page_does(tmp_path: Path, headers: dict[str, str]) -> None:
    visit = a_signing_visit(tmp_path)
    link = sign_in_link(visit, tmp_path)
    assert visit.client.post(link, headers=headers).url.path == "/o/me"


def test_the_sign_in_pages_let_their_forms_say_whose_they_are_and_tell_no_address(tmp_path: Path) -> None:
    """With `no-referrer` browsers send `Origin: null`, which is what any other page may send too."""
    visit = a_signing_visit(tmp_path)
    link = sign_in_link(visit, tmp_path)
    for path in ("/sign-in", link):
        assert visit.client.get(path).headers["referrer-policy"] == "strict-origin"
    assert visit.client.get("/nothing").headers["referrer-policy"] == "no-referrer"
