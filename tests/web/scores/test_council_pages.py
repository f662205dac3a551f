"""The council's votes, a unit's own score and commendations on pages: deliberate acts, by who may do them."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.builders import NOW, a_link, a_plan, an_item, submitted, voted
from tests.web.visiting import Form, Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.rules.routing_rules import ApprovalRule, Rules
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.access.links import Purpose
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.results.closing import close_period
from workflow.storage.scores.sittings import close_over
from workflow.storage.tables import (
    commendation_entries,
    motion_ballots,
    motion_counts,
    rules,
    score_entries,
    sitting_turnouts,
    sittings,
)

CLOSED = NOW + timedelta(days=60)
COUNCIL = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")


def a_scored(folder: Path, *, is_secret: bool = False, is_closed: bool = True, **period: Any) -> Visit:
    """A quarter in which the people's committee did all its work in time."""
    items = [an_item(n, coordinating_ids=(), coordinating_units=()) for n in (1, 3)]
    visit = a_visit(folder, plan=a_plan(items=items), **period)
    scoring = read_scoring(scoring_path())
    if is_secret:
        toml = scoring["toml"].replace("secret_commendations = false", "secret_commendations = true")
        scoring = {**scoring, "toml": toml}
    with visit.opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=scoring))
    for cycle in visit.opened.cycles:
        submitted(visit.opened, cycle, progress=100)
        voted(visit.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    if is_closed:
        visit.clock.set(CLOSED)
        with visit.opened.store.begin() as tx:
            close_period(tx, visit.opened.period_id, CLOSED, is_early=True)
    return visit


def office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE, now=visit.clock.now())}"


def own(visit: Visit, box: str) -> str:
    return f"/l/{a_link(visit.opened, box, now=visit.clock.now())}"


def put_to_council(visit: Visit) -> str:
    """The office puts all that is proposed to the council; gives the office's address."""
    base = office(visit)
    answer = visit.client.get(f"{base}/commendations")
    form = form_of(answer, "/vote?period=2026-Q1")
    subjects = [str(tag["value"]) for tag in page_of(answer).select("input[name=subject]")]
    said = text_of(visit.client.post(form.action, data={**form.filled(), "subject": subjects}))
    assert "Lấy phiếu số 1, 2 đề nghị" in said
    return base


def ballots(visit: Visit, box: str) -> tuple[str, Form]:
    base = own(visit, box)
    return base, form_of(visit.client.get(f"{base}/council"), "/council/1")


def test_the_list_says_of_each_why_or_why_not(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    said = text_of(visit.client.get(f"{office(visit)}/commendations"))
    assert "UBND phường Xếp loại “Hoàn thành xuất sắc nhiệm vụ”." in said.replace(" Khối cơ quan", "")
    assert "Trong mức 20% của 01 đơn vị trong cụm" in said
    assert "Đúng hạn 02 trên 02 báo cáo (100%), cần từ 100%." in said


def test_an_open_periods_list_is_provisional_and_cannot_go_to_the_council(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, is_closed=False)
    answer = visit.client.get(f"{office(visit)}/commendations")
    assert "Tạm tính theo số liệu lúc này" in text_of(answer)
    assert page_of(answer).select("input[name=subject]") == []


def test_a_unit_that_put_nobody_forward_is_asked_to_and_sees_no_tile_of_nought(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    page = page_of(visit.client.get(own(visit, "ubnd")))
    assert "0" not in [one.text for one in page.select(".summary b")]
    assert page.select_one(".ways-here a[href$='/commendations']") is not None


def test_a_member_votes_on_each_or_on_the_rest_together_and_sees_it_recorded(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    put_to_council(visit)
    assert "2 đề nghị khen thưởng cần hội đồng biểu quyết" in text_of(visit.client.get(own(visit, "bi-thu")))
    _, form = ballots(visit, "bi-thu")
    assert "Còn đề nghị chưa chọn." in text_of(post(visit, form, form.filled()))
    assert visit.count(sitting_turnouts) == 0
    said = text_of(post(visit, form, form.filled(choice_1="return", rest="1")))
    assert "Đã ghi nhận phiếu của đồng chí" in said
    assert visit.count(motion_ballots) == 2
    assert "đã bỏ phiếu" in text_of(visit.client.get(own(visit, "bi-thu")))


def test_without_the_box_ticked_or_for_who_is_no_member_nothing_is_cast(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    put_to_council(visit)
    _, form = ballots(visit, "bi-thu")
    assert post(visit, form, form.fields | {"rest": "1"}).status_code == 409
    stranger = own(visit, "ubnd")
    assert "Chưa có đề nghị nào đưa ra hội đồng." in text_of(visit.client.get(f"{stranger}/council"))
    form.action = f"{stranger}/council/1"
    assert post(visit, form, form.filled(rest="1")).status_code == 403
    assert visit.count(sitting_turnouts) == 0


def test_the_last_ballot_brings_the_result_the_minutes_and_the_list(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    base = put_to_council(visit)
    for box in COUNCIL:
        _, form = ballots(visit, box)
        post(visit, form, form.filled(choice_1="approve", choice_2="return"))
    said = text_of(visit.client.get(f"{base}/commendations"))
    assert "tán thành 5, không tán thành 0" in said
    assert "hội đồng không thông qua" in said
    minutes = _words(visit.client.get(f"{base}/sittings/minutes.docx").content)
    assert "Có 05 trên 05 thành viên bỏ phiếu." in minutes
    assert "tán thành: Hoàng Văn Thành, Ngô Thị Bích Thủy" in minutes
    listed = _words(visit.client.get(f"{base}/commendations/list.docx").content)
    assert "01 đề nghị khen tập thể, 00 đề nghị khen cá nhân" in listed
    assert visit.client.get(f"{base}/commendations/list.xlsx").status_code == 200
    assert visit.client.get(f"{base}/commendations/la.docx").status_code == 404


def test_a_secret_vote_shows_nobodys_choice_and_names_nobody_in_the_minutes(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, is_secret=True)
    base = put_to_council(visit)
    _, form = ballots(visit, "bi-thu")
    answer = post(visit, form, form.filled(choice_1="return", choice_2="approve"))
    assert "Phiếu kín không đổi được." in text_of(answer)
    assert page_of(answer).select("input[type=radio]") == []
    assert (visit.count(motion_ballots), visit.count(motion_counts)) == (0, 2)
    for member in COUNCIL[1:3]:
        _, form = ballots(visit, member)
        post(visit, form, form.filled(choice_1="approve", choice_2="approve"))
    end = form_of(visit.client.get(f"{base}/commendations"), "/sittings/1?period=2026-Q1")
    post(visit, end, end.filled())
    minutes = _words(visit.client.get(f"{base}/sittings/minutes.docx").content)
    assert "bằng phiếu kín" in minutes
    assert "PHIẾU CỦA TỪNG THÀNH VIÊN" not in minutes


def test_no_page_paper_or_export_tells_the_split_of_a_secret_vote_with_two_ballots(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, is_secret=True)
    base = put_to_council(visit)
    for member in COUNCIL[:2]:
        _, form = ballots(visit, member)
        post(visit, form, form.filled(choice_1="return", choice_2="return"))
    early = visit.client.get(f"{base}/commendations")
    assert "chưa kết thúc sớm được" in text_of(early)
    assert page_of(early).select("form[action*='/sittings/']") == []
    visit.clock.set(CLOSED + timedelta(days=30))
    with visit.opened.store.begin() as tx:
        close_over(tx, visit.clock.now())
    base = office(visit)
    told = {
        "page": text_of(visit.client.get(f"{base}/commendations")),
        "member": text_of(visit.client.get(f"{own(visit, 'uy-vien-3')}/council")),
        "minutes": _words(visit.client.get(f"{base}/sittings/minutes.docx").content),
    }
    assert "không công bố số phiếu" in told["page"]
    assert "không công bố số phiếu" in told["member"]
    assert "không công bố số phiếu" in told["minutes"]
    assert not any("không tán thành 2" in said or "tán thành 0" in said for said in told.values())


@pytest.mark.parametrize("n_ballots", [0, 2, 3])
def test_a_secret_vote_agrees_with_the_log_however_few_voted(tmp_path: Path, n_ballots: int) -> None:
    visit = a_scored(tmp_path, is_secret=True)
    put_to_council(visit)
    for member in COUNCIL[:n_ballots]:
        _, form = ballots(visit, member)
        post(visit, form, form.filled(choice_1="return", choice_2="return"))
    with visit.opened.store.begin() as tx:
        close_over(tx, CLOSED + timedelta(days=30))
    with visit.opened.store.reading() as tx:
        assert check_facts(tx)[1] == []


def test_a_ballot_needs_the_code_where_the_periods_rule_asks_for_one(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, rules=Rules(approval=ApprovalRule(one_time_code=True)))
    put_to_council(visit)
    base, form = ballots(visit, "bi-thu")
    answer = post(visit, form, form.filled(rest="1"))
    assert "Nhập mã xác nhận" in text_of(answer)
    assert form_of(answer).action == f"{base}/council/1"
    assert visit.count(sitting_turnouts) == 0


def test_the_office_and_the_unit_put_people_forward_with_a_reason(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    unit = own(visit, "ubnd")
    form = form_of(visit.client.get(f"{unit}/commendations"))
    what = {"award": "giay-khen-ca-nhan", "name": "Lê Thị Mỹ", "title": "Công chức"}
    what["unit"] = str(visit.opened.units["ubnd"])
    assert "Chưa ghi lý do đề nghị." in text_of(post(visit, form, form.filled(**what)))
    assert "Lê Thị Mỹ" in text_of(post(visit, form, form.filled(**what, text="Số hóa hồ sơ")))
    form = form_of(visit.client.get(f"{office(visit)}/commendations"), "/enter?period=2026-Q1")
    filled = form.filled(award="giay-khen", unit=str(visit.opened.units["doan"]), text="Chống bão")
    assert "Chống bão" in text_of(post(visit, form, filled))
    assert visit.count(commendation_entries) == 2
    form.action = f"{own(visit, 'mttq')}/commendations"
    assert post(visit, form, filled).status_code == 403


def test_a_unit_scores_itself_on_its_page(tmp_path: Path) -> None:
    visit = a_scored(tmp_path, is_closed=False)
    base = own(visit, "ubnd")
    assert "1 đơn vị tự chấm điểm thi đua hạn 19/03/2026" in text_of(visit.client.get(base))
    form = form_of(visit.client.get(f"{base}/own-score"), f"/own-score/{visit.opened.units['ubnd']}")
    points = {name: "2,5" for name in form.fields if name.startswith("points-")}
    too_much = post(visit, form, form.filled() | points | {"points-bao-cao": "11"})
    assert "Điểm tự chấm phải từ 0 đến 10." in text_of(too_much)
    assert visit.count(score_entries) == 0
    said = text_of(post(visit, form, form.filled() | points | {"text-bao-cao": "Gửi đủ, đúng hạn"}))
    assert "Đã ghi nhận điểm tự chấm." in said
    sheet = text_of(visit.client.get(f"{office(visit)}/scores/{visit.opened.units['ubnd']}"))
    assert "(bao-cao, 2,5 điểm) – Gửi đủ, đúng hạn" in sheet


def test_entries_go_to_the_council_from_the_page_of_scores(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    base = office(visit)
    unit = f"{base}/scores/{visit.opened.units['ubnd']}"
    form = form_of(visit.client.get(f"{unit}?period=2026-Q1"), "/enter?period=2026-Q1")
    post(visit, form, form.filled(what="initiative:sang-kien", text="Mã QR"))
    form = form_of(visit.client.get(f"{base}/scores"), "/scores/vote?period=2026-Q1")
    assert post(visit, form, form.filled(entry="1")).status_code == 200
    assert visit.count(sittings) == 1
    assert "đang lấy phiếu hội đồng qua đường dẫn" in text_of(visit.client.get(unit))
    for box in COUNCIL[:4]:
        _, form = ballots(visit, box)
        post(visit, form, form.filled(rest="1"))
    end = form_of(visit.client.get(f"{base}/scores"), "/sittings/1?period=2026-Q1")
    assert "Kết quả lần 2" in text_of(post(visit, end, end.filled()))
    assert "hội đồng thông qua 04/05 phiếu, biên bản lấy phiếu số 1" in text_of(visit.client.get(unit))


def test_the_rules_page_tells_every_setting_of_scoring(tmp_path: Path) -> None:
    visit = a_scored(tmp_path)
    said = text_of(visit.client.get(f"{office(visit)}/rules"))
    for told in (
        "“Hoàn thành xuất sắc nhiệm vụ”: nhiều nhất 20% số đơn vị được xếp hạng của cụm, ít nhất 1 đơn vị.",
        "Bị phê bình bằng văn bản: −5 điểm mỗi lần, nhiều nhất 10 điểm.",
        "Mức trần của tổng điểm trừ: 15 điểm.",
        "Phải có ít nhất 2/3 số thành viên bỏ phiếu.",
        "Đơn vị tự chấm điểm qua đường dẫn đến hết 3 ngày làm việc sau hạn báo cáo.",
        "Tập thể Lao động tiên tiến (tập thể): xét theo năm;",
    ):
        assert told in said


def _words(docx: bytes) -> str:
    """All text of a Word file."""
    with zipfile.ZipFile(BytesIO(docx)) as file:
        found = BeautifulSoup(file.read("word/document.xml"), "xml")
        return " ".join(tag.get_text() for tag in found.find_all("w:t"))
