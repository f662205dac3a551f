"""What kind of figure a target is: what its values over periods, and of several organisations, make together.

The kind a content's words say is read by `workflow.importing.cells.target_kinds`; a target nobody has read
has the kind its unit of measure says. How kinds add up is `docs/rollups.md`.
"""

from __future__ import annotations

from enum import StrEnum

from workflow.domain.words import Words


class TargetKind(StrEnum):
    """The kinds of target."""

    FLOW = "flow"
    """What is done in each period: disjoint periods add up."""
    LEVEL = "level"
    """A number that stands, as streets that are kept: the last period's, added over organisations only."""
    RATE = "rate"
    """A share, a norm for each of something, a mark: never added."""
    RANK = "rank"
    """A place among others: never added."""
    YES_NO = "yes-no"
    """1 where something is so, 0 where it is not; over organisations, how many of them."""
    DATE = "date"
    """A day written as a number, year before month before day (20261031): the last one said; over
    organisations, the latest."""

    @property
    def label(self) -> Words:
        """The kind in Vietnamese, as cells and lists have it."""
        return _LABELS[self]

    @property
    def said(self) -> Words:
        """How values of the kind add up, in a sentence for the office."""
        return _SAID[self]

    @property
    def is_added_below(self) -> bool:
        """Whether the values, and the plans' figures, of several organisations are added."""
        return self in (TargetKind.FLOW, TargetKind.LEVEL, TargetKind.YES_NO)


_LABELS = {
    TargetKind.FLOW: Words("cộng dồn"),
    TargetKind.LEVEL: Words("mức giữ"),
    TargetKind.RATE: Words("tỷ lệ, định mức"),
    TargetKind.RANK: Words("thứ hạng"),
    TargetKind.YES_NO: Words("có hay không"),
    TargetKind.DATE: Words("ngày"),
}
_SAID = {
    TargetKind.FLOW: Words("Số làm được trong từng kỳ; các kỳ cộng lại."),
    TargetKind.LEVEL: Words("Số đang có; lấy số của kỳ cuối, không cộng các kỳ."),
    TargetKind.RATE: Words("Tỷ lệ, định mức, điểm số; không bao giờ cộng."),
    TargetKind.RANK: Words("Thứ hạng; lấy của kỳ cuối, không cộng."),
    TargetKind.YES_NO: Words("1 là có, 0 là không; lấy của kỳ cuối."),
    TargetKind.DATE: Words("Ngày viết liền năm, tháng, ngày (20261031); lấy của kỳ cuối."),
}

RANKED = "thứ hạng"
"""The unit of measure of a rank that was read from words."""
_SIGNS = ("%", "‰")
_STARTS = ("phần trăm", "điểm phần trăm", "điểm", "tỷ lệ", "tỉ lệ", "mức độ")
_RANKS = (RANKED, "hạng", "bậc")
_YEAR = "/năm"


def kind_by_measure(measure: str, *, is_rank: bool = False) -> TargetKind:
    """The kind that the unit of measure says by itself, where no words around it are known.

    So many a year (`lần/năm`) add up over the year; so many of each of something (`đồng/hộ`), or in each
    shorter time (`lần/tháng`), are a norm, as is `lần/năm/cơ sở`.
    """
    said = " ".join(measure.casefold().split()).replace(" /", "/").replace("/ ", "/")
    if is_rank or said.startswith(_RANKS):
        return TargetKind.RANK
    if any(sign in said for sign in _SIGNS) or said.startswith(_STARTS):
        return TargetKind.RATE
    if "/" in said.removesuffix(_YEAR):
        return TargetKind.RATE
    return TargetKind.FLOW
