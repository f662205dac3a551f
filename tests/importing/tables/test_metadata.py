from datetime import date

from workflow.importing.readers.text import read_text
from workflow.importing.tables.metadata import Metadata, read_metadata


def metadata_of(*lines: str) -> Metadata:
    return read_metadata(read_text("\n".join(lines).encode()))


def test_the_line_that_issues_the_table_names_the_plan():
    found = metadata_of("(Ban hành kèm theo Kế hoạch số 27 -KH/ĐU ngày 13 /01 /2024 của Đảng ủy xã Tân Hưng)")
    assert found.number == "27-KH/ĐU"
    assert found.issued_on == date(2024, 1, 13)
    assert found.issuer == "Đảng ủy xã Tân Hưng"


def test_a_cited_plan_is_not_the_plan_itself():
    found = metadata_of(
        "Thực hiện Kế hoạch số 160-KH/HU ngày 11/01/2024 của Huyện ủy;",
        "(Kèm theo Kế hoạch số 27-KH/ĐU ngày 13/01/2024 của Đảng ủy xã Tân Hưng)",
    )
    assert found.number == "27-KH/ĐU"


def test_the_letterhead_names_the_plan_where_no_table_is_issued_with_it():
    found = metadata_of(
        "ỦY BAN NHÂN DÂN",
        "XÃ TÂN HƯNG",
        "Số: 27/KH-UBND",
        "Tân Hưng, ngày 10 tháng 01 năm 2024",
        "KẾ HOẠCH",
        "Thực hiện nhiệm vụ năm 2024",
    )
    assert found == Metadata(
        "Kế hoạch thực hiện nhiệm vụ năm 2024",
        "27/KH-UBND",
        date(2024, 1, 10),
        "ỦY BAN NHÂN DÂN XÃ TÂN HƯNG",
        2024,
    )


def test_the_year_the_title_names_wins_over_the_year_of_issue():
    found = metadata_of("Tân Hưng, ngày 28 tháng 12 năm 2023", "KẾ HOẠCH", "Công tác năm 2024")
    assert found.year == 2024


def test_an_impossible_date_is_no_date():
    assert metadata_of("(kèm Kế hoạch số 1-KH/ĐU ngày 31/02/2024 của Đảng ủy)").issued_on is None


def test_a_document_that_says_nothing_of_itself_has_no_year():
    assert metadata_of("Danh sách công việc") == Metadata()
