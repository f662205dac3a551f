"""Drafts: kept while people type, shown again on any device, never a fact, never lost silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.builders import a_link, a_plan, confirmed, submitted, voted
from tests.web.visiting import Form, Visit, a_visit, form_of, post, text_of
from workflow.domain.cycles.cycle import Choice
from workflow.storage import Store
from workflow.storage.results.closing import close_period
from workflow.storage.tables import attachments, audit, ballots, drafts, link_uses, submissions

SCRIPT = {"accept": "application/json"}
PDF = ("Biên bản.pdf", b"%PDF-1.4", "application/pdf")


def _page(visit: Visit, box: str = "ubnd", path: str = "", query: str = "") -> Any:
    return visit.client.get(f"/l/{a_link(visit.opened, box)}{path}{query}")


def _report(visit: Visit, query: str = "") -> Form:
    return form_of(_page(visit, path=f"/report/{visit.opened.cycles[0]}", query=query))


def _save(visit: Visit, form: Form, fields: dict[str, str], **more: Any) -> Any:
    base = "/".join(form.action.split("/")[:3])
    return visit.client.post(f"{base}/draft", data=fields, **more)


def _to_vote(tmp_path: Path) -> Visit:
    visit = a_visit(tmp_path, plan=a_plan(2))
    for cycle in visit.opened.cycles:
        submitted(visit.opened, cycle)
        confirmed(visit.opened, cycle, "mttq", "cong-an")
    return visit


def test_a_report_typed_on_one_device_is_there_on_another(tmp_path: Path, store: Store) -> None:
    visit = a_visit(tmp_path, store=store)
    form = _report(visit)
    before = visit.count(audit)
    saved = _save(visit, form, form.filled(progress="40", body="Đang viết dở."), headers=SCRIPT)
    assert saved.json() == {"at": "09:00", "revision": 1, "other": False}
    again = _page(visit, path=f"/report/{visit.opened.cycles[0]}")
    assert form_of(again).fields["body"] == "Đang viết dở."
    assert "Đang hiện bản nháp lưu lúc 09:00" in text_of(again)
    assert "đã soạn đủ, chưa gửi" in text_of(_page(visit))
    assert (visit.count(submissions), visit.count(audit)) == (0, before)


def test_the_button_saves_words_and_files_without_scripts(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _report(visit)
    shown = _save(visit, form, form.filled(progress="40", body="Dở dang."), files=[("evidence", PDF)])
    assert "Biên bản.pdf" in text_of(shown)
    again = form_of(shown)
    assert "Đã ghi nhận" in text_of(post(visit, again, again.filled()))
    with visit.opened.store.reading() as tx:
        assert tx.scalars(select(attachments.c.name)).all() == ["Biên bản.pdf"]


def test_what_is_sent_is_no_longer_a_draft(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _report(visit)
    fields = form.filled(progress="40", body="Xong.")
    _save(visit, form, fields)
    post(visit, form, fields)
    assert visit.count(drafts) == 0
    assert _save(visit, form, fields, headers=SCRIPT).status_code == 409
    assert visit.count(drafts) == 0


def test_of_two_tabs_the_later_save_wins_and_the_other_is_told_and_kept(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    one, two = _report(visit), _report(visit)
    _save(visit, one, one.filled(body="Từ máy tính."), headers=SCRIPT)
    saved = _save(visit, two, two.filled(body="Từ điện thoại."), headers=SCRIPT)
    assert saved.json()["other"] is True
    shown = _page(visit, path=f"/report/{visit.opened.cycles[0]}")
    assert form_of(shown).fields["body"] == "Từ điện thoại."
    assert "Một bản nháp khác" in text_of(shown)
    assert _report(visit, "?draft=other").fields["body"] == "Từ máy tính."


def test_one_page_may_save_again_and_again(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _report(visit)
    for n in range(3):
        saved = _save(visit, form, form.filled(body=f"Lần {n}."), headers=SCRIPT).json()
    assert (saved["revision"], saved["other"]) == (3, False)
    with visit.opened.store.reading() as tx:
        uses = tx.scalars(select(link_uses.c.act).where(link_uses.c.act.startswith("draft"))).all()
    assert len(uses) == 1


def test_an_empty_form_is_no_draft(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _report(visit)
    _save(visit, form, form.fields)
    assert visit.count(drafts) == 0


def test_a_draft_on_an_older_version_is_not_shown_over_the_one_sent_back(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _report(visit)
    _save(visit, form, form.filled(body="Nháp cũ."))
    cycle = visit.opened.cycles[0]
    submitted(visit.opened, cycle, body="Bản đã gửi.")
    confirmed(visit.opened, cycle, "mttq", "cong-an")
    voted(visit.opened, cycle, "bi-thu", "uy-vien-1", "uy-vien-2", choice=Choice.RETURN, reason="Thiếu.")
    assert _report(visit).fields["body"] == "Bản đã gửi."


def test_choices_and_reasons_come_back_and_go_when_they_are_sent(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path)
    one, two = visit.opened.cycles
    form = form_of(_page(visit, "bi-thu"), "/vote")
    typed = {f"choice-{one}": "return", f"reason-{one}": "Thiếu ảnh.", f"reason-{two}": "Đang nghĩ."}
    shown = _save(visit, form, form.filled() | typed)
    again = form_of(shown, "/vote")
    assert {name: again.fields[name] for name in typed} == typed
    assert "sure" not in again.fields
    post(visit, again, again.filled(rest="none"))
    left = form_of(_page(visit, "bi-thu"), "/vote").fields
    assert left[f"reason-{two}"] == "Đang nghĩ."
    assert left[f"reason-{one}"] == ""
    assert visit.count(ballots) == 1


def test_a_word_given_after_the_draft_is_not_covered_by_it(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path)
    one = visit.opened.cycles[0]
    form = form_of(_page(visit, "bi-thu"), "/vote")
    _save(visit, form, form.filled() | {f"choice-{one}": "return", f"reason-{one}": "Nháp."})
    voted(visit.opened, one, "bi-thu")
    assert form_of(_page(visit, "bi-thu"), "/vote").fields[f"choice-{one}"] == ""


def test_nobody_else_sees_a_draft(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path)
    one = visit.opened.cycles[0]
    form = form_of(_page(visit, "bi-thu"), "/vote")
    _save(visit, form, form.filled() | {f"reason-{one}": "Riêng tôi."})
    assert "Riêng tôi." not in _page(visit, "pho-bi-thu").text
    other = a_link(visit.opened, "pho-bi-thu")
    assert visit.client.post(f"/l/{other}/draft", data=form.filled()).status_code == 403


def test_a_draft_without_the_page_or_too_long_is_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    form = _report(visit)
    fields = form.filled(body="x")
    assert _save(visit, form, fields | {"stamp": "giả"}).status_code == 403
    assert _save(visit, form, fields | {"form": "office"}).status_code == 403
    long = {f"part-body-{n}": "x" * 19_000 for n in range(30)}
    assert _save(visit, form, fields | long).status_code == 403
    assert visit.count(drafts) == 0


def test_closing_the_period_ends_its_drafts(tmp_path: Path, store: Store) -> None:
    visit = a_visit(tmp_path, store=store)
    form = _report(visit)
    _save(visit, form, form.filled(body="Không kịp gửi."))
    with visit.opened.store.begin() as tx:
        close_period(tx, visit.opened.period_id, visit.opened.now, is_early=True)
    assert visit.count(drafts) == 0
