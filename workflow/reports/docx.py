"""A report as a Word document, from a template the office can edit in Word.

`workflow.reports.make_template` made the template once; what a report shows is `workflow.reports.values`'s.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, time
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from workflow.domain.errors import TiendoError
from workflow.paths import templates_dir
from workflow.reports.context import printable
from workflow.reports.values import Report

TEMPLATE = Path("reports") / "bao-cao-quy.docx"


def write_docx(report: Report, template: Path | None = None) -> bytes:
    """The report as a DOCX file, by the office's `template` or the ready one."""
    source = template or templates_dir() / TEMPLATE
    if not source.is_file():
        raise TiendoError(
            "Không có mẫu báo cáo Word.",
            where=str(source),
            cure="Đặt lại tệp mẫu, hoặc tạo mẫu gốc: python -m workflow.reports.make_template.",
        )
    document = DocxTemplate(source)
    # The template is the office's to edit, so it may print what it likes and call nothing.
    document.render({"report": _plain(report)}, SandboxedEnvironment(autoescape=True))
    _set_properties(document, report)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _set_properties(document: DocxTemplate, report: Report) -> None:
    properties = document.docx.core_properties
    properties.title = printable(f"Báo cáo {report.subject}")[:255]
    day = report.heading.on or report.span.last_day
    properties.created = properties.modified = datetime.combine(day, time())
    properties.author = printable(report.heading.organisation)[:255]


def _plain(value: Any) -> Any:
    """The values a template may print, without characters Word can't open; records stay behind."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name not in ("rollup", "records", "scores")
        }
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, str) and not isinstance(value, Enum):
        return printable(value)
    return value
