"""Reporting with the spreadsheet: what the workbook offers, and what comes back from it, by cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from tests.builders import a_link, a_part, a_plan, a_target, an_item, submitted
from tests.importing.hostile import bomb_in_one_part
from tests.web.visiting import Visit, a_visit, form_of, text_of
from workflow.storage.tables import drafts, submissions
from workflow.web.sheets.columns import COLUMNS, REPORTS, Mark

AT = {column.key: place for place, column in enumerate(COLUMNS, start=1)}
Fill = Callable[[Worksheet], None]


def _book(visit: Visit, base: str) -> Workbook:
    return load_workbook(io.BytesIO(visit.client.get(f"{base}/sheet.xlsx").content))


def _row_of(page: Worksheet, mark: str) -> int:
    return next(row for row in range(1, page.max_row + 1) if page.cell(row, AT["mark"]).value == mark)


def _put(page: Worksheet, mark: str, **cells: Any) -> None:
    for key, value in cells.items():
        page.cell(_row_of(page, mark), AT[key.replace("_", "-")]).value = value


def _bytes(book: Workbook) -> bytes:
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _upload(visit: Visit, base: str, content: bytes, name: str = "bao-cao.xlsx") -> Any:
    form = form_of(visit.client.get(f"{base}/sheet"), "/sheet")
    return visit.client.post(form.action, data=form.fields, files=[("sheet", (name, content, ""))])


def _fields(visit: Visit, place: int = 0) -> dict[str, Any]:
    with visit.opened.store.reading() as tx:
        named = f"report-{visit.opened.cycles[place]}"
        found = tx.scalar(select(drafts.c.fields).where(drafts.c.form == named))
    return dict(found or {})


def _open(tmp_path: Path, n_items: int = 2) -> tuple[Visit, str, Workbook]:
    items = [an_item(n + 1, targets=(a_target(),)) for n in range(n_items)]
    items[0] = an_item(1, targets=(a_target(),), parts=(a_part("I.1.1.a", "Đoạn 1"),))
    visit = a_visit(tmp_path, plan=a_plan(items=items))
    base = f"/l/{a_link(visit.opened, 'ubnd')}"
    return visit, base, _book(visit, base)


def test_the_workbook_has_a_row_for_each_item_target_and_part_with_only_the_boxes_open(
    tmp_path: Path,
) -> None:
    visit, _, book = _open(tmp_path)
    page = book[REPORTS]
    one, two = visit.opened.cycles
    marks = [page.cell(row, AT["mark"]).value for row in range(3, page.max_row + 1)]
    assert [mark for mark in marks if mark] == [
        f"c{one}v0",
        f"c{one}v0t1",
        f"c{one}v0p1",
        f"c{two}v0",
        f"c{two}v0t2",
    ]
    item, target = _row_of(page, f"c{one}v0"), _row_of(page, f"c{one}v0t1")
    open_cells = {key for key, at in AT.items() if not page.cell(item, at).protection.locked}
    assert open_cells == {"progress", "reported", "done-on", "body", "difficulties", "proposals", "why"}
    assert not page.cell(target, AT["figure"]).protection.locked
    assert page.protection.sheet
    assert page.protection.password is None
    assert page.freeze_panes == "C3"
    assert {rule.type for rule in page.data_validations.dataValidation} == {"whole", "list"}


def test_what_is_filled_in_becomes_drafts_and_nothing_is_sent(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    one = visit.opened.cycles[0]
    page = book[REPORTS]
    _put(page, f"c{one}v0", progress=80, reported="Đang thực hiện", body="Từ Excel.", proposals="=không")
    page.cell(_row_of(page, f"c{one}v0"), AT["proposals"]).data_type = "s"
    _put(page, f"c{one}v0t1", figure=97.25)
    _put(page, f"c{one}v0p1", progress=50, body="Đoạn 1 xong nửa.")
    said = text_of(_upload(visit, base, _bytes(book)))
    assert "Đã đưa 1 nội dung vào bản nháp; chưa gửi gì." in said
    assert "Kiểm tra và gửi 1 nội dung đã soạn đủ" in said
    told = {"progress": "80", "reported": "under-way", "body": "Từ Excel.", "proposals": "=không"}
    told |= {"figure-1": "97,25", "part-progress-1": "50", "part-body-1": "Đoạn 1 xong nửa.", "version": "0"}
    assert _fields(visit) == told
    assert visit.count(submissions) == 0


def test_a_share_formatted_as_percent_is_a_share_and_three_decimals_are_no_thousands(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    one, two = visit.opened.cycles
    page = book[REPORTS]
    _put(page, f"c{one}v0t1", figure=0.5)
    page.cell(_row_of(page, f"c{one}v0t1"), AT["figure"]).number_format = "0.0%"
    _put(page, f"c{two}v0t2", figure=2.125)
    _upload(visit, base, _bytes(book))
    assert (_fields(visit)["figure-1"], _fields(visit, 1)["figure-2"]) == ("50%", "2,1250")


def test_what_is_wrong_is_told_by_its_cell_and_kept_as_typed(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    one, two = visit.opened.cycles
    page = book[REPORTS]
    _put(page, f"c{one}v0", progress=150, body="Từ Excel.")
    _put(page, f"c{one}v0t1", figure="5 người")
    _put(page, f"c{two}v0", progress=40)
    said = text_of(_upload(visit, base, _bytes(book)))
    row = _row_of(page, f"c{one}v0")
    assert f"ô F{row} (I.1.1) : Tiến độ là một số nguyên từ 0 đến 100, không phải “150”." in said
    assert f"ô E{row + 1} (I.1.1) : “5 người” không phải là một số tính bằng %." in said
    assert f"ô I{_row_of(page, f'c{two}v0')} (I.2.1) : Ghi kết quả thực hiện trong kỳ." in said
    assert _fields(visit)["progress"] == "150"


def test_what_is_odd_is_told_at_the_cell_for_its_reason_and_with_one_the_draft_can_be_sent(
    tmp_path: Path,
) -> None:
    visit, base, book = _open(tmp_path)
    two = visit.opened.cycles[1]
    page = book[REPORTS]
    _put(page, f"c{two}v0", progress=100, body="Từ Excel.")
    _put(page, f"c{two}v0t2", figure=40)
    said = text_of(_upload(visit, base, _bytes(book)))
    row = _row_of(page, f"c{two}v0")
    why = page.cell(row, AT["why"]).column_letter
    assert f"ô {why}{row} (I.2.1) : Báo đã xong mà không có tài liệu minh chứng kèm theo." in said
    assert f"ô {why}{row + 1} (I.2.1) : Báo đã xong (100%) mà chỉ tiêu mới đạt" in said
    assert "0 sẵn sàng gửi 1 còn thiếu" in text_of(visit.client.get(f"{base}/send"))
    _put(page, f"c{two}v0", why="Biên bản còn chờ ký.")
    _put(page, f"c{two}v0t2", why="Phần còn lại do cấp trên làm.")
    _upload(visit, base, _bytes(book))
    ready = text_of(visit.client.get(f"{base}/send"))
    assert "1 sẵn sàng gửi 0 còn thiếu" in ready
    assert "Phần còn lại do cấp trên làm." in ready


def test_a_figure_that_cannot_be_is_refused_in_the_workbook_as_on_the_form(tmp_path: Path) -> None:
    plan = a_plan(items=[an_item(1, targets=(a_target("12", "12 lớp", "lớp"),))])
    visit = a_visit(tmp_path, plan=plan)
    base = f"/l/{a_link(visit.opened, 'ubnd')}"
    book = _book(visit, base)
    cycle = visit.opened.cycles[0]
    _put(book[REPORTS], f"c{cycle}v0", progress=40, body="Từ Excel.")
    _put(book[REPORTS], f"c{cycle}v0t1", figure=-3)
    assert "số này không thể âm" in text_of(_upload(visit, base, _bytes(book)))
    assert "0 sẵn sàng gửi" in text_of(visit.client.get(f"{base}/send"))


def test_columns_moved_and_renamed_and_rows_sorted_or_deleted_are_found_all_the_same(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    one, two = visit.opened.cycles
    page = book[REPORTS]
    _put(page, f"c{two}v0", progress=40, body="Từ Excel.")
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    mixed = Workbook()
    other = mixed.active
    other.title = REPORTS
    kept = [row for row in rows[2:] if row[AT["mark"] - 1] != f"c{one}v0"]
    for row in [rows[0], ["cột đã đổi tên"] * len(rows[0]), *reversed(kept)]:
        other.append(["", *reversed(row)])
    assert "Đã đưa 1 nội dung" in text_of(_upload(visit, base, _bytes(mixed)))
    assert _fields(visit, 1)["body"] == "Từ Excel."


def test_the_titles_serve_where_the_hidden_row_is_gone(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    page = book[REPORTS]
    _put(page, f"c{visit.opened.cycles[0]}v0", progress=40, body="Từ Excel.")
    page.delete_rows(1)
    assert "Đã đưa 1 nội dung" in text_of(_upload(visit, base, _bytes(book)))


def test_cells_left_empty_and_files_kept_on_the_page_stay(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    one = visit.opened.cycles[0]
    form = form_of(visit.client.get(f"{base}/report/{one}"))
    files = [("evidence", ("a.pdf", b"%PDF-1", ""))]
    visit.client.post(f"{base}/draft", data=form.filled(body="Trên trang.", difficulties="Mưa."), files=files)
    _put(book[REPORTS], f"c{one}v0", progress=40, body="Từ Excel.")
    said = text_of(_upload(visit, base, _bytes(book)))
    assert "Trên trang. Từ Excel." in said
    fields = _fields(visit)
    assert (fields["body"], fields["difficulties"], fields["kept"][0][1]) == ("Từ Excel.", "Mưa.", "a.pdf")
    assert "Một bản nháp khác" in text_of(visit.client.get(f"{base}/report/{one}"))


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    _put(book[REPORTS], f"c{visit.opened.cycles[0]}v0", progress=40, body="Từ Excel.", done_on="5/3/2026")
    _upload(visit, base, _bytes(book))
    said = text_of(_upload(visit, base, _bytes(_book(visit, base))))
    assert "Không có gì mới trong tệp" in said


def test_an_item_sent_meanwhile_or_another_persons_is_told_and_left_alone(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    one, two = visit.opened.cycles
    page = book[REPORTS]
    _put(page, f"c{one}v0", progress=40, body="Từ Excel.")
    _put(page, f"c{two}v0", progress=40, body="Của người khác.")
    page.cell(_row_of(page, f"c{two}v0"), AT["mark"]).value = str(Mark(99, 0))
    submitted(visit.opened, one)
    said = text_of(_upload(visit, base, _bytes(book)))
    assert "I.1.1 : đã gửi báo cáo rồi" in said
    assert "I.2.1 : không thuộc phần việc của đường dẫn này" in said
    assert visit.count(drafts) == 0


def test_a_formula_gives_its_last_result_and_is_told(tmp_path: Path) -> None:
    visit, base, book = _open(tmp_path)
    page = book[REPORTS]
    _put(page, f"c{visit.opened.cycles[0]}v0", progress="=40+2", body="Từ Excel.")
    said = text_of(_upload(visit, base, _bytes(book)))
    assert "Công thức chưa có kết quả" in said
    assert "progress" not in _fields(visit)


def test_a_file_that_is_no_such_workbook_is_refused_and_told(tmp_path: Path) -> None:
    visit, base, _ = _open(tmp_path)
    for content in (b"not a workbook", _bytes(Workbook()), bomb_in_one_part()):
        response = _upload(visit, base, content)
        assert response.status_code == 422
        assert "Chưa đọc được gì." in text_of(response)
    assert visit.count(drafts) == 0


def test_words_that_look_like_formulas_go_into_the_workbook_as_words(tmp_path: Path) -> None:
    visit, base, _ = _open(tmp_path)
    one = visit.opened.cycles[0]
    form = form_of(visit.client.get(f"{base}/report/{one}"))
    visit.client.post(f"{base}/draft", data=form.filled(body='=HYPERLINK("http://x")'))
    page = _book(visit, base)[REPORTS]
    assert page.cell(_row_of(page, f"c{one}v0"), AT["body"]).data_type == "s"
