"""From the bytes of a text file to its text: UTF-8, UTF-16, and what Vietnamese offices used before them.

A file that is neither UTF-8 nor UTF-16 is read as Windows-1258, TCVN3 and VNI, and the reading whose
marked words are Vietnamese is taken; where none is, the file is refused.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words
from workflow.importing import legacy, limits
from workflow.importing.legacy import LetterScript

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 2**18
_LEAST_SHARE = 0.6
"""Of the marked words, in a text in an old encoding; names and typing errors are the rest."""
_INVISIBLE: dict[int, str | None] = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\0"))
_INVISIBLE |= dict.fromkeys(map(ord, "\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf02d"), "-")
"""And the bullets of Word's symbol fonts."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decoded(source: bytes, name: str = "") -> str:
    """The text in composed Unicode, its lines ended by newlines; `UnreadablePlan` where it is no text."""
    text = _text(source, name)
    limits.within(len(text), limits.CHARACTERS, Words("ký tự"), name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").split("\n")
    mostly = legacy.prevailing(lines[:2000])
    return composed("\n".join(legacy.modernised(line, mostly) for line in lines))


def composed(text: str) -> str:
    """The text in composed Unicode without invisible characters."""
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE))


def _text(source: bytes, name: str) -> str:
    for mark, encoding in _MARKS:
        if source.startswith(mark):
            return source[len(mark) :].decode(encoding, errors="replace")
    if wide := _wide_encoding(source):
        return source.decode(wide, errors="replace")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        if not _CONTROLS.search(source, 0, _SAMPLE_BYTES) and (old := _old_text(source)):
            return old
        line = source.count(b"\n", 0, error.start) + 1
        raise UnreadablePlan(
            Words(
                "Tệp không phải văn bản tiếng Việt: gặp byte %(source)s không hợp lệ.",
                source=f"{source[error.start]:#04x}",
            ),
            where=Words.joined(
                (name, Words("dòng %(line)s, byte thứ %(start)s", line=line, start=error.start + 1)), by=", "
            ),
            cure=Words("Hãy mở tệp, chọn “Lưu thành…” với mã hóa UTF-8 (Unicode) rồi nhập lại."),
        ) from None


def _wide_encoding(source: bytes) -> str:
    """UTF-16 without a byte order mark: every other byte of plain letters is nought."""
    sample = source[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 8 < len(sample) or min(even, odd) * 4 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _old_text(source: bytes) -> str:
    """The text in the old encoding that makes Vietnamese of it; empty where none does."""
    sample = source[:_SAMPLE_BYTES]
    shares = {script: legacy.vietnamese_share(_in_script(sample, script)) for script in LetterScript}
    best = max(shares, key=lambda script: shares[script])
    return _in_script(source, best) if shares[best] >= _LEAST_SHARE else ""


def _in_script(source: bytes, script: LetterScript) -> str:
    if script is LetterScript.UNICODE:
        return unicodedata.normalize("NFC", source.decode("cp1258", errors="replace"))
    return legacy.modern(source.decode("latin-1"), script)
