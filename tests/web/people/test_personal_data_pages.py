"""The office's page of a person hands out what is held about them, and forgets them once they have left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.builders import NOW, StoppedClock, a_directory, a_link
from tests.storage.personal.test_forgetting import ADDRESS, NETWORK, TELEPHONE, everywhere, lived_in
from tests.web.duties.test_secrecy import put_to_vote
from tests.web.signing import VIEWER
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Choice
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import Shows
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.access.links import Purpose
from workflow.storage.audit import verify
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote
from workflow.web.app import create_app


def office(visit: Visit, box: str = "van-phong") -> str:
    return f"/o/{a_link(visit.opened, box, Purpose.OFFICE)}/directory/people"


def a_left(store: Store, folder: Path) -> tuple[Visit, int]:
    """A site of a ward one of whose people has left."""
    opened, person = lived_in(store)
    clock = StoppedClock(NOW)
    app = create_app(store, Settings(data=folder), clock)  # type: ignore[arg-type]
    return Visit(opened, clock, TestClient(app, follow_redirects=True)), person


def file_of(visit: Visit, person: int) -> Response:
    form = form_of(visit.client.get(f"{office(visit)}/{person}/data"), "/data")
    return post(visit, form, form.filled())


def test_all_that_is_held_is_shown_and_saved_as_a_file_and_that_is_on_record(
    store: Store, tmp_path: Path
) -> None:
    visit, person = a_left(store, tmp_path)
    shown = text_of(visit.client.get(f"{office(visit)}/{person}/data"))
    assert ADDRESS in shown
    assert "Báo cáo kết quả" in shown
    answer = file_of(visit, person)
    assert answer.headers["content-disposition"].startswith("attachment")
    told = json.loads(answer.content)
    assert told["held"]["link_uses"]["rows"][0]["address"] == NETWORK
    assert "Xuất dữ liệu cá nhân" in text_of(visit.client.get(f"{office(visit)}/{person}"))


def test_the_page_says_what_stays_and_why_then_forgets_and_the_history_tells(
    store: Store, tmp_path: Path
) -> None:
    visit, person = a_left(store, tmp_path)
    page = visit.client.get(f"{office(visit)}/{person}")
    assert "xóa dữ liệu cá nhân…" in text_of(page)
    page = visit.client.get(f"{office(visit)}/{person}/forget")
    said = text_of(page)
    assert "Báo cáo kết quả (1): ở lại: ai đã báo cáo" in said
    assert "Bản nháp (1): xóa hẳn." in said
    form = form_of(page, "/forget")
    unticked = post(visit, form, {**form.filled(), "sure": ""})
    assert ADDRESS in text_of(unticked)
    said = text_of(post(visit, form, form.filled()))
    assert "Đã xóa dữ liệu cá nhân của người này." in said
    assert "Xóa dữ liệu cá nhân · Trịnh Thu Hà" in said
    assert "Đưa trở lại danh bạ" not in said
    assert everywhere(store, ADDRESS, TELEPHONE, NETWORK) == []
    with store.reading() as tx:
        assert verify(tx)[1] == []


def test_nobody_is_forgotten_while_in_the_directory_nor_by_who_may_only_look(tmp_path: Path) -> None:
    viewer = Person("Cao Thị Mai", VIEWER, "", (("van-phong", Role.VIEWER),))
    visit = a_visit(tmp_path, directory=a_directory(extra=[viewer]))
    person = visit.opened.person("ubnd")
    page = visit.client.get(f"{office(visit)}/{person}/forget")
    assert "Đưa người này ra khỏi danh bạ trước" in text_of(page)
    assert page_of(page).select("form") == []
    for path in ("data", "forget"):
        assert visit.client.get(f"{office(visit, VIEWER)}/{person}/{path}").status_code == 403


@pytest.mark.parametrize("shows", [Shows.NOTHING, Shows.COUNTS])
def test_the_file_does_not_tell_the_office_how_a_member_voted(tmp_path: Path, shows: Shows) -> None:
    told = {}
    for choice in (Choice.APPROVE, Choice.RETURN):
        folder = tmp_path / choice.value
        folder.mkdir()
        visit = put_to_vote(folder, shows)
        opened, (cycle,) = visit.opened, visit.opened.cycles
        with opened.store.begin() as tx:
            acts.vote(tx, opened.person("uy-vien-1"), [CastVote(cycle, 1, choice, "vì thế")], NOW)
        found = json.loads(file_of(visit, opened.person("uy-vien-1")).content)
        told[choice] = json.dumps(found["held"], sort_keys=True)
    assert told[Choice.APPROVE] == told[Choice.RETURN]


@pytest.mark.parametrize("number", ["9999", "9223372036854775808"])
def test_a_person_there_is_none_of_is_not_found(store: Store, tmp_path: Path, number: str) -> None:
    visit, _ = a_left(store, tmp_path)
    assert visit.client.get(f"{office(visit)}/{number}/data").status_code == 404
    assert visit.client.get(f"{office(visit)}/{number}/forget").status_code == 404
