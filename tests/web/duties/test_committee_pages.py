"""What the committee sees and what is made of its ballots: standing, reading view, paper ballots, minutes."""

from __future__ import annotations

from datetime import datetime, timezone
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from httpx import Response

from tests.builders import NOW, a_directory, a_link, a_plan, confirmed, stage_of, submitted, voted
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.errors import Conflict
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    ConfirmationRule,
    Fallback,
    Objection,
    Rules,
    Shows,
)
from workflow.storage.access.links import Purpose
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.reports.minutes_numbers import give_number
from workflow.storage.reports.register import last_number
from workflow.storage.results.closing import close_period
from workflow.storage.tables import countersigns, paper_ballots

AFTER_THE_VOTE = datetime(2026, 3, 25, 2, tzinfo=timezone.utc)
SECOND = Person("Võ Thị Thu", "van-thu@hoaxuan.example", "Văn thư", (("van-phong", Role.OFFICE),))


def put_to_vote(
    folder: Path, shows: Shows = Shows.NOTHING, n_items: int = 2, approval: ApprovalRule | None = None
) -> Visit:
    rules = Rules(
        approval=approval or ApprovalRule(shows=shows),
        confirmation=ConfirmationRule(objection=Objection.TO_COMMITTEE),
    )
    visit = a_visit(folder, plan=a_plan(n_items), rules=rules, directory=a_directory(extra=[SECOND]))
    for cycle in visit.opened.cycles:
        submitted(visit.opened, cycle)
        confirmed(visit.opened, cycle, "mttq", "cong-an")
    return visit


def at_office(visit: Visit, path: str, box: str = "van-phong") -> Response:
    return visit.client.get(f"/o/{a_link(visit.opened, box, Purpose.OFFICE)}{path}")


def of_member(visit: Visit, path: str = "") -> Response:
    return visit.client.get(f"/l/{a_link(visit.opened, 'uy-vien-1')}{path}")


def minutes_text(visit: Visit) -> str:
    document = Document(BytesIO(at_office(visit, "/minutes").content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize(
    ("shows", "told"),
    [(Shows.NOTHING, (False, False)), (Shows.COUNTS, (True, False)), (Shows.NAMES, (True, True))],
)
def test_how_the_vote_stands_is_shown_only_as_far_as_the_rule_lets(
    tmp_path: Path, shows: Shows, told: tuple[bool, bool]
) -> None:
    visit = put_to_vote(tmp_path, shows)
    voted(visit.opened, visit.opened.cycles[0], "pho-bi-thu")
    for path in ("", "/doc"):
        page = page_of(of_member(visit, path))
        assert (bool(page.select(".standing")), bool(page.select(".standing-names"))) == told
    assert ("Chưa bỏ phiếu:" in text_of(of_member(visit))) is told[1]


def test_the_reading_view_shows_each_item_on_a_screen_and_decides_nothing(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path)
    for answer in (of_member(visit, "/doc"), at_office(visit, "/doc")):
        page = page_of(answer)
        assert len(page.select("section.sheet:not(.first)")) == 2
        assert page.select("form, input, button") == []
        (forward,) = page.select("#nd-1 .turn a.button:last-child")
        assert forward["href"] == "#nd-2"


def test_a_member_reads_nothing_that_is_not_put_to_them(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path)
    reporter = visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}/doc")
    assert len(page_of(reporter).select("section.sheet")) == 1


def test_open_objections_come_first_in_the_reading_view(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=2)
    last = visit.opened.cycles[1]
    submitted_again(visit, last)
    confirmed(visit.opened, last, "mttq", version=2, verdict=Verdict.OBJECT, reason="Số liệu chưa khớp.")
    confirmed(visit.opened, last, "cong-an", version=2)
    first = page_of(of_member(visit, "/doc")).select("#nd-1")[0].get_text()
    assert "Số liệu chưa khớp." in first


def submitted_again(visit: Visit, cycle: int, **changes: object) -> None:
    voted(
        visit.opened,
        cycle,
        "bi-thu",
        "pho-bi-thu",
        "uy-vien-1",
        choice=Choice.RETURN,
        reason="Chưa đủ số liệu.",
    )
    assert stage_of(visit.opened, cycle) is Stage.WAITING_SUBMISSION
    submitted(visit.opened, cycle, version=1, **changes)


def test_a_report_that_came_back_tells_what_changed_since_the_last_answer(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    (cycle,) = visit.opened.cycles
    submitted_again(visit, cycle, progress=80)
    unit = page_of(visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}"))
    (told,) = unit.select(f"#confirm-{cycle} .since .changes")
    assert " ".join(told.get_text(" ").split()) == "Tiến độ: 60% → 80%"
    confirmed(visit.opened, cycle, "mttq", "cong-an", version=2)
    told_member = page_of(of_member(visit)).select_one(f"#vote-{cycle} .since")
    assert told_member is not None
    assert "Chưa đủ số liệu." in told_member.get_text()


def on_paper(visit: Visit, member: str, **fields: str) -> Response:
    page = at_office(visit, f"/paper?member={visit.opened.person(member)}")
    form = form_of(page, "/paper?period=2026-Q1")
    scan = ("phieu.pdf", b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF", "application/pdf")
    return visit.client.post(form.action, data=form.filled() | fields, files={"evidence": scan})


def test_a_ballot_on_paper_counts_once_another_person_of_the_office_confirms_it(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    (cycle,) = visit.opened.cycles
    assert "Đã ghi nhận 1 dòng." in text_of(on_paper(visit, "uy-vien-3", **{f"choice-{cycle}": "approve"}))
    form = form_of(at_office(visit, "/paper"), "/confirm?period=2026-Q1")
    entry = {"entry": "1"}
    assert "Người đã nhập phiếu không tự xác nhận." in text_of(post(visit, form, form.filled() | entry))
    assert visit.count(countersigns) == 0
    form = form_of(at_office(visit, "/paper", "van-thu"), "/confirm?period=2026-Q1")
    assert "Đã ghi nhận 1 dòng." in text_of(post(visit, form, form.filled() | entry))
    assert visit.count(countersigns) == 1


def test_a_wrong_entry_is_struck_out_before_it_counts_and_the_right_one_entered(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    (cycle,) = visit.opened.cycles
    on_paper(visit, "uy-vien-3", **{f"choice-{cycle}": "abstain"})
    page = at_office(visit, "/paper", "van-thu")
    strike = page_of(page).find("button", attrs={"formaction": True})
    assert strike is not None
    form = form_of(page, "/confirm?period=2026-Q1")
    told = form.filled() | {"entry": "1"}
    assert "Đã ghi nhận 1 dòng." in text_of(visit.client.post(str(strike["formaction"]), data=told))
    assert "Dòng nhập phiếu này đã được bỏ." in text_of(post(visit, form, told))
    on_paper(visit, "uy-vien-3", **{f"choice-{cycle}": "approve"})
    form = form_of(at_office(visit, "/paper", "van-thu"), "/confirm?period=2026-Q1")
    assert "Đã ghi nhận 1 dòng." in text_of(post(visit, form, form.filled() | {"entry": "2"}))
    assert visit.count(countersigns) == 1


def test_a_paper_without_its_scan_or_the_box_ticked_is_not_entered(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    (cycle,) = visit.opened.cycles
    assert on_paper(visit, "uy-vien-3", **{f"choice-{cycle}": "approve", "sure": ""}).status_code == 400
    page = at_office(visit, f"/paper?member={visit.opened.person('uy-vien-3')}")
    form = form_of(page, "/paper?period=2026-Q1")
    answer = post(visit, form, form.filled() | {f"choice-{cycle}": "approve"})
    assert "Phiếu giấy phải kèm một bản chụp." in text_of(answer)
    assert visit.count(paper_ballots) == 0


def test_what_one_paper_says_stands_together_or_not_at_all(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path)
    one, two = visit.opened.cycles
    answer = on_paper(visit, "uy-vien-3", **{f"choice-{one}": "approve", f"choice-{two}": "return"})
    assert "Phiếu trả lại phải ghi lý do như trên giấy." in text_of(answer)
    assert visit.count(paper_ballots) == 0


@pytest.mark.parametrize("shows", [Shows.COUNTS, Shows.NAMES])
def test_minutes_put_names_beside_ballots_only_where_the_rule_shows_names(
    tmp_path: Path, shows: Shows
) -> None:
    visit = put_to_vote(tmp_path, shows)
    one, _ = visit.opened.cycles
    voted(visit.opened, one, "pho-bi-thu", choice=Choice.RETURN, reason="Chưa có nghiệm thu.")
    voted(visit.opened, one, "bi-thu", "uy-vien-1", "uy-vien-2")
    text = minutes_text(visit)
    assert "Lý do trả lại: “Chưa có nghiệm thu”" in text
    assert ("Trả lại: Ngô Thị Bích Thủy." in text) is (shows is Shows.NAMES)
    assert ("“Chưa có nghiệm thu” (Ngô Thị Bích Thủy)." in text) is (shows is Shows.NAMES)


def test_minutes_of_a_running_secret_vote_tell_neither_kinds_nor_reasons(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    voted(
        visit.opened, visit.opened.cycles[0], "pho-bi-thu", choice=Choice.RETURN, reason="Chưa có nghiệm thu."
    )
    running = minutes_text(visit)
    assert "Chưa có nghiệm thu" not in running
    assert running.count("\n–\n–\n–\n–\n4") == 1
    voted(visit.opened, visit.opened.cycles[0], "bi-thu", "uy-vien-1", "uy-vien-2")
    over = minutes_text(visit)
    assert "Lý do trả lại: “Chưa có nghiệm thu”." in over
    assert "\n–\n" not in over


@pytest.mark.parametrize("shows", [Shows.COUNTS, Shows.NAMES])
def test_a_counted_ballot_on_paper_tells_its_choice_only_where_the_rule_shows_names(
    tmp_path: Path, shows: Shows
) -> None:
    visit = put_to_vote(tmp_path, shows, n_items=1)
    on_paper(visit, "uy-vien-3", **{f"choice-{visit.opened.cycles[0]}": "abstain"})
    waiting = at_office(visit, "/paper", "van-thu")
    (scan,) = (link["href"] for link in page_of(waiting).select('a[href*="/paper/"]'))
    assert visit.client.get(scan).status_code == 200
    form = form_of(waiting, "/confirm?period=2026-Q1")
    counted = post(visit, form, form.filled(entry="1"))
    (row,) = page_of(counted).select("#h-counted ~ .table-scroll tbody tr")
    is_told = shows is Shows.NAMES
    assert ("Không biểu quyết" in row.get_text()) is is_told
    assert (visit.client.get(scan).status_code == 200) is is_told


def test_minutes_keep_the_vote_that_returned_a_report_beside_the_next_one(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    (cycle,) = visit.opened.cycles
    submitted_again(visit, cycle)
    confirmed(visit.opened, cycle, "mttq", "cong-an", version=2)
    voted(visit.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", version=2)
    text = minutes_text(visit)
    assert "Thông qua 01 lượt; trả lại 01 lượt." in text
    assert "(báo cáo lần thứ 2)" in text
    assert "Tổng số thành viên: 05; có tham gia bỏ phiếu: 03." in text


def test_an_office_without_a_vote_yet_has_no_minutes(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    assert at_office(visit, "/minutes").status_code == 404
    assert "Chưa có nội dung nào đưa ra biểu quyết." in text_of(at_office(visit, "/votes"))


def test_minutes_get_a_number_of_their_own_series_once_every_vote_has_a_result(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    opened = visit.opened
    with opened.store.begin() as tx:
        set_letterhead(tx, opened.organisation_id, NOW, minutes_series="BB", place="Hòa Xuân")
    assert "Ghi số biên bản" not in text_of(at_office(visit, "/votes"))
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    form = form_of(at_office(visit, "/votes"), "/minutes?period=2026-Q1")
    assert form.fields["number"] == "01-BB/ĐU"
    refused = visit.client.post(form.action, data=form.filled(number="01-BC/ĐU"))
    assert "phải có ký hiệu BB" in text_of(refused)
    told = visit.client.post(form.action, data=form.filled(), follow_redirects=True)
    assert "Biên bản số 01-BB/ĐU, ngày" in text_of(told)
    assert "Ghi số biên bản" not in text_of(told)
    assert "Số 01-BB/ĐU" in minutes_text(visit)
    with opened.store.begin() as tx:
        assert last_number(tx, opened.organisation_id, NOW.year) == "", "the reports' series is untouched"
        with pytest.raises(Conflict, match="đã có số 01-BB/ĐU"):
            give_number(tx, opened.period_id, "02-BB/ĐU", NOW.date(), opened.person("van-phong"), NOW)


def test_minutes_get_no_number_while_another_item_may_still_come_to_a_vote(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    opened, (first, second) = visit.opened, visit.opened.cycles
    with opened.store.begin() as tx:
        set_letterhead(tx, opened.organisation_id, NOW, minutes_series="BB")
    for cycle in (first, second):
        assert "Ghi số biên bản" not in text_of(at_office(visit, "/votes"))
        submitted(opened, cycle)
        confirmed(opened, cycle, "mttq", "cong-an")
        voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert "Ghi số biên bản" in text_of(at_office(visit, "/votes"))


def test_where_the_letterhead_names_no_series_minutes_bear_no_number(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    voted(visit.opened, visit.opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert "Ghi số biên bản" not in text_of(at_office(visit, "/votes"))
    assert "Số " not in minutes_text(visit).split("BIÊN BẢN")[0]


def test_minutes_of_a_vote_that_lapsed_without_a_result_are_no_longer_provisional(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=2)
    opened = visit.opened
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert "Biên bản tạm thời" in minutes_text(visit)
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, NOW, is_early=True)
        set_letterhead(tx, opened.organisation_id, NOW, minutes_series="BB")
        number = give_number(tx, opened.period_id, "7-BB/ĐU", NOW.date(), opened.person("van-phong"), NOW)
    assert number.number == "7-BB/ĐU"
    text = minutes_text(visit)
    assert "Biên bản tạm thời" not in text
    assert "không có kết quả 01 lượt" in text


def closed_undecided(folder: Path) -> Visit:
    """One item whose vote closed with two of five ballots, where three are the quorum."""
    rule = ApprovalRule(quorum=Fraction(3, 5), fallback=Fallback.COUNT)
    visit = put_to_vote(folder, n_items=1, approval=rule)
    voted(visit.opened, visit.opened.cycles[0], "bi-thu", "pho-bi-thu")
    visit.clock.set(AFTER_THE_VOTE)
    with visit.opened.store.begin() as tx:
        advance_cycles(tx, visit.opened.cycles, AFTER_THE_VOTE)
    return visit


def test_a_vote_without_a_decision_is_on_the_board_and_paper_ballots_of_a_sitting_decide_it(
    tmp_path: Path,
) -> None:
    visit = closed_undecided(tmp_path)
    (cycle,) = visit.opened.cycles
    assert stage_of(visit.opened, cycle) is Stage.WAITING_APPROVAL
    board = page_of(at_office(visit, ""))
    (way,) = board.select(".callout.danger a")
    votes = visit.client.get(str(way["href"]).split("#")[0])
    assert "chưa đủ số thành viên tham gia tối thiểu; 2/5 thành viên đã bỏ phiếu" in text_of(votes)
    (paper,) = page_of(votes).select("#chua-quyet-dinh a.primary")
    assert visit.client.get(str(paper["href"])).status_code == 200
    assert "Đã ghi nhận 1 dòng." in text_of(on_paper(visit, "uy-vien-3", **{f"choice-{cycle}": "approve"}))
    form = form_of(at_office(visit, "/paper", "van-thu"), "/confirm?period=2026-Q1")
    post(visit, form, form.filled(entry="1"))
    assert stage_of(visit.opened, cycle) is Stage.APPROVED


def test_a_member_finds_a_vote_that_ended_before_they_voted_with_how_it_ended(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    voted(visit.opened, visit.opened.cycles[0], "pho-bi-thu", "uy-vien-1", "uy-vien-2")
    chair = page_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}"))
    (way,) = chair.select('a[href$="/decided"]')
    told = text_of(visit.client.get(str(way["href"])))
    assert "Thông qua : kết thúc sớm theo quy tắc, khi các phiếu còn lại không đổi được kết quả." in told
    assert "Tán thành: 3" in told
    assert "Kết thúc sớm khi" in told


def test_what_was_decided_is_for_members_alone(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    assert visit.client.get(f"/l/{a_link(visit.opened, 'mttq')}/decided").status_code == 404


def test_minutes_name_the_rule_a_vote_ended_early_by_and_call_nobody_absent_who_might_still_vote(
    tmp_path: Path,
) -> None:
    visit = put_to_vote(tmp_path, n_items=1)
    voted(visit.opened, visit.opened.cycles[0], "pho-bi-thu", "uy-vien-1", "uy-vien-2")
    text = minutes_text(visit)
    assert "Kết thúc sớm theo quy tắc 4 mục II; 02 thành viên còn quyền biểu quyết chưa bỏ phiếu." in text
    assert "4. Kết thúc sớm khi các phiếu còn lại không đổi được kết quả." in text
    assert "Không có phiếu nào:" not in text
    assert "Chưa bỏ phiếu khi biểu quyết kết thúc sớm, còn quyền biểu quyết:" in text


def test_a_ballot_on_a_vote_that_closed_without_a_decision_is_not_offered_to_be_changed(
    tmp_path: Path,
) -> None:
    visit = closed_undecided(tmp_path)
    page = visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}")
    assert "còn có thể đổi" not in text_of(page)
    told = text_of(visit.client.get(f"/l/{a_link(visit.opened, 'bi-thu')}/decided"))
    assert "Chưa có quyết định Vì: chưa đủ số thành viên tham gia tối thiểu." in told
    assert "Tán thành:" not in told
