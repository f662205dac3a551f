"""A half-year evaluated on the office's pages from two closed quarters, its question answered by link, its
report approved and issued; as people would, by a plain client."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from starlette.testclient import TestClient

from tests.builders import StoppedClock, a_link, a_store
from tests.reports.two_quarters import ENDED, TwoQuarters, a_half_played, first_quarter_changes
from tests.web.visiting import Form, Visit, form_of, page_of, post, text_of
from workflow.cli.running import pages_of
from workflow.domain.periods.period import Span
from workflow.settings import Settings
from workflow.storage.access.links import Purpose
from workflow.storage.opening.schedule import year_of
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.tables import cycles, outbox

QUESTION = "Đơn vị tự đánh giá 6 tháng đầu năm thế nào?"


def a_site(folder: Path, *, with_second: bool = True) -> tuple[TwoQuarters, Visit]:
    found = a_half_played(a_store(folder), folder, with_second=with_second)
    with found.store.begin() as tx:
        set_letterhead(tx, found.second.organisation_id, ENDED, place="Hòa Xuân", no_superior=True)
    clock = StoppedClock(ENDED)
    app = pages_of(found.store, Settings(data=folder), clock)  # type: ignore[arg-type]
    client = TestClient(app, follow_redirects=True, raise_server_exceptions=False)
    return found, Visit(replace(found.second, now=ENDED), clock, client)


def office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"


def evaluated(visit: Visit, base: str) -> Form:
    """The form of the half-year, reached from the list of periods."""
    listed = page_of(visit.client.get(f"{base}/periods"))
    way = listed.find("a", string="6 tháng đầu năm 2026")
    assert way is not None
    return form_of(visit.client.get(str(way["href"])), "/2026-H1")


def half_of(found: TwoQuarters) -> int:
    with found.store.reading() as tx:
        begun = year_of(tx, found.first.plan_id, ENDED).of(Span.parse("2026-H1").code).begun
    assert begun is not None
    return begun.period_id


def test_from_the_list_of_periods_to_the_issued_report(tmp_path: Path) -> None:
    found, visit = a_site(tmp_path)
    base = office(visit)
    form = evaluated(visit, base)
    n_cycles, n_mails = visit.count(cycles), visit.count(outbox)
    fields = {"report_on": "2026-07-05", "question": QUESTION, "answer_by": "2026-07-03"}
    made = post(visit, form, form.filled() | fields)
    assert "Quý I/2026 : đã khóa, kết quả lần 1" in text_of(made)
    assert "0/2 đơn vị đã trả lời" in text_of(made)
    assert (visit.count(cycles), visit.count(outbox)) == (n_cycles, n_mails + 2)

    half = replace(visit.opened, period_id=half_of(found))
    own = f"/l/{a_link(half, 'ubnd')}"
    page = visit.client.get(own)
    assert "đơn vị được mời tự đánh giá" in text_of(page)
    asked = form_of(visit.client.get(f"{own}/summary"), f"/summary/{half.units['ubnd']}")
    assert "Đã ghi nhận câu trả lời." in text_of(post(visit, asked, asked.filled(text="Hoàn thành tốt.")))

    visit.clock.set(ENDED + timedelta(days=3))
    closing = form_of(visit.client.get(f"{base}/periods/{half.period_id}/close"), "/close")
    assert "Bản thảo" in text_of(post(visit, closing, closing.filled()))
    draft = text_of(visit.client.get(f"{base}/reports/2026-H1/draft"))
    assert "lấy từ kết quả đã khóa của 02 kỳ: Quý I/2026 và Quý II/2026" in draft
    assert "UBND phường: Hoàn thành tốt." in draft
    scores = text_of(visit.client.get(f"{base}/scores/{half.units['ubnd']}?period=2026-H1"))
    assert "Bình quân 02 kỳ" in scores
    ask = form_of(visit.client.get(f"{base}/reports?period=2026-H1"), "/act/ask")
    post(visit, ask, ask.filled())
    link = a_link(half, "bi-thu", Purpose.APPROVAL, now=visit.clock.now())
    approval = form_of(visit.client.get(f"/l/{link}/approve"), "/approve")
    assert "Báo cáo đã được phê duyệt." in text_of(post(visit, approval, approval.filled(choice="approve")))
    issuing = form_of(visit.client.get(f"{base}/reports?period=2026-H1"), "/act/issue")
    done = post(visit, issuing, issuing.filled(number="20-BC/ĐU"))
    assert "Đã phát hành" in text_of(done)
    assert "bao-cao-so-20-bc-du-2026-h1.docx" in done.text
    assert "Khóa còn nguyên." in text_of(visit.client.get(f"{base}/reports/2026-H1/lock"))
    assert visit.count(cycles) == n_cycles


def test_a_missing_quarter_is_listed_and_wants_a_reason(tmp_path: Path) -> None:
    _, visit = a_site(tmp_path, with_second=False)
    base = office(visit)
    form = evaluated(visit, base)
    fields = form.filled() | {"report_on": "2026-07-05"}
    refused = post(visit, form, fields)
    assert refused.status_code == 409
    assert "Quý II/2026 (đang mở, chưa khóa)" in text_of(refused)
    made = post(visit, form, fields | {"because": "Hướng dẫn yêu cầu sớm"})
    assert "Hướng dẫn yêu cầu sớm" in text_of(made)


def test_a_quarter_corrected_afterwards_is_said_on_its_pages_and_counted_by_a_button(tmp_path: Path) -> None:
    found, visit = a_site(tmp_path)
    base = office(visit)
    form = evaluated(visit, base)
    post(visit, form, form.filled() | {"report_on": "2026-07-05"})
    closing = form_of(visit.client.get(f"{base}/periods/{half_of(found)}/close"), "/close")
    post(visit, closing, closing.filled())
    first_quarter_changes(found, ENDED + timedelta(days=1))
    visit.clock.set(ENDED + timedelta(days=2))
    assert "Kết quả các kỳ đã thay đổi" in text_of(visit.client.get(f"{base}/reports?period=2026-H1"))
    page = visit.client.get(f"{base}/periods/evaluate/{found.first.plan_id}/2026-H1")
    assert "đã tính theo kết quả lần 1, nay là lần 2" in text_of(page)
    again = form_of(page, "/again")
    assert "đã thay đổi" not in text_of(post(visit, again, again.filled()))


def test_the_list_of_periods_and_the_board_show_only_the_days_a_half_year_has(tmp_path: Path) -> None:
    found, visit = a_site(tmp_path)
    base = office(visit)
    form = evaluated(visit, base)
    post(
        visit,
        form,
        form.filled() | {"report_on": "2026-07-05", "question": QUESTION, "answer_by": "2026-07-03"},
    )
    listed = page_of(visit.client.get(f"{base}/periods"))
    (row,) = (one for one in listed.select("tbody tr") if "6 tháng đầu năm" in one.get_text())
    days = [cell.get_text(strip=True) for cell in row.select("td")[:6]]
    assert days == ["01/07/2026", "05/07/2026", "–", "–", "05/07/2026", "–"]
    board = visit.client.get(f"{base}?period=2026-H1")
    assert "hết hạn biểu quyết" not in text_of(board)
    assert "03/07/2026 Hạn trả lời" in text_of(board)
    assert page_of(board).select(f'a[href$="/periods/evaluate/{found.first.plan_id}/2026-H1"]')
