"""Parses cadences: `Hằng tháng`, `01 tháng/lần`, `02 lần/năm`, `Thường xuyên`.

Works on phrases already folded and tidied by `phrases`.
"""

from __future__ import annotations

import re

from workflow.domain.plans.plan import Every

EVERY_WORD = {
    "ngay": Every.DAY,
    "tuan": Every.WEEK,
    "thang": Every.MONTH,
    "quy": Every.QUARTER,
    "6 thang": Every.HALF_YEAR,
    "nua nam": Every.HALF_YEAR,
    "nam": Every.YEAR,
}
MONTHS_BETWEEN = {1: Every.MONTH, 3: Every.QUARTER, 6: Every.HALF_YEAR, 12: Every.YEAR}
TIMES_A_YEAR = {1: Every.YEAR, 2: Every.HALF_YEAR, 4: Every.QUARTER, 12: Every.MONTH}
_PERIOD = r"(?:ngay|tuan|thang|quy|6 thang|nua nam|nam)"


def read_cadence(phrase: str) -> Every | None:
    """Returns the cadence that a folded, tidied phrase names, None if it names none."""
    return _ongoing(phrase) or _rate(phrase) or _each(phrase)


def _ongoing(phrase: str) -> Every | None:
    usual = r"(?:thuong xuyen|lien tuc|quanh nam|suot nam|duy tri)"
    rest = r"(?:,? ?(?:thuong xuyen|lien tuc|trong|ca|nam|hang nam|\d{4}))*"
    return Every.ONGOING if re.match(rf"^{usual}{rest}$", phrase) else None


def _rate(phrase: str) -> Every | None:
    """`01 tháng/lần` is a gap between two times; `02 lần/năm` a count within a period."""
    one = r"(?: ?/ ?| )(?:1 |mot )?"
    phrase = re.sub(r"^(?:it nhat|toi thieu|moi|hang|cu) ", "", phrase)
    if gap := re.match(rf"^(?:(\d{{1,2}}) )?({_PERIOD}){one}lan$", phrase):
        count, unit = int(gap[1] or 1), gap[2]
        return MONTHS_BETWEEN.get(count) if unit == "thang" else EVERY_WORD[unit] if count == 1 else None
    if times := re.match(
        rf"^(\d{{1,2}})(?:-\d{{1,2}})? (?:lan|ky|dot) ?(?:/|tren|trong|moi|hang|mot) ?(?:1 )?({_PERIOD})$",
        phrase,
    ):
        count, unit = int(times[1]), times[2]
        return TIMES_A_YEAR.get(count, Every.YEAR) if unit == "nam" else EVERY_WORD[unit]
    return None


def _each(phrase: str) -> Every | None:
    """`Hằng ngày`; of several (`Hằng tháng, quý, năm`) the most frequent, as the others follow from it."""
    listed = rf"{_PERIOD}(?: ?(?:,|;|/|va|-) ?(?:hang |moi |ca |cuoi )?{_PERIOD})*"
    said = re.match(
        rf"^(?:.{{0,24}} )?(?:hang|moi|dinh ky)(?: hang| theo)? ({listed})"
        r"(?: ?[,;] ?(?:thuong xuyen|\d{4}))?$",
        phrase,
    )
    said = said or re.match(rf"^((?:6 thang|thang|quy) ?(?:,|va) ?{listed})$", phrase)
    if said is None:
        return None
    order = list(Every)
    return min((EVERY_WORD[word] for word in re.findall(_PERIOD, said[1])), key=order.index)
