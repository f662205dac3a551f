"""Headings as lists and reports show them."""

from __future__ import annotations

import pytest

from workflow.domain.plans.sections import printed_code, section_paths, section_title


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("2.1 Cải cách hành chính ( 04 chỉ tiêu)", "Cải cách hành chính"),
        ("I CHỈ TIÊU CHỦ YẾU", "CHỈ TIÊU CHỦ YẾU"),
        ("2 Chăm lo đời sống ((44 chỉ tiêu))", "Chăm lo đời sống"),
        ("* Nhóm dự án cải tạo (05 dự án):", "Nhóm dự án cải tạo"),
        ("Nhiệm vụ khác", "Nhiệm vụ khác"),
        ("2.1 Nông thôn mới (giai đoạn hai)", "Nông thôn mới (giai đoạn hai)"),
    ],
)
def test_a_heading_is_shown_without_its_number_and_its_promise(printed, shown):
    assert section_title(printed) == shown


def test_two_star_groups_under_one_heading_are_two_sections():
    paths = section_paths([(["II", "II.*"], ["II Việc", "* Một"]), (["II", "II.*"], ["II Việc", "* Hai"])])
    assert [path.codes[-1] for path in paths] == ["II.*1", "II.*2"]


def test_a_group_without_a_number_of_its_own_shows_none() -> None:
    assert [printed_code(code) for code in ("II.2", "II.2.*", "II.2.*1")] == ["II.2", "", ""]
