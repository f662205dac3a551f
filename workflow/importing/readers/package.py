"""What Word and Excel files have in common: a zip of XML parts, checked before anything in it is opened.

Refuses what unpacks to too much, what declares entities (OOXML forbids them), and what is no such file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum

from lxml import etree

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words
from workflow.importing import limits

_XML_ENDS = (".xml", ".rels", ".vml")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


class Package(StrEnum):
    """What a package of Office is."""

    WORD = "word"
    EXCEL = "excel"
    POWERPOINT = "powerpoint"


_MAIN_PARTS = {
    # Word on the web writes `document2.xml`.
    Package.WORD: re.compile(r"word/document\d{0,2}\.xml"),
    Package.EXCEL: re.compile(r"xl/workbook\d{0,2}\.xml"),
    Package.POWERPOINT: re.compile(r"ppt/presentation\d{0,2}\.xml"),
}


def package_kind(names: Collection[str]) -> Package | None:
    """What a package with these parts is, by what it must hold; None where it is some other zip."""
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for kind, part in _MAIN_PARTS.items() if any(map(part.fullmatch, names))), None)


def checked_package(source: bytes, name: str) -> zipfile.ZipFile:
    """The package in those bytes; `UnreadablePlan` where it must not or can't be opened."""
    with readable_package(name):
        package = zipfile.ZipFile(io.BytesIO(source))
        parts = package.infolist()
        limits.within(len(parts), limits.PACKED_FILES, Words("phần đóng gói"), name)
        # zipfile never gives more of a part than its entry declares, so the declared sizes are a bound.
        if sum(part.file_size for part in parts) > limits.UNPACKED_BYTES:
            raise limits.too_large(
                Words(
                    "Tệp bung ra lớn hơn %(unpacked_bytes)s MB.",
                    unpacked_bytes=limits.UNPACKED_BYTES // 2**20,
                ),
                name,
            )
        if any(part.flag_bits & 1 for part in parts):
            raise UnreadablePlan(
                Words("Tệp có phần bị mã hóa."),
                where=name,
                cure=Words("Hãy bỏ mật khẩu của tệp rồi nhập lại."),
            )
        for part in parts:
            if part.filename.lower().endswith(_XML_ENDS):
                if part.file_size > limits.XML_BYTES:
                    raise limits.too_large(
                        Words(
                            "Phần %(filename)s bung ra lớn hơn %(xml_bytes)s MB.",
                            filename=part.filename,
                            xml_bytes=limits.XML_BYTES // 2**20,
                        ),
                        name,
                    )
                _refuse_declarations(package.read(part), name)
        return package


@contextmanager
def readable_package(name: str) -> Iterator[None]:
    """A context manager that turns a library's errors about a broken package into `UnreadablePlan`."""
    try:
        yield
    except UnreadablePlan:
        raise
    except (
        zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, TypeError, AttributeError,
        IndexError, NotImplementedError, OSError, EOFError, SyntaxError, ArithmeticError, RecursionError,
    ) as error:  # fmt: skip
        raise UnreadablePlan(
            Words(
                "Tệp bị hỏng hoặc không đúng định dạng (%(name)s: %(error)s).",
                name=type(error).__name__,
                error=_short(str(error)),
            ),
            where=name,
            cure=Words("Hãy mở tệp bằng Word hoặc Excel, lưu lại thành .docx hoặc .xlsx rồi nhập lại."),
        ) from error


def _refuse_declarations(xml: bytes, name: str) -> None:
    text = xml.replace(b"\0", b"") if xml[:4].count(0) else xml
    if any(declaration in text for declaration in _DECLARATIONS):
        raise UnreadablePlan(
            Words("Tệp khai báo thực thể XML, điều mà Word và Excel không bao giờ làm; tệp có thể độc hại."),
            where=name,
            cure=Words("Đừng mở tệp này; hãy xin lại bản gốc từ nơi ban hành."),
        )


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
