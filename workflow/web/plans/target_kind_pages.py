"""The office's page of the kinds of the running plan's targets, and changing one while the year runs.

`GET /o/{token}/plan/targets`         `?item=` of one row only, by its code
`GET /o/{token}/plan/targets/look`    what a change would do: `code`, `place`, `kind`
`POST /o/{token}/plan/targets`        the change: `stamp`, `because`
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.amending.target_kinds import change_target_kind, look_at_kind, targets_of_plan
from workflow.domain.errors import NotFound
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.storage.plans.offers import changed_meanwhile
from workflow.storage.plans.plans import running_plan
from workflow.web.forms import Posted, text_of
from workflow.web.pages import page
from workflow.web.plans.plan_pages import plan_frame
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)

KIND = "target-kind"


@router.api_route("/o/{token}/plan/targets", methods=["GET", "HEAD"])
def targets_page(
    request: Request, site: AtSite, holder: AsOfficer, item: str = "", done: str = "", periods: str = ""
) -> HTMLResponse:
    """Every target with its kind and why, those in doubt first."""
    with site.store.reading() as tx:
        frame = plan_frame(tx, holder)
        head = running_plan(tx, holder.link.organisation_id)
        found = targets_of_plan(tx, head.id, of_code=item) if head else ()
    return page(
        request,
        "plans/target_kinds.html",
        targets=found,
        kinds=list(TargetKind),
        item=item,
        done=done,
        n_periods=whole_number(periods) or 0,
        **frame,
    )


@router.api_route("/o/{token}/plan/targets/look", methods=["GET", "HEAD"])
def look(
    request: Request, site: AtSite, holder: AsOfficer, code: str = "", place: str = "", kind: str = ""
) -> Response:
    """What the change of one target's kind would do to closed periods; the list, where none was chosen."""
    if not kind:
        return RedirectResponse(f"{holder.base}/plan/targets", 303)
    chosen, at = _kind(kind), whole_number(place) or 0
    with site.store.reading() as tx:
        frame = plan_frame(tx, holder)
        head = running_plan(tx, holder.link.organisation_id)
    if head is None:
        raise NotFound(Words("Chưa có kế hoạch nào."))
    change = look_at_kind(site.store, head.id, code, at, chosen, site.clock.now())
    shown = [(head.id, code, at, change.before.value, chosen.value)]
    return page(
        request,
        "plans/target_kind_look.html",
        change=change,
        stamp=site.stamps.made(holder.link.id, KIND, shown),
        **frame,
    )


@router.post("/o/{token}/plan/targets")
def change(site: AtSite, holder: AsOfficer, form: Posted) -> RedirectResponse:
    """Changes the kind that the look showed."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, KIND)
    ((plan_id, code, place, before, kind),) = stamp.shown
    now = site.clock.now()
    with site.store.begin() as tx:
        head = running_plan(tx, holder.link.organisation_id)
        if head is None or head.id != plan_id:
            raise changed_meanwhile()
        done = change_target_kind(
            tx,
            head.id,
            str(code),
            int(place),
            TargetKind(str(kind)),
            text_of(form, "because"),
            now,
            by=holder.person_id,
            seen=TargetKind(str(before)),
        )
        holder.note(tx, "POST /plan/targets", now)
    query = {"item": done.code, "done": done.code, "periods": str(done.n_changed)}
    return RedirectResponse(f"{holder.base}/plan/targets?{urlencode(query)}", 303)


def _kind(said: str) -> TargetKind:
    try:
        return TargetKind(said)
    except ValueError:
        raise NotFound(
            Words("Chưa chọn loại chỉ tiêu."), cure=Words("Chọn một loại trong danh sách rồi bấm lại.")
        ) from None
