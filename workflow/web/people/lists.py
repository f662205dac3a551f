"""The office's directory as lists, to look through and to download.

`GET /o/{token}/directory`                 the persons; `?q=&unit=&role=&only=&page=`, `only`: unreached, idle
                                           or gone
`GET /o/{token}/directory/units`           the units; `?q=&only=`, `only`: bare, group, committee or gone
`GET /o/{token}/directory/people.{form}`, `/units.{form}`   the same tables as csv or xlsx
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.people.directory import BodyKind, Role
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.importing.form.form import COUNCIL
from workflow.storage.people.entries import UnitEntry
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.lists import PersonRow, StaffList, UnitRow, staff_list
from workflow.storage.plans.search import bears
from workflow.storage.post.office_mails import unreached
from workflow.web.frames import AtPage, plain_frame
from workflow.web.pages import page
from workflow.web.paging import paged
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.tables import Form, TableFile, table_answer

router = APIRouter(include_in_schema=False)

ONLY_PEOPLE = {
    "unreached": Words("Thư không tới"),
    "idle": Words("Chưa có vai trò"),
    "gone": Words("Đã thôi"),
}
ONLY_UNITS = {
    "bare": Words("Thiếu người báo cáo"),
    "group": Words("Nhóm đơn vị"),
    "committee": Words("Ban biểu quyết"),
    "gone": Words("Đã thôi dùng"),
}


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """A list's filter, as it is in the query string."""

    q: str = ""
    unit: str = ""
    role: str = ""
    only: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> ListQuestion:
        """What the fields of an address ask for."""
        return cls(*(asked.get(name, "").strip()[:100] for name in ("q", "unit", "role", "only")))

    @property
    def fields(self) -> dict[str, str]:
        """The fields that ask for it again."""
        values = {"q": self.q, "unit": self.unit, "role": self.role, "only": self.only}
        return {name: value for name, value in values.items() if value}

    def person(self, row: PersonRow) -> bool:
        """Whether a person matches the filter; those who left only where it asks for them."""
        one = row.entry
        words = " ".join((one.name, one.title, one.email, *(name for _, name, _ in row.held)))
        return (
            one.is_active == (self.only != "gone")
            and bears(words, fold(self.q).split())
            and (not self.unit or any(str(unit) == self.unit for unit, _, _ in row.held))
            and (not self.role or any(role.value == self.role for _, _, role in row.held))
            and (self.only != "unreached" or row.is_unreached)
            and (self.only != "idle" or not row.held)
        )

    def unit_row(self, row: UnitRow) -> bool:
        """Whether a unit is to be shown."""
        one = row.entry
        words = " ".join((one.name, *one.aliases, one.cluster, *row.reporters))
        return (
            one.is_active == (self.only != "gone")
            and bears(words, fold(self.q).split())
            and (self.only != "bare" or row.is_bare)
            and (self.only != "group" or bool(one.members))
            and (self.only != "committee" or one.is_committee)
        )


@router.api_route("/o/{token}/directory", methods=["GET", "HEAD"])
def people_list(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", page_number: AtPage = ""
) -> HTMLResponse:
    """The persons of the directory."""
    wanted = ListQuestion.of(request.query_params)
    with site.store.reading() as tx:
        listed, frame = _listed(tx, site, holder, period)
    shown = [row for row in listed.persons if wanted.person(row)]
    return page(
        request,
        "people/directory_people.html",
        pages=paged(shown, page_number),
        units=[row.entry for row in listed.units if row.entry.is_active],
        roles=list(Role),
        only=ONLY_PEOPLE,
        counts={
            name: sum(ListQuestion(only=name).person(row) for row in listed.persons) for name in ONLY_PEOPLE
        },
        **_list_context(wanted, listed, frame),
    )


@router.api_route("/o/{token}/directory/units", methods=["GET", "HEAD"])
def unit_list(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", page_number: AtPage = ""
) -> HTMLResponse:
    """The units of the directory."""
    wanted = ListQuestion.of(request.query_params)
    with site.store.reading() as tx:
        listed, frame = _listed(tx, site, holder, period)
    shown = [row for row in listed.units if wanted.unit_row(row)]
    return page(
        request,
        "people/directory_units.html",
        pages=paged(shown, page_number),
        only=ONLY_UNITS,
        counts={
            name: sum(ListQuestion(only=name).unit_row(row) for row in listed.units) for name in ONLY_UNITS
        },
        **_list_context(wanted, listed, frame),
    )


@router.api_route("/o/{token}/directory/people.{form}", methods=["GET", "HEAD"])
def people_file(request: Request, site: AtSite, holder: AsOfficer, form: Form, period: str = "") -> Response:
    """The persons as a file, a row each."""
    wanted = ListQuestion.of(request.query_params)
    with site.store.reading() as tx:
        listed, frame = _listed(tx, site, holder, period)
    columns = (
        ("Người", 28),
        ("Chức vụ", 34),
        ("Địa chỉ thư", 34),
        ("Vai trò", 60),
        ("Người thay hôm nay", 26),
        ("Thư không tới", 10),
        ("Trong danh bạ", 10),
    )
    rows = [
        (
            row.entry.name,
            row.entry.title,
            row.entry.email,
            "\n".join(f"{name}: {role.label}" for _, name, role in row.held),
            row.substitute,
            _yes(row.is_unreached),
            _yes(row.entry.is_active),
        )
        for row in listed.persons
        if wanted.person(row)
    ]
    header = f"{frame['organisation']} – Danh bạ"
    return table_answer(TableFile("danh-ba-nguoi", "Danh bạ, người", header, columns, rows), form)


@router.api_route("/o/{token}/directory/units.{form}", methods=["GET", "HEAD"])
def units_file(request: Request, site: AtSite, holder: AsOfficer, form: Form, period: str = "") -> Response:
    """The units as a file, a row each."""
    wanted = ListQuestion.of(request.query_params)
    with site.store.reading() as tx:
        listed, frame = _listed(tx, site, holder, period)
    columns = (
        ("Đơn vị", 42),
        ("Tên gọi khác", 40),
        ("Cụm thi đua", 20),
        ("Ban biểu quyết", 10),
        ("Gồm các đơn vị", 40),
        ("Người báo cáo", 34),
        ("Thiếu người báo cáo", 12),
        ("Trong danh bạ", 10),
    )
    rows = [
        (
            row.entry.name,
            "\n".join(row.entry.aliases),
            row.entry.cluster,
            _body(row.entry),
            "\n".join(row.members),
            "\n".join(row.reporters),
            _yes(row.is_bare),
            _yes(row.entry.is_active),
        )
        for row in listed.units
        if wanted.unit_row(row)
    ]
    header = f"{frame['organisation']} – Danh bạ"
    return table_answer(TableFile("danh-ba-don-vi", "Danh bạ, đơn vị", header, columns, rows), form)


def _listed(tx: Connection, site: Site, holder: Holder, period: str) -> tuple[StaffList, dict[str, Any]]:
    frame = plain_frame(tx, holder, "directory", period)
    organisation_id = holder.link.organisation_id
    today = organisation_calendar(tx, organisation_id).day_of(site.clock.now())
    head = frame["period"]
    lost = {one.person_id for one in unreached(tx, head.id)} if head else set()
    return staff_list(tx, organisation_id, today, lost), frame


def _list_context(wanted: ListQuestion, listed: StaffList, frame: dict[str, Any]) -> dict[str, Any]:
    asked = {"period": frame["period"].code} if frame["period"] else {}
    return {
        "wanted": wanted,
        "query": urlencode(asked | wanted.fields),
        "asked": urlencode(asked),
        "n_people": sum(row.entry.is_active for row in listed.persons),
        "n_units": sum(row.entry.is_active for row in listed.units),
        **frame,
    }


def _body(unit: UnitEntry) -> str:
    return COUNCIL if unit.is_committee and unit.body is BodyKind.COUNCIL else _yes(unit.is_committee)


def _yes(value: bool) -> str:
    return "Có" if value else ""
