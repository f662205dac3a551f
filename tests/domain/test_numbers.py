"""Numbers in every convention: read as themselves, or doubted with themselves among the readings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workflow.domain.errors import NotAllowed
from workflow.domain.numbers import read_amount, read_number, written
from workflow.domain.typed_number import typed_number
from workflow.importing.cells.targets import doubtful_figures, read_targets


@dataclass(frozen=True)
class Writer:
    """How somebody writes numbers: what stands between thousands, and before decimals."""

    between: str
    mark: str

    def writes(self, value: Decimal) -> str:
        whole, _, rest = f"{abs(value):f}".partition(".")
        groups = f"{int(whole):,}".replace(",", self.between)
        return ("-" if value < 0 else "") + groups + (f"{self.mark}{rest}" if rest else "")


WRITERS = [
    Writer(between, mark)
    for between in (".", ",", " ", "\u00a0", "\u2009", "\u202f", "")
    for mark in ",."
    if between != mark
]
writers = st.sampled_from(WRITERS)
values = st.one_of(
    st.integers(0, 10**12).map(Decimal), *(st.decimals(0, 10**7, places=places) for places in (1, 2, 3, 4))
)
measures = st.sampled_from(["hộ", "%", "ha", "triệu đồng", "đồng", "lượt người", "km"])


def _is_the_thousand_of_the_law(text: str, measure: str) -> bool:
    """A lone group of three after a point: the one place where the law decides against English decimals."""
    whole, point, rest = text.partition(".")
    return bool(point) and measure != "%" and len(rest) == 3 and whole.isdigit() and 0 < int(whole) < 1000


@given(values, writers, measures)
def test_digits_have_the_number_that_was_written_among_their_readings(
    value: Decimal, writer: Writer, measure: str
) -> None:
    text = " ".join(writer.writes(value).split())
    assume(not _is_the_thousand_of_the_law(text, measure) or writer.between == ".")
    assert value in read_number(text, measure).readings


@given(values, writers, measures, st.booleans())
def test_a_form_reads_a_number_as_itself_or_refuses_it_with_both_readings(
    value: Decimal, writer: Writer, measure: str, is_below: bool
) -> None:
    value = -value if is_below and value else value
    text = writer.writes(value)
    assume(not _is_the_thousand_of_the_law(text.removeprefix("-"), measure) or writer.between == ".")
    if len(read_number(" ".join(text.split()).removeprefix("-"), measure).readings) == 1:
        assert typed_number(text, measure) == value
    else:
        with pytest.raises(NotAllowed, match="hai cách"):
            typed_number(text, measure)


@given(values, writers, measures)
def test_a_plan_takes_a_figure_as_it_was_written_or_doubts_it(
    value: Decimal, writer: Writer, measure: str
) -> None:
    text = writer.writes(value)
    assume(not _is_the_thousand_of_the_law(text, measure) or writer.between == ".")
    content = f"Hỗ trợ {text}{'' if measure == '%' else ' '}{measure}"
    taken = [target.value for target in read_targets(content)]
    doubts = doubtful_figures(content)
    assert taken == [value] or doubts
    assert all(doubt.taken is None or value in (doubt.taken, doubt.other) for doubt in doubts)


@given(st.integers(1, 999), st.integers(1, 999), st.sampled_from([("tỷ", "triệu"), ("triệu", "nghìn")]))
def test_an_amount_in_two_scales_is_one_number(great: int, small: int, scales: tuple[str, str]) -> None:
    read = read_amount(f"{great} {scales[0]} {small} {scales[1]} đồng")
    unit = 1_000_000 if scales[1] == "triệu" else 1_000
    assert (read.read.value, read.words) == ((great * 1000 + small) * unit, "đồng")
    (target,) = read_targets(f"Thu {great} {scales[0]} {small} {scales[1]} đồng")
    assert (target.value, target.measure) == (great * 1000 + small, f"{scales[1]} đồng")


@given(values)
def test_what_we_write_ourselves_is_read_in_one_way_only(value: Decimal) -> None:
    assert read_number(written(value), "ha").value == value


@given(st.from_regex(r"[0-9]{1,4}([., ][0-9]{1,4}){0,4}", fullmatch=True))
def test_digits_are_a_number_only_where_some_convention_writes_them_so(text: str) -> None:
    groups = text.replace(",", " ").replace(".", " ").split()
    if read_number(text).readings and len(groups) > 2:
        assert all(len(group) == 3 for group in groups[1:-1])


@pytest.mark.parametrize(
    "text", ["1.2.3,4", "1.23.456", "12 50", "1,234,56", "1.234 567", "1,234.567.890", ""]
)
def test_what_no_convention_groups_so_is_no_number(text: str) -> None:
    assert read_number(text).readings == ()
    assert not read_number(text).is_too_long


def test_a_lone_group_after_a_point_is_a_thousand_as_the_law_writes_it() -> None:
    assert read_number("1.250", "hộ").value == 1250
    assert read_number("0.125", "hộ").value == Decimal("0.125")
