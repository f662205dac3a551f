"""The office completes its letterhead, on the real pages; what issues a report asks who signs its PDF."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.reports.issuing import CLOSED
from tests.web.reports.test_issuing_pages import AT, a_site
from tests.web.visiting import form_of, text_of
from workflow.storage.reports.letterheads import letterhead_of, set_letterhead


def test_what_is_missing_is_listed_with_the_page_that_cures_it_until_it_is_set(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    organisation = site.found.opened.organisation_id
    with site.found.store.begin() as tx:
        set_letterhead(tx, organisation, CLOSED, place="")
    office = site.office
    shown = site.client.get(f"{office}/reports{AT}")
    assert "báo cáo còn thiếu" in text_of(shown)
    assert f"{office}/letterhead" in shown.text
    form = form_of(site.client.get(f"{office}/letterhead"), "/letterhead")
    looked = site.post(form, place="Hòa Xuân", look="1")
    assert "Xem thử, chưa lưu" in text_of(looked)
    with site.found.store.reading() as tx:
        assert letterhead_of(tx, organisation).place == ""
    assert "Đã lưu" in text_of(site.post(form, place="Hòa Xuân"))
    assert "báo cáo còn thiếu" not in text_of(site.client.get(f"{office}/reports{AT}"))


def test_every_issue_of_a_report_is_given_the_signer_of_the_settings() -> None:
    root = Path(__file__).resolve().parents[3]
    unsigned = []
    for path in [*root.glob("workflow/**/*.py"), *root.glob("flows/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                is_issuing = node.func.id in ("begin_report", "issue_report")
                if is_issuing and "signer" not in {one.arg for one in node.keywords}:
                    unsigned.append(f"{path.name}:{node.lineno}")
    assert unsigned == []
