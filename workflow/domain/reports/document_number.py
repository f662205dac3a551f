"""The number of an official document: reading it, proposing the next one, and when two are the same.

A Party document is numbered `12-BC/ĐU` (Guidance 36-HD/VPTW), a state one `12/BC-UBND` (Decree 30/2020,
annex I); numbers count through a year and have a zero before 1 to 9.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from workflow.domain.errors import NotAllowed
from workflow.domain.words import Words

KIND = "BC"
"""Of a report (báo cáo)."""

_NUMBER = re.compile(r"0*(?P<count>[1-9]\d{0,4})(?P<letter>[a-zA-Z]?)\s*(?P<symbol>[-/]\s*\S.{0,40})?")
_SERIES = re.compile(r"[^\W\d_]{1,10}")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A number as it is printed: `text`, its `count`, and the `symbol` after it (`-BC/ĐU`)."""

    text: str
    count: int
    symbol: str

    def is_of(self, kind: str) -> bool:
        """Whether it is of a series: `BB` of `03-BB/ĐU`, and of no other kind's."""
        return re.split(r"[-/\s]+", self.symbol.strip(" -/").casefold())[0] == kind.casefold()

    @property
    def key(self) -> str:
        """What two numbers of one organisation and year are compared by: `12-bc/đu`."""
        return re.sub(r"\s", "", self.text.lstrip("0")).casefold()


def read_series(typed: str) -> str:
    """Returns the kind of a series of numbers that a person typed, one group of letters (`BB`), in the stored
    spelling; empty for none. Raises NotAllowed with the accepted form: no number could belong to another."""
    text = unicodedata.normalize("NFC", typed).strip()
    if text and _SERIES.fullmatch(text) is None:
        raise NotAllowed(
            Words("“%(typed)s” không phải là ký hiệu của một loại văn bản.", typed=text[:60]),
            cure=Words("Ghi một nhóm chữ cái như BB, không kèm số, dấu hay tên cơ quan."),
        )
    return text


def read_number(typed: str) -> DocumentNumber:
    """The number a person typed; raises NotAllowed with the accepted form."""
    text = " ".join(unicodedata.normalize("NFC", typed).split())
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise NotAllowed(
            f"“{typed.strip()[:60]}” không phải là số của văn bản." if text else "Chưa ghi số của văn bản.",
            cure=Words("Ghi như 12-BC/ĐU hoặc 12/BC-UBND."),
        )
    return DocumentNumber(text, int(found["count"]), found["symbol"] or "")


def proposed_number(
    last: str, plan_number: str, *, is_party: bool, kind: str = KIND, symbol: str = ""
) -> str:
    """The number after `last`, the one of that kind issued last in the year; the year's first where there is
    none, with the symbol of the organisation as its plan's number (`12-KH/ĐU`) has it, else
    `symbol`."""
    if last:
        known = read_number(last)
        return f"{known.count + 1:02}{known.symbol}"
    if is_party:
        organ = plan_number.rpartition("/")[2].strip() if "/" in plan_number else ""
        return f"01-{kind}/{organ or symbol or 'ĐU'}"
    organ = plan_number.rpartition("/")[2].partition("-")[2].strip() if "/" in plan_number else ""
    return f"01/{kind}-{organ or symbol or 'UBND'}"
