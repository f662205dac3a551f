"""Days off from a pasted list, CSV, a workbook and a calendar file, with what is doubtful named."""

from __future__ import annotations

import contextlib
import io
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.errors import TiendoError
from workflow.domain.periods.days_off import DayKind
from workflow.importing.days_off import read_days

LIST = "02/09/2026 Quốc khánh\n15/08/2026 làm bù\n"


def read(source, name=""):
    found = read_days(source, name)
    assert found.unread == ()
    return [(one.change.day, one.change.kind, one.change.reason) for one in found.days]


QUOC_KHANH = (date(2026, 9, 2), DayKind.OFF, "Quốc khánh")
LAM_BU = (date(2026, 8, 15), DayKind.WORKED, "làm bù")


def test_a_pasted_list_is_read_line_by_line():
    assert read(LIST) == [LAM_BU, QUOC_KHANH]


@pytest.mark.parametrize(
    "line",
    [
        "02/09/2026: Quốc khánh",
        "- 2.9.2026 – Quốc khánh",
        "2026-09-02,Quốc khánh",
        "Thứ Tư, ngày 02/9/2026 Quốc khánh",
        '"02/09/2026";"Quốc khánh"',
    ],
)
def test_a_day_may_be_written_the_ways_offices_write_it(line):
    assert read(line) == [QUOC_KHANH]


def test_a_span_of_days_is_each_of_its_days():
    assert [day.day for day, _, _ in read("Từ ngày 12/10/2026 đến hết ngày 14/10/2026 Nghỉ bão")] == [
        12,
        13,
        14,
    ]


def test_a_csv_with_a_heading_in_any_encoding_is_read():
    text = "Ngày,Loại,Lý do\n02/09/2026,nghỉ,Quốc khánh\n15/08/2026,làm bù,\n"
    for encoding in ("utf-8-sig", "utf-16"):
        assert read(text.encode(encoding), "ngay-nghi.csv") == [
            (date(2026, 8, 15), DayKind.WORKED, "làm bù"),
            (date(2026, 9, 2), DayKind.OFF, "nghỉ Quốc khánh"),
        ]


def test_a_workbook_is_read_with_its_dates_as_excel_keeps_them():
    book = openpyxl.Workbook()
    book.active.append(["Ngày", "Lý do"])
    book.active.append([date(2026, 9, 2), "Quốc khánh"])
    book.active.append(["15/08/2026", "làm bù"])
    held = io.BytesIO()
    book.save(held)
    assert read(held.getvalue(), "ngay-nghi.xlsx") == [LAM_BU, QUOC_KHANH]


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261012
DTEND;VALUE=DATE:20261014
SUMMARY:Nghỉ bão số 5
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20260815
SUMMARY:Làm bù
RRULE:FREQ=YEARLY
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_a_calendar_file_is_read_without_the_day_after_its_end():
    found = read_days(ICS.encode(), "lich.ics")
    assert [one.change.day for one in found.days] == [
        date(2026, 8, 15),
        date(2026, 10, 12),
        date(2026, 10, 13),
    ]
    assert found.days[0].change.kind is DayKind.WORKED
    assert "lặp lại" in found.days[0].doubts[0]
    assert found.days[1].doubts == ()


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("31/08/2026 nghỉ, làm bù ngày 22/08/2026", "ngày khác"),
        ("31/08/2026 nghỉ, làm bù", "cả “nghỉ” và “làm bù”"),
        ("31/08/2026", "Không ghi lý do"),
    ],
)
def test_what_may_be_meant_otherwise_is_a_day_off_with_a_doubt(line, doubt):
    (one,) = read_days(line).days
    assert one.change.kind is DayKind.OFF
    assert any(doubt in said for said in one.doubts)


def test_of_a_day_named_twice_the_last_is_taken_with_a_doubt():
    (one,) = read_days("02/09/2026 Quốc khánh\n02/09/2026 làm bù").days
    assert one.change.kind is DayKind.WORKED
    assert "dòng 1 và dòng 2" in one.doubts[-1]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("31/02/2026 Nghỉ", "không có ngày này"),
        ("14/10/2026 - 12/10/2026 Nghỉ", "trước ngày đầu"),
        ("01/01/2026 - 31/12/2026 Nghỉ", "dài hơn 31"),
        ("Nghỉ ngày 2/9", "không thấy ngày"),
    ],
)
def test_a_line_without_a_day_is_named_with_its_place(line, why):
    found = read_days(f"02/09/2026 Quốc khánh\n{line}")
    assert len(found.days) == 1
    assert [str(one.where) for one in found.unread] == ["dòng 2"]
    assert why in found.unread[0].why


@pytest.mark.parametrize("source", ["", "Danh sách ngày nghỉ", b"BEGIN:VCALENDAR\nrubbish"])
def test_a_list_without_any_day_is_refused_with_the_cure(source):
    with pytest.raises(TiendoError) as error:
        read_days(source)
    assert error.value.cure


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda junk: b"BEGIN:VCALENDAR\r\n" + junk))
def test_whatever_is_pasted_or_uploaded_is_read_or_refused(source):
    with contextlib.suppress(TiendoError):
        read_days(source)
