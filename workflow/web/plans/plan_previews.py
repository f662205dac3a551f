"""The office's pages of one uploaded plan: what is doubtful, mending it in place, what it changes, accepting.

`GET /o/{token}/plan/{offer}`               problems, doubtful cells, what would change, every row
`GET /o/{token}/plan/{offer}.xlsx`          the same as a workbook, to mend in Excel
`GET /o/{token}/plan/{offer}/rows/{at}`     one row, every cell of it
`POST /o/{token}/plan/{offer}/cells`        mends cells; fields `stamp`, `row`, `cell-…`, `ok`
`POST /o/{token}/plan/{offer}/accept`       puts the plan in force; fields `stamp`, `sure`
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.amending.plan import Preview, preview, put
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.importing.amending.amending import AmendmentKind, RowMatch
from workflow.importing.amending.change_words import entry_rows, printed, worth_telling
from workflow.importing.cells.schedule_words import TIMES
from workflow.importing.folding import fold
from workflow.importing.form.as_json import form_bytes, form_from
from workflow.importing.form.checking import PlanProblem, RefusedPlan
from workflow.importing.form.filling import section_cell, with_directory
from workflow.importing.form.form import (
    ASKED,
    COMPARISONS,
    KINDS,
    NO_ONE,
    NOT_YET,
    ROLES,
    FormRow,
    FormSheet,
    PlanForm,
)
from workflow.importing.form.reading import Accepted, accept
from workflow.importing.tables.table import place_from_text
from workflow.storage.amending.plan_changes import Source
from workflow.storage.people.directory import load_directory
from workflow.storage.plans.offers import (
    PlanOffer,
    accept_offer,
    already_accepted,
    changed_meanwhile,
    mend_offer,
    offer_of,
    running_sha256,
)
from workflow.web.asked import Id, Place
from workflow.web.forms import Posted, text_of, texts_of
from workflow.web.pages import page
from workflow.web.plans.plan_cells import (
    CellToMend,
    answered_together,
    by_answer,
    by_reason,
    cells_of_row,
    cells_to_mend,
    mended,
)
from workflow.web.plans.plan_pages import check_own, plan_frame, workbook_answer
from workflow.web.site import AsOfficer, AtSite, Holder, Site

router = APIRouter(include_in_schema=False)

MEND, ACCEPT = "plan-cells", "plan-accept"


@dataclass(frozen=True, slots=True)
class Looked:
    """An uploaded plan in its current state: its form, and the plan read from it or all its errors."""

    offer: PlanOffer
    form: PlanForm
    accepted: Accepted | None
    problems: tuple[PlanProblem, ...]
    is_running_changed: bool

    @property
    def is_outdated(self) -> bool:
        """Whether it amends a plan that is no longer the one that runs."""
        return self.is_running_changed and self.offer.amending is not None

    @property
    def shown(self) -> tuple[int, str]:
        """What a page of it shows."""
        return self.offer.id, self.offer.form_sha256


@router.api_route("/o/{token}/plan/{offer_id}.xlsx", methods=["GET", "HEAD"])
def offer_workbook(site: AtSite, holder: AsOfficer, offer_id: Id) -> Response:
    """An uploaded plan as a workbook, its doubtful cells coloured."""
    found = _look(site, holder, offer_id)
    return workbook_answer(found.form, found.offer.name.rpartition(".")[0] or found.offer.name)


@router.api_route("/o/{token}/plan/{offer_id}", methods=["GET", "HEAD"])
def preview_page(
    request: Request, site: AtSite, holder: AsOfficer, offer_id: Id, mended: str = ""
) -> HTMLResponse:
    """An uploaded plan: its errors, its doubts, and what would change."""
    found = _look(site, holder, offer_id)
    seen = _seen(site, found)
    cells = cells_to_mend(found.form, found.problems)
    with site.store.reading() as tx:
        frame = plan_frame(tx, holder)
    return page(
        request,
        "plans/plan_preview.html",
        offer=found.offer,
        about=found.form.about(),
        n_rows=len(found.form.rows(FormSheet.ITEMS)),
        sections_of_rows=list(_by_heading(found.form.rows(FormSheet.ITEMS))),
        taken=_taken(found.offer),
        calls_itself_amending=_calls_itself_amending(found),
        is_running_changed=found.is_running_changed,
        is_outdated=found.is_outdated,
        loose=[problem for problem in found.problems if problem.cell is None],
        wrong=by_answer(cell for cell in cells if cell.problems),
        doubtful=by_reason(cell for cell in cells if cell.is_grave and not cell.problems),
        slight=by_reason(cell for cell in cells if not (cell.is_grave or cell.problems)),
        notes=found.accepted.notes if found.accepted else (),
        n_mended=whole_number(mended),
        seen=seen,
        worth_telling=worth_telling,
        printed=printed,
        staff=[*entry_rows(seen.directory.units), *entry_rows(seen.directory.persons)] if seen else [],
        mend_stamp=site.stamps.made(holder.link.id, MEND, [found.shown]),
        accept_stamp=site.stamps.made(holder.link.id, ACCEPT, [(*found.shown, _digest(seen))])
        if seen
        else "",
        **_choices(found.form),
        **frame,
    )


@router.api_route("/o/{token}/plan/{offer_id}/rows/{at}", methods=["GET", "HEAD"])
def row_page(request: Request, site: AtSite, holder: AsOfficer, offer_id: Id, at: Place) -> HTMLResponse:
    """One row of an uploaded plan, to mend any cell of it."""
    found = _look(site, holder, offer_id)
    cells = _row_cells(found, at)
    with site.store.reading() as tx:
        frame = plan_frame(tx, holder)
    return page(
        request,
        "plans/plan_row.html",
        offer=found.offer,
        at_row=at,
        row=found.form.rows(FormSheet.ITEMS)[at],
        cells=cells,
        mend_stamp=site.stamps.made(holder.link.id, MEND, [found.shown]),
        **_choices(found.form),
        **frame,
    )


@router.post("/o/{token}/plan/{offer_id}/cells")
def mend_cells(site: AtSite, holder: AsOfficer, offer_id: Id, form: Posted) -> RedirectResponse:
    """Puts what was typed into the cells that the page showed."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, MEND)
    found = _look(site, holder, offer_id)
    _check_waiting(found)
    if stamp.shown != (found.shown,):
        raise changed_meanwhile()
    row = whole_number(text_of(form, "row"))
    cells = cells_to_mend(found.form, found.problems) if row is None else _row_cells(found, row)
    right = {cell for value in texts_of(form, "ok") for cell in value.split()}
    typed = answered_together(cells if row is None else (), lambda name: texts_of(form, name) or None)
    after, count = mended(found.form, cells, typed, right)
    digest = site.files.put(form_bytes(after))
    with site.store.begin() as tx:
        superfluous = mend_offer(tx, found.offer, digest)
        holder.note(tx, f"POST /plan/{offer_id}/cells", site.clock.now())
    for one in superfluous:
        site.files.drop(one)
    return RedirectResponse(f"{holder.base}/plan/{offer_id}?{urlencode({'mended': count})}", 303)


@router.post("/o/{token}/plan/{offer_id}/accept")
def accept_plan(site: AtSite, holder: AsOfficer, offer_id: Id, form: Posted) -> RedirectResponse:
    """Writes the plan, if what it changes is still what the preview showed."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, ACCEPT)
    found, now = _look(site, holder, offer_id), site.clock.now()
    _check_waiting(found)
    if text_of(form, "sure") != "1":
        raise NotAllowed(
            Words("Chưa ghi gì."),
            cure=Words("Xem phần khác nhau, đánh dấu vào ô “Tôi đã xem phần khác nhau” rồi bấm lại."),
        )
    if found.accepted is None:
        raise RefusedPlan(found.problems)
    seen = _seen(site, found)
    if seen is None or stamp.shown != ((*found.shown, _digest(seen)),):
        raise changed_meanwhile()
    source = Source(found.offer.name, found.offer.source_sha256)
    with site.store.begin() as tx:
        accept_offer(tx, found.offer, now)
        done = put(tx, found.accepted, source, now, seen=seen, **_target(found.offer))
        holder.note(tx, f"POST /plan/{offer_id}/accept", now)
    changed = done.preview.plan
    counts = {
        "added": len(changed.added),
        "changed": len(changed.shown_changes),
        "withdrawn": len(changed.withdrawn),
        "cycles": len(done.preview.consequences),
    }
    return RedirectResponse(f"{holder.base}/plan?{urlencode(counts)}", 303)


def _look(site: Site, holder: Holder, offer_id: int) -> Looked:
    """The organisation's own offer as it is mended so far. A document brings no directory, so it is looked
    at with the one of now, whoever came and went since it was uploaded."""
    organisation_id = holder.link.organisation_id
    with site.store.reading() as tx:
        offer = offer_of(tx, organisation_id, offer_id)
        form = form_from(site.files.get(offer.form_sha256))
        check_own(tx, holder, form)
        if offer.is_document:
            form = with_directory(form, load_directory(tx, organisation_id))
        is_changed = running_sha256(tx, organisation_id) != offer.running_sha256
    try:
        return Looked(offer, form, accept(form), (), is_changed)
    except RefusedPlan as error:
        return Looked(offer, form, None, error.problems, is_changed)


def _check_waiting(found: Looked) -> None:
    if found.offer.accepted_at:
        raise already_accepted()
    if found.is_outdated:
        raise Conflict(
            Words("Kế hoạch đang chạy đã thay đổi sau khi văn bản này được tải lên, nên chưa ghi gì."),
            cure=Words("Tải văn bản lên lại để máy đối chiếu với kế hoạch đang chạy."),
        )


def _seen(site: Site, found: Looked) -> Preview | None:
    """What accepting it would change; None where it is invalid or no longer open."""
    if found.accepted is None or found.offer.accepted_at or found.is_outdated:
        return None
    return preview(site.store, found.accepted, site.clock.now(), **_target(found.offer))


def _target(offer: PlanOffer) -> dict[str, Any]:
    """The plan an amendment goes to. A supplement renumbers nothing; a replacing document's numbers are
    matched by `put`, as a whole plan's are."""
    if offer.amending is None:
        return {}
    is_replacing = offer.amending["kind"] == AmendmentKind.REPLACING
    return {"plan_id": offer.amending["plan"], "earlier_codes": None if is_replacing else {}}


def _row_cells(found: Looked, at: int) -> tuple[CellToMend, ...]:
    if not 0 <= at < len(found.form.rows(FormSheet.ITEMS)):
        raise NotFound(Words("Không có dòng này."), cure=Words("Mở lại trang xem trước."))
    return cells_of_row(found.form, at, found.problems)


def _by_heading(rows: Sequence[FormRow]) -> Iterator[tuple[str, list[tuple[int, FormRow]]]]:
    """Rows with their places under their headings, in the plan's order; parts follow their item."""
    heading, found = "", list[tuple[int, FormRow]]()
    for at, row in enumerate(rows):
        if not row["parent"] and row["section"] != heading:
            if found:
                yield heading, found
            heading, found = row["section"], []
        found.append((at, row))
    if found:
        yield heading, found


def _choices(form: PlanForm) -> dict[str, Any]:
    """What the fields offer."""
    return {
        "units": [row["name"] for row in form.rows(FormSheet.UNITS)],
        "people": list(dict.fromkeys(row["name"] for row in form.rows(FormSheet.PERSONS))),
        "sections": [section_cell(row["key"], row["title"]) for row in form.rows(FormSheet.SECTIONS)],
        "times": list(TIMES),
        "roles": list(ROLES.values()),
        "comparisons": list(COMPARISONS.values()),
        "target_kinds": list(KINDS.values()),
        "leader_words": {"asked": ASKED, "not_yet": NOT_YET, "no_one": NO_ONE},
    }


def _taken(offer: PlanOffer) -> dict[str, Any] | None:
    """How each row of an amendment was matched, in words."""
    if offer.amending is None:
        return None
    rows = [
        {**one, "how": RowMatch(one["how"]).label, "place": place_from_text(one["place"])}
        for one in offer.amending["taken"]
    ]
    kind = AmendmentKind(offer.amending["kind"]).label
    return {"kind": kind, "rows": rows, "unmatched": offer.amending["unmatched"]}


def _calls_itself_amending(found: Looked) -> bool:
    """Whether a file that was uploaded as a whole plan is named like one that changes a few items."""
    title = fold(found.form.about().get("title", ""))
    return found.offer.amending is None and ("bo sung" in title or "dieu chinh" in title)


def _digest(seen: Preview | None) -> str:
    """What a page says was shown: the plan's and the directory's changes, as `put` compares them, and what
    becomes of the cycles."""
    shown = (seen.plan_id, seen.plan, seen.directory, seen.consequences) if seen else ()
    return hashlib.sha256(repr(shown).encode()).hexdigest()
