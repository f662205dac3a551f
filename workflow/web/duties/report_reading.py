"""A report read from the fields of its form: typed into the page, saved as a draft or filled into the
workbook, they are read the same way. Errors are returned by field, and nothing typed is lost. What is odd
keeps a report from being sent until the field beside it (`why-progress`, `why-figure-12`) gives a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from workflow.domain.errors import NotAllowed
from workflow.domain.results.figures import Figure
from workflow.domain.results.plausible import AskedFigure, Oddity, Told, explained, look_at, reason_field
from workflow.domain.results.record import Reported
from workflow.domain.typed import clipped, says_something, sent_day, whole_number, written_day
from workflow.domain.typed_number import typed_number
from workflow.domain.words import Words
from workflow.storage.cycles.acts import NOTHING_SAID, Evidence, SubmittedReport
from workflow.storage.cycles.said import SubmissionRow
from workflow.storage.duties.sheets import ReportSheet
from workflow.storage.results.earlier_reports import Earlier


@dataclass(frozen=True, slots=True)
class ReportReading:
    """The report that the fields make, if they make one; what is wrong, by field; and what is odd."""

    report: SubmittedReport | None
    problems: dict[str, str] = field(default_factory=dict)
    odd: tuple[Oddity, ...] = ()

    @property
    def unexplained(self) -> dict[str, str]:
        """What still needs a reason, by the field that takes it."""
        asked: dict[str, list[str]] = {}
        for one in self.odd:
            if not one.reason:
                asked.setdefault(reason_field(one.place), []).append(one.told)
        return {name: Words.joined((*told, GIVE_A_REASON)) for name, told in asked.items()}


GIVE_A_REASON = Words("Sửa lại, hoặc ghi lý do.")
"""What is to be done about something odd."""


def read_report(
    sheet: ReportSheet, typed: Mapping[str, Any], evidence: Sequence[Evidence] = ()
) -> ReportReading:
    """Reads the fields of a report form on the version that the sheet shows."""
    problems: dict[str, str] = {}
    progress = _percent(typed, "progress", problems)
    if progress is None and "progress" not in problems:
        problems["progress"] = Words("Ghi tiến độ bằng một số từ 0 đến 100.")
    body = _text(typed, "body")
    if not body:
        problems["body"] = Words("Ghi kết quả thực hiện trong kỳ.")
    elif not says_something(body):
        problems["body"] = NOTHING_SAID
    reported, done_on = _standing(typed, progress, problems)
    values: dict[int, Decimal] = {}
    for target in sheet.targets:
        name = f"figure-{target.id}"
        if value := _text(typed, name):
            try:
                values[target.id] = typed_number(value, target.measure)
            except NotAllowed as error:
                problems[name] = error.told
    parts: dict[str, Any] = {}
    for part in sheet.parts:
        said = {
            "progress": _percent(typed, f"part-progress-{part.id}", problems),
            "body": _text(typed, f"part-body-{part.id}"),
        }
        if said["progress"] is not None or said["body"]:
            parts[str(part.id)] = said
    found = look_at(
        sheet.asked,
        sheet.last.report.progress if sheet.last else None,
        Told(progress, reported, values, bool(evidence)),
    )
    problems |= {place: error.told for place, error in found.impossible.items()}
    reasons = {one.place: _text(typed, reason_field(one.place)) for one in found.odd}
    odd = explained(found.odd, reasons)
    if problems or progress is None or any(not one.reason for one in odd):
        return ReportReading(None, problems, odd)
    unit = whole_number(_text(typed, "unit"))
    return ReportReading(
        SubmittedReport(
            cycle_id=sheet.owed.cycle.id,
            unit_id=sheet.owed.units[0][0] if unit is None else unit,
            seen_version=sheet.owed.cycle.version,
            progress=progress,
            body=body,
            reported=reported,
            done_on=done_on,
            difficulties=_text(typed, "difficulties"),
            proposals=_text(typed, "proposals"),
            figures={str(target): f"{value.normalize():f}" for target, value in values.items()},
            parts=parts,
            evidence=tuple(evidence),
            oddities=odd,
        ),
        odd=odd,
    )


def figure_typed(asked: AskedFigure, typed: str) -> Figure:
    """The target compared with the value typed for it, the year's earlier periods counted; unknown where it
    is no number."""
    try:
        return asked.reached(typed_number(typed, asked.figure.measure))
    except NotAllowed:
        return asked.figure


def fields_of(report: SubmissionRow) -> dict[str, str]:
    """The form's fields as they were filled to send this report."""
    typed = {
        "progress": str(report.progress),
        "reported": report.reported.value,
        "done-on": report.done_on.isoformat() if report.done_on else "",
        "body": report.body,
        "difficulties": report.difficulties,
        "proposals": report.proposals,
    }
    typed |= {f"figure-{target}": decimal_comma(value) for target, value in report.values.items()}
    typed |= {reason_field(one.place): one.reason for one in report.oddities}
    for part in report.parts:
        typed[f"part-progress-{part.part.id}"] = "" if part.progress is None else str(part.progress)
        typed[f"part-body-{part.part.id}"] = part.body
    return typed


def carried_fields(earlier: Earlier, asked: Mapping[int, AskedFigure]) -> dict[str, str]:
    """The form's fields as the earlier period's report fills them. What adds up stays empty: nothing changed
    means that nothing was added, and last period's value again would be counted twice."""
    typed = {name: value for name, value in fields_of(earlier.report).items() if not _is_of_a_row(name)}
    typed |= {
        f"figure-{target}": decimal_comma(value)
        for target, value in earlier.values.items()
        if not asked[target].adds_up
    }
    for part, (progress, body) in earlier.part_words.items():
        typed[f"part-progress-{part}"] = "" if progress is None else str(progress)
        typed[f"part-body-{part}"] = body
    return {name: value for name, value in typed.items() if value}


def _is_of_a_row(name: str) -> bool:
    return name.startswith(("figure-", "part-", "why-"))


def decimal_comma(value: str) -> str:
    """A stored figure as it would be typed, in a form that can be read in one way only."""
    whole, _, rest = value.partition(".")
    return f"{whole},{rest}{'0' if len(rest) == 3 else ''}" if rest else whole


def _text(typed: Mapping[str, Any], name: str) -> str:
    value = typed.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _standing(
    typed: Mapping[str, Any], progress: int | None, problems: dict[str, str]
) -> tuple[Reported, date | None]:
    reported = Reported.UNDER_WAY
    done_on = None
    try:
        reported = Reported(_text(typed, "reported") or Reported.UNDER_WAY)
    except ValueError:
        problems["reported"] = Words("Chọn một trong các tình trạng trên trang.")
    if reported is Reported.DONE:
        if progress is not None and progress < 100:
            problems["reported"] = Words("Nội dung đã hoàn thành thì tiến độ là 100.")
        if day := _text(typed, "done-on"):
            done_on = day_typed(day)
            if done_on is None:
                problems["done-on"] = Words("Ngày hoàn thành viết như 05/03/2026.")
    return reported, done_on


def day_typed(text: str) -> date | None:
    """A day as `2026-03-05` or `5/3/2026`; None where it is neither."""
    return sent_day(text) or written_day(text)


def _percent(typed: Mapping[str, Any], name: str, problems: dict[str, str]) -> int | None:
    value = _text(typed, name).removesuffix("%").strip()
    if not value:
        return None
    number = whole_number(value, 100)
    if number is None:
        problems[name] = Words(
            "Tiến độ là một số nguyên từ 0 đến 100, không phải “%(value)s”.", value=clipped(value)
        )
    return number
