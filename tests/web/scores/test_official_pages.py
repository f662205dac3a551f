"""A unit reads its official score on its link and asks for a review, to the council's answer."""

from __future__ import annotations

from pathlib import Path

from tests.web.scores.test_council_pages import COUNCIL, a_scored, ballots, office, own
from tests.web.visiting import form_of, post, text_of
from workflow.storage.tables import score_reviews

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_a_unit_reads_its_score_asks_for_a_review_and_reads_the_answer(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    unit = visit.opened.units["ubnd"]
    base = own(visit, "ubnd")
    assert "1 đơn vị có điểm thi đua chính thức" in text_of(visit.client.get(base))
    answer = visit.client.get(f"{base}/score")
    said = text_of(answer)
    assert "Hoàn thành xuất sắc nhiệm vụ" in said
    assert "hạng 1" not in said
    form = form_of(answer, f"/score/{unit}/review")
    empty = post(visit, form, form.filled(text=" "))
    assert "Chưa ghi lý do đề nghị xem lại." in text_of(empty)
    assert visit.count(score_reviews) == 0
    said = text_of(
        visit.client.post(
            form.action,
            data=form.filled(code="sang-kien", text="Sáng kiến mã QR chưa được tính"),
            files={"evidence": ("qd.pdf", PDF, "application/pdf")},
        )
    )
    assert "Đã ghi nhận đề nghị xem lại" in said
    assert "Minh chứng: qd.pdf" in said
    desk = office(visit)
    assert "UBND phường : chờ văn phòng trình hội đồng" in text_of(
        visit.client.get(f"{desk}/scores")
    ).replace("UBND phường:", "UBND phường :")
    page = f"{desk}/scores/{unit}?period=2026-Q1"
    form = form_of(visit.client.get(page), "/enter?period=2026-Q1")
    assert form.fields["review"] == "1"
    post(visit, form, form.filled(what="adjustment:sang-kien", points="1,5", text="Đã có quyết định"))
    form = form_of(visit.client.get(f"{desk}/scores"), "/scores/vote?period=2026-Q1")
    post(visit, form, form.filled(entry="1"))
    member = own(visit, COUNCIL[0])
    shown = visit.client.get(f"{member}/council")
    assert "Sáng kiến mã QR chưa được tính" in text_of(shown)
    assert "qd.pdf" in text_of(shown)
    for box in COUNCIL:
        _, form = ballots(visit, box)
        post(visit, form, form.filled(rest="1"))
    said = text_of(visit.client.get(f"{base}/score"))
    assert "hội đồng điều chỉnh điểm" in said
    assert "Đã có quyết định" in said


def test_an_open_period_shows_no_official_score(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, is_closed=False)
    base = own(visit, "ubnd")
    assert "Chưa có điểm chính thức" in text_of(visit.client.get(f"{base}/score"))
    assert "điểm thi đua chính thức" not in text_of(visit.client.get(base))
