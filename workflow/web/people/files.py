"""The office's page of the directory as a file: download, edit, upload; the difference is shown first, then
accepted once.

`GET, POST /o/{token}/directory/file`          the form, and the difference of an uploaded file; fields
                                               `stamp`, `file`
`POST /o/{token}/directory/file/accept`        applies it; fields `stamp`, `sure`
`GET /o/{token}/directory/file.yaml`, `.xlsx`  the current directory
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.amending.directory import FileLook, put_file
from workflow.amending.directory_checks import Unfit
from workflow.domain.errors import Conflict, NotAllowed, TiendoError
from workflow.domain.people.directory import Directory
from workflow.domain.people.directory_difference import DirectoryDifference
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.importing.amending.change_words import entry_rows
from workflow.importing.directory_offer import directory_in, directory_workbook
from workflow.importing.files.directory_file import LARGEST_BYTES, WrongDirectory, directory_yaml
from workflow.importing.form.checking import RefusedPlan
from workflow.storage.cycles.heads import organisation_name
from workflow.storage.people.directory import load_directory, slug_of
from workflow.web.downloads import saved_as
from workflow.web.duties.file_kinds import XLSX
from workflow.web.forms import Posted, files_of, is_sure, name_of, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.people.forms import editor_of
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused

router = APIRouter(include_in_schema=False)

UPLOAD, ACCEPT = "directory-upload", "directory-accept"


@dataclass(frozen=True, slots=True)
class OfferedDirectory:
    """A file that was uploaded: its name, what keeps it, the directory in it and what that changes."""

    name: str
    sha256: str
    directory: Directory
    look: FileLook


@router.api_route("/o/{token}/directory/file", methods=["GET", "HEAD"])
def file_page(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """The directory as a file: to download, and to upload edited."""
    return _page(request, site, holder)


@router.post("/o/{token}/directory/file")
def upload(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Reads the uploaded file and shows what it would change; nothing is written yet."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, UPLOAD)
    try:
        chosen = next(iter(files_of(form, "file")), None)
        if chosen is None:
            raise WrongDirectory(Words("Chưa chọn tệp nào."), cure=Words("Chọn tệp rồi bấm Đối chiếu."))
        name, content = name_of(chosen), chosen.file.read(LARGEST_BYTES + 1)
        directory = _read(site, holder, content, name)
        with site.store.begin() as tx, tx.begin_nested() as trial:
            look = put_file(tx, editor_of(site, holder), directory)
            trial.rollback()
    except TiendoError as error:
        note_refused(request)
        return _page(request, site, holder, error=error)
    return _page(request, site, holder, OfferedDirectory(name, site.files.put(content), directory, look))


@router.post("/o/{token}/directory/file/accept")
def accept(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Changes the directory to what the file says, as it was previewed."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, ACCEPT)
    ((kept, name, seen),) = stamp.shown
    try:
        if not is_sure(form):
            raise NotAllowed(
                Words("Chưa ghi gì."),
                cure=Words("Tải tệp lên lại, xem phần khác nhau rồi đánh dấu xác nhận."),
            )
        directory = _read(site, holder, site.files.get(str(kept)), str(name))
        with site.store.begin() as tx:
            look = put_file(tx, editor_of(site, holder), directory, str(name), str(seen))
            holder.note(tx, "directory file accepted", site.clock.now())
    except (Conflict, NotAllowed, Unfit) as error:
        note_refused(request)
        return _page(request, site, holder, error=error)
    return RedirectResponse(f"{holder.base}/directory/file?done={_count(look)}", 303)


@router.api_route("/o/{token}/directory/file.{form}", methods=["GET", "HEAD"])
def running_file(site: AtSite, holder: AsOfficer, form: Literal["yaml", "xlsx"]) -> Response:
    """The current directory, to edit and upload."""
    with site.store.reading() as tx:
        directory = load_directory(tx, holder.link.organisation_id)
    if form == "yaml":
        body, kind = directory_yaml(directory).encode(), "application/yaml"
    else:
        body, kind = directory_workbook(directory), XLSX.media_type
    return saved_as(f"danh-ba.{form}", body, kind)


def _read(site: Site, holder: Holder, content: bytes, name: str) -> Directory:
    """The directory in the file, which must be the holder's own organisation's."""
    with site.store.reading() as tx:
        organisation, _ = organisation_name(tx, holder.link.organisation_id)
    directory = directory_in(content, name, organisation)
    if slug_of(directory.organisation) != slug_of(organisation):
        what = Words(
            "Tệp này là của “%(named)s”, không phải của đơn vị anh/chị.", named=directory.organisation
        )
        cure = Words("Trong tệp, ghi đúng tên đơn vị sử dụng: %(name)s.", name=organisation)
        raise NotAllowed(what, cure=cure)
    return directory


def _count(look: FileLook) -> int:
    """How many units and persons are added, changed or removed."""
    units, persons = look.difference.units, look.difference.persons
    return sum(
        len(some)
        for some in (
            units.added,
            units.changed,
            units.dropped,
            persons.added,
            persons.changed,
            persons.dropped,
        )
    )


def _page(
    request: Request,
    site: Site,
    holder: Holder,
    offered: OfferedDirectory | None = None,
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        frame = plain_frame(tx, holder, "directory")
    shown = [(offered.sha256, offered.name, offered.look.sha256)] if offered else []
    changes = offered.look.difference if offered else None
    return page(
        request,
        "people/directory_file.html",
        status=400 if error else 200,
        offered=offered,
        count=_count(offered.look) if offered else 0,
        rows=[*entry_rows(changes.units), *entry_rows(changes.persons)] if changes else [],
        moved=_moved(changes) if changes else [],
        error=error,
        problems=error.problems if isinstance(error, RefusedPlan) else (),
        done=request.query_params.get("done", ""),
        limit_mb=LARGEST_BYTES // 1_000_000,
        stamp=site.stamps.made(holder.link.id, UPLOAD),
        accept_stamp=site.stamps.made(holder.link.id, ACCEPT, shown),
        **frame,
    )


def _moved(changes: DirectoryDifference) -> list[str]:
    """The names both added and removed: most likely a person whose address changed."""
    gone = {fold(person.name) for person in changes.persons.dropped}
    return [person.name for person in changes.persons.added if fold(person.name) in gone]
