"""Names in table cells: the leaders of a row and its units, each as printed.

Works on one cell at a time and knows no directory; matching a name to a unit is `matching`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from workflow.importing.folding import LEVELS, fold, tidy

_SURNAME_LIST = (
    "am au bach bui cao chao chau chu dam dang dao dau dinh do doan duong giang giap ha ho hoang hua "
    "huynh khong khuat kieu kim la lai lam le lo lu luong luu ly ma mac mai mau nghiem ngo nguyen ninh "
    "nong on pham phan phi phung quach sam ta tang thach thai than thi thieu tieu to tong tran trang "
    "trieu trinh truong tu uan uong van vi vo vu vuong"
)
_SURNAMES = frozenset(_SURNAME_LIST.split())
_TITLE = re.compile(
    r"(?:chu (?:tich|nhiem|tri)|bi thu|thuong (?:truc|vu)|giam doc|hieu (?:truong|pho)|uy vien|can bo"
    r"|cong (?:chuc|an)|chanh (?:van|thanh|an)|chi huy|dang (?:uy|vien)|thu truong|ke toan"
    r"|to (?:truong|pho)|doi truong|vien chuc|chuyen vien|chinh tri|ban chi|lanh dao|nguoi dung dau)\b"
)
_TITLE_WORDS = ("phó", "trưởng")
"""Compared with their accents, because `Trương` is a surname."""
_BODY = re.compile(
    r"(?:hội|ban|tổ|[uủ][yỷ] ban|uỷ ban|khối|phòng|văn phòng|trạm|trung tâm|trường|đoàn (?:thanh|thể|viên)"
    r"|bộ phận|đảng (?:bộ|[uủ][yỷ]))\b",
    re.IGNORECASE,
)
_COMRADE = re.compile(
    r"(?<!\w)(?:đ\s?/\s?c|d/c|đ\.\s?c\.?|đc|đồng chí|các đ/c|ông|bà|thầy(?: giáo)?|cô(?: giáo)?)"
    r"(?!\w)[.:]?",
    re.IGNORECASE,
)
MOST_SYLLABLES = 6
_SYLLABLE = r"[^\W\d_]+"


# --- leaders ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=16_384)
def read_leaders(cell: str) -> tuple[str, ...]:
    """Returns the leaders a cell names, in order, each once, without `Đ/c` and titles.

    For a cell with only a title (`Chủ tịch UBND xã`) the title is returned: it too identifies who answers.
    """
    text = tidy(cell[:LONGEST_CELL])
    chunks: list[str] = []
    for line in re.split(r"[;\n•]|(?:^|\s)[-+]\s(?=(?:Đ\s?/\s?c|Đồng chí|Ông|Bà)\b)", text):
        pieces = [piece for piece in _COMRADE.split(line) if piece.strip(" -–+*.,:")]
        chunks += pieces
    names: list[str] = []
    for chunk in chunks:
        first, *others = re.split(r"[,/]|\s[-–—]\s|\svà\s", chunk.strip(" -–—+*.,:"))
        names += [_name_in(first) or _name_in(chunk) or _title_in(chunk)]
        names += [_leading_name(other.strip()) for other in others if is_person(other)]
    found = dict.fromkeys(name for name in names if name)
    persons = [name for name in found if not _is_title(name)]
    return tuple(persons or found)


def is_person(text: str) -> bool:
    """Whether a whole cell or piece names a person rather than a body: `Đ/c Phương`, `Nguyễn Thị Lan`."""
    plain = tidy(text[:LONGEST_CELL]).strip(" -–+*.,;")
    if re.match(r"(?:các )?(?:đ\s?/\s?c|đ\.\s?c|đồng chí|ông|bà|thầy|cô)\b", plain, re.IGNORECASE):
        return True
    syllables = plain.split()
    if len(syllables) > 5:
        return False
    is_whole = len(_leading_name(plain).split()) == len(syllables)
    return len(syllables) >= 3 and fold(syllables[0]) in _SURNAMES and is_whole


def _name_in(chunk: str) -> str:
    plain = chunk.strip(" -–—+*.,:")
    plain = re.sub(r"^\d+[.)]\s*", "", plain)
    leading = _leading_name(plain)
    if len(leading.split()) > 1 or (leading and re.fullmatch(rf"{_SYLLABLE}(?:\s*[-–,(].*)?", plain)):
        return leading
    for start in re.finditer(r"(?<!\w)(?=[^\W\d_a-z])", plain):
        name = _leading_name(plain[start.start() :])
        if len(name.split()) >= 2 and fold(name.split()[0]) in _SURNAMES and not _BODY.match(name):
            return name
    return ""


def _leading_name(text: str) -> str:
    """The run of name syllables a text begins with, up to a dash, a comma or a title."""
    taken: list[str] = []
    for match in re.finditer(rf"{_SYLLABLE}|[^\s\w]|\d+", text):
        word = match[0]
        if (
            not re.fullmatch(_SYLLABLE, word)
            or not word[0].isupper()
            or _is_title(text[match.start() : match.start() + 40])
        ):
            break
        if word.isupper() and (len(word) > 1 and not _all_caps(text)):
            break  # an abbreviated title without a dash: `Lan ĐUV`
        taken.append(word)
        if len(taken) > MOST_SYLLABLES:
            return ""
    if _BODY.match(" ".join(taken)):
        return ""
    return " ".join(word.capitalize() if word.isupper() else word for word in taken)


def _all_caps(text: str) -> bool:
    first = re.split(r"[-–,;(]", text)[0].split()
    return len(first) >= 2 and all(word.isupper() for word in first[:2]) and fold(first[0]) in _SURNAMES


def _is_title(text: str) -> bool:
    short = r"(?:PCT|CT|BT|PBT|TT|HT|GĐ)\b"
    return (
        bool(_TITLE.match(fold(text))) or text.lower().startswith(_TITLE_WORDS) or bool(re.match(short, text))
    )


def _title_in(chunk: str) -> str:
    plain = chunk.strip(" -–—+*.,:;")
    return plain if _is_title(plain) else ""


# --- units -----------------------------------------------------------------------------------------------

_HEAD = (
    r"(?:các|những|toàn thể|UBND|HĐND|MTTQ|UBMTTQ|UB MTTQ|[UỦ][yỷ] ban|Uỷ ban|Mặt trận|Cấp ủy|Cấp uỷ"
    r"|Đảng [uủ][yỷ]|Đảng uỷ|Chi (?:bộ|hội|đoàn|nhánh|cục|ủy|uỷ)|Công an|CA|Quân sự|BCH|BCHQS|BCĐ|BQL|BCTMT"
    r"|Ban|Bộ phận|BP|Phòng|Văn phòng|VP|Hội|HLHPN|Đoàn (?:TN|thanh niên|thể|xã|phường|trường)|ĐTN"
    r"|Tổ|TDP|KP|Khu phố|Thôn|Ấp|Khu dân cư|Trạm|TYT|Trung tâm|TT|Trường|Nhà (?:trường|văn hóa|văn hoá)"
    r"|HTX|Hợp tác xã|CLB|Câu lạc bộ|Công ty|Doanh nghiệp|Hộ|Cá nhân|Công dân|Cơ quan|Đơn vị|Khối|Đội|Sở"
    r"|Kho bạc|Ngân hàng|Bảo hiểm|BHXH|Điện lực|Bưu điện|Tòa án|Viện|Thanh tra|Cán bộ|Công chức"
    r"|Thành viên|Đài|Lực lượng|Khoa|Bộ môn|Lớp|Giáo viên|GV(?:CN|BM)?|Xưởng|Phân xưởng|Nhà máy|BGĐ|BGH|BTV"
    r"|Chi ủy|Thường trực|Thư viện|Quỹ|\d+)(?!\w)"
)
"""The words a body's name begins with."""
_NO_BODY = re.compile(r"ban hành\b|tổ chức(?! chính trị| đoàn thể| [Đđ]ảng| xã hội| cơ sở|$)", re.IGNORECASE)
"""Work that begins with the same syllable as a body."""
_NUMBERED = r"(?:TDP|tổ dân phố|khu phố|KP|thôn|ấp|bản|khu dân cư|KDC|khu|cụm|tổ|chi hội|chi bộ|chi đoàn|đội)"
_WHOLE = r"(?:UBND|HĐND|UB ?MTTQ|MTTQ|[UuỦủ][yỷ] ban MTTQ|Uỷ ban MTTQ|Công an)"
"""Names that are whole as they stand: another body right after one has lost its comma."""
_LEVEL = "(?:" + "|".join(LEVELS) + ")"
_FIELD = r"(?:VHVN|TDTT|VHTT|VN|VH|TT)"
_NUMBER_LIST = re.compile(
    rf"(?P<head>(?:[^,;\n]*\W)?(?P<noun>{_NUMBERED}))\s+(?:từ\s+)?(?P<so>số\s+)?(?P<first>\d{{1,4}})(?!\d)"
    rf"(?P<rest>(?:\s*(?:,|;|và|&|-|–|(?:đến|tới)(?:\s+{_NUMBERED})?)\s*(?:số\s+)?\d{{1,4}}(?!\d))+)"
    rf"(?=\s*(?:[,;.)+\n]|$|(?:và|các|thuộc|{_LEVEL})\b))",
    re.IGNORECASE,
)
_MISSING_COMMA = (
    re.compile(rf"(?<!\w){_WHOLE}(?: {_LEVEL})?(?= các (?!cấp|{_LEVEL}|thôn|khu))", re.IGNORECASE),
    re.compile(r"(?<!\w)[^\W\d_A-ZĐ]+(?= Các )"),
    re.compile(
        rf"(?<!\w){_LEVEL}(?= (?:{_WHOLE}|TYT|TDP|Trạm|Hội (?:LHPN|CCB|ND)|Đoàn (?:TN|thanh niên))\b)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\w)cơ quan(?= (?:doanh nghiệp|trường học|xí nghiệp)\b)", re.IGNORECASE),
)
_VERB = re.compile(
    r"(?<!\w)(?<!- )(?:duy tri|nhan rong|trien khai"
    r"|dang ky|xay dung|thuc hien|ung ho|nop ve|phat dong|ra soat|lap danh sach|tham muu|phu trach"
    r"|chiu trach nhiem|bao cao) \w"
)
_NAMED_BY_ITS_WORK = re.compile(
    r"(?:cac )?(?:ban|bcd|bql|to|doi|clb|cau lac bo|trung tam|van phong|phong|so|quy|cong ty"
    r"|hoi dong|chi nhanh|du an|don vi|co quan|bo phan|ho|doanh nghiep|ca nhan|tieu ban|lien danh"
    r"|nha thau|to chuc|chi cuc|vp)\b"
)
_COMPOSED = re.compile(r"(?:Phòng|Sở|Trung tâm|Ban|Bộ)(?!\w)")
_OF_TWO = r"(?<!phòng HĐND )(?<!VP HĐND )"
"""`Văn phòng HĐND và UBND` is one office."""
MOST_WORDS = 22
"""A longer piece is a sentence, not a name."""
LONGEST_CELL = 1500
"""A longer cell is prose (units) or garbage after its first names (leaders); reading on only costs time."""


@lru_cache(maxsize=16_384)
def split_units(cell: str) -> tuple[str, ...] | None:
    """Returns the bodies a cell names, in order, each once; () if it is empty, None for prose or a person."""
    if len(cell) > LONGEST_CELL and cell.strip():
        return None
    text = _unwrapped(tidy(cell))
    if not text.strip(" -–+*.,;"):
        return ()
    text = re.sub(rf"((?:CLB|câu lạc bộ) {_FIELD})((?:\s*[,-]?\s*{_FIELD}\b)+)", _fields_joined, text)
    text = _NUMBER_LIST.sub(_numbered, text)
    for fault in _MISSING_COMMA:
        text = fault.sub(lambda match: match[0] + ";", text)
    pieces = [_trimmed(piece) for piece in _pieces(text)]
    pieces = _composed([piece for piece in pieces if piece])
    bodies = [piece for piece in pieces if not is_person(piece)]
    if not bodies or any(_is_prose(body) for body in bodies):
        return None
    return tuple(dict.fromkeys(_placed(bodies)))


def is_body(name: str) -> bool:
    """Whether a name begins as the names of bodies do: `Phòng Nội vụ`, `các đoàn thể`."""
    starts = re.match(_HEAD, name, re.IGNORECASE) and not _NO_BODY.match(name)
    return bool(starts) and len(name.split()) <= MOST_WORDS


def _unwrapped(text: str) -> str:
    """Line ends become separators where a body or a bullet begins, and spaces elsewhere."""
    joined = re.sub(rf"\n(?=[-+*•]|\d+[.)] |{_HEAD})", "; ", text, flags=re.IGNORECASE).replace("\n", " ")
    if re.match(r"[-+*•–]", joined):
        joined = re.sub(rf"\s[-+–]\s(?={_HEAD})", "; ", joined)
    return re.sub(rf"\s\+\s|\s\d{{1,2}}[.)]\s(?={_HEAD})", "; ", joined)


def _pieces(text: str) -> list[str]:
    """Split at commas and the like outside brackets, and at a `và` that stands before a body."""
    outside = re.sub(r"\([^()]*\)", lambda aside: re.sub(r"[,;]", "\0", aside[0]), text)
    split = re.split(
        rf"[,;•]|\s&\s|(?<!\w){_OF_TWO}và\s+(?=(?!nhân dân){_HEAD})", outside, flags=re.IGNORECASE
    )
    return [piece.replace("\0", ",") for piece in split]


def _trimmed(piece: str) -> str:
    bare = re.sub(r"^(?:[\s\-–+*•.:]+|\d{1,2}[.)]\s+|Đ/(?=[A-ZĐ]{2}))+", "", piece).rstrip(" .:-–")
    bare = re.sub(r"^(?:và|cùng|phối hợp với|với)\s+", "", bare, flags=re.IGNORECASE)
    bare = re.sub(rf"^(?:các|những)\s+(?={_NUMBERED} (?:số )?\d+$)", "", bare, flags=re.IGNORECASE)
    return re.sub(r"\s+(?:chủ trì|phối hợp)$", "", bare)


def _numbered(found: re.Match[str]) -> str:
    """`Ban CTMT các TDP số 1, 2` as `Ban CTMT TDP số 1; Ban CTMT TDP số 2`."""
    numbers = [int(found["first"])]
    for joint, digits in re.findall(r"(,|;|và|&|-|–|đến|tới)[^\d]*?(\d+)", found["rest"], re.IGNORECASE):
        last = int(digits)
        is_range = joint.lower() in {"-", "–", "đến", "tới"} and 0 < last - numbers[-1] <= 100
        numbers += range(numbers[-1] + 1, last + 1) if is_range else [last]
    head, noun, so = found["head"], found["noun"], "số " if found["so"] else ""
    head = re.sub(rf"(?:các|từ) (?=(?:từ )?{_NUMBERED}$)", "", head, flags=re.IGNORECASE)
    later = noun if re.search(r"(?<!\w)và(?!\w)", head) else re.sub(r"^[-–+\s]+", "", head)
    return "; ".join([f"{head} {so}{numbers[0]}"] + [f"{later} {so}{number}" for number in numbers[1:]])


def _fields_joined(found: re.Match[str]) -> str:
    """Fields of one club, `CLB VHVN, TDTT`, are not bodies of their own."""
    return "-".join([found[1], *re.findall(_FIELD, found[2])])


def _composed(pieces: list[str]) -> list[str]:
    """Puts together again what a comma inside a name took apart: `Phòng Kinh tế, Hạ tầng và Đô thị`."""
    done: list[str] = []
    for piece in pieces:
        if done and (
            _is_level(piece)
            or _is_branch(done[-1], piece)
            or (_ends_a_name(piece) and _COMPOSED.match(done[-1]))
        ):
            done[-1] = f"{done[-1]}, {piece}"
        else:
            done.append(piece)
    return done


def _is_level(piece: str) -> bool:
    """Whether the piece goes on with `UBND các xã, phường, thị trấn`."""
    return bool(re.fullmatch(_LEVEL, piece, re.IGNORECASE))


def _is_branch(before: str, piece: str) -> bool:
    """Whether the piece goes on with `các sở, ban, ngành`."""
    goes_on = re.fullmatch(r"(?:ban|ngành|phòng)(?: ngành)?", piece, re.IGNORECASE)
    return bool(goes_on and re.fullmatch(r"các (?:sở|ban|phòng)(?:, ban)?", before, re.IGNORECASE))


def _ends_a_name(piece: str) -> bool:
    before, joint, after = piece.partition(" và ")
    return bool(joint) and before[0].isupper() and after[0].isupper() and not re.match(_HEAD, piece)


def _is_prose(piece: str) -> bool:
    if len(piece.split()) > MOST_WORDS:
        return True
    folded = fold(piece)
    return bool(_VERB.search(folded)) and not _NAMED_BY_ITS_WORK.match(folded)


def _placed(bodies: list[str]) -> list[str]:
    """A bare `UBND` takes the level that closes the cell: `UBND, MTTQ phường` are both the ward's."""
    level = re.search(rf"\s({_LEVEL})$", bodies[-1], re.IGNORECASE)
    if level is None or len(bodies) == 1:
        return bodies
    return [f"{body} {level[1].lower()}" if fold(body) in {"ubnd", "hdnd"} else body for body in bodies]
