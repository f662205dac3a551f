"""A report as pages: the whole on one page as long as it is small enough for a slow line, else its long
tables on pages of their own, and each unit's score sheet on one.

The parts have the address of the whole with `?unit=` (a unit's sheet), `?appendix=` (a part of the appendix,
from 1) or `?figures=1`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse

from workflow.domain.errors import NotFound
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.reports.page import appendix_parts, page_context, score_sheet
from workflow.reports.values import PrintedReport
from workflow.web.pages import page

LARGEST_BYTES = 95_000
"""Of a page of a report, before it is compressed."""
UNIT, APPENDIX, FIGURES = "unit", "appendix", "figures"
_STEPS: tuple[tuple[str, ...], ...] = ((), (APPENDIX,), (APPENDIX, FIGURES))
"""Which parts get pages of their own: as few as the size allows."""


def report_view(
    request: Request,
    template: str,
    report: PrintedReport,
    *,
    with_sheets: bool = False,
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """The report by that template, or the part of it that is asked for. Score sheets are left out where
    the document itself is read."""
    part = _part(request, report, with_sheets=with_sheets)
    if part is not None:
        whole = f"{request.url.path}{_query(request)}"
        return page(request, "reports/report_part.html", **(context | part), report=report, whole=whole)
    sheets = {one.unit.name: _query(request, UNIT, one.unit.id) for one in report.scores if with_sheets}
    ranked = {row.unit for cluster in report.clusters for row in cluster.rows}
    shown = {
        **context,
        **page_context(report),
        "sheets": sheets,
        "unranked": [name for name in sheets if name not in ranked],
        "appendix": [(_query(request, APPENDIX, one.place), one) for one in appendix_parts(report)],
        "figures_address": _query(request, FIGURES, 1),
    }
    for apart in _STEPS:
        answer = page(request, template, status=status, **shown, apart=apart)
        if len(answer.body) <= LARGEST_BYTES:
            break
    return answer


def _part(request: Request, report: PrintedReport, *, with_sheets: bool) -> dict[str, Any] | None:
    """What the page of a part shows; raises NotFound where the report has no such part."""
    asked = request.query_params
    if FIGURES in asked:
        return {"figures": report.figures, "sheet": None, "part": None}
    if UNIT in asked and with_sheets:
        sheet = score_sheet(report, _number(asked[UNIT]))
        if sheet is None:
            raise NotFound(Words("Báo cáo này không có điểm của đơn vị ấy."))
        return {"figures": (), "sheet": sheet, "part": None}
    if APPENDIX in asked:
        parts = appendix_parts(report)
        part = next((one for one in parts if one.place == _number(asked[APPENDIX])), None)
        if part is None:
            raise NotFound(Words("Phụ lục của báo cáo không có phần này."))
        addresses = {one.place: _query(request, APPENDIX, one.place) for one in parts}
        return {"figures": (), "sheet": None, "part": part, "n_parts": len(parts), "addresses": addresses}
    return None


def _number(text: str) -> int:
    return whole_number(text) or 0


def _query(request: Request, name: str = "", value: int = 0) -> str:
    """The query of the whole, or of a part of it."""
    kept = [one for one in request.query_params.multi_items() if one[0] not in (UNIT, APPENDIX, FIGURES)]
    asked = [*kept, (name, str(value))] if name else kept
    return f"?{urlencode(asked)}" if asked else ""
