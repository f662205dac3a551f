"""The form in which a plan and its directory are mended: sheets of named text cells, with their doubts.

One form for every editor: the Excel workbook (`workbook`) and the web page show it, `filling` fills it from
a reading, `reading` reads it back. This module has only its sheets, columns and words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workflow.domain.people.directory import Role
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.words import Words

VERSION = "1"
SEPARATOR = "\n"
"""Between the names in one cell; a semicolon does as well."""


class FormSheet(StrEnum):
    """The form's sheets, by the name on their tab, in their order."""

    ABOUT = "Thông tin"
    ITEMS = "Nội dung"
    TARGETS = "Chỉ tiêu số"
    SECTIONS = "Đề mục"
    UNITS = "Đơn vị"
    PERSONS = "Người nhận"
    FINDINGS = "Điểm cần xem"


class CellChoices(StrEnum):
    """A list a cell offers; what is not in it may be typed all the same."""

    UNIT = "unit"
    GROUPLESS = "groupless"
    SECTION = "section"
    TIME = "time"
    COMPARISON = "comparison"
    TARGET_KIND = "target-kind"
    ROLE = "role"
    PERSON = "person"
    YES = "yes"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a sheet. `is_ours` holds what tiendo writes and never reads; `is_hidden` is for tiendo."""

    key: str
    title: str
    width: int
    choice: CellChoices | None = None
    is_ours: bool = False
    is_hidden: bool = False
    is_required: bool = False
    is_number: bool = False
    hint: str = ""


_SEVERAL = Words("Mỗi tên một dòng (Alt+Enter), hoặc cách nhau bằng dấu chấm phẩy.")
_READ = Words("Máy đọc từ ô bên trái. Sửa ô này khi máy hiểu sai; sửa ô bên trái thì máy đọc lại.")
ASKED, NOT_YET, NO_ONE = "?", "chưa có", "không ai"
"""The values of the leaders' cell for a leader who is no person (yet): to be answered, not in the directory
so far, answered to be no one of the directory."""
_WHO = Words(
    "Mỗi lãnh đạo ở ô bên trái một dòng, đúng thứ tự: Họ tên <thư điện tử> của người ở trang Người nhận; "
    "“?” là chưa rõ, cần chọn; “không ai” là không có trong danh bạ. Xóa trống thì máy tìm lại theo đúng cả "
    "họ tên."
)

COLUMNS: Mapping[FormSheet, tuple[FormColumn, ...]] = {
    FormSheet.ITEMS: (
        FormColumn(
            "order",
            "TT",
            5,
            is_number=True,
            hint=Words("Thứ tự trong kế hoạch; dòng mới để trống thì đứng sau dòng trên nó."),
        ),
        FormColumn(
            "code",
            Words("Mã"),
            10,
            is_required=True,
            hint=Words("Mỗi nội dung, mỗi phần một mã, không trùng nhau."),
        ),
        FormColumn("content", Words("Nội dung"), 48, is_required=True),
        FormColumn("doubt", Words("Vì sao cần xem"), 34, is_ours=True),
        FormColumn("leaders", Words("Lãnh đạo phụ trách"), 19, hint=_SEVERAL),
        FormColumn("leader_ids", Words("Lãnh đạo: là ai"), 26, CellChoices.PERSON, hint=_WHO),
        FormColumn(
            "lead",
            Words("Đơn vị chủ trì"),
            22,
            CellChoices.UNIT,
            hint=Words("Tên có ở trang Đơn vị. %(several)s", several=_SEVERAL),
        ),
        FormColumn(
            "coordinating",
            Words("Đơn vị phối hợp"),
            25,
            CellChoices.UNIT,
            hint=Words("Tên ở trang Đơn vị. %(several)s", several=_SEVERAL),
        ),
        FormColumn(
            "start", Words("Thời gian thực hiện"), 15, CellChoices.TIME, hint=Words("Như kế hoạch ghi.")
        ),
        FormColumn("start_read", Words("Thực hiện: hiểu là"), 15, CellChoices.TIME, hint=_READ),
        FormColumn(
            "deadline", Words("Thời hạn hoàn thành"), 15, CellChoices.TIME, hint=Words("Như kế hoạch ghi.")
        ),
        FormColumn("deadline_read", Words("Thời hạn: hiểu là"), 15, CellChoices.TIME, hint=_READ),
        FormColumn("targets", Words("Chỉ tiêu số"), 24, is_ours=True, hint=Words("Sửa ở trang Chỉ tiêu số.")),
        FormColumn("result", Words("Sản phẩm, kết quả"), 20),
        FormColumn("note", Words("Ghi chú"), 18),
        FormColumn(
            "section",
            Words("Đề mục"),
            32,
            CellChoices.SECTION,
            hint=Words("Chọn trong danh sách (trang Đề mục)."),
        ),
        FormColumn(
            "parent",
            Words("Phần của"),
            10,
            hint=Words("Dòng này là một phần của nội dung mã nào; để trống nếu không."),
        ),
        FormColumn("number", Words("Số in"), 8, hint=Words("Số thứ tự như kế hoạch in.")),
        FormColumn("source", Words("Chỗ trong bản gốc"), 14),
        FormColumn("coordinating_text", Words("Phối hợp, nguyên văn"), 30),
        FormColumn("kept", Words("Máy ghi (không sửa)"), 10, is_hidden=True),
    ),
    FormSheet.TARGETS: (
        FormColumn("code", Words("Mã nội dung"), 12, is_required=True, hint=Words("Mã ở trang Nội dung.")),
        FormColumn("text", Words("Chỉ tiêu như kế hoạch ghi"), 46),
        FormColumn("comparison", Words("So sánh"), 14, CellChoices.COMPARISON, is_required=True),
        FormColumn(
            "value",
            Words("Giá trị"),
            16,
            is_required=True,
            is_number=True,
            hint=Words("Số, ví dụ 98,5 hoặc 120.000.000."),
        ),
        FormColumn(
            "upper",
            Words("Đến"),
            12,
            is_number=True,
            hint=Words("Chỉ ghi khi chỉ tiêu là một khoảng: từ … đến …"),
        ),
        FormColumn("measure", Words("Đơn vị tính"), 16),
        FormColumn("scope", Words("Tính trên"), 46),
        FormColumn(
            "kind",
            Words("Loại chỉ tiêu"),
            18,
            CellChoices.TARGET_KIND,
            hint=Words("Các kỳ cộng lại hay không; để trống thì máy đọc từ lời văn."),
        ),
    ),
    FormSheet.SECTIONS: (
        FormColumn("key", Words("Mã đề mục"), 14, is_required=True),
        FormColumn(
            "parent",
            Words("Thuộc đề mục"),
            14,
            hint=Words("Mã của đề mục cấp trên; để trống nếu là cấp cao nhất."),
        ),
        FormColumn("label", Words("Số in"), 8),
        FormColumn("title", Words("Tên đề mục"), 80, is_required=True),
    ),
    FormSheet.UNITS: (
        FormColumn(
            "id",
            Words("Mã"),
            20,
            hint=Words("Chữ thường không dấu và gạch nối; để trống thì máy đặt từ tên."),
        ),
        FormColumn("name", Words("Tên đơn vị"), 42, is_required=True),
        FormColumn("aliases", Words("Tên gọi khác"), 40, hint=_SEVERAL),
        FormColumn(
            "members", Words("Gồm các đơn vị (nếu là nhóm)"), 40, CellChoices.GROUPLESS, hint=_SEVERAL
        ),
        FormColumn(
            "committee",
            Words("Ban biểu quyết"),
            16,
            CellChoices.BODY,
            hint=Words("Ghi Có ở ban biểu quyết các nội dung; Hội đồng thi đua ở hội đồng duyệt điểm."),
        ),
        FormColumn("cluster", Words("Cụm thi đua"), 22),
    ),
    FormSheet.PERSONS: (
        FormColumn("name", Words("Họ và tên"), 26, is_required=True),
        FormColumn("email", Words("Thư điện tử"), 36, is_required=True),
        FormColumn("title", Words("Chức danh"), 40),
        FormColumn(
            "unit",
            Words("Đơn vị"),
            36,
            CellChoices.UNIT,
            hint=Words("Người giữ hai vai trò thì ghi hai dòng."),
        ),
        FormColumn("role", Words("Vai trò"), 22, CellChoices.ROLE),
    ),
    FormSheet.FINDINGS: (
        FormColumn("severity", Words("Mức"), 10),
        FormColumn("codes", Words("Mã nội dung"), 18),
        FormColumn("place", Words("Chỗ trong bản gốc"), 20),
        FormColumn("message", Words("Điều thấy được"), 60),
        FormColumn("cure", Words("Cách xử lý"), 50),
        FormColumn(
            "done",
            Words("Đã xem"),
            9,
            CellChoices.YES,
            hint=Words("Ghi Có khi đã xử lý; lần nạp sau không nhắc nữa."),
        ),
        FormColumn("kind", Words("Loại"), 10, is_hidden=True),
    ),
    FormSheet.ABOUT: (
        FormColumn("name", Words("Mục"), 26, is_ours=True),
        FormColumn("value", Words("Giá trị"), 90),
        FormColumn("key", Words("Máy ghi (không sửa)"), 12, is_hidden=True),
    ),
}
"""The columns of each sheet, in the order tiendo writes them; they are read back by their titles."""

ABOUT: Mapping[str, str] = {
    "title": Words("Tên kế hoạch"),
    "number": Words("Số kế hoạch"),
    "issued_on": Words("Ngày ban hành"),
    "year": Words("Năm"),
    "issuer": Words("Cơ quan ban hành"),
    "organisation": Words("Đơn vị sử dụng"),
    "kind": Words("Loại đơn vị"),
    "source": Words("Tệp đã đọc"),
    "version": Words("Phiên bản biểu mẫu"),
}
"""The titles of the rows on the sheet about the plan, by key."""

GUIDE: Mapping[str, str] = {
    "Ô màu cam": "Cần xem: sai thì người nhận việc, thời hạn hay đơn vị sẽ khác. Trỏ vào ô để biết vì sao.",
    "Ô màu vàng nhạt": "Lưu ý: xem qua, thường không phải sửa.",
    "Cột nền xám": "Máy ghi để đọc, sửa ở đó không có tác dụng.",
    "Thêm, bớt": "Thêm dòng ở cuối hoặc chen giữa; bỏ một nội dung thì xóa cả dòng. Sắp xếp, thêm cột tùy ý.",
    "Nhiều tên trong một ô": "Mỗi tên một dòng (Alt+Enter), hoặc cách nhau bằng dấu chấm phẩy.",
    "Chọn loại đơn vị": "Máy đoán theo tên, xem lại: "
    + "; ".join(one.label for one in OrganisationKind)
    + ".",
    "Nạp vào tiendo": "tiendo plan load <tên tệp này>: máy kiểm tra, cho xem thay đổi rồi mới ghi.",
}
"""How to use the workbook, shown on the sheet about the plan."""

ROLES: Mapping[Role, str] = {role: role.label for role in Role}
COMPARISONS: Mapping[Comparison, str] = {
    Comparison.AT_LEAST: "ít nhất",
    Comparison.MORE_THAN: "trên",
    Comparison.AT_MOST: "nhiều nhất",
    Comparison.LESS_THAN: "dưới",
    Comparison.EXACTLY: "đúng",
    Comparison.RANK: "xếp thứ",
}
KINDS: Mapping[TargetKind, str] = {kind: kind.label for kind in TargetKind}
YES = "Có"
COUNCIL = "Hội đồng thi đua"
"""A voting body that is the emulation council, as `YES` is one that decides on items."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a cell should be looked at, and what to do; a grave one can change what people are asked to do."""

    why: str
    cure: str = ""
    is_grave: bool = True


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row's cells by column key, the doubts about them, and its number where it stands in a file."""

    cells: Mapping[str, str]
    doubts: Mapping[str, tuple[Doubt, ...]] = field(default_factory=dict)
    number: int = 0

    def __getitem__(self, key: str) -> str:
        """The cell's text, empty where the row has none."""
        return self.cells.get(key, "")


@dataclass(frozen=True, slots=True)
class PlanForm:
    """All sheets. `letters` are the columns' letters, where the form was read from a workbook."""

    sheets: Mapping[FormSheet, tuple[FormRow, ...]]
    letters: Mapping[FormSheet, Mapping[str, str]] = field(default_factory=dict)

    def rows(self, sheet: FormSheet) -> tuple[FormRow, ...]:
        """The rows of a sheet."""
        return self.sheets.get(sheet, ())

    def doubtful(self) -> tuple[tuple[int, FormRow], ...]:
        """The items' rows that have a doubt, with their places, the gravest first."""
        rows = [(at, row) for at, row in enumerate(self.rows(FormSheet.ITEMS)) if row.doubts]
        return tuple(sorted(rows, key=lambda found: not any(_is_grave(found[1]))))

    def with_cell(self, sheet: FormSheet, at: int, key: str, text: str) -> PlanForm:
        """Returns the form with one cell changed and its doubts removed, as when a person corrects it."""
        rows = list(self.rows(sheet))
        row = rows[at]
        doubts = {name: why for name, why in row.doubts.items() if name != key}
        rows[at] = replace(row, cells={**row.cells, key: text}, doubts=doubts)
        return replace(self, sheets={**self.sheets, sheet: tuple(rows)})

    def about(self) -> Mapping[str, str]:
        """The values about the plan as a whole, by the keys of `ABOUT`."""
        keys = {title.casefold(): key for key, title in ABOUT.items()}
        rows = [
            (row["key"] or keys.get(row["name"].casefold(), ""), row) for row in self.rows(FormSheet.ABOUT)
        ]
        return {key: row["value"] for key, row in rows if key}

    def where(self, sheet: FormSheet, at: int, key: str = "") -> str:
        """A cell's place as shown to people: `trang “Nội dung”, dòng 7, cột H (Đơn vị chủ trì)`."""
        rows = self.rows(sheet)
        number = rows[at].number if 0 <= at < len(rows) else 0
        title = next((column.title for column in COLUMNS[sheet] if column.key == key), "")
        letter = self.letters.get(sheet, {}).get(key, "")
        if sheet is FormSheet.ABOUT:
            title = ABOUT.get(key, "")
            number = next((row.number for row in rows if row["key"] == key), 0)
        row = row_label(number, at) if number or 0 <= at < len(rows) else ""
        column = ""
        if title:
            column = (
                Words("cột %(letter)s (%(title)s)", letter=letter, title=title)
                if letter
                else Words("“%(title)s”", title=title)
            )
        return Words.joined((Words("trang “%(sheet)s”", sheet=sheet.value), row, column), by=", ")


def row_label(number: int, at: int) -> str:
    """Names a row by its number in the workbook or, without one, by its place in the form (`at` from 0)."""
    return Words("dòng %(number)s", number=number) if number else Words("dòng thứ %(at)s", at=at + 1)


def names_in(cell: str) -> tuple[str, ...]:
    """The names in a cell: one a line, or parted by semicolons outside brackets."""
    outside = re.sub(r"\([^()]*\)", lambda aside: aside[0].replace(";", "\0"), cell)
    pieces = (piece.replace("\0", ";") for piece in re.split(r"[;\n]", outside))
    return tuple(dict.fromkeys(name for name in (" ".join(piece.split()) for piece in pieces) if name))


def person_cell(name: str, email: str) -> str:
    """A person as the cell of who leads names them: `Nguyễn Thị Mai <mai@phuong.vn>`."""
    return f"{name} <{email}>"


def _is_grave(row: FormRow) -> list[bool]:
    return [doubt.is_grave for doubts in row.doubts.values() for doubt in doubts]
