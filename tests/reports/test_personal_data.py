"""What is held about a person is shown in words, not in the names of columns."""

from __future__ import annotations

from workflow.domain.results.plausible import PROGRESS, Oddity, OddKind
from workflow.domain.words import Words
from workflow.reports.personal_data import as_text
from workflow.reports.personal_data_fields import FIELD_NAMES
from workflow.storage.personal.held_about import NOT_HANDED_OUT
from workflow.storage.personal.personal_data import columns_of_persons
from workflow.storage.tables import link_uses, webhook_deliveries


def test_every_column_that_is_handed_out_has_a_name_in_words() -> None:
    tables = {table for table, _ in columns_of_persons()} | {link_uses, webhook_deliveries}
    shown = {column.name for table in tables for column in table.columns} - NOT_HANDED_OUT
    assert shown - FIELD_NAMES.keys() == set()


def test_a_row_is_told_with_its_fields_in_words_and_yes_and_no() -> None:
    rows = [{"votes": False, "from_on": "2026-03-02", "made_by": None, "details": {"reason": "Đi học"}}]
    told = as_text(
        {
            "person": {
                "name": "An",
                "organisation": "UBND",
                "title": "",
                "email": "an@x.example",
                "roles": [],
            },
            "held": {"substitutions": {"rows": rows}},
        }
    )
    assert "biểu quyết thay: không; từ ngày: 2026-03-02; chi tiết: lý do Đi học" in told


def test_what_was_odd_about_a_persons_report_is_told_as_they_were_asked() -> None:
    words = Words("Tiến độ %(now)s%% thấp hơn kỳ trước (%(last)s%%).", now=40, last=60)
    odd = Oddity(OddKind.PROGRESS_FELL, PROGRESS, words, reason="Nhà thầu bỏ dở.")
    person = {"name": "An", "organisation": "UBND", "title": "", "email": "an@x.example", "roles": []}
    told = as_text({"person": person, "held": {"submissions": {"rows": [{"oddities": [odd.as_json()]}]}}})
    assert "điều nêu ra Tiến độ 40% thấp hơn kỳ trước (60%)." in told
    assert "lý do Nhà thầu bỏ dở." in told
