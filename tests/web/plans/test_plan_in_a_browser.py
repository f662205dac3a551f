"""The office takes a plan in by clicks, in a real Chromium with scripts off and on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import a_directory, a_link, a_store, an_open_period
from tests.importing.make_documents import as_docx, plan_to_make
from tests.web.browsing import MARKS, browsing, press
from tests.web.serving import served
from workflow.domain.people.directory import Directory
from workflow.importing.files.directory_file import read_directory
from workflow.sample import directory_path, plan_path
from workflow.storage.access.links import Purpose
from workflow.storage.people.directory import load_directory, save_directory
from workflow.storage.plans.plans import load_plan, running_plan

pytestmark = MARKS

SUPPLEMENT = """KẾ HOẠCH
Bổ sung nhiệm vụ năm 2026

TT | Nội dung | Đơn vị chủ trì | Thời hạn hoàn thành
1 | Tổ chức ngày hội đọc sách tại nhà văn hóa | Ban Xây dựng Đảng | Tháng 9
"""


@pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])
def test_a_word_file_is_uploaded_mended_and_accepted_then_supplemented(tmp_path: Path, scripts: bool) -> None:
    opened = an_open_period(a_store(tmp_path))
    with opened.store.begin() as tx:
        name = load_directory(tx, opened.organisation_id).organisation
        sample = read_directory(directory_path())
        save_directory(tx, Directory(name, sample.units, (*sample.persons, *a_directory().persons[-1:])))
    text = plan_path().read_text(encoding="utf-8").replace("Tháng 12/2026", "lúc nông nhàn", 1)
    word, supplement = tmp_path / "ke-hoach.docx", tmp_path / "bo-sung.txt"
    word.write_bytes(as_docx(plan_to_make(text.encode(), is_broken=False)))
    supplement.write_text(SUPPLEMENT, encoding="utf-8")
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=scripts) as page:
        page.goto(f"{url}/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}/plan")
        page.get_by_label("Tệp kế hoạch").set_input_files(word)
        press(page, "Đọc tệp")
        assert page.get_by_text("không đọc được thời gian “lúc nông nhàn”").is_visible()
        assert not page.get_by_role("button", name="Chấp nhận và ghi kế hoạch").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_label("Thời hạn hoàn thành").first.fill("Tháng 11")
        press(page, "Ghi các ô đã sửa và xem lại")
        assert page.get_by_text("Đây là kế hoạch mới").is_visible()
        page.get_by_label("Tôi đã xem phần khác nhau").check()
        press(page, "Chấp nhận và ghi kế hoạch")
        assert page.get_by_text("Đã ghi kế hoạch.").is_visible()
        with opened.store.reading() as tx:
            head = running_plan(tx, opened.organisation_id)
            assert head is not None
            loaded = load_plan(tx, head.id)
        assert "Tháng 11" in {item.deadline_text for item in loaded.items}

        page.get_by_label("Tệp kế hoạch").set_input_files(supplement)
        page.get_by_label("Văn bản bổ sung, điều chỉnh").check()
        press(page, "Đọc tệp")
        assert page.get_by_text("1 nội dung thêm, 0 đổi, 0 rút").is_visible()
        page.get_by_label("Tôi đã xem phần khác nhau").check()
        press(page, "Chấp nhận và ghi kế hoạch")
        assert page.get_by_text("1 nội dung thêm, 0 đổi, 0 rút").is_visible()
    with opened.store.reading() as tx:
        assert len(load_plan(tx, head.id).items) == len(loaded.items) + 1
