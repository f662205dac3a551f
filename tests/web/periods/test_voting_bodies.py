"""Two voting bodies as the office meets them: on the page of periods, at the command, on a unit's page, in a
file of the directory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.builders import a_directory, a_link
from tests.storage.opening.test_bodies import two_bodies
from tests.web.visiting import Visit, a_visit, form_of, post, text_of
from workflow.cli import app
from workflow.domain.people.directory import BodyKind, Role, Unit
from workflow.domain.rules.routing_rules import BodiesRule, Rules
from workflow.importing.directory_offer import directory_in, directory_workbook
from workflow.importing.files.directory_file import directory_yaml, read_directory_yaml
from workflow.importing.form.checking import directory_faults
from workflow.storage.access.links import Purpose
from workflow.storage.tables import periods, units


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def _asked(visit: Visit) -> str:
    form = form_of(visit.client.get(f"{_office(visit)}/periods"), "/periods/open")
    wanted = {"plan": str(visit.opened.plan_id), "code": "2026-Q2", "rules": "party"}
    return text_of(post(visit, form, form.fields | wanted))


def test_the_page_that_opens_a_period_shows_which_body_decides_on_what(tmp_path: Path) -> None:
    told = _asked(a_visit(tmp_path, directory=two_bodies()))
    assert "các nội dung cho Ban Thường vụ Đảng ủy phường (5 thành viên)" in told
    assert "khen thưởng cho Hội đồng Thi đua (3 thành viên)" in told


def test_the_page_asks_where_two_bodies_could_be_meant_and_opens_nothing(tmp_path: Path) -> None:
    visit = a_visit(
        tmp_path, directory=two_bodies(BodyKind.COMMITTEE), rules=Rules(bodies=BodiesRule(items="btv"))
    )
    told = _asked(visit)
    assert "Hội đồng Thi đua (mã hdtd) và Ban Thường vụ Đảng ủy phường (mã btv)" in told
    assert "[bodies]" in told
    assert visit.count(periods) == 1


def test_the_command_asks_where_two_bodies_could_be_meant_and_says_who_decides_where_one_is(
    tmp_path: Path,
) -> None:
    visit = a_visit(
        tmp_path, directory=two_bodies(BodyKind.COMMITTEE), rules=Rules(bodies=BodiesRule(items="btv"))
    )
    rules = tmp_path / "rules.toml"
    rules.write_text('name = "x"\n', encoding="utf-8")
    words = ["period", "open", "2026-Q2", "--routing", str(rules), "--data", str(tmp_path)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code != 0
    assert "mã hdtd" in str(refused.exception)
    rules.write_text('name = "x"\n[bodies]\nitems = "btv"\nscores = "hdtd"\n', encoding="utf-8")
    opened = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "Quyết định về điểm: Hội đồng Thi đua." in opened.stdout
    assert visit.count(periods) == 2


def test_the_office_makes_a_unit_the_emulation_council_on_its_page(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    office = _office(visit)
    form = form_of(visit.client.get(f"{office}/directory/units/new"), "/directory/units/new")
    page = post(visit, form, form.filled(name="Hội đồng Thi đua phường", committee="council"))
    assert "hội đồng thi đua" in text_of(page)
    with visit.opened.store.reading() as tx:
        made = tx.execute(units.select().where(units.c.name == "Hội đồng Thi đua phường")).one()
    assert (made.is_committee, made.body) == (True, "council")


@pytest.mark.parametrize("kind", list(BodyKind))
def test_a_body_keeps_its_kind_through_a_workbook_and_a_yaml_file(kind: BodyKind) -> None:
    directory = two_bodies(kind)
    assert _body(directory_in(directory_workbook(directory), "danh-ba.xlsx", "x").units) is kind
    assert _body(read_directory_yaml(directory_yaml(directory), "danh-ba.yaml").units) is kind


def test_two_bodies_have_a_chair_each_and_two_chairs_of_one_body_are_refused() -> None:
    assert not [one for one in directory_faults(two_bodies()) if not one.is_note]
    twice = tuple(
        replace(one, roles=tuple((unit, _chair(role)) for unit, role in one.roles))
        for one in a_directory().persons
    )
    found = [one for one in directory_faults(replace(a_directory(), persons=twice)) if not one.is_note]
    assert [one.what for one in found] == ["“Ban Thường vụ Đảng ủy phường” có 5 người chủ trì."]


def _chair(role: Role) -> Role:
    return Role.CHAIR if role is Role.MEMBER else role


def _body(found: tuple[Unit, ...]) -> BodyKind:
    return next(one.body for one in found if one.id == "hdtd")
