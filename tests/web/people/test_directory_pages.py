"""The office's directory over plain HTTP: what is typed stands or is explained, what follows is shown first,
and those who leave are let go of."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from httpx import Response
from openpyxl import load_workbook
from sqlalchemy import select, update

from tests.builders import NOW, OFFICER, a_directory, a_link, a_plan, an_item, an_open_period
from tests.web.signing import VIEWER, link_in, mails_sent
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.amending.directory import Editor, put_person
from workflow.domain.errors import NotAllowed
from workflow.domain.people.directory import Person, Role, Unit
from workflow.storage import Store, audit
from workflow.storage.access.links import Purpose
from workflow.storage.people.directory import load_directory, save_directory
from workflow.storage.people.entries import staff_of
from workflow.storage.tables import (
    cycle_units,
    links,
    persons,
    roles,
    substitutions,
    unit_members,
    units,
)

SECOND = "thu-ky@hoaxuan.example"
FARMERS = Unit("nong-dan", "Hội Nông dân phường", ("Hội ND",))


@pytest.fixture
def visit(store: Store, tmp_path: Path) -> Visit:
    """A ward with a second person of the office, a viewer, and a coordinating unit nobody reports for."""
    directory = a_directory(
        extra=[
            Person("Mai Thị Thu", SECOND, "Thư ký", (("van-phong", Role.OFFICE),)),
            Person("Cao Thị Mai", VIEWER, "", (("van-phong", Role.VIEWER),)),
        ]
    )
    directory = replace(directory, units=(*directory.units, FARMERS))
    plan = a_plan(items=[an_item(1, coordinating_ids=("mttq", "nong-dan")), an_item(2)])
    return a_visit(tmp_path, store=store, directory=directory, plan=plan)


def office(visit: Visit, box: str = OFFICER) -> str:
    return f"/o/{a_link(visit.opened, box, Purpose.OFFICE)}/directory"


def fields(response: Response, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Where the page's form goes, and its fields with every ticked role kept."""
    form = form_of(response)
    kept = [
        tag["value"] for tag in page_of(response).find_all("input", attrs={"name": "keep", "checked": True})
    ]
    return form.action, {**form.fields, "keep": kept, **changes}


def put(visit: Visit, page: Response, **changes: Any) -> Response:
    action, data = fields(page, **{name.replace("_", "-"): value for name, value in changes.items()})
    return visit.client.post(action, data=data)


def role(visit: Visit, unit: str, which: Role, row: int = 1) -> dict[str, str]:
    return {f"unit_{row}": str(visit.opened.units[unit]), f"role_{row}": which.value}


def added(visit: Visit, desk: str, name: str, email: str, **more: Any) -> Response:
    page = visit.client.get(f"{desk}/people/new")
    answer = put(visit, page, name=name, email=email, **more)
    return put(visit, answer, sure="1") if "Chưa ghi." in text_of(answer) else answer


def seated(visit: Visit, unit: str) -> set[int]:
    with visit.opened.store.reading() as tx:
        return set(
            tx.scalars(
                select(cycle_units.c.cycle_id).where(cycle_units.c.unit_id == visit.opened.units[unit])
            )
        )


def held(visit: Visit, person: int) -> set[tuple[int, str]]:
    with visit.opened.store.reading() as tx:
        rows = tx.execute(select(roles.c.unit_id, roles.c.role).where(roles.c.person_id == person))
        return {(row.unit_id, row.role) for row in rows}


def test_a_person_added_as_reporter_gets_the_next_mail_with_a_link_of_their_own(
    visit: Visit, tmp_path: Path
) -> None:
    answer = added(
        visit, office(visit), "Tạ Văn Nam", "nam@hoaxuan.example", **role(visit, "ubnd", Role.REPORTER)
    )
    assert "Đã thêm vào danh bạ" in text_of(answer)
    visit.clock.set(NOW + timedelta(days=1))
    told = mails_sent(visit.opened, tmp_path, visit.clock)
    assert visit.client.get(link_in(told["nam@hoaxuan.example"])).status_code == 200


def test_what_cannot_stand_is_told_at_its_field_and_nothing_typed_is_lost(visit: Visit) -> None:
    page = visit.client.get(f"{office(visit)}/people/new")
    for email, why in (
        ("khong-phai", "không phải là một địa chỉ thư"),
        ("MTTQ@hoaxuan.example", "đang là của Trần Văn Phúc"),
    ):
        answer = put(
            visit, page, name="Tạ Văn Nam", email=email, title="Phó ban", unit_1="", role_1="reporter"
        )
        assert answer.status_code == 400
        assert why in text_of(answer)
        assert "chưa ghi cả hai" in text_of(answer)
        kept = form_of(answer).fields
        assert (kept["name"], kept["email"], kept["title"]) == ("Tạ Văn Nam", email, "Phó ban")
        assert page_of(answer).select_one("#role-1 option[selected]")["value"] == "reporter"  # type: ignore[index]
    assert "Tạ Văn Nam" not in visit.client.get(office(visit)).text


def test_the_second_of_two_sees_what_the_first_changed_and_overwrites_nothing_unseen(visit: Visit) -> None:
    person = visit.opened.person("mttq")
    address = f"{office(visit)}/people/{person}"
    second = visit.client.get(f"{office(visit, SECOND)}/people/{person}")
    put(visit, visit.client.get(address), title="Chủ tịch Ủy ban MTTQ", name="Trần Văn Phúc A")
    answer = put(visit, second, title="Chủ tịch Mặt trận")
    assert answer.status_code == 409
    for value in ("Chủ tịch UB MTTQ phường", "Chủ tịch Ủy ban MTTQ", "Chủ tịch Mặt trận", "Trần Văn Phúc A"):
        assert value in text_of(answer)
    with visit.opened.store.reading() as tx:
        assert tx.scalar(select(persons.c.title).where(persons.c.id == person)) == "Chủ tịch Ủy ban MTTQ"
    assert put(visit, answer).status_code == 200
    with visit.opened.store.reading() as tx:
        row = tx.execute(select(persons).where(persons.c.id == person)).one()
    assert (row.name, row.title) == ("Trần Văn Phúc A", "Chủ tịch Mặt trận")


def test_a_unit_left_without_reporter_is_shown_before_its_cycles_lose_it(visit: Visit) -> None:
    person = visit.opened.person("mttq")
    before = seated(visit, "mttq")
    look = put(visit, visit.client.get(f"{office(visit)}/people/{person}"), keep=[])
    assert "Ủy ban MTTQ Việt Nam phường không còn ai báo cáo" in text_of(look)
    assert "bớt xác nhận: Ủy ban MTTQ Việt Nam phường" in text_of(look)
    assert seated(visit, "mttq") == before
    assert held(visit, person) == {(visit.opened.units["mttq"], "reporter")}
    put(visit, look, sure="1")
    assert before
    assert seated(visit, "mttq") == set()
    assert held(visit, person) == set()


def test_a_units_first_reporter_seats_it_in_the_cycles_under_way(visit: Visit) -> None:
    desk = office(visit)
    assert "1 đơn vị có trong kế hoạch mà chưa có ai báo cáo" in text_of(visit.client.get(f"{desk}/units"))
    assert seated(visit, "nong-dan") == set()
    added(visit, desk, "Hồ Văn Ba", "ba@hoaxuan.example", **role(visit, "nong-dan", Role.REPORTER))
    assert len(seated(visit, "nong-dan")) == 1
    assert "chưa có ai báo cáo" not in text_of(visit.client.get(f"{desk}/units"))


def test_who_leaves_loses_roles_links_and_absences_and_gets_none_back_by_returning(visit: Visit) -> None:
    opened = visit.opened
    person, old = opened.person("cong-an"), a_link(opened, "cong-an")
    desk = office(visit)
    absence = visit.client.get(f"{desk}/absences")
    put(visit, absence, person=person, substitute=opened.person("doan"), to="2026-03-20")
    look = visit.client.get(f"{desk}/people/{person}/leave")
    for told in ("1 đường dẫn", "1 lần vắng mặt", "Công an phường không còn ai báo cáo"):
        assert told in text_of(look)
    assert visit.client.get(f"/l/{old}").status_code == 200
    form = form_of(look, "/leave")
    assert post(visit, form, form.fields).status_code == 200
    assert held(visit, person)
    left = post(visit, form, form.filled())
    assert "Đưa ra khỏi danh bạ" in text_of(left)
    assert visit.client.get(f"/l/{old}").status_code == 410
    assert held(visit, person) == set()
    with opened.store.reading() as tx:
        assert tx.scalar(select(substitutions.c.revoked_at)) == NOW
    back = form_of(left, "/back")
    assert "Đã đưa trở lại danh bạ" in text_of(post(visit, back, back.fields))
    assert visit.client.get(f"/l/{old}").status_code == 410


def test_a_link_does_not_come_back_with_a_person_whom_a_plan_file_had_dropped(visit: Visit) -> None:
    person, old = visit.opened.person("doan"), a_link(visit.opened, "doan")
    with visit.opened.store.begin() as tx:
        known = load_directory(tx, visit.opened.organisation_id)
        rest = tuple(one for one in known.persons if one.email != "doan@hoaxuan.example")
        save_directory(tx, replace(known, persons=rest))
    back = form_of(visit.client.get(f"{office(visit)}/people/{person}"), "/back")
    assert "Đã đưa trở lại danh bạ" in text_of(post(visit, back, back.fields))
    assert visit.client.get(f"/l/{old}").status_code == 410


def test_the_office_keeps_someone_who_runs_it(visit: Visit) -> None:
    own = visit.opened.person("van-phong")
    desk = office(visit)
    answer = put(visit, visit.client.get(f"{desk}/people/{own}"), keep=[])
    assert answer.status_code == 400
    assert "không tự bỏ vai trò điều hành" in text_of(answer)
    assert visit.client.get(f"{desk}/people/{own}/leave").status_code == 409
    unit = visit.opened.units["van-phong"]
    assert "người điều hành cuối cùng" in text_of(visit.client.get(f"{desk}/units/{unit}/leave"))


def test_a_committee_has_one_chair_and_keeps_its_members(visit: Visit) -> None:
    desk = office(visit)
    page = visit.client.get(f"{desk}/people/{visit.opened.person('uy-vien-1')}")
    answer = put(visit, page, **role(visit, "btv", Role.CHAIR))
    assert "đã có người chủ trì: Hoàng Văn Thành" in text_of(answer)
    page = visit.client.get(f"{desk}/people/{visit.opened.person('doan')}")
    answer = put(visit, page, **role(visit, "doan", Role.MEMBER))
    assert "không phải ban biểu quyết" in text_of(answer)


def test_a_changed_address_keeps_the_person_and_mails_a_new_link_there(visit: Visit, tmp_path: Path) -> None:
    person, old = visit.opened.person("ubnd"), a_link(visit.opened, "ubnd")
    page = visit.client.get(f"{office(visit)}/people/{person}")
    said = text_of(put(visit, page, email="minhhang@hoaxuan.example"))
    assert "ubnd@hoaxuan.example" in said
    assert "minhhang@hoaxuan.example" in said
    assert visit.client.get(f"/l/{old}").status_code == 410
    told = mails_sent(visit.opened, tmp_path, visit.clock)
    assert visit.client.get(link_in(told["minhhang@hoaxuan.example"])).status_code == 200
    page = visit.client.get(f"{office(visit)}/people/{visit.opened.person('mttq')}")
    other = a_link(visit.opened, "mttq")
    put(visit, page, email="phuc@hoaxuan.example", renew="")
    assert visit.client.get(f"/l/{other}").status_code == 200


def test_a_unit_is_added_mended_and_refused_where_its_name_is_taken(visit: Visit) -> None:
    desk = office(visit)
    page = visit.client.get(f"{desk}/units/new")
    answer = put(
        visit, page, name="Hội  Cựu chiến binh phường", aliases="Hội CCB\nCCB", cluster="Khối đoàn thể"
    )
    assert "Đã thêm vào danh bạ" in text_of(answer)
    for changes, why in (
        ({"name": "Hội ccb"}, "đã là tên của Hội Cựu chiến binh phường"),
        ({"name": "Đơn vị mới", "aliases": "hoi nd"}, "đã là tên của Hội Nông dân phường"),
        ({"name": ""}, "Chưa ghi tên đơn vị"),
    ):
        answer = put(visit, page, **changes)
        assert answer.status_code == 400
        assert why in text_of(answer)
    with visit.opened.store.reading() as tx:
        kept = load_directory(tx, visit.opened.organisation_id).units[-1]
    assert kept == Unit(
        "hoi-cuu-chien-binh-phuong",
        "Hội Cựu chiến binh phường",
        ("Hội CCB", "CCB"),
        cluster="Khối đoàn thể",
    )


def test_a_group_never_contains_itself_and_a_dropped_unit_leaves_it(visit: Visit) -> None:
    opened, desk = visit.opened, office(visit)
    ids = [str(opened.units[one]) for one in ("phu-nu", "doan")]
    put(visit, visit.client.get(f"{desk}/units/new"), name="Các đoàn thể", members=ids)
    with opened.store.reading() as tx:
        group = tx.scalar(select(units.c.id).where(units.c.name == "Các đoàn thể"))
    answer = put(visit, visit.client.get(f"{desk}/units/{ids[0]}"), members=[str(group)])
    assert "Nhóm này chứa chính nó, qua Các đoàn thể" in text_of(answer)
    look = visit.client.get(f"{desk}/units/{ids[0]}/leave")
    assert "Ra khỏi nhóm Các đoàn thể" in text_of(look)
    form = form_of(look, "/leave")
    assert "Thôi dùng đơn vị" in text_of(post(visit, form, form.filled()))
    with opened.store.reading() as tx:
        assert tx.scalars(select(unit_members.c.unit_id)).all() == [opened.units["doan"]]
        assert "phu-nu" not in {unit.id for unit in load_directory(tx, opened.organisation_id).units}
    assert held(visit, opened.person("phu-nu")) == set()


def test_every_change_is_in_the_log_with_who_before_and_after(visit: Visit) -> None:
    desk = office(visit)
    unit = visit.opened.units["doan"]
    put(visit, visit.client.get(f"{desk}/units/{unit}"), name="Đoàn Thanh niên phường", cluster="Khối 1")
    said = text_of(visit.client.get(f"{desk}/units/{unit}"))
    assert "Trịnh Thu Hà" in said
    assert "Tên: Đoàn TNCS Hồ Chí Minh phường → Đoàn Thanh niên phường" in said
    assert "Cụm thi đua: (trống) → Khối 1" in said
    with visit.opened.store.reading() as tx:
        assert audit.verify(tx)[1] == []


def test_search_needs_no_diacritics_and_the_file_has_the_same_rows(visit: Visit) -> None:
    desk = office(visit)
    said = text_of(visit.client.get(f"{desk}?q=do thi lan"))
    assert "Đỗ Thị Lan Anh" in said
    assert "Vũ Đức Huy" not in said
    csv = visit.client.get(f"{desk}/people.csv?q=do thi lan").text
    assert len(csv.strip().splitlines()) == 2
    assert "Đỗ Thị Lan Anh" in csv
    book = load_workbook(BytesIO(visit.client.get(f"{desk}/units.xlsx?only=bare").content))
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if FARMERS.name in row]
    assert len(rows) == 1


def test_a_viewer_looks_and_changes_nothing(visit: Visit) -> None:
    desk, viewers = office(visit), office(visit, VIEWER)
    person = visit.opened.person("doan")
    for path in ("", "/units", f"/people/{person}", "/absences", "/file", "/people/new"):
        page = visit.client.get(f"{viewers}{path}")
        assert page.status_code == 200
        assert not [form for form in page_of(page).find_all("form") if form.get("method") == "post"]
    action, data = fields(visit.client.get(f"{desk}/people/{person}"), name="Tên khác")
    answer = visit.client.post(action.replace(desk, viewers), data=data)
    assert answer.status_code == 403


def test_absences_that_clash_are_explained(visit: Visit) -> None:
    opened, desk = visit.opened, office(visit)
    page = visit.client.get(f"{desk}/absences")
    good: Mapping[str, Any] = {
        "person": opened.person("ubnd"),
        "substitute": opened.person("doan"),
        "from": "2026-03-05",
        "to": "2026-03-10",
    }
    assert put(visit, page, **good).status_code == 200
    for changes, why in (
        ({}, "Đã có người thay từ 05/03/2026 đến 10/03/2026"),
        ({"from": "2026-04-02", "to": "2026-04-01"}, "phải trước hoặc trùng ngày kết thúc"),
        ({"from": "2026-02-01", "to": "2026-02-02"}, "Ngày cuối 02/02/2026 đã qua"),
        ({"substitute": opened.person("ubnd"), "to": "2026-04-01"}, "phải là người khác"),
        ({"person": opened.person("bi-thu"), "substitute": opened.person("uy-vien-1"), "votes": "1"},
         "đã có phiếu của mình"),
    ):  # fmt: skip
        answer = put(visit, page, **{**good, **changes})
        assert answer.status_code == 409
        assert why in text_of(answer)
    live = visit.client.get(f"{desk}/absences")
    form = form_of(live, "/end")
    assert "Không ai vắng" in text_of(post(visit, form, form.fields))


def test_a_file_shows_its_difference_and_is_accepted_once(visit: Visit) -> None:
    opened, desk = visit.opened, office(visit)
    old = a_link(opened, "tram-y-te")
    text = visit.client.get(f"{desk}/file.yaml").text
    assert offered(visit, desk, text).count("không có gì để ghi") == 1
    start = text.index("- name: Bùi Thị Ngọc Ánh")
    mended = text[:start] + text[text.index("- name:", start + 1) :]
    mended = mended.replace("name: Trạm Y tế phường", "name: Trạm Y tế Hòa Xuân")
    look = uploaded(visit, desk, mended)
    assert "Trạm Y tế Hòa Xuân" in text_of(look)
    assert "Bùi Thị Ngọc Ánh" in text_of(look)
    assert visit.client.get(f"/l/{old}").status_code == 200
    form = form_of(look, "/accept")
    assert "2 mục thêm, đổi hoặc bỏ" in text_of(post(visit, form, form.filled()))
    assert visit.client.get(f"/l/{old}").status_code == 410
    again = post(visit, form, form.filled())
    assert again.status_code == 400
    assert "vừa thay đổi sau khi tệp được đối chiếu" in text_of(again)
    said = text_of(visit.client.get(f"{desk}/units/{opened.units['tram-y-te']}"))
    assert "Tên: Trạm Y tế phường → Trạm Y tế Hòa Xuân" in said


def uploaded(visit: Visit, desk: str, content: str | bytes, name: str = "danh-ba.yaml") -> Response:
    form = form_of(visit.client.get(f"{desk}/file"), "/directory/file")
    body = content.encode() if isinstance(content, str) else content
    return post(visit, form, form.fields, files={"file": (name, body)})


def offered(visit: Visit, desk: str, content: str | bytes, name: str = "danh-ba.yaml") -> str:
    return text_of(uploaded(visit, desk, content, name))


def test_the_workbook_comes_back_as_it_went_out_and_wrong_files_are_refused(visit: Visit) -> None:
    desk = office(visit)
    book = visit.client.get(f"{desk}/file.xlsx").content
    assert "không có gì để ghi" in offered(visit, desk, book, "danh-ba.xlsx")
    text = visit.client.get(f"{desk}/file.yaml").text
    before = visit.count(audit.audit)
    for content, why in (
        (text.replace("Đảng ủy phường Hòa Xuân", "Đảng ủy phường Khác", 1), "không phải của đơn vị anh/chị"),
        (text.replace(OFFICER, "ai-khac@hoaxuan.example"), "không có chính anh/chị"),
        (text.replace("reporter", "reportr", 1), "Không có vai trò “reportr”"),
        (text.replace("name: Công an phường", "name: UBND phường"), "“UBND phường” vừa là"),
        ("units: [", "sai cú pháp YAML"),
    ):
        assert why in offered(visit, desk, content)
    assert visit.count(audit.audit) == before


def test_no_office_reaches_another_organisations_directory(visit: Visit) -> None:
    other = an_open_period(visit.opened.store, directory=a_directory("Đảng ủy phường Khác"))
    desk = office(visit)
    person, unit = other.person("ubnd"), other.units["ubnd"]
    for path in (f"/people/{person}", f"/people/{person}/leave", f"/units/{unit}", f"/units/{unit}/leave"):
        assert visit.client.get(f"{desk}{path}").status_code == 404
    page = visit.client.get(f"{desk}/people/{visit.opened.person('doan')}")
    answer = put(visit, page, unit_1=str(unit), role_1="reporter")
    assert answer.status_code == 400
    with visit.opened.store.begin() as tx:
        tx.execute(update(links).values(revoked_at=NOW))
    assert visit.client.get(desk).status_code == 410


def test_two_who_take_the_office_from_each_other_at_once_leave_one_of_them_in_it(store: Store) -> None:
    opened = an_open_period(
        store,
        directory=a_directory(extra=[Person("Mai Thị Thu", SECOND, "", (("van-phong", Role.OFFICE),))]),
    )
    pair = [opened.person(OFFICER), opened.person(SECOND)]

    def dismiss(editor: int, other: int) -> str:
        with store.reading() as tx:
            seen = staff_of(tx, opened.organisation_id).persons[other]
        both_looked.wait()
        try:
            with store.begin() as tx:
                put_person(tx, Editor(opened.organisation_id, editor, NOW), seen, replace(seen, roles=()))
        except NotAllowed as error:
            return error.what
        return "done"

    both_looked = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        said = set(threads.map(dismiss, pair, reversed(pair)))
    assert "done" in said
    assert len(said) == 2
