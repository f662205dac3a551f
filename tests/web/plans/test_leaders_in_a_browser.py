"""The office says who a leader is by clicks, in a real Chromium: in the preview, and afterwards."""

from __future__ import annotations

from pathlib import Path

from tests.builders import a_directory, a_link, a_plan, a_store, an_item, an_open_period
from tests.web.browsing import MARKS, browsing, press
from tests.web.serving import served
from workflow.domain.people.directory import Person, Role
from workflow.domain.plans.plan import NOBODY
from workflow.storage.access.links import Purpose
from workflow.storage.plans.offers import running_plan
from workflow.storage.plans.plans import load_plan

pytestmark = MARKS

HUNG_1 = Person("Lê Văn Hùng", "hung1@hoaxuan.example", "Phó Chủ tịch", (("btv", Role.MEMBER),))
HUNG_2 = Person("Lê Văn Hùng", "hung2@hoaxuan.example", "Trưởng phòng", (("btv", Role.MEMBER),))
PEOPLE = a_directory(extra=(HUNG_1, HUNG_2))
PLAN = """KẾ HOẠCH
Công tác năm 2027

TT | Nội dung | Lãnh đạo phụ trách | Đơn vị chủ trì | Đơn vị phối hợp | Thời hạn hoàn thành
1 | Tổ chức hội nghị tổng kết | Đ/c Lê Văn Hùng | UBND phường | Công an phường | Tháng 6
2 | Trồng cây xanh tại các khu dân cư | Đ/c Lê Văn Hùng | UBND phường | Công an phường | Tháng 9
3 | Sửa chữa nhà văn hóa khu dân cư | Đ/c Ngô Thị Bích Thuỷ | UBND phường | Công an phường | Tháng 9
"""


def test_the_question_about_namesakes_is_answered_in_the_preview(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path), directory=PEOPLE)
    document = tmp_path / "ke-hoach.txt"
    document.write_text(PLAN, encoding="utf-8")
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=False) as page:
        page.goto(f"{url}/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/plan")
        page.get_by_label("Tệp kế hoạch").set_input_files(document)
        press(page, "Đọc tệp")
        assert page.get_by_text("Danh bạ có nhiều người tên “Lê Văn Hùng”").first.is_visible()
        assert not page.get_by_role("button", name="Chấp nhận và ghi kế hoạch").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        question = page.get_by_label("“Lê Văn Hùng” là ai?")
        assert question.count() == 1
        question.select_option(f"{HUNG_1.name} <{HUNG_1.email}>")
        press(page, "Ghi các ô đã sửa và xem lại")
        page.get_by_label("Tôi đã xem phần khác nhau").check()
        press(page, "Chấp nhận và ghi kế hoạch")
        assert page.get_by_text("Đã ghi kế hoạch.").is_visible()
        with opened.store.reading() as tx:
            head = running_plan(tx, opened.organisation_id)
            assert head is not None
            loaded = load_plan(tx, head.id)
    # The third is the directory's `Thủy`: which vowel bears the mark makes no difference.
    thuy = "pho-bi-thu@hoaxuan.example"
    assert [item.leader_ids for item in loaded.items] == [(HUNG_1.email,), (HUNG_1.email,), (thuy,)]


def test_a_leader_is_bound_from_the_page_of_an_item_and_of_a_person(tmp_path: Path) -> None:
    plan = a_plan(items=[an_item(1, leaders=("Lê Văn Hùng",)), an_item(2, leaders=("Mạc Thị Bưởi",))])
    opened = an_open_period(a_store(tmp_path), directory=PEOPLE, plan=plan)
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=False) as page:
        office = f"{url}/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}"
        page.goto(f"{office}/item/{opened.cycles[0]}")
        assert page.get_by_text("chưa gắn với danh bạ").is_visible()
        page.get_by_role("link", name="Chọn người trong danh bạ").click()
        assert page.get_by_text("Mạc Thị Bưởi").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_label("“Lê Văn Hùng” là ai?").select_option(str(opened.person("hung2")))
        press(page, "Ghi Lê Văn Hùng")
        assert page.get_by_text("Đã ghi ở 1 dòng.").is_visible()
        page.goto(f"{office}/directory/people/new")
        page.get_by_label("Họ và tên").fill("Mạc Thị Bưởi")
        page.get_by_label("Địa chỉ thư").fill("buoi@hoaxuan.example")
        press(page, "Thêm vào danh bạ")
        assert page.get_by_text("ghi “Mạc Thị Bưởi” phụ trách 1 dòng").is_visible()
        page.get_by_role("link", name="Gắn với người này").click()
        press(page, "Ghi Mạc Thị Bưởi")
        with opened.store.reading() as tx:
            bound = [item.leader_ids for item in load_plan(tx, opened.plan_id).items]
        assert bound == [("hung2@hoaxuan.example",), ("buoi@hoaxuan.example",)]
        page.get_by_label("“Lê Văn Hùng” là ai?").select_option("no-one")
        press(page, "Ghi Lê Văn Hùng")
        with opened.store.reading() as tx:
            assert load_plan(tx, opened.plan_id).items[0].leader_ids == (NOBODY,)
