"""A large ward's report on pages a slow line can load: nothing is left out, no page is too large."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.builders import StoppedClock, a_link, a_store, an_open_period
from tests.reports.quarter import QUARTER, a_heading, a_record, a_report, ready_rules
from tests.web.visiting import page_of, text_of
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import UnitRef
from workflow.domain.results.rollup import rollup
from workflow.domain.scores.scoring import score
from workflow.reports.context import build_report
from workflow.reports.values import PrintedReport
from workflow.settings import Settings
from workflow.storage.access.links import Purpose
from workflow.web.app import create_app

SLOW_LINE_BYTES = 100_000
CONTENT = "Chỉnh trang các tuyến phố, ngõ đạt tiêu chí sáng, xanh, sạch, đẹp, an toàn trên địa bàn phường"
DONE = "Đã triển khai theo kế hoạch; các đơn vị phối hợp kiểm tra, đôn đốc, hướng dẫn nhân dân. " * 4
FIGURES = (
    Figure("Tuyến phố đạt tiêu chí", Decimal(5), Decimal(2), "tuyến"),
    Figure("Hộ ký cam kết", Decimal(120), Decimal(96), "hộ"),
)


def a_large_wards_report(n_items: int = 107, n_units: int = 40) -> PrintedReport:
    """So many items, each with a long result and two figures, led by so many units."""
    units = [UnitRef(n, f"Tổ dân phố số {n}", "Tổ dân phố") for n in range(1, n_units + 1)]
    records = [
        replace(
            a_record(f"I.1.{n}", content=f"{CONTENT} {n}", text=f"{DONE} {n}", figures=FIGURES),
            cycle_id=n,
            leads=(units[n % n_units],),
        )
        for n in range(1, n_items + 1)
    ]
    return build_report(a_heading(), QUARTER, records, rollup(records), score(records, ready_rules()))


@dataclass
class Reading:
    """Somebody of the office who reads a report."""

    client: TestClient
    address: str

    def get(self, query: str = "") -> Response:
        answer: Response = self.client.get(f"{self.address}{query}")
        return answer


def reading(folder: Path, report: PrintedReport) -> Reading:
    opened = an_open_period(a_store(folder))
    site = create_app(
        opened.store,
        Settings(data=folder),  # type: ignore[arg-type]
        StoppedClock(opened.now),
        report_of=lambda tx, period: report,
    )
    office = a_link(opened, "van-phong", Purpose.OFFICE)
    return Reading(TestClient(site), f"/o/{office}/report/2026-Q1")


def test_no_page_of_a_large_wards_report_is_too_large_for_a_slow_line(tmp_path: Path) -> None:
    report = a_large_wards_report()
    reader = reading(tmp_path, report)
    parts = [str(one["href"]) for one in page_of(reader.get()).select("article a[href^='?']")]
    assert len([one for one in parts if "unit=" in one]) == 40
    for query in ("", *parts):
        assert len(reader.get(query).content) < SLOW_LINE_BYTES, query


def test_every_item_stands_in_one_part_of_the_appendix(tmp_path: Path) -> None:
    reader = reading(tmp_path, a_large_wards_report())
    links = page_of(reader.get()).select(".parts a")
    rows = [
        row.td.text
        for link in links
        for row in page_of(reader.get(str(link["href"]))).select("tbody tr:has(td)")
    ]
    assert rows == [f"I.1.{n}" for n in range(1, 108)]


def test_a_part_leads_to_the_next_and_back_to_the_whole(tmp_path: Path) -> None:
    reader = reading(tmp_path, a_large_wards_report())
    first = page_of(reader.get("?appendix=1"))
    following = first.select_one("a[rel=next]")
    assert following is not None
    assert "Phần 2/" in text_of(reader.get(str(following["href"])))
    back = first.select_one(".back a")
    assert back is not None
    assert str(back["href"]) == reader.address


def test_a_small_report_is_whole_on_its_page(tmp_path: Path) -> None:
    report = a_report()
    page = page_of(reading(tmp_path, report).get())
    assert not page.select(".parts")
    assert all(row.result in page.text for row in report.appendix)


def test_a_units_sheet_tells_the_reason_of_every_point(tmp_path: Path) -> None:
    report = a_report()
    unit = report.scores[0]
    said = text_of(reading(tmp_path, report).get(f"?unit={unit.unit.id}"))
    for line in unit.lines:
        assert all(" ".join(reason.text.split()) in said for reason in line.reasons)


@pytest.mark.parametrize("query", ["?unit=999999", "?unit=x", "?appendix=0", "?appendix=99"])
def test_a_part_that_is_not_there_is_told_so(tmp_path: Path, query: str) -> None:
    assert reading(tmp_path, a_report()).get(query).status_code == 404
