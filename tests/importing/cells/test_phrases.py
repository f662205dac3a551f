"""What time cells say, and that no way of spelling a phrase changes its meaning."""

from __future__ import annotations

import json
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.plans.plan import Every, Schedule, ScheduleKind
from workflow.importing.cells.phrases import read_schedule

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "docs" / "schedule-phrases.md"
GOLD = ROOT.parent / "shared" / "plan" / "gold.json"
ROMAN = ("I", "II", "III", "IV")


def documented() -> Iterator[tuple[str, int, object]]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[1].isdigit():
            phrase, found = (cell.strip("`") for cell in (cells[0], cells[2]))
            yield phrase, int(cells[1]), None if found == "—" else json.loads(found)


@pytest.mark.parametrize(("phrase", "year", "found"), list(documented()))
def test_each_row_of_the_documented_table_holds(phrase: str, year: int, found: object) -> None:
    schedule = read_schedule(phrase, year)
    assert (schedule.as_json() if schedule else None) == found


def test_the_documented_table_is_not_empty() -> None:
    assert len(list(documented())) > 60


@pytest.mark.skipif(not GOLD.exists(), reason="the gold reading lies beside the repository")
def test_every_phrase_of_the_real_plan_is_read_as_in_the_gold_reading() -> None:
    gold = json.loads(GOLD.read_text(encoding="utf-8"))
    rows = [row for item in gold["items"] for row in (item, *item["parts"])]
    for row in rows:
        for column in ("start", "deadline"):
            schedule = read_schedule(row[f"{column}_text"], 2023)
            assert (schedule.as_json() if schedule else None) == row[column], row["code"]


@pytest.mark.parametrize("phrase", ["", "-", "31/6", "Tháng 13", "Quý V", "Công an phường", "Trước Tết"])
def test_what_is_no_schedule_is_not_read_as_one(phrase: str) -> None:
    assert read_schedule(phrase, 2026) is None


def test_before_a_day_ends_on_the_day_before() -> None:
    found = read_schedule("Trước ngày 01/3/2024", 2024)
    assert found is not None
    assert found.due == date(2024, 2, 29)


# --- any spelling reads the same ------------------------------------------------------------------------

years = st.integers(2020, 2035)
months = st.integers(1, 12)
quarters = st.integers(1, 4)


@st.composite
def schedules(draw: st.DrawFn) -> tuple[str, int, Schedule]:
    """A phrase in plain spelling, the plan's year, and what it means."""
    year = draw(years)
    own = draw(st.sampled_from([year, year, year + 1]))
    tail = f"/{own}" if own != year or draw(st.booleans()) else ""
    match draw(st.sampled_from(["month", "quarter", "quarters", "months", "half", "day", "before", "every"])):
        case "month":
            month = draw(months)
            return f"Tháng {month:02}{tail}", year, span(ScheduleKind.MONTH, own, month, month)
        case "quarter":
            n = draw(quarters)
            return f"Quý {ROMAN[n - 1]}{tail}", year, span(ScheduleKind.QUARTER, own, 3 * n - 2, 3 * n)
        case "quarters":
            low = draw(st.integers(1, 3))
            joint = draw(st.sampled_from(["-", " - ", " đến quý ", ", "]))
            high = low + 1 if joint == ", " else draw(st.integers(low + 1, 4))
            text = f"Quý {ROMAN[low - 1]}{joint}{ROMAN[high - 1]}{tail}"
            return text, year, span(ScheduleKind.QUARTERS, own, 3 * low - 2, 3 * high)
        case "months":
            low = draw(st.integers(1, 11))
            high = draw(st.integers(low + 1, 12))
            return f"Từ tháng {low} đến tháng {high}{tail}", year, span(ScheduleKind.MONTHS, own, low, high)
        case "half":
            which = draw(st.sampled_from(["đầu", "cuối"]))
            low, high = (1, 6) if which == "đầu" else (7, 12)
            said = f" {own}" if tail else ""
            return f"6 tháng {which} năm{said}", year, span(ScheduleKind.HALF_YEAR, own, low, high)
        case "day":
            day = draw(st.dates(date(own, 1, 1), date(own, 12, 31)))
            return f"{day.day:02}/{day.month:02}{tail}", year, Schedule(ScheduleKind.DAY, day, day)
        case "before":
            day = draw(st.dates(date(own, 1, 1), date(own, 12, 31)))
            text = f"Trước ngày {day.day}/{day.month}{tail}"
            return text, year, Schedule(ScheduleKind.BEFORE, last=day - timedelta(days=1))
        case _:
            words = {"ngày": Every.DAY, "tuần": Every.WEEK, "tháng": Every.MONTH, "quý": Every.QUARTER}
            word = draw(st.sampled_from(sorted(words)))
            text = f"{draw(st.sampled_from(['Hàng', 'Hằng', 'Mỗi']))} {word}"
            return text, year, Schedule(ScheduleKind.CADENCE, every=words[word])


def span(kind: ScheduleKind, year: int, low: int, high: int) -> Schedule:
    return Schedule(kind, date(year, low, 1), date(year, high, monthrange(year, high)[1]))


@st.composite
def spellings(draw: st.DrawFn, phrase: str) -> str:
    """The same phrase as another typist, word processor or scanner would give it."""
    if draw(st.booleans()):
        phrase = re.sub("/", draw(st.sampled_from([" /", "/ ", " / "])), phrase)
    if draw(st.booleans()):
        phrase = re.sub(
            " ", draw(st.sampled_from(["  ", "\u00a0", "\n" if "\n" in phrase else " \t"])), phrase
        )
    phrase = draw(st.sampled_from([phrase, phrase.lower(), phrase.upper()]))
    phrase = (
        draw(st.sampled_from(["", "- ", "• ", "+ "])) + phrase + draw(st.sampled_from(["", ".", ";", " "]))
    )
    if draw(st.booleans()):
        phrase = f"<b>{phrase}</b>"
    if draw(st.booleans()):
        phrase = "".join(c for c in unicodedata.normalize("NFD", phrase) if not unicodedata.combining(c))
        phrase = phrase.replace("đ", "d").replace("Đ", "D")
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), phrase)


@given(st.data())
def test_a_schedule_reads_the_same_in_any_spelling(data: st.DataObject) -> None:
    phrase, year, schedule = data.draw(schedules())
    assert read_schedule(data.draw(spellings(phrase)), year) == schedule


@given(st.text(max_size=60), years)
def test_no_text_breaks_the_reader(text: str, year: int) -> None:
    read_schedule(text, year)
