"""Validates a plan and its directory before anyone is asked to report: all faults are reported at once.

Checks values, wherever they came from (a workbook, a page, YAML, a document just read); the caller adds
where each fault stands. Whether a cell can be read at all is decided in `form.reading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from workflow.domain.addresses import EMAIL
from workflow.domain.errors import TiendoError
from workflow.domain.people.directory import Directory, Role, Unit, reached
from workflow.domain.plans.plan import NOBODY, Plan, PlanItem, PlanPart
from workflow.domain.words import Words
from workflow.importing.cells.leaders import LeaderMatcher, Likeness
from workflow.importing.cells.matching import Matcher
from workflow.importing.cells.vocabulary import unit_key
from workflow.importing.folding import fold
from workflow.importing.form.doubts import WHO_CURE, rows_of, who_is_asked
from workflow.importing.form.form import FormSheet

NEAR = 70
TIME_CURE = Words(
    "Ghi tháng, quý, ngày hoặc chu kỳ, ví dụ “Tháng 6”, “Quý II”, “15/06/2026”, “Hằng "
    "tháng”; chưa rõ ngày thì ghi “Theo kế hoạch”."
)


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with the `at`-th row (from 0) of a sheet, and its cell; a note stops nothing."""

    sheet: FormSheet
    at: int
    key: str
    what: str
    cure: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """A fault, located for the person who must mend it; `cell` is its sheet, row and column in the form."""

    where: str
    what: str
    cure: str
    cell: tuple[FormSheet, int, str] | None = None

    def as_json(self) -> dict[str, str]:
        """The form printed by `--json`."""
        return {"where": self.where, "what": self.what, "cure": self.cure}


class RefusedPlan(TiendoError):
    """An invalid plan; `problems` has all that must be corrected."""

    def __init__(self, problems: Sequence[PlanProblem], *, where: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(
            Words("Chưa nạp được: %(n)s chỗ phải sửa.", n=len(self.problems)),
            where=where,
            cure=Words("Sửa hết các chỗ đã nêu rồi nạp lại."),
        )


def faults(plan: Plan, directory: Directory) -> Iterator[RowFault]:
    """Every fault and every note about a plan with its directory."""
    yield from _plan_faults(plan)
    yield from _item_faults(plan, directory)
    yield from _leader_faults(plan, directory)
    yield from directory_faults(directory)


def directory_faults(directory: Directory) -> Iterator[RowFault]:
    """Every fault and every note about a directory."""
    yield from _unit_faults(directory)
    yield from _person_faults(directory)


def nearest(word: str, known: Sequence[str]) -> str:
    """Returns a question about the most similar known word, to append to a cure; empty if none is close."""
    folded = {fold(name): name for name in known}
    near = process.extractOne(fold(word), list(folded), scorer=fuzz.ratio, score_cutoff=NEAR)
    return Words(" Có phải là “%(folded)s”?", folded=folded[near[0]]) if near else ""


def _plan_faults(plan: Plan) -> Iterator[RowFault]:
    if not plan.items:
        yield RowFault(
            FormSheet.ITEMS,
            -1,
            "content",
            Words("Kế hoạch không có nội dung nào."),
            Words("Ghi ít nhất một dòng."),
        )
    if not plan.title.strip():
        yield RowFault(
            FormSheet.ABOUT, 0, "title", Words("Kế hoạch chưa có tên."), Words("Ghi tên kế hoạch.")
        )
    if not 2000 <= plan.year <= 2100:
        yield RowFault(
            FormSheet.ABOUT,
            0,
            "year",
            Words("Năm %(year)s không hợp lý.", year=plan.year),
            Words("Ghi năm của kế hoạch."),
        )


def _item_faults(plan: Plan, directory: Directory) -> Iterator[RowFault]:
    reported = _reported(directory)
    seen: set[str] = set()
    for at, (row, _) in enumerate(rows_of(plan.items)):
        if not row.code:
            yield RowFault(
                FormSheet.ITEMS,
                at,
                "code",
                Words("Dòng chưa có mã."),
                Words("Ghi một mã chưa dùng, ví dụ I.2.7."),
            )
        elif row.code in seen:
            yield RowFault(
                FormSheet.ITEMS,
                at,
                "code",
                Words("Mã %(code)s dùng hai lần.", code=row.code),
                Words("Đặt cho dòng này mã khác."),
            )
        seen.add(row.code)
        if not row.content.strip():
            what = Words("%(code)s: chưa có nội dung.", code=row.code)
            yield RowFault(FormSheet.ITEMS, at, "content", what, Words("Ghi nội dung, hoặc xóa cả dòng."))
        yield from _lead_faults(at, row, directory, reported)
        yield from _coordinating_faults(at, row, directory)
        for key, text, schedule in (
            ("start", row.start_text, row.start),
            ("deadline", row.deadline_text, row.deadline),
        ):
            if text and schedule is None:
                what = Words("%(code)s: không đọc được thời gian “%(text)s”.", code=row.code, text=text)
                yield RowFault(FormSheet.ITEMS, at, key, what, TIME_CURE)


def _reported(directory: Directory) -> set[str]:
    """The units somebody reports for."""
    return {unit for person in directory.persons for unit, role in person.roles if role is Role.REPORTER}


def _lead_faults(at: int, row: PlanPart, directory: Directory, reported: set[str]) -> Iterator[RowFault]:
    known = [unit.name for unit in directory.units]
    if isinstance(row, PlanItem) and not any(_names_a_lead(one) for one in (row, *row.parts)):
        what = Words("%(code)s: chưa có đơn vị chủ trì.", code=row.code)
        yield RowFault(
            FormSheet.ITEMS, at, "lead", what, Words("Chọn đơn vị phải báo cáo kết quả nội dung này.")
        )
    for name, unit_id in zip(row.lead_units, row.lead_ids, strict=False):
        if unit_id is None and name:
            yield RowFault(
                FormSheet.ITEMS,
                at,
                "lead",
                Words("%(code)s: không có đơn vị “%(name)s”.", code=row.code, name=name),
                Words(
                    "Chọn đơn vị trong danh sách, hoặc thêm vào trang Đơn vị.%(name)s",
                    name=nearest(name, known),
                ),
            )
    for unit_id in row.lead_ids:
        if unit_id and not set(directory.expanded([unit_id])) & reported:
            unit = directory.unit(unit_id)
            yield RowFault(
                FormSheet.ITEMS,
                at,
                "lead",
                Words(
                    "%(code)s: đơn vị chủ trì “%(name)s” chưa có người báo cáo.",
                    code=row.code,
                    name=unit.name if unit else unit_id,
                ),
                Words("Thêm ở trang Người nhận một người có vai trò “Báo cáo, xác nhận” của đơn vị này."),
            )


def _names_a_lead(row: PlanPart) -> bool:
    return any(row.lead_units) or any(row.lead_ids)


def _coordinating_faults(at: int, row: PlanPart, directory: Directory) -> Iterator[RowFault]:
    """A body the plan itself prints may stay unknown (`các hộ kinh doanh`): it is asked nothing. One that
    was typed in must be in the directory."""
    matcher = _matcher(directory)
    printed = set(re.findall(r"\w+", fold(row.coordinating_text)))
    bound = matcher.bound_otherwise(row)
    for name in row.coordinating_units:
        if name in bound or matcher.unit_id(name) is not None:
            continue
        what = Words("%(code)s: đơn vị phối hợp “%(name)s” không có ở trang Đơn vị", code=row.code, name=name)
        if not set(re.findall(r"\w+", fold(name))) <= printed:
            near = nearest(name, [unit.name for unit in directory.units])
            cure = Words("Chọn đơn vị trong danh sách, hoặc thêm vào trang Đơn vị.%(near)s", near=near)
            yield RowFault(FormSheet.ITEMS, at, "coordinating", f"{what}.", cure)
        elif not unit_key(name).is_vague:
            what, cure = (
                Words("%(what)s, nên không được hỏi xác nhận.", what=what),
                Words("Thêm vào trang Đơn vị nếu cần hỏi."),
            )
            yield RowFault(FormSheet.ITEMS, at, "coordinating", what, cure, is_note=True)


def _leader_faults(plan: Plan, directory: Directory) -> Iterator[RowFault]:
    """Faults for leaders that must be answered because of namesakes or a close spelling; a leader need not be
    in the directory."""
    matcher = LeaderMatcher(directory)
    known = {person.email for person in directory.persons}
    reported: set[str] = set()
    for at, (row, _) in enumerate(rows_of(plan.items)):
        for name, said in row.led_by:
            if said == NOBODY or said in known:
                continue
            match = matcher.match(name)
            is_note = bool(said) or not match.likeness.must_be_answered
            if is_note and (name in reported or match.likeness is Likeness.NONE):
                continue
            reported.add(name)
            what = Words("%(code)s: %(why)s", code=row.code, why=who_is_asked(name, match))
            yield RowFault(FormSheet.ITEMS, at, "leader_ids", what, WHO_CURE, is_note=is_note)


def _unit_faults(directory: Directory) -> Iterator[RowFault]:
    ids: set[str] = set()
    names: dict[str, Unit] = {}
    for at, unit in enumerate(directory.units):
        if unit.id in ids:
            yield RowFault(
                FormSheet.UNITS,
                at,
                "id",
                Words("Mã đơn vị “%(unit)s” dùng hai lần.", unit=unit.id),
                Words("Đặt mã khác."),
            )
        ids.add(unit.id)
        for key, name in (("name", unit.name), *(("aliases", alias) for alias in unit.aliases)):
            other = names.setdefault(fold(name), unit)
            if other is not unit and other.id != unit.id:
                what = Words(
                    "“%(name)s” vừa là “%(name_2)s” vừa là “%(name_3)s”.",
                    name=name,
                    name_2=other.name,
                    name_3=unit.name,
                )
                yield RowFault(FormSheet.UNITS, at, key, what, Words("Mỗi tên chỉ để ở một đơn vị."))
        if unit.id in reached(directory, unit):
            cure = Words("Bỏ nhóm này khỏi các thành viên của nó.")
            yield RowFault(
                FormSheet.UNITS, at, "members", Words("Nhóm “%(name)s” chứa chính nó.", name=unit.name), cure
            )
    committees = {unit.id: unit for unit in directory.units if unit.is_committee}
    if not committees:
        yield RowFault(
            FormSheet.UNITS,
            -1,
            "committee",
            Words("Chưa có ban biểu quyết."),
            Words("Ghi “Có” ở cột Ban biểu quyết của tập thể duyệt kết quả."),
        )
        return
    for unit_id, body in committees.items():
        roles = [role for person in directory.persons for unit, role in person.roles if unit == unit_id]
        if not {Role.MEMBER, Role.CHAIR} & set(roles):
            what = Words("“%(name)s” biểu quyết mà chưa có thành viên.", name=body.name)
            cure = Words("Ghi vai trò “Biểu quyết” hoặc “Chủ trì biểu quyết” cho từng thành viên của ban.")
            yield RowFault(FormSheet.PERSONS, -1, "role", what, cure)
        elif roles.count(Role.CHAIR) > 1:
            what = Words(
                "“%(name)s” có %(chair)s người chủ trì.", name=body.name, chair=roles.count(Role.CHAIR)
            )
            yield RowFault(
                FormSheet.PERSONS, -1, "role", what, Words("Chỉ để một người “Chủ trì biểu quyết”.")
            )


def _person_faults(directory: Directory) -> Iterator[RowFault]:
    roles = {role for person in directory.persons for _, role in person.roles}
    if Role.OFFICE not in roles:
        yield RowFault(
            FormSheet.PERSONS,
            -1,
            "role",
            Words("Chưa có ai điều hành kỳ báo cáo."),
            Words("Ghi vai trò “Điều hành kỳ báo cáo” cho người của văn phòng."),
            is_note=True,
        )
    sample = 0
    for at, person in enumerate(directory.persons):
        if not person.name:
            yield RowFault(
                FormSheet.PERSONS,
                at,
                "name",
                Words("%(email)s: chưa có họ tên.", email=person.email),
                Words("Ghi họ và tên."),
            )
        if not EMAIL.fullmatch(person.email):
            what = Words(
                "%(name)s: “%(email)s” không phải địa chỉ thư điện tử.", name=person.name, email=person.email
            )
            cure = Words("Ghi đủ dạng ten@coquan.vn, mỗi người một địa chỉ.")
            yield RowFault(FormSheet.PERSONS, at, "email", what, cure)
        sample += person.email.endswith(".example")
    if sample:
        yield RowFault(
            FormSheet.PERSONS,
            -1,
            "email",
            Words("%(sample)s địa chỉ thư là địa chỉ mẫu (.example), thư sẽ không tới ai.", sample=sample),
            Words("Thay bằng địa chỉ thật trước khi mở kỳ."),
            is_note=True,
        )


@lru_cache(maxsize=4)
def _matcher(directory: Directory) -> Matcher:
    return Matcher(directory)
