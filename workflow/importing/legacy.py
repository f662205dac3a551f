"""Vietnamese written before Unicode: TCVN3 (ABC) and VNI characters, recognised and converted.

Old fonts draw Vietnamese letters at the places of Western ones, so `nhiÖm vô` (TCVN3) and `nhieäm vuï`
(VNI) are both `nhiệm vụ`. The script is detected from the font's name, or as the one in which the text has
Vietnamese syllables. Decoding bytes is `encodings`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, groupby


class LetterScript(StrEnum):
    """How the letters of a text are to be understood."""

    UNICODE = "unicode"
    TCVN3 = "tcvn3"
    VNI = "vni"


# TCVN 5712:1993, VN3: the letters from A1 on; capitals with a tone are small letters in a font of capitals.
_TCVN3 = {
    **dict(zip(range(0xA1, 0xAF), "ĂÂÊÔƠƯĐăâêôơưđ", strict=True)),
    **dict(zip(range(0xB5, 0xBA), "àảãáạ", strict=True)),
    **dict(zip(range(0xBB, 0xBF), "ằẳẵắ", strict=True)),
    **dict(zip(range(0xC6, 0xCD), "ặầẩẫấậè", strict=True)),
    **dict(zip(range(0xCE, 0xD9), "ẻẽéẹềểễếệìỉ", strict=True)),
    **dict(zip(range(0xDC, 0xE0), "ĩíịò", strict=True)),
    **dict(zip(range(0xE1, 0xF0), "ỏõóọồổỗốộờởỡớợù", strict=True)),
    **dict(zip(range(0xF1, 0xFF), "ủũúụừửữứựỳỷỹýỵ", strict=True)),
}
# VNI: a base letter and a mark after it, and letters of their own for i, ơ, ư, đ and ỵ.
_VNI_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_HATS = {
    "a": {"â": "â", "á": "ấ", "à": "ầ", "å": "ẩ", "ã": "ẫ", "ä": "ậ"}
    | {"ê": "ă", "é": "ắ", "è": "ằ", "ú": "ẳ", "ü": "ẵ", "ë": "ặ"},
    "e": {"â": "ê", "á": "ế", "à": "ề", "å": "ể", "ã": "ễ", "ä": "ệ"},
    "o": {"â": "ô", "á": "ố", "à": "ồ", "å": "ổ", "ã": "ỗ", "ä": "ộ"},
}
_VNI_ALONE = {"í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ", "ô": "ơ", "ö": "ư"}


def _vni_pairs() -> dict[str, str]:
    pairs = {f"{base}{mark}": letter for base, marks in _VNI_HATS.items() for mark, letter in marks.items()}
    for base in "aeouyôö":
        for mark, tone in _VNI_TONES.items():
            letter = unicodedata.normalize("NFC", _VNI_ALONE.get(base, base) + tone)
            pairs[f"{base}{mark}"] = letter
    pairs |= _VNI_ALONE
    for written, letter in list(pairs.items()):
        pairs[written.upper()] = letter.upper()
        pairs[written[0].upper() + written[1:]] = letter.upper()
    return pairs


_VNI = _vni_pairs()
_VNI_WRITTEN = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))
_ONSET = "ngh|ng|nh|n|gh|gi|g|kh|k|ch|c|ph|p|qu|q|th|tr|t|b|d|đ|h|l|m|r|s|v|x"
_NUCLEUS = (
    "iêu|yêu|oai|oay|uây|uôi|ươi|ươu|oeo|uya|uyê|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|yê|oa|oă|oe|oi|oo|ôi|ơi"
    "|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|uyu|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y"
)
_SYLLABLE = re.compile(rf"(?:{_ONSET})?(?:{_NUCLEUS})(?:ch|nh|ng|c|m|n|p|t)?")
_WORD = re.compile(r"[^\W\d_]+")
_WITHIN_WORD = r"[^\s\d.,;:!?()\[\]/\"'“”+*=<>|_-]*"
_LEGACY_WORD = re.compile(rf"{_WITHIN_WORD}[\u00a1-\u00ff]{_WITHIN_WORD}")
_ABC_FONT = re.compile(r"vn[-_ ]?(?:time|arial|courier|avant|book|century|helv|mono|univers|black)")
_LONE_BULLET = re.compile(r"^(\s*)\u00b7(?!\S)", re.MULTILINE)
"""A bullet, even where its code is `ã` in TCVN3."""
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_BEYOND_LATIN_1 = re.compile(r"[\u0102-\u01b0\u0300-\u0323\u1ea0-\u1ef9]")
_PRIVATE = {code: code - 0xF000 for code in range(0xF020, 0xF100)}
"""Where Word keeps the characters of fonts it takes for symbols."""


@lru_cache(maxsize=512)
def script_of_font(font: str) -> LetterScript | None:
    """The script that a font's name implies, None for a font of Unicode letters or an unknown one."""
    name = font.rpartition("+")[2].lower()
    if name.startswith("vni"):
        return LetterScript.VNI
    return LetterScript.TCVN3 if name.startswith(".vn") or _ABC_FONT.match(name) else None


def modern(text: str, script: LetterScript, *, is_capitals: bool = False) -> str:
    """Text of that script in Unicode; `is_capitals` for the TCVN3 fonts that draw capitals (`.VnTimeH`)."""
    if script is LetterScript.UNICODE or text.isascii():
        return text
    text = text.translate(_PRIVATE)
    if script is LetterScript.VNI:
        return _VNI_WRITTEN.sub(lambda match: _VNI[match[0]], text)
    found = _LONE_BULLET.sub(r"\1-", text).translate(_TCVN3)
    return found.upper() if is_capitals else "\n".join(map(_with_capitals, found.split("\n")))


def from_font(text: str, font: str) -> str:
    """Text in that font in Unicode."""
    script = script_of_font(font)
    if script is None or text.isascii() or _BEYOND_LATIN_1.search(text):
        return text
    return modern(text, _best(text, script), is_capitals=font.endswith("H"))


def from_fonts(pieces: Iterable[tuple[str, str]]) -> str:
    """The text of pieces that stand one after another, each with its font, in Unicode.

    An editor cuts words anywhere, so pieces in fonts of one script are converted together.
    """
    groups = groupby(pieces, key=lambda piece: (script_of_font(piece[1]), piece[1].endswith("H")))
    found = []
    for _, group in groups:
        together = list(group)
        found.append(from_font("".join(text for text, _ in together), together[0][1]))
    return "".join(found)


def prevailing(texts: Iterable[str]) -> LetterScript:
    """The script most of the texts' marked words are written in."""
    votes: Counter[LetterScript] = Counter()
    for text in texts:
        if text.isascii():
            continue
        if _BEYOND_LATIN_1.search(text):
            votes[LetterScript.UNICODE] += len(_vietnamese_words(text))
        else:
            fits = _fits(_marked_words(text))
            best = max(LetterScript, key=lambda script: fits[script])
            votes[best] += fits[best]
    return max(LetterScript, key=lambda script: votes[script])


def modernised(text: str, mostly: LetterScript) -> str:
    """Text in Unicode whichever script it is in; `mostly` decides where its letters leave that open."""
    if text.isascii() or _BEYOND_LATIN_1.search(text):
        return text
    return modern(text, _best(text, mostly))


def vietnamese_share(text: str) -> float:
    """The share of the words with marked letters that are Vietnamese syllables; 0 where there are none."""
    words = [match[0] for match in _LEGACY_WORD.finditer(text)] + _vietnamese_words(text)
    return sum(map(_is_syllable, words)) / len(words) if words else 0.0


def _best(text: str, otherwise: LetterScript) -> LetterScript:
    """The script in which the text's marked words are Vietnamese; of two that fit, `otherwise`.

    Another script is believed over Unicode where it mends most words that are no syllables as they stand.
    """
    words = _marked_words(text)
    fits = _fits(words)
    best = max(
        LetterScript, key=lambda script: (fits[script], script is otherwise, script is LetterScript.UNICODE)
    )
    mended = fits[best] - fits[LetterScript.UNICODE]
    if not mended or mended * 2 < len(words) - fits[LetterScript.UNICODE]:
        return otherwise if fits[otherwise] == fits[best] else LetterScript.UNICODE
    return best


def _marked_words(text: str) -> list[str]:
    """The words with letters of Latin-1; a lone character is as likely a sign: `§ 5`, `·`."""
    return [word for word in _LEGACY_WORD.findall(text.translate(_PRIVATE)) if len(word) > 1]


def _fits(words: Collection[str]) -> Counter[LetterScript]:
    """How many of the words are Vietnamese syllables in each script."""
    return Counter(
        {script: sum(_is_syllable(modern(word, script)) for word in words) for script in LetterScript}
    )


def _vietnamese_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if _BEYOND_LATIN_1.search(word)]


@lru_cache(maxsize=8192)
def _is_syllable(word: str) -> bool:
    """Whether a word is built as a Vietnamese syllable: onset, vowels with at most one tone, ending."""
    marks = unicodedata.normalize("NFD", word.lower())
    tones = sum(mark in _TONES for mark in marks)
    letters = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
    return tones <= 1 and bool(_SYLLABLE.fullmatch(letters))


def _with_capitals(line: str) -> str:
    """`ủY BAN, ĐảNG` as `ỦY BAN, ĐẢNG`: toned letters among capitals are capitals.

    A word of one other letter (`Hà`, `ủY`) is ambiguous by itself; it follows the words beside it.
    """
    words = list(_WORD.finditer(line))
    uppers = [_is_upper(match[0]) for match in words]
    befores = accumulate(uppers, _latest)
    afters = reversed(list(accumulate(reversed(uppers), _latest)))
    found, at = [], 0
    for match, own, before, after in zip(words, uppers, befores, afters, strict=True):
        beside = {is_upper for is_upper in (before, after) if is_upper is not None}
        is_upper = beside == {True} if own is None else own
        found += [line[at : match.start()], match[0].upper() if is_upper else match[0]]
        at = match.end()
    return "".join((*found, line[at:]))


def _latest(before: bool | None, now: bool | None) -> bool | None:
    return before if now is None else now


def _is_upper(word: str) -> bool | None:
    """Whether the letters that have both cases in TCVN3 are capitals; None where there are too few."""
    plain = [letter for letter in word if letter.isascii() or letter.lower() in "ăâêôơưđ"]
    if any(letter.islower() for letter in plain):
        return False
    return True if len(plain) > 1 else None


LETTERS: Mapping[LetterScript, Mapping[str, str]] = {
    LetterScript.TCVN3: {letter: chr(code) for code, letter in _TCVN3.items()},
    LetterScript.VNI: {letter: written for written, letter in _VNI.items()},
}
"""How each letter is written in the old scripts."""
