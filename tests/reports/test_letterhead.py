"""A report is not issued with a blank around its text; what issues by itself waits and says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.reports.issuing import CLOSED, Ended, ended
from tests.reports.quarter import a_heading
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.rules.routing_rules import ReportApproval
from workflow.reports.issuing import begin_report
from workflow.reports.letterhead import HeadingPart, IncompleteLetterhead, missing_in
from workflow.storage import Store
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.tables import outbox, report_issues

COMPLETE = replace(
    a_heading(),
    place="Hòa Xuân",
    superior="Đảng bộ thành phố Bình Minh",
    signs_for="T/M BAN THƯỜNG VỤ",
    signs_as="BÍ THƯ",
    signer="Trần Văn An",
    recipients=("Thành ủy Bình Minh (để báo cáo)", "Các đơn vị chủ trì"),
)


def _lacks(kind: OrganisationKind = OrganisationKind.PARTY_COMMITTEE, **changes: object) -> list[HeadingPart]:
    heading = replace(COMPLETE, **changes)  # type: ignore[arg-type]
    return [one.part for one in missing_in(heading, kind, ["Trần Văn An"], has_no_superior=False)]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"place": ""}, HeadingPart.PLACE),
        ({"superior": ""}, HeadingPart.SUPERIOR),
        ({"signs_for": ""}, HeadingPart.AUTHORITY),
        ({"signs_for": "BAN THƯỜNG VỤ"}, HeadingPart.AUTHORITY),
        ({"signs_as": ""}, HeadingPart.OFFICE),
        ({"signer": "Lê Thị Bình"}, HeadingPart.OFFICE),
        ({"signer": ""}, HeadingPart.SIGNER),
        ({"recipients": ("Các đơn vị chủ trì",)}, HeadingPart.TO_SUPERIOR),
    ],
)
def test_each_blank_around_the_text_is_named(changes: dict[str, object], part: HeadingPart) -> None:
    assert _lacks() == []
    assert part in _lacks(**changes)


def test_the_head_of_an_agency_signs_without_tm_and_its_deputy_with_kt() -> None:
    agency = OrganisationKind.AGENCY
    assert _lacks(agency, signs_for="", signs_as="THỦ TRƯỞNG") == []
    deputy = {"signs_for": "", "signer": "Lê Thị Bình"}
    assert HeadingPart.AUTHORITY in _lacks(agency, signs_as="PHÓ THỦ TRƯỞNG", **deputy)
    assert _lacks(agency, signs_as="KT. THỦ TRƯỞNG\nPHÓ THỦ TRƯỞNG", **deputy) == []


def _without_place(found: Ended) -> None:
    with found.store.begin() as tx:
        set_letterhead(tx, found.opened.organisation_id, CLOSED, place="")


def test_an_incomplete_report_is_refused_with_what_is_missing_and_nothing_changes(
    sqlite_store: Store, tmp_path: Path
) -> None:
    found = ended(sqlite_store, tmp_path)
    found.say("bi-thu")
    _without_place(found)
    with pytest.raises(IncompleteLetterhead, match="thiếu địa danh") as refused:
        found.send_out()
    assert "Tiêu đề, chữ ký" in refused.value.cure
    assert found.issue().is_open
    with sqlite_store.begin() as tx:
        set_letterhead(tx, found.opened.organisation_id, CLOSED, place="Hòa Xuân")
    assert found.send_out().number == "12-BC/ĐU"


def test_a_report_that_issues_by_itself_waits_for_its_letterhead_and_the_office_is_told_once(
    sqlite_store: Store, tmp_path: Path
) -> None:
    found = ended(sqlite_store, tmp_path, ReportApproval.NONE, has_letterhead=False)
    assert found.issue().is_open
    assert not begin_report(sqlite_store, found.files, found.period_id, CLOSED)
    with sqlite_store.reading() as tx:
        told = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "notice")).all()
        assert tx.scalar(select(report_issues.c.issued_at)) is None
    about = [one for one in told if one["about"] == "report-incomplete"]
    assert len(about) == 2  # two people of the office
    assert about[0]["missing"]
    with sqlite_store.begin() as tx:
        organisation = found.opened.organisation_id
        set_letterhead(tx, organisation, CLOSED, place="Hòa Xuân", no_superior=True)
    assert begin_report(sqlite_store, found.files, found.period_id, CLOSED)
    assert not found.issue().is_open
