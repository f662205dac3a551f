"""The office's page of days off: the organisation's own and the national list they come on top of.

`GET /o/{token}/days-off`           `?year=` of the national list; `?day=` fills the form with its entry
`POST /o/{token}/days-off/look`     a day to be entered or changed: `stamp`, `day`, `kind`, `reason`
`POST /o/{token}/days-off/remove`   a day to be removed: `stamp`, `day`
`POST /o/{token}/days-off/list`     a list: `stamp`, and `text` or a `file`
`POST /o/{token}/days-off/accept`   does what was looked at: `stamp`, `sure`

The first three show what would follow, done and undone; nothing is written before `accept`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.calendar import national_days
from workflow.domain.errors import NotAllowed, TiendoError
from workflow.domain.periods.days_off import DayChange, DayKind, OwnDay, doubts_of, sorted_out
from workflow.domain.typed import sent_day, whole_number
from workflow.domain.words import Words
from workflow.importing.days_off import LARGEST_BYTES, Unread, read_days
from workflow.storage.people.groups import organisation_calendar, own_days
from workflow.storage.sweeps.days_off import DaysChanged, change_days, version_of
from workflow.web.forms import Posted, count_of, day_of, files_of, is_sure, name_of, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused

router = APIRouter(include_in_schema=False)

LOOK, ACCEPT = "days-off-look", "days-off-accept"
_FIELDS = ("day", "kind", "reason", "text")


@dataclass(frozen=True, slots=True)
class DaysLook:
    """A change as the page shows it before it is made: each day with its entry until now and its doubts, what
    is left out and why, and what would move."""

    rows: tuple[tuple[DayChange, OwnDay | None, tuple[Words, ...]], ...]
    left_out: tuple[tuple[DayChange, Words], ...]
    unread: tuple[Unread, ...]
    done: DaysChanged
    seen: str

    @property
    def changes(self) -> list[DayChange]:
        """The changes that would be made."""
        return [change for change, _, _ in self.rows]


@router.api_route("/o/{token}/days-off", methods=["GET", "HEAD"])
def days_off_page(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """The organisation's days, the forms to change them, and the national list of a year."""
    wanted = sent_day(request.query_params.get("day", ""))
    with site.store.reading() as tx:
        entry = next((one for one in own_days(tx, holder.link.organisation_id) if one.day == wanted), None)
    typed: dict[str, str] = {}
    if wanted:
        typed = {"day": wanted.isoformat()}
    if entry:
        typed |= {"kind": entry.kind.value, "reason": entry.reason}
    return _page(request, site, holder, typed)


@router.post("/o/{token}/days-off/look")
def look_at_day(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> HTMLResponse:
    """Shows what would follow from entering or changing a day."""
    kinds = {one.value: one for one in DayKind}

    def typed() -> DayChange:
        kind = kinds.get(text_of(form, "kind"))
        if kind is None:
            raise NotAllowed(Words("Chưa chọn ngày nghỉ hay ngày làm bù."), cure=Words("Chọn một trong hai."))
        return DayChange(_day(form), kind, text_of(form, "reason"))

    return _look(request, site, holder, form, lambda tx: _one(tx, site, holder, typed()))


@router.post("/o/{token}/days-off/remove")
def look_at_removal(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> HTMLResponse:
    """Shows what would follow from removing a day."""
    return _look(request, site, holder, form, lambda tx: _one(tx, site, holder, DayChange(_day(form), None)))


@router.post("/o/{token}/days-off/list")
def look_at_list(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> HTMLResponse:
    """Shows what would follow from entering the days of a list or file."""
    file = next(iter(files_of(form, "file")), None)
    source = file.file.read(LARGEST_BYTES + 1) if file else text_of(form, "text")
    name = name_of(file) if file else ""
    return _look(request, site, holder, form, lambda tx: _of_list(tx, site, holder, source, name))


@router.post("/o/{token}/days-off/accept")
def accept_days(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Makes the change that was looked at."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, ACCEPT)
    ((kept, seen),) = stamp.shown
    now = site.clock.now()
    try:
        if not is_sure(form):
            raise NotAllowed(Words("Chưa ghi gì."), cure=Words("Xem trước lại rồi đánh dấu vào ô xác nhận."))
        with site.store.begin() as tx:
            done = change_days(
                tx,
                holder.link.organisation_id,
                _changes_from(str(kept)),
                now,
                by=holder.person_id,
                seen=str(seen),
            )
            holder.note(tx, "days off changed", now)
    except TiendoError as error:
        note_refused(request)
        return _page(request, site, holder, {}, error)
    return RedirectResponse(f"{holder.base}/days-off?done={len(done.duties) and done.n_people}", 303)


def _look(
    request: Request,
    site: Site,
    holder: Holder,
    form: FormData,
    looked: Callable[[Connection], DaysLook],
) -> HTMLResponse:
    site.stamps.read(text_of(form, "stamp"), holder.link.id, LOOK)
    typed = {name: text_of(form, name) for name in _FIELDS}
    try:
        with site.store.begin() as tx, tx.begin_nested() as trial:
            found = looked(tx)
            trial.rollback()
    except TiendoError as error:
        note_refused(request)
        return _page(request, site, holder, typed, error)
    return _page(request, site, holder, typed, looked=found)


def _one(tx: Connection, site: Site, holder: Holder, change: DayChange) -> DaysLook:
    return _tried(tx, site, holder, [change])


def _of_list(tx: Connection, site: Site, holder: Holder, source: bytes | str, name: str) -> DaysLook:
    organisation_id = holder.link.organisation_id
    zone = organisation_calendar(tx, organisation_id).zone
    read = read_days(source, name, zone)
    asked = [one.change for one in read.days]
    changes, left_out = sorted_out(own_days(tx, organisation_id), asked, site.clock.now(), zone)
    doubts = {one.change.day: one.doubts for one in read.days}
    found = _tried(tx, site, holder, changes, doubts)
    return replace(found, left_out=tuple(left_out), unread=read.unread)


def _tried(
    tx: Connection,
    site: Site,
    holder: Holder,
    changes: Sequence[DayChange],
    doubts: Mapping[date, tuple[Words, ...]] | None = None,
) -> DaysLook:
    """The changes made, in a transaction that the caller rolls back."""
    now, organisation_id = site.clock.now(), holder.link.organisation_id
    calendar, days = organisation_calendar(tx, organisation_id), own_days(tx, organisation_id)
    known, today = {one.day: one for one in days}, calendar.day_of(now)
    done = change_days(tx, organisation_id, changes, now, by=holder.person_id)
    rows = (
        (
            one,
            known.get(one.day),
            (*(doubts or {}).get(one.day, ()), *doubts_of(one, calendar, today)),
        )
        for one in changes
    )
    return DaysLook(tuple(rows), (), (), done, version_of(days))


def _day(form: FormData) -> date:
    typed = text_of(form, "day")
    return day_of(typed, Words("“%(typed)s” không phải một ngày.", typed=typed), Words("Chọn ngày."))


def _changes_as_text(changes: Sequence[DayChange]) -> str:
    return json.dumps(
        [[one.day.isoformat(), one.kind and one.kind.value, one.reason] for one in changes],
        ensure_ascii=False,
    )


def _changes_from(kept: str) -> list[DayChange]:
    return [
        DayChange(date.fromisoformat(day), DayKind(kind) if kind else None, reason)
        for day, kind, reason in json.loads(kept)
    ]


def _page(
    request: Request,
    site: Site,
    holder: Holder,
    typed: Mapping[str, str],
    error: TiendoError | None = None,
    looked: DaysLook | None = None,
) -> HTMLResponse:
    organisation_id = holder.link.organisation_id
    with site.store.reading() as tx:
        frame = plain_frame(tx, holder, "days-off")
        today = organisation_calendar(tx, organisation_id).day_of(site.clock.now())
        days = own_days(tx, organisation_id)
    year = whole_number(request.query_params.get("year", "")) or today.year
    year = min(max(year, today.year - 1), today.year + 2)
    national = national_days(year)
    accept = ""
    if looked and looked.rows:
        shown = [(_changes_as_text(looked.changes), looked.seen)]
        accept = site.stamps.made(holder.link.id, ACCEPT, shown)
    return page(
        request,
        "periods/days_off.html",
        status=409 if error else 200,
        coming=[one for one in days if one.day > today],
        past=[one for one in reversed(days) if one.day <= today],
        today=today,
        national=national,
        national_rows=sorted(
            [(*one, True) for one in national.off] + [(one, "", False) for one in national.worked]
        ),
        years=range(today.year - 1, today.year + 3),
        typed={name: typed.get(name, "") for name in _FIELDS},
        looked=looked,
        error=error,
        done=count_of(request, "done"),
        stamp=site.stamps.made(holder.link.id, LOOK),
        accept_stamp=accept,
        **frame,
    )
