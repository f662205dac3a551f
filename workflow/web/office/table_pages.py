"""The office's tables as files, with the filters of the page that shows them.

`GET /o/{token}/tables/{name}.{form}`    `name`: items, owing, people, overdue, mails or reports; `form`: csv
                                         or xlsx; `?period=` and the filter of the page of the same table
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.reports.sheets.sheets import Value
from workflow.storage.duties.board import board, issued
from workflow.storage.duties.debtors import debtors
from workflow.storage.duties.overdue_units import OverdueList, overdue_units
from workflow.storage.periods.periods import Period
from workflow.storage.periods.watched import watched_period
from workflow.storage.personal.held_links import accesses
from workflow.storage.post.office_mails import mails
from workflow.web.frames import office_period
from workflow.web.office.filters import filter_of
from workflow.web.office.mail_words import KINDS, STATES
from workflow.web.site import AsOfficer, AtSite
from workflow.web.tables import Form, TableFile, table_answer

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TableRequest:
    """What a table is built from: the period, the moment, and the request's address."""

    tx: Connection
    period: Period
    now: datetime
    request: Request

    def local(self, moment: datetime | None) -> datetime | None:
        """A moment in the organisation's time zone, as a cell's value."""
        zone = ZoneInfo(self.period.zone)
        return moment.astimezone(zone).replace(tzinfo=None, microsecond=0) if moment else None

    def table(
        self,
        name: str,
        title: str,
        columns: tuple[tuple[str, int], ...],
        rows: Sequence[Sequence[Value]],
        frozen: int = 1,
    ) -> TableFile:
        """The table, named after the period."""
        header = f"{self.period.organisation} – {title} – {self.period.label}"
        return TableFile(f"{name}-{self.period.code}", title, header, columns, rows, frozen)


@router.api_route("/o/{token}/tables/{name}.{form}", methods=["GET", "HEAD"])
def table_file(
    request: Request, site: AtSite, holder: AsOfficer, name: str, form: Form, period: str = ""
) -> Response:
    """One of the office's tables as a file."""
    make = _TABLES.get(name)
    if make is None:
        raise NotFound(Words("Không có bảng này."), where=name)
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        table = make(TableRequest(tx, head, site.clock.now(), request))
    return table_answer(table, form)


def _items(asked: TableRequest) -> TableFile:
    wanted = filter_of(asked.request.query_params)
    columns = (
        ("Mã số", 12),
        ("Nhóm nội dung", 30),
        ("Nội dung", 60),
        ("Đơn vị chủ trì", 30),
        ("Lãnh đạo phụ trách", 24),
        ("Thời hạn", 18),
        ("Ngày đến hạn", 13),
        ("Tiến độ (%)", 10),
        ("Giai đoạn", 18),
        ("Hạn của bước", 13),
        ("Trễ (ngày làm việc)", 10),
    )
    rows = [
        (
            row.cycle.code,
            row.cycle.section,
            row.cycle.content,
            "\n".join(row.cycle.leads),
            "\n".join(one.shown for one in row.cycle.leaders),
            row.cycle.deadline_text,
            row.cycle.due,
            row.progress,
            row.cycle.stage.label,
            row.last_day,
            row.late_days or None,
        )
        for row in board(asked.tx, asked.period.id, asked.now).rows
        if wanted.lets(row)
    ]
    return asked.table("noi-dung", Words("Danh sách nội dung"), columns, rows, 3)


def _owing(asked: TableRequest) -> TableFile:
    columns = (
        ("Người", 28),
        ("Chức vụ", 30),
        ("Địa chỉ thư", 32),
        ("Đơn vị", 40),
        ("Báo cáo", 10),
        ("Xác nhận", 10),
        ("Biểu quyết", 10),
        ("Giải quyết khó khăn", 10),
        ("Phê duyệt báo cáo", 10),
        ("Chấm điểm", 10),
        ("Thay cho", 28),
        ("Hạn sớm nhất", 13),
        ("Trễ (ngày làm việc)", 10),
        ("Thư gần nhất", 17),
        ("Thư không tới", 10),
    )
    rows = [
        (
            one.name,
            one.title,
            one.email,
            "\n".join(one.units),
            one.submit,
            one.confirm,
            one.vote,
            one.answer,
            one.approve,
            one.assess,
            "\n".join(one.acting_for),
            one.last_day,
            one.lateness.working_days or None,
            asked.local(one.last_mail_at),
            one.failed_mails,
        )
        for one in debtors(asked.tx, asked.period.id, asked.now)
    ]
    return asked.table("ai-con-viec", Words("Ai còn việc"), columns, rows)


def _people(asked: TableRequest) -> TableFile:
    columns = (
        ("Người", 28),
        ("Chức vụ", 34),
        ("Địa chỉ thư", 34),
        ("Đường dẫn còn hiệu lực", 12),
        ("Dùng lần cuối", 17),
        ("Trong danh bạ", 10),
    )
    rows = [
        (
            one.name,
            one.title,
            one.email,
            one.live,
            asked.local(one.last_use_at),
            "Có" if one.is_active else "Không",
        )
        for one in accesses(asked.tx, asked.period.organisation_id, asked.period.id, asked.now)
    ]
    return asked.table("nguoi-nhan", Words("Người nhận"), columns, rows)


def _overdue(asked: TableRequest) -> TableFile:
    return overdue_table(overdue_units(asked.tx, watched_period(asked.tx, asked.period.id, asked.now)))


def overdue_table(listed: OverdueList) -> TableFile:
    """The inspection committee's list as a table, a row a late report."""
    columns = (
        ("Đơn vị", 34),
        ("Số kỳ trễ", 9),
        ("Kỳ", 16),
        ("Mã số", 12),
        ("Nội dung", 60),
        ("Số ngày làm việc trễ", 12),
        ("Tình trạng", 18),
    )
    labels = dict(listed.periods)
    rows = [
        (
            unit.name,
            len(unit.found.periods),
            labels[report.period],
            report.code,
            report.content,
            report.working_days,
            "Không có báo cáo" if report.is_missing else "Báo cáo trễ",
        )
        for unit in listed.units
        for report in unit.found.reports
    ]
    title = Words("Đơn vị trễ hạn")
    return TableFile("don-vi-tre-han", title, title, columns, rows)


def _mails(asked: TableRequest) -> TableFile:
    state = asked.request.query_params.get("state", "")
    columns = (
        ("Người nhận", 28),
        ("Địa chỉ thư", 34),
        ("Loại thư", 22),
        ("Trạng thái", 18),
        ("Soạn lúc", 17),
        ("Gửi lúc", 17),
        ("Không tới lúc", 17),
        ("Số lần thử", 8),
        ("Lý do", 60),
    )
    rows = [
        (
            mail.person,
            mail.email,
            KINDS.get(mail.kind, mail.kind),
            STATES[mail.state],
            asked.local(mail.made_at),
            asked.local(mail.sent_at),
            asked.local(mail.undelivered_at),
            mail.attempts,
            mail.error,
        )
        for mail in mails(asked.tx, asked.period.id, state if state in STATES else "")
    ]
    return asked.table("thu-gui-di", Words("Thư gửi đi"), columns, rows)


def _reports(asked: TableRequest) -> TableFile:
    columns = (("Tệp báo cáo", 60), ("Lập lúc", 17), ("Mã kiểm tra (SHA-256)", 68))
    rows = [(one.name, asked.local(one.made_at), one.sha256) for one in issued(asked.tx, asked.period.id)]
    return asked.table("bao-cao-ky", Words("Báo cáo kỳ"), columns, rows)


_TABLES: dict[str, Callable[[TableRequest], TableFile]] = {
    "items": _items,
    "owing": _owing,
    "people": _people,
    "overdue": _overdue,
    "mails": _mails,
    "reports": _reports,
}
