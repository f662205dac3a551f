"""The office takes a plan in on the web: upload, preview with doubtful cells first, mend in place, accept."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from httpx import Response
from sqlalchemy import insert, select, update
from starlette.testclient import TestClient

from tests.builders import NOW, OFFICER, StoppedClock, a_directory, a_link, a_plan, a_store
from tests.web.visiting import Form, Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.people.directory import Directory, Person, Role
from workflow.domain.plans.plan import Plan, Section
from workflow.importing import limits
from workflow.importing.files.directory_file import read_directory
from workflow.importing.form.filling import form_of as cells_of
from workflow.importing.form.workbook import write_workbook
from workflow.sample import directory_path, plan_path
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.access.links import Purpose, make
from workflow.storage.people.directory import load_directory, save_directory
from workflow.storage.plans.plans import load_plan, running_plan
from workflow.storage.tables import items, link_uses, organisations, persons, plan_offers, plans
from workflow.web.app import create_app

HEAD = "TT | Nội dung | Đơn vị chủ trì | Đơn vị phối hợp | Thời hạn hoàn thành\n"
TWO_ROWS = (
    "KẾ HOẠCH\nCông tác năm 2027\n\n"
    f"{HEAD}"
    "1 | Tổ chức hội nghị tổng kết | UBND phường | Công an phường | Tháng 6\n"
    "2 | Trồng cây xanh tại các khu dân cư | UBND phường | Công an phường | lúc nông nhàn\n"
)
SUPPLEMENT = (
    "KẾ HOẠCH\nBổ sung nhiệm vụ năm 2026\n\n"
    f"{HEAD}"
    "1 | Tổ chức ngày hội đọc sách tại nhà văn hóa | Đoàn TNCS Hồ Chí Minh phường | | Tháng 3\n"
)


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def _uploaded(visit: Visit, office: str, content: str | bytes, name: str = "ke-hoach.txt") -> Response:
    form = form_of(visit.client.get(f"{office}/plan"), "/plan")
    return post(visit, form, form.fields, files={"file": (name, content)})


def _mend(answer: Response) -> Form:
    return form_of(answer, "/cells")


def _mended(visit: Visit, answer: Response, changes: dict[str, str | list[str]]) -> Response:
    """Posts the cells as the page shows them, save those whose fields end so, and `ok`."""
    fields: dict[str, list[str]] = {}
    for tag in page_of(answer).select("form[action$='/cells'] :is(input:not([type=checkbox]), textarea)"):
        value = tag.text[1:] if tag.name == "textarea" else str(tag["value"])
        fields.setdefault(str(tag["name"]), []).append(value)
    for ending, typed in changes.items():
        name = next((name for name in fields if name.endswith(ending)), ending)
        fields[name] = [typed] if isinstance(typed, str) else typed
    found: Response = visit.client.post(_mend(answer).action, data=fields)
    return found


def _plan(n_items: int) -> Plan:
    """A plan as accepting leaves it: its times read, its leaders without titles, all its headings known."""
    plan = a_plan(n_items)
    own = [replace(item, start_text="", leaders=("Nguyễn Thị Minh Hằng",)) for item in plan.items]
    above = (Section("I", "Chỉ tiêu cơ bản"), Section("II", "Nhiệm vụ trọng tâm"))
    return replace(
        plan, items=tuple(own), sections=(above[0], *plan.sections[:3], above[1], plan.sections[3])
    )


def _workbook(n_items: int, organisation: str = "Đảng ủy phường Hòa Xuân") -> bytes:
    return write_workbook(cells_of(_plan(n_items), a_directory(organisation), source="x"))


def _amendment(visit: Visit, office: str, content: str) -> Response:
    form = form_of(visit.client.get(f"{office}/plan"), "/plan")
    files = {"file": ("bo-sung.txt", content)}
    return post(visit, form, form.fields | {"as": "amendment"}, files=files)


def _accepted(visit: Visit, shown: Response) -> Response:
    accept = form_of(shown, "/accept")
    return post(visit, accept, accept.filled())


def test_an_uploaded_plan_is_mended_in_place_and_accepted(store: Store, tmp_path: Path) -> None:
    visit = a_visit(tmp_path, store=store)
    office = _office(visit)
    shown = _uploaded(visit, office, TWO_ROWS)
    assert "không đọc được thời gian “lúc nông nhàn”" in text_of(shown)
    assert not page_of(shown).select("form[action$='/accept']")
    mended = _mended(visit, shown, {"-1-deadline": "Tháng 9"})
    assert "Đây là kế hoạch mới: 2 nội dung" in text_of(mended)
    assert visit.count(plans) == 1
    done = _accepted(visit, mended)
    assert "Đã ghi kế hoạch. 2 nội dung thêm, 0 đổi, 0 rút" in text_of(done)
    with visit.opened.store.reading() as tx:
        head = running_plan(tx, visit.opened.organisation_id)
        assert head is not None
        loaded = load_plan(tx, head.id)
    assert [item.content for item in loaded.items] == [
        "Tổ chức hội nghị tổng kết",
        "Trồng cây xanh tại các khu dân cư",
    ]
    assert loaded.items[1].deadline is not None
    assert loaded.items[1].deadline.last.isoformat() == "2027-09-30"  # type: ignore[union-attr]


def test_the_sample_plan_is_shown_with_its_doubtful_cells_first(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    with visit.opened.store.begin() as tx:
        sample = read_directory(directory_path())
        name = str(tx.scalar(select(organisations.c.name)))
        save_directory(tx, Directory(name, sample.units, (*a_directory().persons[-1:], *sample.persons)))
    shown = _uploaded(visit, _office(visit), plan_path().read_bytes(), plan_path().name)
    said = text_of(shown)
    assert said.index("cần xem") < said.index("Khác với kế hoạch đang chạy") < said.index("Tất cả các dòng")
    assert page_of(shown).select(".mend input, .mend textarea")


def test_a_cell_that_is_right_as_it_stands_is_settled_by_a_tick(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    content = TWO_ROWS.replace("lúc nông nhàn", "Tháng 3/2031")
    shown = _uploaded(visit, _office(visit), content)
    box = str(page_of(shown).select_one("input[name=ok][value$=deadline_read]")["value"])  # type: ignore[index]
    after = _mended(visit, shown, {"ok": box})
    assert "Đã ghi nhận 1 ô" in text_of(after)
    assert box not in after.text


def test_the_difference_tells_what_becomes_of_open_cycles(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _uploaded(visit, _office(visit), _workbook(3), "ke-hoach.xlsx")
    said = text_of(shown)
    assert "0 nội dung thêm, 0 đổi, 1 rút" in said
    assert "rút lượt đang mở" in said
    assert "0 nội dung thêm, 0 đổi, 1 rút" in text_of(_accepted(visit, shown))


def test_a_file_that_cannot_be_read_is_refused_with_the_cure(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    answer = _uploaded(visit, _office(visit), b"\x00\x01\x02 kh\xf4ng ph\xe3i", "anh.docx")
    alert = page_of(answer).select_one("[role=alert]")
    assert answer.status_code == 400
    assert alert is not None
    assert len(alert.select("p")[-1].text) > 10
    assert visit.count(plan_offers) == 0
    assert "Chưa chọn tệp nào" in text_of(
        post(visit, form_of(answer, "/plan"), form_of(answer, "/plan").fields)
    )


def test_a_stale_preview_is_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _uploaded(visit, _office(visit), _workbook(3), "ke-hoach.xlsx")
    accept = form_of(shown, "/accept")
    with visit.opened.store.begin() as tx:
        tx.execute(update(items).where(items.c.id == 1).values(content="Đã đổi ở nơi khác"))
    refused = post(visit, accept, accept.filled())
    assert refused.status_code == 409
    assert "vừa thay đổi" in text_of(refused)
    with visit.opened.store.reading() as tx:
        assert len(load_plan(tx, 1).items) == 4


def test_a_page_of_cells_that_were_mended_since_is_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    shown = _uploaded(visit, _office(visit), TWO_ROWS)
    assert _mended(visit, shown, {"-1-deadline": "Tháng 9"}).status_code == 200
    assert _mended(visit, shown, {"-1-deadline": "Tháng 10"}).status_code == 409


def test_of_an_upload_one_form_is_kept_however_often_it_is_mended(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    shown = _uploaded(visit, _office(visit), TWO_ROWS)
    for deadline in ("Tháng 9", "Tháng 9", "Tháng 10"):
        row = visit.client.get(f"{shown.request.url.path}/rows/1")
        shown = _mended(visit, row, {"-deadline": deadline})
        assert shown.status_code == 200
    with visit.opened.store.reading() as tx:
        kept = tx.scalars(select(plan_offers.c.form_sha256)).one()
    assert [one.name for one in tmp_path.rglob("*") if re.fullmatch("[0-9a-f]{64}", one.name)] == [kept]


def test_nothing_is_written_without_the_tick(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _uploaded(visit, _office(visit), _workbook(3), "ke-hoach.xlsx")
    accept = form_of(shown, "/accept")
    assert post(visit, accept, accept.fields).status_code == 403
    with visit.opened.store.reading() as tx:
        assert len(load_plan(tx, 1).items) == 4


def test_another_organisations_offer_is_not_shown(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    with visit.opened.store.begin() as tx:
        other = save_directory(tx, a_directory("Đảng ủy phường Khác"))
        row = {"organisation_id": other, "person_id": visit.opened.person("van-phong"), "name": "x"}
        row |= {"source_sha256": "a" * 64, "form_sha256": "b" * 64, "running_sha256": "c" * 64}
        row |= {"is_document": True, "made_at": visit.opened.now}
        tx.execute(insert(plan_offers).values(row))
    office = _office(visit)
    for ending in ("1", "1.xlsx"):
        assert visit.client.get(f"{office}/plan/{ending}").status_code == 404


def test_a_workbook_of_another_organisation_is_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    book = _workbook(3, "Đảng ủy phường Khác")
    answer = _uploaded(visit, _office(visit), book, "ke-hoach.xlsx")
    assert "Tệp này là của “Đảng ủy phường Khác”" in text_of(answer)
    assert visit.count(organisations) == 1


def test_only_links_of_the_office_open_the_page(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    token = a_link(visit.opened, "ubnd")
    assert visit.client.get(f"/o/{token}/plan").status_code in (403, 404, 410)


def test_the_running_plan_and_an_offer_come_as_workbooks(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    office = _office(visit)
    shown = _uploaded(visit, office, TWO_ROWS)
    for address, n_items in ((f"{office}/plan.xlsx", 3), (f"{shown.request.url.path}.xlsx", 2)):
        book = openpyxl.load_workbook(BytesIO(visit.client.get(address).content))
        assert book["Nội dung"].max_row == n_items + 1


def test_looking_changes_nothing_but_the_record_of_use(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _uploaded(visit, _office(visit), _workbook(3), "ke-hoach.xlsx")
    uses = visit.count(link_uses)
    visit.client.get(shown.request.url.path)
    assert visit.count(link_uses) == uses + 1
    with visit.opened.store.reading() as tx:
        assert len(load_plan(tx, 1).items) == 4


def test_any_row_is_mended_whole_each_unit_in_a_field_of_its_own(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    shown = _uploaded(visit, _office(visit), TWO_ROWS.replace("lúc nông nhàn", "Quý III"))
    row = visit.client.get(f"{shown.request.url.path}/rows/1")
    names = [str(field["value"]) for field in page_of(row).select("input[name$='-coordinating']")]
    assert names == ["Công an phường", ""]
    mended = _mended(visit, row, {"-coordinating": ["Công an phường", "Trạm Y tế phường"]})
    assert "Đã ghi nhận 1 ô" in text_of(mended)
    assert "Công an phường\nTrạm Y tế phường" in mended.text


def test_a_row_posted_as_it_was_shown_changes_nothing(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _uploaded(
        visit, _office(visit), visit.client.get(f"{_office(visit)}/plan.xlsx").content, "a.xlsx"
    )
    row = visit.client.get(f"{shown.request.url.path}/rows/2")
    after = _mended(visit, row, {})
    assert "Đã ghi nhận 0 ô" in text_of(after)
    assert "Không có gì thay đổi" in text_of(after)


def test_a_code_takes_its_figures_along_when_it_is_mended(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _uploaded(visit, _office(visit), _workbook(4), "ke-hoach.xlsx")
    row = visit.client.get(f"{shown.request.url.path}/rows/1")
    after = _mended(visit, row, {"-code": "I.2.9"})
    _accepted(visit, after)
    with visit.opened.store.reading() as tx:
        found = {item.code: item for item in load_plan(tx, 1).items}
    assert "I.2.1" not in found
    assert len(found["I.2.9"].targets) == 1


def test_a_supplement_adds_and_keeps_the_rest(store: Store, tmp_path: Path) -> None:
    visit = a_visit(tmp_path, store=store, plan=_plan(4))
    shown = _amendment(visit, _office(visit), SUPPLEMENT)
    said = text_of(shown)
    assert "Văn bản bổ sung" in said
    assert "nội dung mới" in said
    assert "1 nội dung thêm, 0 đổi, 0 rút" in said
    assert "mở lượt báo cáo mới" in said
    assert "Đã ghi kế hoạch" in text_of(_accepted(visit, shown))
    with visit.opened.store.reading() as tx:
        assert len(load_plan(tx, 1).items) == 5


def test_only_what_an_amendment_touches_is_to_be_mended(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _amendment(visit, _office(visit), SUPPLEMENT.replace("Tháng 3", "lúc nông nhàn"))
    assert len(page_of(shown).select(".mend")) == 1
    mended = _mended(visit, shown, {"-deadline": "Tháng 3"})
    assert "1 nội dung thêm, 0 đổi, 0 rút" in text_of(mended)


def test_an_amendment_of_a_plan_that_changed_since_is_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=_plan(4))
    shown = _amendment(visit, _office(visit), SUPPLEMENT)
    with visit.opened.store.begin() as tx:
        tx.execute(update(items).where(items.c.id == 1).values(content="Đã đổi ở nơi khác"))
    refused = _accepted(visit, shown)
    assert refused.status_code == 409
    assert "đã thay đổi sau khi văn bản này được tải lên" in text_of(refused)
    assert not page_of(visit.client.get(shown.request.url.path)).select("form[action$='/accept']")


def test_an_offer_is_accepted_once(store: Store, tmp_path: Path) -> None:
    visit = a_visit(tmp_path, store=store)
    shown = _uploaded(visit, _office(visit), TWO_ROWS.replace("lúc nông nhàn", "Quý III"))
    assert "Đã ghi kế hoạch" in text_of(_accepted(visit, shown))
    again = _accepted(visit, shown)
    assert again.status_code == 409
    assert "đã được chấp nhận rồi" in text_of(again)
    assert visit.count(plans) == 2
    assert "Bản này đã được chấp nhận" in text_of(visit.client.get(shown.request.url.path))


def test_who_joined_since_the_upload_of_a_document_stays(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    shown = _uploaded(visit, _office(visit), TWO_ROWS.replace("lúc nông nhàn", "Quý III"))
    joined = Person("Người mới", "moi@hoaxuan.example", "", (("ubnd", Role.REPORTER),))
    with visit.opened.store.begin() as tx:
        save_directory(tx, a_directory(extra=(joined,)))
    assert "Đã ghi kế hoạch" in text_of(_accepted(visit, visit.client.get(shown.request.url.path)))
    with visit.opened.store.reading() as tx:
        found = load_directory(tx, visit.opened.organisation_id)
    assert joined.email in {person.email for person in found.persons}


def test_what_was_uploaded_is_found_again_until_it_is_accepted(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    office = _office(visit)
    shown = _uploaded(visit, office, TWO_ROWS.replace("lúc nông nhàn", "Quý III"))
    waiting = f"a[href='{shown.request.url.path}']"
    assert page_of(visit.client.get(f"{office}/plan")).select(waiting)
    _accepted(visit, shown)
    assert not page_of(visit.client.get(f"{office}/plan")).select(waiting)


def test_a_doubt_that_was_settled_is_not_told_again(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    office = _office(visit)
    twice = TWO_ROWS.replace("2 | Trồng", "1 | Trồng").replace("lúc nông nhàn", "Quý III")
    shown = _uploaded(visit, office, twice)
    boxes = [str(box["value"]) for box in page_of(shown).select("input[name=ok]")]
    assert boxes
    _accepted(visit, _mended(visit, shown, {"ok": boxes}))
    running = visit.client.get(f"{office}/plan.xlsx").content
    assert not page_of(_uploaded(visit, office, running, "lai.xlsx")).select("input[name=ok]")


def test_an_encrypted_file_is_refused_with_the_cure(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    answer = _uploaded(visit, _office(visit), locked, "ke-hoach.xlsx")
    assert "Tệp có mật khẩu. Hãy mở tệp" in text_of(answer)


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = a_visit(tmp_path)
    monkeypatch.setattr(limits, "BYTES", 1000)
    answer = _uploaded(visit, _office(visit), TWO_ROWS * 10)
    assert answer.status_code == 400
    assert "Tệp nặng quá" in text_of(answer)


def test_an_amendment_needs_a_plan_that_runs(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    with store.begin() as tx:
        organisation = save_directory(tx, a_directory())
        officer = tx.execute(select(persons.c.id).where(persons.c.email == OFFICER)).scalar_one()
        token = make(tx, officer, Purpose.OFFICE, None, NOW)
    client = TestClient(create_app(store, Settings(data=tmp_path), StoppedClock()))  # type: ignore[arg-type]
    page = client.get(f"/o/{token}/plan")
    assert "Chưa có kế hoạch nào" in text_of(page)
    stamp = form_of(page, "/plan").fields["stamp"]
    files = {"file": ("bo-sung.txt", SUPPLEMENT)}
    answer = client.post(f"/o/{token}/plan", data={"stamp": stamp, "as": "amendment"}, files=files)
    assert "Chưa có kế hoạch nào để bổ sung" in text_of(answer)
    first = client.post(f"/o/{token}/plan", data={"stamp": stamp}, files=files)
    done = client.post(form_of(first, "/accept").action, data=form_of(first, "/accept").filled())
    assert "Đã ghi kế hoạch. 1 nội dung thêm" in text_of(done)
    with store.reading() as tx:
        assert running_plan(tx, organisation) is not None
