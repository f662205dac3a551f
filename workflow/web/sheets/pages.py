"""Reporting with a spreadsheet: the workbook to download, and what an upload of it filled in.

`GET /l/{token}/sheet`        what it is for, and where to put the filled file
`GET /l/{token}/sheet.xlsx`   the workbook of all items still to report
`POST /l/{token}/sheet`       (multipart) with `stamp` and the file `sheet`

An upload sends nothing: it is saved as drafts, listed item by item, with errors by cell. The previous
draft is stored beside the new one; empty cells change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, UnreadablePlan
from workflow.domain.results.plausible import PROGRESS, place_of, reason_field
from workflow.domain.results.record import Reported
from workflow.domain.typed_number import typed_number
from workflow.domain.words import Words
from workflow.storage.cycles.drafts import keep
from workflow.storage.duties.sheets import ReportSheet
from workflow.storage.periods.periods import period_of
from workflow.web.downloads import saved_as
from workflow.web.duties.drafts import NO_DRAFT, REPORT, ShownDraft
from workflow.web.duties.file_kinds import XLSX
from workflow.web.duties.own_work import Own, WorkState, counts, own_work
from workflow.web.duties.report_reading import day_typed, fields_of, read_report
from workflow.web.forms import Posted, files_of, name_of, text_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.sheets.columns import COLUMNS
from workflow.web.sheets.reading import FilledRow, ReadSheet, SheetFinding, all_findings, read_sheet
from workflow.web.sheets.writing import write_sheet
from workflow.web.site import AsPerson, AtSite, Holder, Site

router = APIRouter(include_in_schema=False)

SHEET = "sheet"
MAX_SHEET_MB = 10
_AGAIN = Words("Hãy tải lại bảng tính trên trang này rồi chép phần đã điền sang.")
_TITLES = {column.key: column.title for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field that the workbook filled in: its title, the draft's value before and now."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FilledDraft:
    """An item whose draft the workbook changed, and whether it can now be sent."""

    own: Own
    changes: tuple[FilledField, ...]
    is_ready: bool


@dataclass(slots=True)
class Uploaded:
    """What became of an upload."""

    put: list[FilledDraft] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    """Codes of items that the workbook does not change."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Codes of items that can't be filled in, with the reason."""
    findings: list[SheetFinding] = field(default_factory=list)


@router.api_route("/l/{token}/sheet", methods=["GET", "HEAD"])
def sheet_page(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """How to report with a spreadsheet."""
    return _page(request, site, holder)


def _page(
    request: Request,
    site: Site,
    holder: Holder,
    uploaded: Uploaded | None = None,
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    with site.store.reading() as tx:
        period = period_of(tx, holder.period_id)
        work = own_work(tx, holder, site.clock.now())
    return page(
        request,
        "duties/sheet.html",
        status=status,
        stamp=site.stamps.made(holder.link.id, SHEET),
        uploaded=uploaded,
        problem=problem,
        counts=counts(work),
        states=WorkState,
        n_owed=sum(one.is_owed for one in work),
        max_mb=MAX_SHEET_MB,
        **context_of(holder, period, site.clock.now()),
    )


@router.api_route("/l/{token}/sheet.xlsx", methods=["GET", "HEAD"])
def sheet_file(site: AtSite, holder: AsPerson) -> Response:
    """The workbook of all that the person's units still have to report."""
    with site.store.reading() as tx:
        period = period_of(tx, holder.period_id)
        work = [one for one in own_work(tx, holder, site.clock.now()) if one.is_owed]
    name = f"bao-cao-{period.code.lower()}.xlsx"
    return saved_as(name, write_sheet(period, work), XLSX.media_type)


@router.post("/l/{token}/sheet")
def upload(request: Request, site: AtSite, holder: AsPerson, form: Posted) -> Response:
    """Saves the values of a filled workbook as drafts."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, SHEET)
    files = files_of(form, "sheet")
    if not files:
        return _page(request, site, holder, problem=Words("Chưa chọn tệp nào."), status=422)
    file = files[0]
    if (file.size or 0) > MAX_SHEET_MB * 1_000_000:
        message = Words(
            "Tệp “%(file)s” nặng quá %(limit)s MB. %(again)s",
            file=name_of(file),
            limit=MAX_SHEET_MB,
            again=_AGAIN,
        )
        return _page(request, site, holder, problem=message, status=422)
    try:
        read = read_sheet(file.file.read(), name_of(file))
    except UnreadablePlan as error:
        return _page(request, site, holder, problem=Words.joined((error.what, _AGAIN)), status=422)
    now = site.clock.now()
    with site.store.begin() as tx:
        period = period_of(tx, holder.period_id)
        if period.closed_at is not None:
            raise Conflict(Words("%(label)s đã khóa nên không nhận báo cáo nữa.", label=period.label))
        work = {one.cycle.id: one for one in own_work(tx, holder, now)}
        uploaded = _put(tx, site, holder, work, read, stamp.mark)
        holder.note(tx, f"{SHEET} {len(uploaded.put)} drafts", now)
    return _page(request, site, holder, uploaded)


def _put(
    tx: Connection, site: Site, holder: Holder, work: Mapping[int, Own], read: ReadSheet, writer: str
) -> Uploaded:
    found = Uploaded()
    problems: dict[int, Mapping[str, str]] = {}
    for row in read.rows.values():
        if not row.fields:
            continue
        own = work.get(row.cycle_id)
        if why := _why_skipped(own, row):
            found.skipped.append((own.cycle.code if own else row.code or row.where, why))
            continue
        assert own is not None
        assert own.sheet is not None
        base = _base(own)
        titles = _field_titles(own.sheet)
        filled = {name: value for name, value in row.fields.items() if name in titles}
        changes = {
            name: value for name, value in filled.items() if not _is_same(name, value, base, own.sheet)
        }
        fields = base | changes
        reading = read_report(own.sheet, fields, ShownDraft(fields).evidence)
        told = reading.problems | reading.unexplained
        shown = {name: why for name, why in told.items() if name in filled or name not in base}
        problems[row.cycle_id] = shown
        if changes:
            _keep(tx, site, holder, own, fields, writer)
            told_changes = tuple(
                FilledField(titles[name], _shown(name, base.get(name, "")), _shown(name, value))
                for name, value in changes.items()
            )
            found.put.append(FilledDraft(own, told_changes, reading.report is not None))
        else:
            found.same.append(own.cycle.code)
    found.findings = list(all_findings(read, problems))
    return found


def _why_skipped(own: Own | None, row: FilledRow) -> str:
    if own is None:
        return Words("không thuộc phần việc của đường dẫn này trong kỳ")
    if not own.is_owed:
        return Words("đã gửi báo cáo rồi")
    if row.version != own.cycle.version:
        return Words("đã có bản báo cáo mới hơn từ khi tải bảng tính; tải lại bảng tính để điền")
    return ""


def _base(own: Own) -> dict[str, Any]:
    """What the form shows before the workbook: the draft, else the version sent back with its files."""
    version = {"version": str(own.cycle.version), "reported": Reported.UNDER_WAY.value}
    if own.draft is not None:
        return version | dict(own.draft.fields)
    last = own.sheet.owed.last if own.sheet else None
    if last is None:
        return version
    files = [[one.sha256, one.name, one.size] for one in last.evidence]
    typed = {name: value for name, value in fields_of(last).items() if value}
    return version | typed | ({"kept": files} if files else {})


def _field_titles(sheet: ReportSheet) -> dict[str, str]:
    titles = {key: _TITLES[key] for key in _PLAIN} | {reason_field(PROGRESS): _TITLES["why"]}
    for one in sheet.targets:
        label = one.label or _TITLES["figure"]
        titles |= {place_of(one.id): label, reason_field(place_of(one.id)): f"{label}: {_TITLES['why']}"}
    for part in sheet.parts:
        titles[f"part-progress-{part.id}"] = f"{part.code}: {_TITLES['progress']}"
        titles[f"part-body-{part.id}"] = f"{part.code}: {_TITLES['body']}"
    return titles


_PLAIN = ("progress", "reported", "done-on", "body", "difficulties", "proposals")


def _is_same(name: str, value: str, base: Mapping[str, Any], sheet: ReportSheet) -> bool:
    """Whether a cell equals the draft's value, in whatever notation."""
    before = str(base.get(name, ""))
    if value == before:
        return True
    if name == "done-on":
        return day_typed(value) is not None and day_typed(value) == day_typed(before)
    if name.startswith("figure-"):
        measure = next((one.measure for one in sheet.targets if name == f"figure-{one.id}"), "")
        try:
            return typed_number(value, measure) == typed_number(before, measure)
        except NotAllowed:
            return False
    return False


def _shown(name: str, value: str) -> str:
    if name == "reported":
        return next((one.label for one in Reported if one.value == value), value)
    return value


def _keep(
    tx: Connection, site: Site, holder: Holder, own: Own, fields: Mapping[str, Any], writer: str
) -> None:
    """Saves the draft; what another page had saved before stays beside it."""
    keep(
        tx,
        holder.person_id,
        holder.period_id,
        f"{REPORT}-{own.cycle.id}",
        {name: value for name, value in fields.items() if name != "refusals"},
        writer=writer,
        seen=(own.draft or NO_DRAFT).revision if _is_only_added(own, fields) else 0,
        now=site.clock.now(),
    )


def _is_only_added(own: Own, fields: Mapping[str, Any]) -> bool:
    """Whether the new fields contain all of the draft, so that no copy of it need be stored."""
    before = own.draft.fields if own.draft else {}
    return all(fields.get(name) == value for name, value in before.items())
