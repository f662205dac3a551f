"""`tiendo score` and `tiendo commend`: what they print, in words and as JSON, and how they end."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.builders import NOW, Opened, a_plan, a_store, an_item, an_open_period, submitted, voted
from workflow.cli import app
from workflow.domain.errors import Conflict, NotAllowed, NotFound, WrongSetting
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.results.closing import close_period
from workflow.storage.results.entered import entries_of
from workflow.storage.scores.commendation_lists import open_vote, proposals
from workflow.storage.scores.sitting_lists import sittings_of
from workflow.storage.scores.sittings import close_sitting
from workflow.storage.tables import rules

CLOSED = NOW + timedelta(days=60)
OFFICE = "van-phong@hoaxuan.example"


def run(folder: Path | None, *words: str, code: int = 0) -> Any:
    """What the command prints, parsed where JSON was asked for; its exit code must be as expected."""
    where = ("--data", str(folder)) if folder else ()
    found = CliRunner().invoke(app, [*words, *where], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return json.loads(found.stdout) if "--json" in words else " ".join(found.output.split())


def scored(folder: Path, *, is_closed: bool = True) -> Opened:
    items = [an_item(n, coordinating_ids=(), coordinating_units=()) for n in (1, 3)]
    opened = an_open_period(a_store(folder), plan=a_plan(items=items))
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring_path())))
    submitted(opened, opened.cycles[0], progress=100)
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    submitted(opened, opened.cycles[1], progress=100)
    voted(opened, opened.cycles[1], "bi-thu", "pho-bi-thu", "uy-vien-1")
    if is_closed:
        with opened.store.begin() as tx:
            close_period(tx, opened.period_id, CLOSED, is_early=True)
    return opened


def entered(folder: Path, kind: str, code: str, *more: str) -> str:
    words = ("score", "enter", "ubnd", "--kind", kind, "--code", code, "--by", OFFICE, *more)
    return str(run(folder, *words))


def decided(folder: Path, number: str, n_for: int, *more: str) -> str:
    members = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")
    cast: list[str] = []
    for place, box in enumerate(members):
        cast += ["--approve" if place < n_for else "--against", f"{box}@hoaxuan.example"]
    minutes = ("--minutes", "05/BB", "--met-on", "2026-02-20", "--by", OFFICE)
    return str(run(folder, "score", "decide", number, *minutes, *cast, *more))


def test_a_sound_file_passes_the_check_and_a_faulty_one_ends_in_1_with_every_fault(tmp_path: Path) -> None:
    assert "phiên bản 4: dùng được" in run(None, "score", "check", str(scoring_path()))
    assert run(None, "score", "check", str(scoring_path()), "--json") == []
    bad = tmp_path / "bad.toml"
    text = scoring_path().read_text(encoding="utf-8")
    bad.write_text(text.replace('measure = "quality"', 'measure = "qualty"').replace("quorum", "quorm"))
    told = run(None, "score", "check", str(bad), code=1)
    assert "[council]: Không có mục “quorm”." in told
    faults = run(None, "score", "check", str(bad), "--json", code=1)
    assert {one["cure"] for one in faults} == {"Có phải “quorum”?", "Có phải “quality”?"}


def test_the_list_ranks_and_its_json_says_which_version_it_is(tmp_path: Path) -> None:
    scored(tmp_path)
    assert "UBND phường" in run(tmp_path, "score", "list")
    found = run(tmp_path, "score", "list", "--json")
    assert found["version"] == 1
    assert [(one["unit"]["name"], one["rank"]) for one in found["units"]] == [("UBND phường", 1)]


def test_explain_gives_every_line_its_reasons_and_json_the_rules_text_facts_and_entries(
    tmp_path: Path,
) -> None:
    opened = scored(tmp_path)
    entered(tmp_path, "self", "bao-cao", "--points", "9,5")
    told = run(tmp_path, "score", "explain", "UBND phường")
    assert "02 nội dung được tính đủ điểm." in told
    assert "kết quả lần 1" in told
    found = run(tmp_path, "score", "explain", "ubnd", "--period", "2026-Q1", "--json")
    assert {one["cycle_id"] for one in found["records"]} == set(opened.cycles)
    assert 'measure = "timeliness"' in found["rules"]["criteria"]["bao-cao"]
    assert [one["kind"] for one in found["entries"]] == ["self"]
    with pytest.raises(NotFound):
        run(tmp_path, "score", "explain", "khong-co")


def test_enter_refuses_what_is_no_number_and_who_is_not_of_the_office(tmp_path: Path) -> None:
    scored(tmp_path)
    assert entered(tmp_path, "initiative", "sang-kien", "--text", "Mã QR") == "Đã ghi nhận số 1."
    with pytest.raises(NotAllowed, match="không phải là số điểm"):
        entered(tmp_path, "self", "bao-cao", "--points", "chín")
    with pytest.raises(NotFound):
        run(tmp_path, "score", "enter", "ubnd", "--kind", "self", "--code", "bao-cao", "--by", "la@x.example")
    with pytest.raises(NotAllowed):
        words = ("score", "enter", "ubnd", "--kind", "self", "--code", "bao-cao", "--points", "1")
        run(tmp_path, *words, "--by", "ubnd@hoaxuan.example")


def test_decide_says_whether_it_is_carried_and_which_version_is_kept(tmp_path: Path) -> None:
    opened = scored(tmp_path)
    entered(tmp_path, "extra", "phe-binh", "--text", "Công văn 9")
    entered(tmp_path, "extra", "viec-kho", "--text", "Chống bão")
    assert decided(tmp_path, "1", 2) == "Hội đồng không thông qua."
    told = decided(tmp_path, "2", 3)
    assert told == "Hội đồng thông qua. Kỳ đã khóa: giữ kết quả lần 2; xem tiendo score diff."
    with opened.store.reading() as tx:
        assert [one.in_favour for one in entries_of(tx, opened.period_id)] == [2, 3]
    with pytest.raises(Conflict):
        decided(tmp_path, "2", 5)
    with pytest.raises(NotFound):
        decided(tmp_path, "99", 5)
    with pytest.raises(WrongSetting):
        minutes = ("--minutes", "05/BB", "--met-on", "20/02/2026", "--by", OFFICE)
        run(tmp_path, "score", "decide", "1", *minutes)


def test_diff_tells_each_later_version_line_by_line(tmp_path: Path) -> None:
    scored(tmp_path)
    assert run(tmp_path, "score", "diff") == "Chưa tính lại lần nào."
    entered(tmp_path, "extra", "phe-binh", "--text", "Công văn 9")
    decided(tmp_path, "1", 5)
    told = run(tmp_path, "score", "diff")
    assert "Lần 2: hội đồng biểu quyết, biên bản 05/BB" in told
    assert "Bị phê bình bằng văn bản: không có → -5" in told
    (one,) = run(tmp_path, "score", "diff", "--json")
    assert (one["version"], one["units"][0]["unit"]) == (2, "UBND phường")


def test_commend_lists_who_is_proposed_and_why(tmp_path: Path) -> None:
    scored(tmp_path)
    told = run(tmp_path, "commend", "list")
    assert "UBND phường: đề nghị ✓ Xếp loại “Hoàn thành xuất sắc nhiệm vụ”." in told
    found = run(tmp_path, "commend", "list", "--json")
    assert found["version"] == 1
    assert [(one["award"], one["who"], one["is_proposed"]) for one in found["lines"]] == [
        ("giay-khen", "UBND phường", True),
        ("giay-khen-ca-nhan", "Nguyễn Thị Minh Hằng", True),
    ]


def test_commend_propose_keeps_a_new_version_only_where_something_changed(tmp_path: Path) -> None:
    scored(tmp_path)
    assert "Không có gì đổi so với kết quả lần 1." in run(tmp_path, "commend", "propose")
    assert run(tmp_path, "commend", "propose", "--json")["new_version"] is None


def test_commend_propose_of_an_open_period_is_provisional(tmp_path: Path) -> None:
    scored(tmp_path, is_closed=False)
    assert "Quý I/2026 chưa khóa: danh sách tạm tính." in run(tmp_path, "commend", "propose")


def test_commend_exports_the_list_and_once_there_is_a_vote_the_minutes(tmp_path: Path) -> None:
    opened = scored(tmp_path)
    run(tmp_path, "commend", "export", str(tmp_path / "ra"))
    made = {one.name for one in (tmp_path / "ra").iterdir()}
    assert made == {"danh-sach-khen-thuong-2026-q1.docx", "danh-sach-khen-thuong-2026-q1.xlsx"}
    with opened.store.begin() as tx:
        subjects = [one.subject for one in proposals(tx, opened.period_id, CLOSED).open_to_vote]
        officer = opened.person("van-phong")
        open_vote(tx, officer, opened.period_id, subjects, CLOSED.date(), CLOSED)
        close_sitting(tx, officer, sittings_of(tx, opened.period_id)[0].id, CLOSED)
    told = run(tmp_path, "commend", "export", str(tmp_path / "ra"))
    assert "bien-ban-hoi-dong-thi-dua-2026-q1.docx" in told
    assert "hội đồng không thông qua 0/5" in run(tmp_path, "commend", "list")
