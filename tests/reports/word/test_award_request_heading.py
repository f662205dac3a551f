"""The top of a submission: it goes to a superior body, so it names it and has room for its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from docx import Document

from workflow.reports.values import ReportHeading
from workflow.reports.word.award_request_docx import write_award_request
from workflow.storage.scores.award_requests import AwardRequest

HEADING = ReportHeading("Đảng ủy phường Hòa Xuân Đông")
REQUEST = AwardRequest(1, "Thành ủy Bình Minh", "", (), (), "", None, datetime(2026, 4, 20, tzinfo=UTC))


def top(request: AwardRequest, heading: ReportHeading) -> list[str]:
    cells = Document(BytesIO(write_award_request(request, heading))).tables[0].rows[0].cells
    return [one.text for cell in cells for one in cell.paragraphs if one.text]


@pytest.mark.parametrize("is_party", [True, False])
def test_a_submission_names_the_superior_body_above_the_organisation(is_party: bool) -> None:
    lines = top(REQUEST, replace(HEADING, is_party=is_party, superior="Đảng bộ thành phố Bình Minh"))
    assert lines[:2] == ["ĐẢNG BỘ THÀNH PHỐ BÌNH MINH", HEADING.organisation.upper()]


def test_a_submission_without_a_day_has_room_for_it() -> None:
    assert "Hòa Xuân, ngày … tháng … năm …" in top(REQUEST, replace(HEADING, place="Hòa Xuân"))


def test_a_submission_with_its_day_prints_it() -> None:
    lines = top(replace(REQUEST, dated_on=date(2026, 4, 20)), replace(HEADING, place="Hòa Xuân"))
    assert "Hòa Xuân, ngày 20 tháng 4 năm 2026" in lines
