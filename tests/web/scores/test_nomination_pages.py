"""Ad hoc proposals, models and the submission on pages, by the office and by a unit."""

from __future__ import annotations

from pathlib import Path

from tests.web.scores.test_council_pages import COUNCIL, _words, a_scored, ballots, office, own
from tests.web.visiting import form_of, post, text_of
from workflow.storage.tables import award_requests, nominations


def test_the_office_puts_forward_asks_the_council_and_downloads_the_submission(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, is_closed=False)
    base = office(visit)
    assert "Khen thưởng đột xuất" in text_of(visit.client.get(f"{base}/commendations"))
    form = form_of(visit.client.get(f"{base}/nominations"), "/nominations?period=2026-Q1")
    what = {"kind": "person", "unit": "", "outside": "Chi hội Phụ nữ khu phố 3", "award": "Giấy khen"}
    assert "Chưa ghi tên cá nhân" in text_of(post(visit, form, form.filled(**what, text="Cứu người")))
    assert visit.count(nominations) == 0
    said = text_of(post(visit, form, form.filled(**what, name="Lê Thị Mỹ", text="Cứu người")))
    assert "Lê Thị Mỹ" in said
    form = form_of(visit.client.get(f"{base}/nominations"), "/nominations/vote?period=2026-Q1")
    post(visit, form, form.filled(entry="1"))
    for box in COUNCIL:
        _, form = ballots(visit, box)
        post(visit, form, form.filled(rest="1"))
    answer = visit.client.get(f"{base}/nominations")
    assert "hội đồng thông qua" in text_of(answer)
    form = form_of(answer, "/nominations/request?period=2026-Q1")
    filled = form.filled(entry="1", addressee="UBND thành phố", grounds="Căn cứ thành tích.")
    assert "phải có ký hiệu TTr" in text_of(post(visit, form, {**filled, "number": "05-BC/ĐU"}))
    assert visit.count(award_requests) == 0
    dated = {"number": "05-TTr/ĐU", "dated_on": visit.clock.now().date().isoformat()}
    assert "Tải tờ trình 05-TTr/ĐU" in text_of(post(visit, form, {**filled, **dated}))
    docx = _words(visit.client.get(f"{base}/nominations/1.docx?period=2026-Q1").content)
    for told in (
        "TỜ TRÌNH",
        "05-TTr/ĐU",
        "Kính gửi: UBND thành phố",
        "Lê Thị Mỹ",
        "Chi hội Phụ nữ khu phố 3",
    ):
        assert told in docx


def test_a_unit_puts_a_model_forward_from_its_own_page(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    base = own(visit, "ubnd")
    assert "Đề nghị khen thưởng đột xuất, mô hình hay" in text_of(visit.client.get(base))
    form = form_of(visit.client.get(f"{base}/nominations"), "/nominations")
    unit = str(visit.opened.units["ubnd"])
    what = {"kind": "model", "unit": unit, "name": "Camera an ninh", "text": "Góp vốn lắp camera"}
    assert "Chưa ghi vì sao nên nhân rộng" in text_of(post(visit, form, form.filled(**what)))
    assert "Camera an ninh" in text_of(post(visit, form, form.filled(**what, why="Ít tốn kém")))
    assert visit.count(nominations) == 1
