"""The kinds of organisation, chosen and never guessed: each brings its words, its form of documents, who
signs them, and the ready rules that are nearest.

Party documents follow Guidance 36-HD/VPTW, state ones Decree 30/2020/NĐ-CP; signing TM. and KT. is Decree
30/2020, appendix I, part II, section I.7. What has no form of its own here takes the nearest, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflow.domain.vietnamese import fold
from workflow.domain.words import Words


class OrganisationKind(StrEnum):
    """What an organisation is."""

    PARTY_COMMITTEE = "party-committee"
    PEOPLES_COMMITTEE = "people-committee"
    AGENCY = "agency"
    FRONT_OR_MASS_BODY = "front-or-mass-body"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    COMPANY = "company"

    @property
    def label(self) -> Words:
        """The kind in Vietnamese."""
        return _WORDS[self].label

    @property
    def words(self) -> KindWords:
        """What the kind brings."""
        return _WORDS[self]

    @property
    def is_party(self) -> bool:
        """Whether it addresses people and writes documents as the Party does."""
        return self is OrganisationKind.PARTY_COMMITTEE


class ReadyRules(StrEnum):
    """The ready files of routing rules."""

    PARTY = "party"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a kind of organisation brings.

    `decides` names who decides there, where the directory names no body; `you` is how a person is addressed;
    `signs_for` and `signs_as` stand above the signature of whoever leads, `deputy_for` and `deputy_as` of a
    deputy; `near` says what stands in for a form or rules of its own, empty where it has them.
    """

    label: Words
    decides: Words
    you: Words
    signs_for: str
    signs_as: str
    deputy_for: str
    deputy_as: str
    recipients: tuple[str, ...]
    filed: str
    symbol: str
    rules: ReadyRules
    near: Words | None = None


_UNITS = "Các đơn vị chủ trì"
_YOU = Words("ông/bà")
_STATE_FORM = Words(
    "Chưa có thể thức và quy tắc mẫu riêng: dùng thể thức của Nghị định 30/2020/NĐ-CP và quy tắc mẫu của "
    "ủy ban nhân dân là gần nhất."
)

_WORDS: Mapping[OrganisationKind, KindWords] = {
    OrganisationKind.PARTY_COMMITTEE: KindWords(
        label=Words("Cấp ủy, tổ chức đảng"),
        decides=Words("Ban Thường vụ"),
        you=Words("đồng chí"),
        signs_for="T/M BAN THƯỜNG VỤ",
        signs_as="BÍ THƯ",
        deputy_for="T/M BAN THƯỜNG VỤ",
        deputy_as="PHÓ BÍ THƯ",
        recipients=(_UNITS, "Các chi bộ trực thuộc"),
        filed="Lưu Văn phòng",
        symbol="ĐU",
        rules=ReadyRules.PARTY,
    ),
    OrganisationKind.PEOPLES_COMMITTEE: KindWords(
        label=Words("Ủy ban nhân dân"),
        decides=Words("Ủy ban nhân dân"),
        you=_YOU,
        signs_for="TM. ỦY BAN NHÂN DÂN",
        signs_as="CHỦ TỊCH",
        deputy_for="TM. ỦY BAN NHÂN DÂN",
        deputy_as="KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH",
        recipients=("Thường trực HĐND", _UNITS),
        filed="Lưu: VT, VP",
        symbol="UBND",
        rules=ReadyRules.PEOPLE,
    ),
    OrganisationKind.AGENCY: KindWords(
        label=Words("Cơ quan, đơn vị sự nghiệp"),
        decides=Words("Ban lãnh đạo"),
        you=_YOU,
        signs_for="",
        signs_as="THỦ TRƯỞNG",
        deputy_for="KT. THỦ TRƯỞNG",
        deputy_as="PHÓ THỦ TRƯỞNG",
        recipients=(_UNITS,),
        filed="Lưu: VT",
        symbol="CQ",
        rules=ReadyRules.PEOPLE,
        near=_STATE_FORM,
    ),
    OrganisationKind.FRONT_OR_MASS_BODY: KindWords(
        label=Words("Mặt trận Tổ quốc, đoàn thể"),
        decides=Words("Ban Thường trực"),
        you=_YOU,
        signs_for="TM. BAN THƯỜNG TRỰC",
        signs_as="CHỦ TỊCH",
        deputy_for="TM. BAN THƯỜNG TRỰC",
        deputy_as="PHÓ CHỦ TỊCH",
        recipients=(_UNITS,),
        filed="Lưu: VT",
        symbol="MTTQ",
        rules=ReadyRules.PEOPLE,
        near=_STATE_FORM,
    ),
    OrganisationKind.SCHOOL: KindWords(
        label=Words("Trường học"),
        decides=Words("Ban Giám hiệu"),
        you=_YOU,
        signs_for="",
        signs_as="HIỆU TRƯỞNG",
        deputy_for="KT. HIỆU TRƯỞNG",
        deputy_as="PHÓ HIỆU TRƯỞNG",
        recipients=(_UNITS,),
        filed="Lưu: VT",
        symbol="TH",
        rules=ReadyRules.PEOPLE,
        near=_STATE_FORM,
    ),
    OrganisationKind.HOSPITAL: KindWords(
        label=Words("Bệnh viện, trung tâm y tế"),
        decides=Words("Ban Giám đốc"),
        you=_YOU,
        signs_for="",
        signs_as="GIÁM ĐỐC",
        deputy_for="KT. GIÁM ĐỐC",
        deputy_as="PHÓ GIÁM ĐỐC",
        recipients=(_UNITS,),
        filed="Lưu: VT",
        symbol="BV",
        rules=ReadyRules.PEOPLE,
        near=_STATE_FORM,
    ),
    OrganisationKind.COMPANY: KindWords(
        label=Words("Doanh nghiệp"),
        decides=Words("Ban Giám đốc"),
        you=_YOU,
        signs_for="",
        signs_as="GIÁM ĐỐC",
        deputy_for="KT. GIÁM ĐỐC",
        deputy_as="PHÓ GIÁM ĐỐC",
        recipients=(_UNITS,),
        filed="Lưu: VT",
        symbol="CTY",
        rules=ReadyRules.PEOPLE,
        near=_STATE_FORM,
    ),
}

# In this order: a Party cell of a school is the Party's, a trade union of a company is a mass body.
_SIGNS = (
    (
        OrganisationKind.PARTY_COMMITTEE,
        r"(dang|thanh|tinh|huyen|quan|thi|chi) uy|chi bo|dang bo|dang doan|ban can su",
    ),
    (OrganisationKind.PEOPLES_COMMITTEE, r"uy ban nhan dan|ubnd"),
    (OrganisationKind.FRONT_OR_MASS_BODY, r"mat tran|mttq|hoi(?! dong)|doan(?! dai bieu| kinh te)"),
    (OrganisationKind.PARTY_COMMITTEE, r"ban thuong vu"),
    (OrganisationKind.SCHOOL, r"truong|hoc vien"),
    (OrganisationKind.HOSPITAL, r"benh vien|(trung tam|tram) y te|phong kham"),
    (OrganisationKind.COMPANY, r"cong ty|tap doan|doanh nghiep|ngan hang|hop tac xa"),
)


def proposed_kind(*names: str) -> OrganisationKind:
    """A proposal by the organisation's names, the surest first: to be shown and changed, never to be taken in
    silence. An agency where no name says more."""
    for name in names:
        plain = fold(name)
        for kind, sign in _SIGNS:
            if re.search(rf"\b(?:{sign})\b", plain):
                return kind
    return OrganisationKind.AGENCY


def kind_said(text: str) -> OrganisationKind | None:
    """The kind that someone wrote: its label or its id; None where it is neither."""
    plain = fold(text)
    return next((one for one in OrganisationKind if plain in (fold(one.label), fold(one.value))), None)
