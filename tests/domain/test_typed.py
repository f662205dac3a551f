"""Numbers and days that anybody sends: read in one place, within bounds, at once."""

from __future__ import annotations

import ast
import time
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain import typed
from workflow.domain.errors import NotAllowed, TiendoError, WrongSetting
from workflow.domain.periods.period import Span
from workflow.domain.typed import (
    FIGURES,
    GREATEST,
    POINTS,
    part_of_whole,
    plain_number,
    points_typed,
    sent_day,
    whole_number,
    written_day,
)
from workflow.domain.typed_number import typed_number
from workflow.importing.files.rules_file import routing_in, scoring_in

ROOT = Path(typed.__file__).parents[2]


@given(st.text(max_size=60) | st.from_regex(r"[-+]?[0-9.,eE_]{0,40}", fullmatch=True))
def test_whatever_is_read_as_a_number_is_within_its_bounds(text: str) -> None:
    for bounds in (POINTS, FIGURES):
        value = plain_number(text, bounds)
        if value is not None:
            assert text.isascii()
            assert abs(value) < 10**bounds.before
            assert value == round(value, bounds.after)
    whole = whole_number(text)
    assert whole is None or 0 <= whole <= GREATEST
    with suppress(NotAllowed):
        assert abs(typed_number(text, "đồng")) < 10**FIGURES.before


@given(st.integers(0, GREATEST), st.decimals(-999_999, 999_999, places=4))
def test_what_people_write_is_read_as_it_is(whole: int, points: Decimal) -> None:
    assert whole_number(str(whole)) == whole
    assert points_typed(f"{points:f}".replace(".", ",")) == points


@pytest.mark.parametrize(
    ("text", "value"), [("", "0"), ("2", "2"), ("−1,5", "-1.5"), ("+0.25", "0.25"), (" 10 ", "10")]
)
def test_points_are_read_as_they_were(text: str, value: str) -> None:
    assert points_typed(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "1e-16000000",
        "1e999999999",
        "9" * 100_000,
        "NaN",
        "Infinity",
        "１２",
        "1_0",
        "1,23456",
        "1234567",
        "1/0",
    ],
)
def test_what_nobody_writes_is_refused_at_once_with_the_bounds(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(NotAllowed, match="nhiều nhất 6 chữ số") as caught:
        points_typed(text)
    assert len(caught.value.what) < 100
    with suppress(NotAllowed):
        typed_number(text)
    assert part_of_whole("1e-16000000") is part_of_whole("1/0") is None
    assert time.process_time() - begun < 0.5


def test_a_figure_of_money_has_room() -> None:
    assert typed_number("1.390.000.000.000", "đồng") == 1_390_000_000_000
    assert typed_number("1.390 tỷ", "đồng") == 1_390_000_000_000
    with pytest.raises(NotAllowed, match="quá nhiều chữ số"):
        typed_number("999999999 tỷ", "đồng")
    with pytest.raises(NotAllowed, match="nhiều nhất 15 chữ số"):
        typed_number("1" * 16)


def test_parts_of_a_whole() -> None:
    assert part_of_whole("2/3") == Fraction(2, 3)
    assert part_of_whole("0.5") == Fraction(1, 2)


@pytest.mark.parametrize(
    "text", ["0000-01-01", "9999-12-31", "20260305", "2026-W01-1", "2026-02-30", "２０２６-01-01"]
)
def test_a_day_far_off_or_in_another_form_is_none(text: str) -> None:
    assert sent_day(text) is None


def test_a_day_is_read_as_a_browser_or_a_person_writes_it() -> None:
    assert str(sent_day("2026-03-05")) == str(written_day("5/3/2026")) == str(written_day("05-03-2026"))
    assert written_day("5/3-2026") is None


@pytest.mark.parametrize(
    "code", ["9999-Q1", "0-Q1", "99999999999-M01", "２０２６-Q1", "2026-Q" + "9" * 5000, "1e5"]
)
def test_a_period_of_no_year_is_told(code: str) -> None:
    with pytest.raises(TiendoError, match="Không hiểu kỳ báo cáo"):
        Span.parse(code)


@pytest.mark.parametrize(
    "value", ["1e999999999", "1e-16000000", "nan", "inf", "9" * 5_000, "9" * 30 + ".5", "[" * 10_000]
)
def test_a_rules_file_holds_no_number_that_nobody_writes(value: str) -> None:
    begun = time.process_time()
    for line in (f"[caps]\nbonus = {value}\n", f"[rounding]\nplaces = {value}\n"):
        with suppress(WrongSetting):
            found, wrong = scoring_in(line.encode(), "scoring.toml")
            assert found is None
            assert wrong
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("amount", ["1e999999999", "nan", "-1", "9" * 30])
def test_a_routing_file_holds_none_either(amount: str) -> None:
    line = f'[[overrides]]\namount_from = {amount}\n[overrides.approval]\nmore_than = "2/3"\n'
    with suppress(WrongSetting):
        assert routing_in(line.encode(), "routing.toml")[0] is None


MAKERS = {"Decimal", "Fraction", "int", "float"}
SAFE = {
    # A stamp's values are ours and signed, and a duration is no input.
    "stamp",
    "total_seconds",
}
LEFT = {
    # `str(value)` of what Excel kept as a number, its size checked on the line above.
    ("workflow/web/sheets/reading.py", "Decimal(str(value))"),
    # The size of a file, an int of Starlette's.
    ("workflow/web/duties/evidence.py", "Decimal(size)"),
    ("workflow/web/pages.py", "Decimal(count)"),
    # Numbers that the database gave.
    ("workflow/web/api/models.py", "float(Fraction(kept['progress_sum']) / count)"),
    ("workflow/web/api/models.py", "Fraction(kept['progress_sum'])"),
    # Groups of at most nine digits.
    ("workflow/web/sheets/columns.py", "int(match[1])"),
    ("workflow/web/sheets/columns.py", "int(match[2])"),
    ("workflow/web/sheets/columns.py", "int(match[4] or 0)"),
    # A truth as 1 or 0, a line's width.
    ("workflow/web/duties/own_page.py", "int(is_open)"),
    ("workflow/web/duties/report_form.py", "int(is_filled)"),
    ("workflow/web/sheets/writing.py", "int(width * 1.05)"),
    # What a stamp holds, under another name.
    ("workflow/web/duties/decision_forms.py", "int(cycle_id)"),
    ("workflow/web/plans/target_kind_pages.py", "int(place)"),
    ("workflow/web/duties/decision_forms.py", "int(seat)"),
    ("workflow/web/duties/decision_forms.py", "int(version)"),
    ("workflow/web/duties/send_many.py", "int(cycle)"),
    ("workflow/web/reports/approving_pages.py", "int(asked_id)"),
    ("workflow/web/reports/approving_pages.py", "int(issue_id)"),
    ("workflow/web/reports/issuing_pages.py", "int(one)"),
    ("workflow/web/reports/editing_pages.py", "int(one)"),
    ("workflow/web/office/difficulty_pages.py", "int(seen)"),
    ("workflow/web/office/item_pages.py", "int(seen[0])"),
    ("workflow/web/duties/recall_page.py", "int(seen)"),
    ("workflow/web/periods/days_off_pages.py", "date.fromisoformat(day)"),
    ("workflow/web/duties/report_form.py", "int(version)"),
    ("workflow/web/access/held_links_pages.py", "int(period)"),
}


def _makes_a_number(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[first, *_]):
            return name in MAKERS and not isinstance(first, ast.Constant)
        case ast.Call(func=ast.Attribute(attr="fromisoformat" | "strptime")):
            return True
    return False


def test_no_page_makes_a_number_of_what_was_sent_but_by_the_reader() -> None:
    found = set()
    for path in sorted((ROOT / "workflow" / "web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _makes_a_number(node):
                said = ast.unparse(node)
                if not any(word in said for word in SAFE):
                    found.add((path.relative_to(ROOT).as_posix(), said))
    days_of_ours = {
        one for one in found if "fromisoformat(kept)" in one[1] or "fromisoformat(details" in one[1]
    }
    assert found - days_of_ours == LEFT
