import pytest

from workflow.importing.cells.roles import split_roles
from workflow.importing.reading import read_plan


@pytest.mark.parametrize(
    ("cell", "roles"),
    [
        ("UBND xã (chủ trì); Công an xã phối hợp", ("UBND xã", "Công an xã")),
        ("Chủ trì: Phòng Nội vụ\nPhối hợp: Công an xã, các thôn", ("Phòng Nội vụ", "Công an xã, các thôn")),
        ("- Chủ trì: Phòng A. - Phối hợp: Phòng B; Phòng C", ("Phòng A", "Phòng B; Phòng C")),
        ("Trạm Y tế chủ trì, phối hợp với các thôn", ("Trạm Y tế", "các thôn")),
        ("Phòng Nội vụ; phối hợp: Văn phòng", ("Phòng Nội vụ", "Văn phòng")),
        ("Phòng A, Phòng B (phối hợp)", ("Phòng A", "Phòng B")),
        ("Công an xã chủ trì", ("Công an xã", "")),
        ("Công an xã, Trạm Y tế xã", None),
    ],
)
def test_a_cell_says_who_leads_and_who_coordinates(cell, roles):
    assert split_roles(cell) == roles


def test_in_a_column_headed_with_both_roles_the_first_body_leads():
    source = (
        "KẾ HOẠCH NĂM 2025\n\nTT\tNội dung\tCơ quan chủ trì, phối hợp\tThời hạn\n"
        "1\tSửa cầu\tPhòng Kinh tế; Công an xã, các thôn\tTháng 2"
    )
    (item,) = read_plan(source.encode()).plan.items
    assert (item.lead_units, item.coordinating_units) == (("Phòng Kinh tế",), ("Công an xã", "các thôn"))
