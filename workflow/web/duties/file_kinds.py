"""The kind of an evidence file, detected from its content; its name and declared media type are ignored.

Accepted are documents and pictures without active content. What can run when it is opened (macros, web
pages, SVG, programs, archives with any of these) is refused with the reason and the cure.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from workflow.domain.words import Words
from workflow.importing.readers.package import Package, package_kind

_WORD = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: what it is served as, and the endings its name may have, the usual one first."""

    media_type: str
    endings: tuple[str, ...]

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, which is scaled down before it is stored."""
        return self.media_type.startswith("image/")


PDF = FileKind("application/pdf", (".pdf",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"))
PNG = FileKind("image/png", (".png",))
WEBP = FileKind("image/webp", (".webp",))
DOCX = FileKind(f"{_WORD}wordprocessingml.document", (".docx",))
XLSX = FileKind(f"{_WORD}spreadsheetml.sheet", (".xlsx",))
PPTX = FileKind(f"{_WORD}presentationml.presentation", (".pptx",))
DOC = FileKind("application/msword", (".doc",))
XLS = FileKind("application/vnd.ms-excel", (".xls",))
PPT = FileKind("application/vnd.ms-powerpoint", (".ppt",))
ZIP = FileKind("application/zip", (".zip",))
KINDS = (PDF, JPEG, PNG, WEBP, DOCX, XLSX, PPTX, DOC, XLS, PPT, ZIP)

ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)
"""The `accept` list for a file dialog. HEIC is not in it, so that iPhones send JPEG."""

_OPENINGS = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OF_PACKAGES = {Package.WORD: DOCX, Package.EXCEL: XLSX, Package.POWERPOINT: PPTX}
_STREAMS = {"WordDocument": DOC, "Workbook": XLS, "Book": XLS, "PowerPoint Document": PPT}
_PACKED_FILES = 5_000
_UNPACKED_BYTES = 500 * 2**20
_ACTIVE = (
    *(".exe", ".com", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta", ".lnk"),
    *(".jar", ".apk", ".dll", ".reg", ".sh", ".html", ".htm", ".xhtml", ".svg", ".iso", ".img"),
    *(".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".pptm", ".ppsm"),
)


class NotTaken(Exception):
    """Why a file is refused, in words for the person who chose it."""


def kind_of(body: bytes) -> FileKind:
    """The kind of a file by its content; raises NotTaken with the reason."""
    head = body[:1024]
    for opening, kind in _OPENINGS:
        if head.startswith(opening):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK"):
        return _packed(body)
    if head.startswith(_OLE):
        return _old_office(body)
    raise NotTaken(_why_not(head))


def media_type_of(name: str) -> str:
    """The media type a stored file is served as, by the ending of its name, which was set from its kind."""
    ending = PurePosixPath(name).suffix.lower()
    return next((kind.media_type for kind in KINDS if ending in kind.endings), "application/octet-stream")


def named(name: str, kind: FileKind) -> str:
    """The file's own name, with the ending of its kind where it has another."""
    return name if PurePosixPath(name).suffix.lower() in kind.endings else f"{name}{kind.endings[0]}"


def _packed(body: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise NotTaken(Words("bị hỏng, không mở được; hãy lưu lại rồi chọn lại")) from None
    if len(parts) > _PACKED_FILES or sum(part.file_size for part in parts) > _UNPACKED_BYTES:
        raise NotTaken(Words("bung ra quá lớn; hãy tách thành nhiều tệp nhỏ hơn"))
    names = [part.filename for part in parts]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotTaken(
            Words("có macro; hãy lưu lại thành loại không có macro (.docx, .xlsx, .pptx) hoặc PDF")
        )
    if office := package_kind(names):
        return _OF_PACKAGES[office]
    if any(part.flag_bits & 1 for part in parts):
        raise NotTaken(Words("có mật khẩu nên không kiểm tra được; hãy bỏ mật khẩu"))
    active = next((name for name in names if PurePosixPath(name).suffix.lower() in _ACTIVE), "")
    if active:
        raise NotTaken(
            Words(
                "chứa “%(name)s” là tệp có thể chạy được; hãy bỏ tệp ấy ra", name=PurePosixPath(active).name
            )
        )
    return ZIP


def _old_office(body: bytes) -> FileKind:
    if "_VBA_PROJECT".encode("utf-16-le") in body:
        raise NotTaken(Words("có macro; hãy lưu lại thành .docx, .xlsx, .pptx hoặc PDF"))
    for stream, kind in _STREAMS.items():
        if f"{stream}\0".encode("utf-16-le") in body:
            return kind
    raise NotTaken(Words("không phải tài liệu Word, Excel hay PowerPoint; hãy lưu thành PDF"))


def _why_not(head: bytes) -> str:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith(b"<"):
        if b"<svg" in text:
            return Words("là ảnh SVG, loại có thể chứa mã chạy được; hãy lưu thành ảnh PNG hoặc PDF")
        return Words("là trang web, loại có thể chứa mã chạy được; hãy in thành PDF hoặc chụp màn hình")
    if b"%PDF-" in head:
        return Words("không phải PDF đúng chuẩn (có phần khác đứng trước); hãy mở ra rồi in lại thành PDF")
    if head.startswith((b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe")):
        return Words("là chương trình, không phải tài liệu minh chứng")
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"heim"):
        return Words("là ảnh HEIC, nhiều máy không mở được; hãy lưu thành ảnh JPG")
    if head[4:8] == b"ftyp" or head.startswith((b"\x1aE\xdf\xa3", b"ID3", b"OggS")):
        return Words("là phim hoặc âm thanh; hãy gửi đường dẫn trong phần kết quả, hoặc chụp vài ảnh")
    return Words("không thuộc loại được nhận (ảnh JPG, PNG, WebP, PDF, Word, Excel, PowerPoint, ZIP)")
