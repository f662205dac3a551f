"""The passages of a report a person may edit, taken out of it and put back in. Figures and tables can't be
edited."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from workflow.domain.plain_text import printable
from workflow.domain.plans.sections import printed_code
from workflow.domain.reports.passages import Passage
from workflow.domain.results.record import CycleRecord
from workflow.domain.results.sentences import FactSentence
from workflow.domain.words import Words
from workflow.reports.values import PrintedReport

_SECTION = "section:"

TITLES: Mapping[str, str] = {
    "opening": Words("Mở đầu"),
    "discipline": Words("Chế độ báo cáo, xác nhận và phê duyệt"),
    "overview": Words("Kết quả chung"),
    "shortfalls": Words("Nội dung quá hạn, thiếu báo cáo"),
    "difficulties": Words("Khó khăn, vướng mắc"),
    "next_work": Words("Nhiệm vụ trọng tâm kỳ tới"),
    "proposals": Words("Kiến nghị, đề xuất"),
}
"""The passages that are not of a section, in the report's order; all but the first are paragraphs."""
_BEFORE_SECTIONS = ("opening", "discipline", "overview")


def texts_of(report: PrintedReport) -> dict[str, str]:
    """The report's passages by key, in its order; a line is a paragraph."""
    plain = {key: _joined(getattr(report, key)) for key in TITLES}
    sections = {f"{_SECTION}{one.code}": one.text for one in report.section_texts}
    first = {key: plain.pop(key) for key in _BEFORE_SECTIONS}
    found = {**first, **sections, **plain}
    # Normalised as a form posts it, so that an unchanged text compares equal.
    return {key: unicodedata.normalize("NFC", printable(text)).strip() for key, text in found.items()}


def titles_of(report: PrintedReport) -> dict[str, str]:
    """The title of each passage on a page."""
    sections = {
        f"{_SECTION}{one.code}": ". ".join(filter(None, (printed_code(one.code), one.title)))
        for one in report.section_texts
    }
    return {**TITLES, **sections}


def sources_of(report: PrintedReport) -> dict[str, tuple[tuple[str, tuple[CycleRecord, ...]], ...]]:
    """The generated sentences of each passage, each with the records it was made from; of a sentence that is
    made from none (that there are no difficulties) an empty tuple."""
    by_id = {record.cycle_id: record for record in report.records}
    lines: dict[str, tuple[str, ...]] = {key: getattr(report, key) for key in TITLES if key != "opening"}
    lines |= {f"{_SECTION}{one.code}": (one.text,) for one in report.section_texts}
    return {
        key: tuple(
            (str(line), tuple(by_id[one] for one in line.cycle_ids if one in by_id))
            for line in said
            if isinstance(line, FactSentence)
        )
        for key, said in lines.items()
    }


def with_passages(report: PrintedReport, passages: Iterable[Passage]) -> PrintedReport:
    """The report with the text of a draft; a passage the report does not have is left out."""
    texts = {one.key: printable(one.text) for one in passages}
    changed = {key: texts[key] if key == "opening" else _lines(texts[key]) for key in TITLES if key in texts}
    sections = tuple(
        replace(one, text=texts.get(f"{_SECTION}{one.code}", one.text)) for one in report.section_texts
    )
    return replace(report, section_texts=sections, **changed)  # type: ignore[arg-type]


def machine_draft(report: PrintedReport) -> tuple[Passage, ...]:
    """The passages as generated."""
    return tuple(Passage(key, text, text) for key, text in texts_of(report).items())


def _joined(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
