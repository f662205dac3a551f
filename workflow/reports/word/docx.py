"""A report as a Word document, from a template the office can edit in Word.

`workflow.reports.word.make_template` generated the built-in templates; what a report shows is
`reports.values`'s; `reports.word.template_check` checks an edited template.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, time
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import TemplateError

from workflow.domain.errors import TiendoError
from workflow.domain.plain_text import printable
from workflow.paths import templates_dir
from workflow.reports.charts import by_status, came_in
from workflow.reports.sheets.office_charts import WordChart, table_of_days, table_of_sections
from workflow.reports.values import PrintedReport
from workflow.reports.word.empty_columns import without_empty_columns
from workflow.reports.word.template_bounds import TemplateEnvironment

KEPT_BACK = ("rollup", "records", "scores")
"""The fields of a report that templates don't get."""


def ready_template(*, is_party: bool) -> Path:
    """The ready template of a layout, under the templates folder."""
    return Path("reports") / ("bao-cao-dang.docx" if is_party else "bao-cao-chinh-quyen.docx")


def read_ready_template(*, is_party: bool) -> bytes:
    """The ready template's file."""
    source = templates_dir() / ready_template(is_party=is_party)
    if not source.is_file():
        raise TiendoError(
            "Không có mẫu báo cáo Word.",
            where=str(source),
            cure="Đặt lại tệp mẫu, hoặc tạo mẫu gốc: python -m workflow.reports.word.make_template.",
        )
    return source.read_bytes()


def write_docx(report: PrintedReport, template: bytes | None = None) -> bytes:
    """The report as a DOCX file, by the office's own `template` or the ready one of its layout."""
    source = template or read_ready_template(is_party=report.heading.is_party)
    document = DocxTemplate(BytesIO(source))
    charts = {
        name: WordChart(document, table) if table else None
        for name, table in (
            ("by_section", table_of_sections(by_status(report))),
            ("timeliness", table_of_days(came_in(report))),
        )
    }
    rendered(document, {"report": shown(report), "charts": charts})
    without_empty_columns(document.docx)
    _set_properties(document, report)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def rendered(document: DocxTemplate, context: dict[str, Any]) -> None:
    """Fills a template in. The office edits it, so it may print any value and call nothing."""
    try:
        document.render(context, TemplateEnvironment(autoescape=True))
    except TemplateError as error:
        raise TiendoError(
            f"Mẫu báo cáo Word không dùng được: {error.message or error}",
            cure="Kiểm tra: tiendo report check-template; dùng lại mẫu gốc: tiendo report reset-template.",
        ) from error


def _set_properties(document: DocxTemplate, report: PrintedReport) -> None:
    properties = document.docx.core_properties
    properties.title = printable(f"Báo cáo {report.subject}")[:255]
    day = report.heading.on or report.span.last_day
    properties.created = properties.modified = datetime.combine(day, time())
    properties.author = printable(report.heading.organisation)[:255]


def shown(value: Any) -> Any:
    """The values a template may print, without characters Word can't open, and without records."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: shown(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name not in KEPT_BACK
        }
    if isinstance(value, tuple):
        return [shown(one) for one in value]
    if isinstance(value, str) and not isinstance(value, Enum):
        return printable(value)
    return value
