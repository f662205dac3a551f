"""Drafts over HTTP: what is typed into the report, confirm and vote forms, saved while it is typed.

`POST /l/{token}/draft`, with all current fields of the form, and

    form    hidden: report | confirm | vote; with its own stamp
    seen    hidden: the revision of the draft the page shows, 0 for none
    carry   a button's: 1 puts what was reported last period into the boxes left empty, without figures that
            add up: those stay empty

Answer to the script of the page (it asks for JSON): `{"at": "09:12", "revision": 3, "other": false}`, where
`other` says that another page had saved meanwhile and its version is stored as well; where files were
uploaded, also all files of the form (`kept`: seal, name, size) and why others were refused (`refusals`).
Answer to the button: 303 back to the form, which shows the draft. Nothing saved here is a fact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.i18n import said
from workflow.storage.cycles.acts import Evidence
from workflow.storage.cycles.drafts import Kept, draft_of, keep
from workflow.storage.periods.periods import period_of
from workflow.storage.post.receipts import given_before
from workflow.storage.results.earlier_reports import asked_figures, earlier_reports
from workflow.web.duties.evidence import TakenFiles, sealed_evidence, take_evidence
from workflow.web.duties.file_kinds import media_type_of
from workflow.web.duties.report_reading import carried_fields
from workflow.web.forms import Posted, files_of, text_of
from workflow.web.pages import language_of, size
from workflow.web.site import AsPerson, AtSite, Holder
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

REPORT = "report"
CONFIRM = "confirm"
VOTE = "vote"
MAX_DRAFT = 400_000
"""Characters of one draft, all fields together."""

_OF_REPORT = re.compile(
    r"progress|reported|done-on|body|difficulties|proposals|unit|version"
    r"|figure-\d+|part-progress-\d+|part-body-\d+|why-progress|why-figure-\d+"
)
_ALWAYS_THERE = {"reported", "unit", "version"}
"""Fields of a report form nobody has typed into yet: not worth a draft."""
_UNTOUCHED = ("reported", "under-way")
"""The preselected choice of a form."""
_OF_DECISIONS = re.compile(r"(choice|reason)-(\d+(?:-\d+)?)")


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A draft as a page shows it. `revision` goes back with the next save; where the page shows the other
    draft it is 0, so that saving keeps the newer one beside."""

    fields: Mapping[str, Any]
    revision: int = 0
    saved_at: datetime | None = None
    other_at: datetime | None = None
    is_other: bool = False

    @property
    def evidence(self) -> list[Evidence]:
        """The files stored with a report's draft."""
        return [
            Evidence(sha256, name, media_type_of(name), size)
            for sha256, name, size in self.fields.get("kept", ())
        ]

    @property
    def refusals(self) -> str:
        """Why files uploaded with the last save were refused."""
        return str(self.fields.get("refusals", ""))


NO_DRAFT = ShownDraft({})


def shown_draft(kept: Kept | None, version: int) -> ShownDraft:
    """The draft of a report as the pages show it, on that version of the item."""
    return _shown(kept, [("version", str(version))], other=False)


def report_draft(tx: Connection, holder: Holder, cycle_id: int, version: int, *, other: bool) -> ShownDraft:
    """The draft of a report on that version of the item; on an older one it is no longer shown."""
    return _shown(_draft(tx, holder, f"{REPORT}-{cycle_id}"), [("version", str(version))], other=other)


def decision_draft(
    tx: Connection,
    holder: Holder,
    form: str,
    on_page: Iterable[tuple[str, int, datetime | None]],
    *,
    other: bool,
) -> ShownDraft:
    """The draft of the confirm or vote form: of each item on the page (key, version, when it was
    answered) what was typed for that version and after that answer."""
    kept = _draft(tx, holder, form)
    if kept is None:
        return NO_DRAFT
    found = _shown(kept, [], other=other)
    at = found.other_at if found.is_other else found.saved_at
    live = {
        f"{what}-{key}"
        for key, version, given_at in on_page
        for what in ("choice", "reason")
        if found.fields.get(f"version-{key}") == str(version) and not (at and given_at and given_at >= at)
    }
    fields = {name: value for name, value in found.fields.items() if name in live}
    return ShownDraft(
        fields, found.revision, found.saved_at if fields else None, found.other_at, found.is_other
    )


def _draft(tx: Connection, holder: Holder, form: str) -> Kept | None:
    return draft_of(tx, holder.person_id, holder.period_id, form)


def _shown(kept: Kept | None, must_be: list[tuple[str, str]], *, other: bool) -> ShownDraft:
    if kept is None or any(kept.fields.get(name) != value for name, value in must_be):
        return NO_DRAFT
    if other and kept.other is not None:
        return ShownDraft(kept.other, 0, kept.saved_at, kept.other_at, is_other=True)
    return ShownDraft(kept.fields, kept.revision, kept.saved_at, kept.other_at)


@router.post("/l/{token}/draft")
def save(request: Request, site: AtSite, holder: AsPerson, form: Posted) -> Response:
    """Saves what is typed; nothing more."""
    now = site.clock.now()
    name = text_of(form, "form")
    if name not in (REPORT, CONFIRM, VOTE):
        raise NotFromThePage
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, name)
    cycle_id = int(stamp.shown[0][0]) if name == REPORT else 0
    key = f"{REPORT}-{cycle_id}" if cycle_id else name
    is_script = "application/json" in request.headers.get("accept", "")
    taken = take_evidence(site, holder, cycle_id, form) if cycle_id else TakenFiles([])
    fields = _of_report(form, taken) if cycle_id else _of_decisions(form)
    if taken.refusals and not is_script:
        fields |= {"refusals": taken.refusals}
    if len(json.dumps(fields, ensure_ascii=False)) > MAX_DRAFT:
        raise NotAllowed(Words("Nội dung quá dài nên chưa lưu tạm được."), cure=Words("Rút gọn rồi lưu lại."))
    seen = text_of(form, "seen")
    with site.store.begin() as tx:
        if given_before(tx, holder.link.id, stamp.mark):
            raise Conflict(Words("Biểu mẫu này đã được gửi và ghi nhận."), cure=Words("Mở lại trang để xem."))
        if cycle_id and text_of(form, "carry") == "1":
            fields = _with_last_period(tx, holder, cycle_id, fields)
        kept = before = _draft(tx, holder, key)
        if before or set(fields) - _ALWAYS_THERE:
            kept = keep(
                tx,
                holder.person_id,
                holder.period_id,
                key,
                fields,
                writer=stamp.mark,
                seen=whole_number(seen) or 0,
                now=now,
            )
            if before is None or before.writer != stamp.mark:
                # One entry for each page that saves: its further saves add no information.
                holder.note(tx, f"draft {key}", now)
        zone = ZoneInfo(period_of(tx, holder.period_id).zone)
    if is_script:
        body: dict[str, Any] = {
            "at": f"{now.astimezone(zone):%H:%M}",
            "revision": kept.revision if kept else 0,
            "other": bool(kept and kept.other is not None),
        }
        if files_of(form, "evidence"):
            sealed = sealed_evidence(site, holder, cycle_id, taken.files)
            body["kept"] = [{"seal": seal, "name": one.name, "size": size(one.size)} for seal, one in sealed]
            body["refusals"] = said(taken.refusals, language_of(request))
        return JSONResponse(body)
    place = f"/report/{cycle_id}" if cycle_id else {CONFIRM: "#xac-nhan", VOTE: "#bieu-quyet"}[name]
    return RedirectResponse(f"{holder.base}{place}", 303)


def _of_report(form: FormData, taken: TakenFiles) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: text_of(form, name) for name in form if _OF_REPORT.fullmatch(name) and text_of(form, name)
    }
    if taken.files:
        found["kept"] = [[file.sha256, file.name, file.size] for file in taken.files]
    return found


def _with_last_period(
    tx: Connection, holder: Holder, cycle_id: int, fields: dict[str, Any]
) -> dict[str, Any]:
    """The fields, empty ones filled with last period's text; typed ones are unchanged."""
    earlier = earlier_reports(tx, holder.period_id, [cycle_id])
    if cycle_id not in earlier:
        return fields
    asked = asked_figures(tx, holder.period_id, [cycle_id], earlier)
    typed = {name: value for name, value in fields.items() if (name, value) != _UNTOUCHED}
    return carried_fields(earlier[cycle_id], asked) | typed


def _of_decisions(form: FormData) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in form:
        match = _OF_DECISIONS.fullmatch(name)
        if match and (value := text_of(form, name)):
            found |= {name: value, f"version-{match[2]}": text_of(form, f"version-{match[2]}")}
    return found
