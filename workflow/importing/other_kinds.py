"""Kinds of file that we cannot read a plan from, recognised by their bytes, each with the cure."""

from __future__ import annotations

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RESAVE_WORD = Words("Hãy mở tệp bằng Word hoặc LibreOffice, chọn “Lưu thành…” dạng .docx rồi nhập lại.")
_RESAVE_EXCEL = Words("Hãy mở tệp bằng Excel hoặc LibreOffice, chọn “Lưu thành…” dạng .xlsx rồi nhập lại.")
_UNPACK = Words("Hãy giải nén rồi nhập tệp có biểu kế hoạch.")
_RECOGNISE = Words(
    "Hãy xin tệp Word gốc, hoặc dùng phần mềm nhận dạng chữ (OCR) lưu thành Word rồi nhập lại."
)
_WITHIN_OLE = (
    # An encrypted DOCX or XLSX is an old Office file around the encrypted package.
    (
        "EncryptedPackage",
        Words("Tệp có mật khẩu."),
        Words("Hãy mở tệp bằng Word hoặc Excel, bỏ mật khẩu, lưu lại rồi nhập."),
    ),
    ("WordDocument", Words("Tệp Word đời cũ (.doc) không đọc được."), _RESAVE_WORD),
    ("Workbook", Words("Tệp Excel đời cũ (.xls) không đọc được."), _RESAVE_EXCEL),
    ("Book", Words("Tệp Excel đời cũ (.xls) không đọc được."), _RESAVE_EXCEL),
)
_WITHIN_ZIP = (
    (b"xl/workbook.bin", Words("Tệp Excel nhị phân (.xlsb) không đọc được."), _RESAVE_EXCEL),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        Words("Tệp .ods không đọc được."),
        _RESAVE_EXCEL,
    ),
    (b"mimetypeapplication/vnd.oasis.opendocument", Words("Tệp .odt không đọc được."), _RESAVE_WORD),
    (
        b"ppt/presentation.xml",
        Words("Tệp trình chiếu (.pptx) không có biểu kế hoạch đọc được."),
        _RESAVE_WORD,
    ),
)
_STARTS = (
    (b"{\\rtf", Words("Tệp RTF không đọc được."), _RESAVE_WORD),
    (b"\xff\xd8\xff", Words("Tệp là ảnh (JPEG)."), _RECOGNISE),
    (b"\x89PNG", Words("Tệp là ảnh (PNG)."), _RECOGNISE),
    (b"GIF8", Words("Tệp là ảnh (GIF)."), _RECOGNISE),
    (b"II*\0", Words("Tệp là ảnh (TIFF)."), _RECOGNISE),
    (b"MM\0*", Words("Tệp là ảnh (TIFF)."), _RECOGNISE),
    (b"BM", Words("Tệp là ảnh (BMP)."), _RECOGNISE),
    (b"AT&TFORM", Words("Tệp là bản quét (DjVu)."), _RECOGNISE),
    (b"7z\xbc\xaf\x27\x1c", Words("Tệp là tệp nén (.7z)."), _UNPACK),
    (b"Rar!", Words("Tệp là tệp nén (.rar)."), _UNPACK),
    (b"\x1f\x8b", Words("Tệp là tệp nén (.gz)."), _UNPACK),
    (b"MIME-Version:", Words("Trang lưu kiểu .mht không đọc được."), _RESAVE_WORD),
)
_OOXML = (b"word/document", b"xl/workbook.xml")
_BINARY_ONLY = frozenset({b"BM"})
"""Signatures that a text may start with too: the file must also contain NUL bytes."""


def refuse_other_kinds(source: bytes, name: str) -> None:
    """Raises `UnreadablePlan` if the bytes are of a kind that is not read."""
    if source.startswith(_OLE):
        raise _inside_ole(source, name)
    if source.startswith(b"PK"):
        for mark, what, cure in _WITHIN_ZIP:
            if mark in source:
                raise UnreadablePlan(what, where=name, cure=cure)
        if not any(mark in source for mark in _OOXML):
            raise UnreadablePlan(Words("Tệp nén không phải tệp Word hay Excel."), where=name, cure=_UNPACK)
    for start, what, cure in _STARTS:
        if source.startswith(start) and (start not in _BINARY_ONLY or b"\0" in source[:64]):
            raise UnreadablePlan(what, where=name, cure=cure)
    if source[:4] == b"RIFF" and source[8:12] == b"WEBP":
        raise UnreadablePlan(Words("Tệp là ảnh (WebP)."), where=name, cure=_RECOGNISE)
    if source[4:8] == b"ftyp":
        raise UnreadablePlan(Words("Tệp là ảnh hoặc phim."), where=name, cure=_RECOGNISE)
    if b"<Workbook" in source[:2048] and b"office:spreadsheet" in source[:4096]:
        raise UnreadablePlan(Words("Tệp Excel 2003 dạng XML không đọc được."), where=name, cure=_RESAVE_EXCEL)


def _inside_ole(source: bytes, name: str) -> UnreadablePlan:
    for stream, what, cure in _WITHIN_OLE:
        if stream.encode("utf-16-le") in source:
            return UnreadablePlan(what, where=name, cure=cure)
    return UnreadablePlan(Words("Tệp Office đời cũ không đọc được."), where=name, cure=_RESAVE_WORD)
