"""Normalises the words of a unit's name: abbreviations, plurals, counts, levels and numbers.

`unit_key` turns a printed name into its comparable parts; two names with the same stem and number mean
the same body. The tables here are general administrative usage, never the wording of one document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflow.importing.folding import LEVELS, fold, tidy

CANONICAL: tuple[tuple[str, str], ...] = (
    # (how it may be written, folded and without punctuation; its normal form), tried in order
    (r"uy ban nhan dan|ub nhan dan|ub nd", "ubnd"),
    (r"hoi dong nhan dan|hd nd", "hdnd"),
    (r"(?:uy ban|ub)? ?mat tran to quoc(?: viet nam| vn)?", "mttq"),
    (
        r"(?:uy ban|ub) ?mt ?t[qo](?: viet nam| vn)?|ubmt(?!\w)|mttq (?:viet nam|vn)|(?:uy ban|ub) mat tran",
        "mttq",
    ),
    (r"ban cong tac mat tran|ban ct ?mt|b ?ct ?mt|ban mat tran", "ban ctmt"),
    (r"to dan pho|khu pho|t ?d ?p|kp", "tdp"),
    (r"khu dan cu", "kdc"),
    (r"ban ctmt (?:cac |o |tai )?(?:tdp|thon|kdc|ap|ban)(?!\w)", "ban ctmt"),
    (r"lien hiep phu nu|phu nu|lhpn|pn", "lhpn"),
    (r"hlhpn|hoi lh lhpn", "hoi lhpn"),
    (r"cuu chien binh|ccb", "ccb"),
    (r"hccb", "hoi ccb"),
    (r"hoi nong dan|hoi nd|hnd", "hoi nong dan"),
    (r"nguoi cao tuoi|nct", "nguoi cao tuoi"),
    (r"chu thap do|ctd", "chu thap do"),
    (r"cuu thanh nien xung phong|cuu tnxp|ctnxp", "cuu tnxp"),
    (r"doan (?:thanh nien|tn(?:cs)?)(?: cong san| cs)?(?: ho chi minh| hcm)?|dtn|doan tncs hcm", "doan tn"),
    (r"(?:to chuc|doan the) (?:chinh tri xa hoi|ct xh|ctxh|chinh tri)", "doan the"),
    (r"doan the (?:quan chung|nhan dan)", "doan the"),
    (r"tram y te|tyt", "tram y te"),
    (r"ban chi huy quan su|b ?ch ?qs|bch quan su|ban ch quan su", "ban chqs"),
    (r"ban chi dao", "bcd"),
    (r"ban quan ly", "bql"),
    (r"ban chap hanh", "bch"),
    (r"ban thuong vu|btv", "ban thuong vu"),
    (r"trung tam hoc tap cong dong|tt htcd|tthtcd", "tt htcd"),
    (r"(?:trung tam|tt) (?:phuc vu hanh chinh cong|pvhcc)", "tt pvhcc"),
    (r"trung tam", "tt"),
    (r"bo phan|bp(?=vh|ql|tc)|bp", "bp"),
    (r"van hoa xa hoi|van hoa va xa hoi|vhxxh|vh xh|vhxh", "vhxh"),
    (r"van hoa thong tin|van hoa va thong tin|vh tt|vhtt", "vhtt"),
    (r"quan ly do thi|qldt", "qldt"),
    (r"giao duc (?:va )?dao tao|gd ?& ?dt|gddt", "gddt"),
    (r"tai chinh (?:va )?ke hoach|tc kh|tckh", "tckh"),
    (r"van phong|vp", "van phong"),
    (r"hop tac xa", "htx"),
    (r"cau lac bo", "clb"),
    (r"thcs", "trung hoc co so"),
    (r"(?<=truong )th", "tieu hoc"),
    (r"(?<=truong )mn", "mam non"),
    (r"nha truong|truong hoc|co so giao duc", "truong"),
    (r"ca(?= (?:khu vuc|phuong|xa)|$)", "cong an"),
    (r"khoi dan van dang uy", "khoi dan van"),
    (r"uy ban kiem tra(?: dang uy)?|ubkt(?: dang uy| du)?", "ubkt"),
)
"""Order matters: a later row is applied to the result of the earlier ones."""

_CANONICAL = tuple((re.compile(rf"(?<!\w)(?:{written})(?!\w)"), short) for written, short in CANONICAL)
_LEVEL_WORD = "|".join(LEVELS)
_PROPER = r"(?:\s+[A-ZĐÀ-ỸÂÊÔĂƠƯ][^\W\d_]*){0,4}"
_LEVEL_AT_END = re.compile(rf"\s(?:của\s+|thuộc\s+)?(?i:(?P<level>{_LEVEL_WORD}))(?P<place>{_PROPER})$")
_QUALIFIER = re.compile(
    rf"\s(?:có |cùng )?(?:liên quan|trên (?:toàn )?địa bàn(?: (?:{_LEVEL_WORD})\b.*)?"
    rf"|trên toàn (?:{_LEVEL_WORD})\b.*"
    rf"|trực thuộc(?: đảng [uủ][yỷ]| đảng uỷ)?|đóng trên địa bàn.*)$",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"^(?:tất cả |toàn bộ )?(?:(?:các|những|toàn thể)\s+)", re.IGNORECASE)
_COUNT = re.compile(r"^(\d{1,3})\s+(?=\D)")

LONGEST_NAME = 300
VAGUE = re.compile(
    r"(?:don vi|bp|co quan|to chuc|doanh nghiep|cong dan|ca nhan|nguoi dan|nhan dan|phong|ban|nganh"
    r"|phong ban|ban nganh|nha hao tam|ho gia dinh|ho kinh doanh|ho|co so|cs|tap the|toan dan"
    r"|can bo|dang vien|hoi vien)(?: (?:chuc nang|chuyen mon|kinh doanh|san xuat|co lien quan|lien quan"
    r"|khac|don vi|doanh nghiep|sxkd))*"
    # People, whatever clause follows: `công dân đến làm thủ tục`, `người dân sinh sống tại khu vực`.
    r"|(?:cong dan|nguoi dan|nhan dan|toan dan|ho dan|can bo|dang vien|hoi vien)(?: .*)?"
)
"""Stems that mean `whoever it concerns`: they name nobody to write to."""


@dataclass(frozen=True, slots=True)
class UnitKey:
    """A unit's name in comparable parts: `20 tổ dân phố thuộc phường` is stem `tdp`, count 20."""

    stem: str
    number: int | None = None
    level: str = ""
    place: str = ""
    is_plural: bool = False
    count: int | None = None

    @property
    def is_vague(self) -> bool:
        """Whether the name means only `whoever it concerns`."""
        return self.number is None and bool(VAGUE.fullmatch(self.stem))

    @property
    def slug(self) -> str:
        """An id made of the key: `cac-tdp`, `tdp-1`, `hoi-lhpn`."""
        number = "" if self.number is None else f"-{self.number}"
        plural = "cac-" if self.is_plural and self.number is None else ""
        return plural + re.sub(r"[^a-z0-9]+", "-", self.stem).strip("-") + number


def unqualified(name: str) -> str:
    """The printed name without what only says where or for whom: `trên địa bàn`, `và nhân dân`, brackets."""
    text = " ".join(re.sub(r"\([^()]*\)", " ", tidy(name[:LONGEST_NAME])).split()).strip(" .,;:-")
    text = re.split(r"\svà nhân dân\b", text, flags=re.IGNORECASE)[0]
    return _QUALIFIER.sub("", _COUNT.sub("Các ", text))


def unit_key(name: str) -> UnitKey:
    """The comparable parts of a printed name."""
    text = unqualified(name)
    text = re.sub(r"(?i)\bhợp tác xã\b", "HTX", text)
    plural = _PLURAL.match(text)
    text = _PLURAL.sub("", text)
    count = _COUNT.match(name.strip())
    level = place = ""
    for _ in range(3):
        text = _QUALIFIER.sub("", text)
        ending = _LEVEL_AT_END.search(text)
        if ending is None:
            continue
        level, place = level or fold(ending["level"]), place or fold(ending["place"])
        text = text[: ending.start()]
    stem = " ".join(re.sub(r"[^\w&]+", " ", fold(text)).split())
    for written, short in _CANONICAL:
        stem = written.sub(short, stem)
    stem, number = _numbered(" ".join(stem.split()))
    return UnitKey(stem, number, level, place, bool(plural), int(count[1]) if count else None)


def _numbered(stem: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(?P<stem>.*?)(?: so)? (?P<number>\d{1,3})", stem)
    return (found["stem"].removesuffix(" cac"), int(found["number"])) if found else (stem, None)
