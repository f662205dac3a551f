"""The data stored about a person, in words: the kinds of rows by name, and each row as labelled fields. The
rows come from `workflow.storage.personal.held_about`; layout is the page's and the command's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.domain.words import Words, restored
from workflow.reports.personal_data_fields import FIELD_NAMES
from workflow.storage.personal.forgetting import PersonsRows
from workflow.storage.personal.personal_data import Fate

_NAMES = {
    "audit": Words("Việc đã làm, trong sổ ghi"),
    "award_requests": Words("Tờ trình đề nghị khen thưởng đã lập"),
    "ballots": Words("Phiếu biểu quyết"),
    "codes": Words("Mã xác nhận một lần"),
    "commendation_entries": Words("Đề nghị khen thưởng đã nhập"),
    "committees": Words("Danh sách biểu quyết của các kỳ"),
    "confirmations": Words("Xác nhận phối hợp"),
    "countersigns": Words("Phiếu giấy đã đối chiếu"),
    "difficulties": Words("Khó khăn, vướng mắc đã nêu hoặc cho ý kiến"),
    "difficulty_steps": Words("Các bước xử lý khó khăn, vướng mắc"),
    "directory_history": Words("Thay đổi trong danh bạ"),
    "drafts": Words("Bản nháp"),
    "duties": Words("Việc đang phải làm"),
    "escalations": Words("Việc trễ hạn đã được báo cho biết"),
    "item_leaders": Words("Dòng của kế hoạch do người này phụ trách"),
    "kept_leaders": Words("Lãnh đạo phụ trách, trong số liệu kỳ đã khóa"),
    "link_uses": Words("Các lần dùng đường dẫn"),
    "links": Words("Đường dẫn, phiên làm việc"),
    "minutes_numbers": Words("Số biên bản đã ghi"),
    "motion_ballots": Words("Phiếu của hội đồng thi đua, ghi tên"),
    "named_in": Words("Có tên trong kế hoạch, đề nghị khen thưởng (có thể là người trùng tên)"),
    "nominations": Words("Đề nghị khen thưởng đột xuất, mô hình hay đã nhập"),
    "orders": Words("Thu hồi, mở lại, giao lại"),
    "outbox": Words("Thư"),
    "paper_ballots": Words("Phiếu giấy"),
    "plan_offers": Words("Kế hoạch đã tải lên"),
    "planned_periods": Words("Lịch mở kỳ đã đặt"),
    "private_values": Words("Địa chỉ cũ và mới, ghi bên cạnh sổ ghi"),
    "report_approvals": Words("Báo cáo đã trình phê duyệt"),
    "report_ballots": Words("Ý kiến phê duyệt báo cáo"),
    "report_drafts": Words("Bản thảo báo cáo"),
    "report_issues": Words("Báo cáo đã lập, phát hành, thu hồi"),
    "roles": Words("Vai trò"),
    "score_ballots": Words("Phiếu về điểm thi đua"),
    "score_decisions": Words("Kết quả biểu quyết về điểm đã nhập"),
    "score_entries": Words("Điểm thi đua đã nhập"),
    "score_reviews": Words("Đề nghị xem lại điểm đã gửi"),
    "sitting_turnouts": Words("Đã bỏ phiếu ở hội đồng thi đua"),
    "sittings": Words("Lần lấy phiếu hội đồng đã mở, kết thúc"),
    "submissions": Words("Báo cáo kết quả"),
    "substitutions": Words("Vắng mặt, làm thay"),
    "unit_summaries": Words("Tự đánh giá của đơn vị đã gửi"),
    "webhook_deliveries": Words("Tin đã gửi tới hệ thống khác"),
}


@dataclass(frozen=True, slots=True)
class DataSection:
    """One kind of rows: its name, what happens to them when the person is erased, and the rows as
    fields."""

    title: str
    fate: str
    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """How many rows of a kind are erased or stay, and how."""

    title: str
    count: int
    fate: str


def sections(held: Mapping[str, Any]) -> list[DataSection]:
    """The result of `held_about`, by kind."""
    return [
        DataSection(
            kind_name(table),
            next((str(value) for name, value in part.items() if name != "rows"), ""),
            tuple(_fields(row) for row in part["rows"]),
        )
        for table, part in held["held"].items()
    ]


def named(places: Iterable[PersonsRows]) -> list[NamedPlace]:
    """Places by the name of their kind; of several columns of one table, the most rows."""
    found: dict[tuple[str, Fate], int] = {}
    for one in places:
        key = (one.where.partition(".")[0], one.fate)
        found[key] = max(found.get(key, 0), one.count)
    return [NamedPlace(kind_name(table), n, fate.label) for (table, fate), n in found.items()]


def kind_name(table: str) -> str:
    """The name of a table's rows."""
    return _NAMES[table]


def as_text(held: Mapping[str, Any]) -> str:
    """All of it as plain text, to be printed."""
    person = held["person"]
    lines = [
        f"{person['name']} ({person['organisation']})",
        f"Chức danh: {person['title'] or '–'}",
        f"Địa chỉ thư: {person['email']}",
        *(f"Vai trò: {one['unit']}: {one['role']}" for one in person["roles"]),
    ]
    for section in sections(held):
        lines += ["", f"{section.title} ({len(section.rows)})"]
        lines += [f"  (khi xóa dữ liệu cá nhân: {section.fate})"] if section.fate else []
        for row in section.rows:
            lines.append("  - " + "; ".join(f"{name}: {value}" for name, value in row))
    return "\n".join(lines) + "\n"


def _fields(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (FIELD_NAMES.get(name, name), _said(value))
        for name, value in row.items()
        if value not in (None, "", [], {})
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return Words("có") if value else Words("không")
    if isinstance(value, Words):
        return value
    if isinstance(value, Mapping) and value.keys() == {"words", "values"}:
        return str(restored(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{FIELD_NAMES.get(name, name)} {_said(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return str(value)
