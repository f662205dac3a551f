"""A directory that someone uploads, and the workbook to mend one in: the YAML file the command line takes, or
a workbook with the sheets of units and persons (that of a whole plan has them too)."""

from __future__ import annotations

from workflow.domain.people.directory import Directory
from workflow.domain.words import Words
from workflow.importing.files.directory_file import LARGEST_BYTES, WrongDirectory, read_directory_yaml
from workflow.importing.form.checking import PlanProblem, RefusedPlan, directory_faults
from workflow.importing.form.directory_cells import read_directory_cells
from workflow.importing.form.filling import with_directory
from workflow.importing.form.form import FormSheet, PlanForm
from workflow.importing.form.workbook import write_workbook
from workflow.importing.form.workbook_reading import read_workbook
from workflow.importing.offering import YAML_ENDINGS

_SHEETS = (FormSheet.UNITS, FormSheet.PERSONS)


def directory_in(content: bytes, name: str, organisation: str) -> Directory:
    """The directory in a file's bytes. A workbook that names no organisation is `organisation`'s.

    Raises Refused with every problem, or WrongDirectory.
    """
    if len(content) > LARGEST_BYTES:
        raise WrongDirectory(
            Words("Tệp danh bạ quá lớn."),
            where=name,
            cure=Words("Tệp phải dưới %(n)s MB.", n=LARGEST_BYTES // 1_000_000),
        )
    if name.lower().endswith(YAML_ENDINGS):
        return _of_yaml(content, name)
    if content.startswith(b"PK"):
        return _of_workbook(content, name, organisation)
    raise WrongDirectory(
        Words("Tệp này không phải danh bạ."),
        where=name,
        cure=Words("Tải lên tệp .yaml, hoặc tệp .xlsx có trang Đơn vị và trang Người nhận."),
    )


def directory_workbook(directory: Directory) -> bytes:
    """The directory as a workbook to mend and upload."""
    return write_workbook(with_directory(PlanForm({}), directory), _SHEETS)


def _of_yaml(content: bytes, name: str) -> Directory:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongDirectory(
            Words("Tệp không phải UTF-8."), where=name, cure=Words("Lưu lại bằng UTF-8.")
        ) from None
    directory = read_directory_yaml(text, name)
    found = [fault for fault in directory_faults(directory) if not fault.is_note]
    _refuse([PlanProblem(name, fault.what, fault.cure) for fault in found], name)
    return directory


def _of_workbook(content: bytes, name: str, organisation: str) -> Directory:
    form = read_workbook(content, name, _SHEETS)
    problems: list[PlanProblem] = []

    def complain(sheet: FormSheet, at: int, key: str, what: str, cure: str) -> None:
        problems.append(PlanProblem(form.where(sheet, at, key), what, cure))

    cells = read_directory_cells(form, form.about().get("organisation") or organisation, complain)
    for fault in directory_faults(cells.directory):
        if not fault.is_note:
            rows = cells.places.get(fault.sheet, ())
            at = rows[fault.at] if 0 <= fault.at < len(rows) else -1
            complain(fault.sheet, at, fault.key, fault.what, fault.cure)
    _refuse(problems, name)
    return cells.directory


def _refuse(problems: list[PlanProblem], name: str) -> None:
    if problems:
        raise RefusedPlan(list(dict.fromkeys(problems)), where=name)
