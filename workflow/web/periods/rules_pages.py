"""The office's page of rules files: uploaded, checked and explained first, then adopted for the next periods.

`GET, POST /o/{token}/rules/file`          the form, and what an upload says; fields `stamp`, files `routing`,
                                           `scoring`: one or both, the other stays as it is
`POST /o/{token}/rules/file/accept`        the next periods open by them; fields `stamp`, `sure`
`GET /o/{token}/rules/ready/{name}.toml`   the ready files to begin with
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.cycles.rules_tried import rule_changes
from workflow.domain.errors import NotAllowed, NotFound, TiendoError, WrongSetting
from workflow.domain.rules.explained import Sentence
from workflow.domain.rules.in_force import in_force
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.rules.schema import SchemaFault
from workflow.domain.words import Words
from workflow.importing.files.rules_file import read_routing, read_scoring, routing_in, scoring_in
from workflow.sample import (
    agency_scoring_path,
    peoples_committee_routing_path,
    routing_path,
    scoring_path,
)
from workflow.storage.rules import adopt_rules, rules_versions, scoring_of, units_not_known
from workflow.web.downloads import saved_as
from workflow.web.forms import Posted, files_of, is_sure, name_of, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused

router = APIRouter(include_in_schema=False)

UPLOAD, ACCEPT = "rules-upload", "rules-accept"
LARGEST_BYTES = 200_000
READY = {
    "routing": routing_path,
    "routing-ubnd": peoples_committee_routing_path,
    "scoring": scoring_path,
    "scoring-agency": agency_scoring_path,
}


@dataclass(frozen=True, slots=True)
class OfferedRules:
    """Rules to adopt: those uploaded and, for the other half, those in use. `kept` holds the uploads'
    SHA-256, empty where nothing was uploaded."""

    routing: Rules
    scoring: dict[str, Any]
    kept: tuple[str, str]
    changes: tuple[tuple[Sentence | None, Sentence | None], ...]


class WrongRules(WrongSetting):
    """Invalid rules files; `faults` lists every error with its file."""

    def __init__(self, faults: list[tuple[str, SchemaFault]]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            Words("Chưa dùng được: %(n)s chỗ phải sửa.", n=len(faults)),
            cure=Words("Sửa hết các chỗ đã nêu rồi tải lên lại."),
        )


@router.api_route("/o/{token}/rules/file", methods=["GET", "HEAD"])
def rules_file_page(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """The form to upload rules for the next periods, and ready files to begin with."""
    return _page(request, site, holder)


@router.post("/o/{token}/rules/file")
def upload(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Checks the uploaded files and explains what they say; nothing is written yet."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, UPLOAD)
    try:
        routing, scoring = (_uploaded(form, name) for name in ("routing", "scoring"))
        if routing is None and scoring is None:
            raise NotAllowed(Words("Chưa chọn tệp nào."), cure=Words("Chọn một hoặc cả hai tệp."))
        with site.store.reading() as tx:
            offered = _offered(tx, site, holder, routing, scoring)
    except TiendoError as error:
        note_refused(request)
        return _page(request, site, holder, error=error)
    return _page(request, site, holder, offered)


@router.post("/o/{token}/rules/file/accept")
def accept(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Makes them the rules that the next periods open by; open periods keep theirs."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, ACCEPT)
    ((routing_kept, scoring_kept),) = stamp.shown
    now = site.clock.now()
    try:
        if not is_sure(form):
            cure = Words("Tải tệp lên lại, đọc phần giải thích rồi đánh dấu xác nhận.")
            raise NotAllowed(Words("Chưa ghi gì."), cure=cure)
        files = [
            (name, site.files.get(str(kept))) if kept else None
            for name, kept in (("routing.toml", routing_kept), ("scoring.toml", scoring_kept))
        ]
        with site.store.begin() as tx:
            found = _offered(tx, site, holder, *files)
            organisation_id = holder.link.organisation_id
            adopt_rules(tx, organisation_id, found.routing, found.scoring, now, holder.person_id)
            holder.note(tx, "rules adopted", now)
    except (NotAllowed, WrongSetting) as error:
        note_refused(request)
        return _page(request, site, holder, error=error)
    return RedirectResponse(f"{holder.base}/rules/file?done=1", 303)


@router.api_route("/o/{token}/rules/ready/{name}.toml", methods=["GET", "HEAD"])
def ready_file(_holder: AsOfficer, name: str) -> Response:
    """A ready file, to be mended and uploaded."""
    if name not in READY:
        raise NotFound(Words("Không có tệp mẫu này."))
    return saved_as(f"{name}.toml", READY[name]().read_bytes(), "application/toml")


def _uploaded(form: FormData, field: str) -> tuple[str, bytes] | None:
    chosen = next(iter(files_of(form, field)), None)
    if chosen is None:
        return None
    content = chosen.file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise WrongSetting(
            Words("Tệp quá lớn để là tệp quy tắc."),
            where=name_of(chosen),
            cure=Words("Chọn đúng tệp .toml."),
        )
    return name_of(chosen), content


def _offered(
    tx: Connection,
    site: Site,
    holder: Holder,
    routing: tuple[str, bytes] | None,
    scoring: tuple[str, bytes] | None,
) -> OfferedRules:
    """The rules of the files over those in use; raises WrongRules with all errors of both."""
    before, scored_by = _in_use(tx, holder)
    after, scored_after = before, scored_by
    wrong: list[tuple[str, SchemaFault]] = []
    kept = ["", ""]
    if routing is not None:
        name, content = routing
        found, faults = routing_in(content, name)
        if found is not None:
            faults = [*faults, *units_not_known(tx, holder.link.organisation_id, found)]
        wrong += [(name, fault) for fault in faults]
        after = found or before
        kept[0] = "" if faults else site.files.put(content)
    if scoring is not None:
        name, content = scoring
        scored, faults = scoring_in(content, name)
        wrong += [(name, fault) for fault in faults]
        scored_after = scored or scored_by
        kept[1] = "" if faults else site.files.put(content)
    if wrong:
        raise WrongRules(wrong)
    return OfferedRules(after, scored_after, (kept[0], kept[1]), tuple(rule_changes(before, after)))


def _in_use(tx: Connection, holder: Holder) -> tuple[Rules, dict[str, Any]]:
    """The rules the next period would open with: the newest stored ones, else the built-in ones."""
    versions = rules_versions(tx, holder.link.organisation_id)
    if not versions:
        return read_routing(routing_path()), read_scoring(scoring_path())
    return versions[0].routing, versions[0].scoring


def _page(
    request: Request,
    site: Site,
    holder: Holder,
    offered: OfferedRules | None = None,
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        frame = plain_frame(tx, holder, "rules")
        routing, scoring = _in_use(tx, holder)
    return page(
        request,
        "periods/rules_file.html",
        status=400 if error else 200,
        in_use=routing,
        scored_by=scoring_of(scoring) if scoring else None,
        offered=offered,
        sentences=in_force(offered.routing) if offered else [],
        scores=scoring_of(offered.scoring) if offered and offered.scoring else None,
        error=error,
        faults=error.faults if isinstance(error, WrongRules) else (),
        done=request.query_params.get("done", ""),
        stamp=site.stamps.made(holder.link.id, UPLOAD),
        accept_stamp=site.stamps.made(holder.link.id, ACCEPT, [offered.kept] if offered else []),
        **frame,
    )
