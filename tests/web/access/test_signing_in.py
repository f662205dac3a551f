"""Signing in by a mailed link: who gets one, what it begins, and how that ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select, update
from starlette.testclient import TestClient

from tests.builders import NOW, OFFICER, a_link
from tests.web.signing import VIEWER, a_signing_visit, link_in, mails_sent, sign_in_link, signed_in
from tests.web.visiting import Visit, form_of, page_of, post, text_of
from workflow.domain.people.directory import Role
from workflow.storage.access.links import Purpose
from workflow.storage.tables import links, outbox, persons, roles

COOKIE = "tiendo-session"


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    known = visit.client.post("/sign-in", data={"email": OFFICER})
    unknown = visit.client.post("/sign-in", data={"email": "nguoi-la@hoaxuan.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(OFFICER, "") == unknown.text.replace("nguoi-la@hoaxuan.example", "")
    assert _notices(visit) == ["sign-in"]


def test_an_address_is_known_however_it_is_written_and_mailed_to_once_a_minute(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    for typed in (OFFICER.upper(), f"  {OFFICER} "):
        visit.client.post("/sign-in", data={"email": typed})
    assert _notices(visit) == ["sign-in"]
    visit.clock.set(NOW + timedelta(minutes=2))
    visit.client.post("/sign-in", data={"email": OFFICER})
    assert _notices(visit) == ["sign-in", "sign-in"]


def _asked_from(visit: Visit, address: str) -> None:
    client = TestClient(visit.client.app, client=(address, 1), follow_redirects=True)
    assert client.post("/sign-in", data={"email": OFFICER}).status_code == 200


def test_an_officer_gets_a_link_though_others_ask_in_their_name_without_end(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    for minute in range(0, 120, 4):
        visit.clock.set(NOW + timedelta(minutes=minute))
        _asked_from(visit, f"203.0.113.{minute}")
    before = len(_notices(visit))
    # No flood of mails either: the attackers' six an hour, and one in each quarter.
    assert before <= 2 * (6 + 4)
    for minute in (120, 125, 130, 135):
        visit.clock.set(NOW + timedelta(minutes=minute))
        _asked_from(visit, "198.51.100.7")
    assert len(_notices(visit)) > before


def test_who_asks_often_in_one_name_brings_one_mail_in_a_quarter_of_an_hour(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    for minute in range(0, 60, 3):
        visit.clock.set(NOW + timedelta(minutes=minute))
        _asked_from(visit, "203.0.113.9")
    assert len(_notices(visit)) <= 3 + 4


def test_a_used_link_is_followed_by_another_at_once(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    for _ in range(5):
        _asked_from(visit, "203.0.113.9")
    link = sign_in_link(visit, tmp_path)
    post(visit, form_of(visit.client.get(link)), {})
    visit.clock.set(NOW + timedelta(seconds=20))
    _asked_from(visit, "203.0.113.9")
    assert _notices(visit) == ["sign-in", "sign-in"]


def test_a_unit_gets_its_own_link_again_instead(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    visit.client.post("/sign-in", data={"email": "ubnd@hoaxuan.example"})
    link = link_in(mails_sent(visit.opened, tmp_path, visit.clock)["ubnd@hoaxuan.example"])
    answer = visit.client.get(link)
    assert answer.url.path.startswith("/l/")
    assert answer.status_code == 200


def test_the_mailed_link_signs_in_once_by_its_button_alone(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    link = sign_in_link(visit, tmp_path)
    for _ in range(3):
        assert "Trịnh Thu Hà" in text_of(visit.client.get(link))
        assert visit.client.head(link).status_code == 200
    assert COOKIE not in visit.client.cookies
    answer = post(visit, form_of(visit.client.get(link)), {})
    assert answer.url.path == "/o/me"
    assert "Bảng theo dõi" in text_of(answer)
    visit.client.cookies.clear()
    assert visit.client.post(link).status_code == 410
    assert COOKIE not in visit.client.cookies


def test_the_mailed_link_dies_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    link = sign_in_link(visit, tmp_path)
    visit.clock.set(NOW + timedelta(minutes=16))
    assert visit.client.get(link).status_code == 410
    assert visit.client.post(link).status_code == 410


def test_another_sites_page_signs_nobody_in(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    link = sign_in_link(visit, tmp_path)
    assert visit.client.post(link, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visit.client.post(link).url.path == "/o/me"


def test_who_is_not_signed_in_comes_back_to_the_page_they_wanted(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    answer = visit.client.get("/o/me/owing?period=2026-Q1")
    assert answer.url.path == "/sign-in"
    visit.client.post("/sign-in", data={"email": OFFICER})
    link = link_in(mails_sent(visit.opened, tmp_path, visit.clock)[OFFICER])
    answer = visit.client.post(link)
    assert str(answer.url).endswith("/o/me/owing?period=2026-Q1")


@pytest.mark.parametrize("wanted", ["https://x.example/", "//x.example", "/o/me/..//x", "/l/abc", "/o/mexx"])
def test_nobody_is_led_elsewhere_after_signing_in(tmp_path: Path, wanted: str) -> None:
    visit = a_signing_visit(tmp_path)
    visit.client.get("/sign-in", params={"next": wanted})
    answer = visit.client.post(sign_in_link(visit, tmp_path), follow_redirects=False)
    assert re.fullmatch(r"/o/me(/\.\.//x)?", answer.headers["location"])


def test_the_cookie_is_for_us_alone(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path, base_url="https://tiendo.phuong.example")
    answer = visit.client.post(sign_in_link(visit, tmp_path), follow_redirects=False)
    told = answer.headers["set-cookie"]
    for word in ("__Host-tiendo-session=", "HttpOnly", "Secure", "SameSite=lax", "Path=/;"):
        assert word in told
    with visit.opened.store.reading() as tx:
        kept = tx.scalars(select(links.c.token_sha256)).all()
    assert not any(hash_ in told for hash_ in kept)


def test_a_cookie_made_up_or_changed_is_no_session(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    signed_in(visit, tmp_path)
    good = visit.client.cookies[COOKIE]
    visit.client.cookies.clear()
    for bad in (good[:-2], "x" * 43, a_link(visit.opened, "van-phong", Purpose.OFFICE)):
        answer = visit.client.get("/o/me", headers={"Cookie": f"{COOKIE}={bad}"}, follow_redirects=False)
        assert answer.status_code == 303
    assert visit.client.get("/o/me", headers={"Cookie": f"{COOKIE}={good}"}).status_code == 200


def test_a_session_ends_unused_and_in_any_case_after_its_hours(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path, session_idle_minutes=60, session_hours=4)
    signed_in(visit, tmp_path)
    at = NOW
    for _ in range(5):
        at += timedelta(minutes=45)
        visit.clock.set(at)
        assert visit.client.get("/o/me").url.path == "/o/me"
    visit.clock.set(NOW + timedelta(hours=4, minutes=1))
    assert visit.client.get("/o/me").url.path == "/sign-in"

    visit.clock.set(NOW + timedelta(hours=5))
    signed_in(visit, tmp_path)
    visit.clock.set(NOW + timedelta(hours=6, minutes=1))
    assert visit.client.get("/o/me").url.path == "/sign-in"


def test_signing_out_ends_this_session_or_all(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    signed_in(visit, tmp_path)
    first = visit.client.cookies[COOKIE]
    visit.clock.set(NOW + timedelta(minutes=2))
    visit.client.cookies.clear()
    signed_in(visit, tmp_path)
    second = visit.client.cookies[COOKIE]
    ordinary, everywhere = [
        {tag["name"]: tag["value"] for tag in form.select("input")}
        for form in page_of(visit.client.get("/o/me")).select("form[action='/o/me/sign-out']")
    ]
    assert visit.client.post("/o/me/sign-out", data={"stamp": "giả"}).status_code == 403
    assert visit.client.post("/o/me/sign-out", data=ordinary).url.path == "/sign-in"
    assert not _is_in(visit, second)
    assert _is_in(visit, first)
    visit.client.cookies.clear()
    visit.client.cookies.set(COOKIE, first)
    stamp = form_of(visit.client.get("/o/me"), "/sign-out").fields["stamp"]
    visit.client.post("/o/me/sign-out", data=everywhere | {"stamp": stamp})
    assert not _is_in(visit, first)


@pytest.mark.parametrize("how", ["dropped", "role taken", "links revoked"])
def test_who_loses_the_right_loses_the_session_at_once(tmp_path: Path, how: str) -> None:
    visit = a_signing_visit(tmp_path)
    signed_in(visit, tmp_path)
    person = visit.opened.person(OFFICER)
    with visit.opened.store.begin() as tx:
        match how:
            case "dropped":
                tx.execute(update(persons).where(persons.c.id == person).values(is_active=False))
            case "role taken":
                tx.execute(roles.delete().where(roles.c.person_id == person))
            case _:
                tx.execute(update(links).where(links.c.person_id == person).values(revoked_at=NOW))
    assert visit.client.get("/o/me").url.path == "/sign-in"
    assert visit.client.post("/o/me/mails/1/again").status_code == 401


def test_an_office_link_opens_nothing_once_the_role_is_gone(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    link = f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"
    assert visit.client.get(link).status_code == 200
    with visit.opened.store.begin() as tx:
        tx.execute(roles.delete().where(roles.c.role == Role.OFFICE.value))
    assert visit.client.get(link).status_code == 410


def test_a_viewer_reads_every_page_and_finds_no_form_on_it(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    with visit.opened.store.begin() as tx:
        tx.execute(outbox.update().values(state="failed", error="550"))
    signed_in(visit, tmp_path, VIEWER)
    for path in _pages(visit):
        answer = visit.client.get(path)
        if path.endswith(("/data", "/forget")):
            # All that is held about a person is for who answers for it, and no link leads a viewer there.
            assert answer.status_code == 403, path
            continue
        assert answer.status_code == 200, path
        actions = {form.get("action") for form in page_of(answer).select("form[method=post]")}
        assert actions <= {"/o/me/sign-out"}, path


def test_nothing_a_viewer_posts_is_taken(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    signed_in(visit, tmp_path, VIEWER)
    for path in _forms(visit):
        answer = visit.client.post(path)
        assert answer.status_code == 403, path
        assert "chỉ xem" in text_of(answer)


def test_no_form_of_a_session_is_taken_without_its_stamp_or_from_another_site(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    signed_in(visit, tmp_path)
    before = visit.count(outbox)
    for path in _forms(visit):
        assert visit.client.post(path).status_code == 403, path
        elsewhere = visit.client.post(path, headers={"Sec-Fetch-Site": "same-site"})
        assert "trang khác gửi đi" in text_of(elsewhere), path
    assert visit.count(outbox) == before


def test_a_record_address_leads_who_is_signed_in_to_the_record(tmp_path: Path) -> None:
    visit = a_signing_visit(tmp_path)
    signed_in(visit, tmp_path)
    cycle = visit.opened.cycles[0]
    assert visit.client.get(f"/cycle/{cycle}").url.path == f"/o/me/item/{cycle}"


def _is_in(visit: Visit, cookie: str) -> bool:
    visit.client.cookies.clear()
    answer = visit.client.get("/o/me", headers={"Cookie": f"{COOKIE}={cookie}"}, follow_redirects=False)
    return answer.status_code == 200


def _notices(visit: Visit) -> list[str]:
    with visit.opened.store.reading() as tx:
        found = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "notice").order_by(outbox.c.id))
        return [context["about"] for context in found]


def _routes(visit: Visit, method: str) -> list[str]:
    known = {
        "cycle_id": visit.opened.cycles[0],
        "person_id": visit.opened.person("ubnd"),
        "mail_id": 1,
        "difficulty_id": 1,
        "period_code": "2026-Q1",
        "period_id": visit.opened.period_id,
    }
    found = []
    for route in _every_route(visit.client.app):
        if isinstance(route, APIRoute) and route.path.startswith("/o/{token}") and method in route.methods:
            names = set(re.findall(r"{(\w+)", route.path)) - {"token"}
            if names <= set(known):
                path = route.path.replace("{token}", "me")
                for name in names:
                    path = re.sub(rf"{{{name}[^}}]*}}", str(known[name]), path)
                found.append(path)
    return found


def _every_route(app: Any) -> Iterator[Any]:
    for route in app.routes:
        included = getattr(route, "original_router", None)
        yield from included.routes if included else [route]


def _pages(visit: Visit) -> list[str]:
    found = [path for path in _routes(visit, "GET") if not path.endswith((".csv", ".xlsx"))]
    # There is no report before the period closes, and there are no minutes before anyone votes.
    # The live counters never end.
    left_out = (
        "/o/me/report/2026-Q1",
        "/o/me/minutes",
        "/o/me/sittings/minutes.docx",
        "/o/me/counters",
    )
    found = [path for path in found if path not in left_out]
    assert len(found) >= 9
    return found


def _forms(visit: Visit) -> list[str]:
    found = [path for path in _routes(visit, "POST") if not path.endswith(("/sign-out", "/renew"))]
    assert len(found) >= 4
    return found
