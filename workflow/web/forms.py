"""Posted forms as plain values: fields, numbers as Vietnamese write them, evidence files within limits."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from workflow.domain.errors import NotAllowed
from workflow.domain.vietnamese import number

MAX_FIELDS = 20_000
MAX_FILES = 10
MAX_FILE_MB = 20
MAX_BODY_MB = 100
MAX_TEXT = 20_000
"""Characters of one text field."""

MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".zip": "application/zip",
}
"""The kinds of files taken as evidence. What they are is told by their name here, never by the sender."""

_GROUPED = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+")
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,4})?")


async def _posted(request: Request) -> FormData:
    return await request.form(max_files=50, max_fields=MAX_FIELDS, max_part_size=4 * MAX_TEXT)


Posted = Annotated[FormData, Depends(_posted)]
"""The fields of the posted form."""


def text_of(form: FormData, name: str) -> str:
    """A text field, with plain line ends and no space around; empty where the form has none."""
    value = form.get(name)
    return plain_text(value) if isinstance(value, str) else ""


def plain_text(value: str) -> str:
    """A typed text as it is kept: composed letters, plain line ends, no space around, not beyond MAX_TEXT."""
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\x00", "").strip()[:MAX_TEXT]


def texts_of(form: FormData, name: str) -> list[str]:
    """Every value of a field that may stand more than once."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def decimal_of(text: str) -> Decimal:
    """A number as Vietnamese write it, `1.234,5`, or with a decimal point, `98.5`.

    Raises NotAllowed where it is none. A lone group of three, `1.234`, is a thousand.
    """
    plain = text.replace(" ", "").replace("\u00a0", "").removesuffix("%")
    if "," in plain:
        whole, _, rest = plain.partition(",")
        plain = f"{whole.replace('.', '')}.{rest}"
    elif _GROUPED.fullmatch(plain):
        plain = plain.replace(".", "")
    if not _PLAIN.fullmatch(plain):
        raise NotAllowed(f"“{text}” không phải là một số.", cure="Viết như 98,5 hoặc 1.250.")
    return Decimal(plain)


def files_of(form: FormData, name: str) -> list[UploadFile]:
    """The files put into a field; a field left empty holds none."""
    return [file for file in form.getlist(name) if isinstance(file, UploadFile) and file.filename]


def file_name(file: UploadFile) -> str:
    """The file's own name, without folders and unprintable characters."""
    name = PurePosixPath((file.filename or "").replace("\\", "/")).name
    plain = "".join(sign for sign in unicodedata.normalize("NFC", name) if sign.isprintable())
    return plain[-150:] or "tep"


def refusal_of(file: UploadFile) -> str:
    """Why a file is not taken as evidence, or nothing."""
    name = file_name(file)
    if PurePosixPath(name).suffix.lower() not in MEDIA_TYPES:
        kinds = ", ".join(sorted({kind.removeprefix(".") for kind in MEDIA_TYPES}))
        return f"Tệp “{name}” không thuộc loại được nhận ({kinds})."
    if (file.size or 0) > MAX_FILE_MB * 1_000_000:
        taken = number(Decimal(file.size or 0) / 1_000_000, 1)
        return f"Tệp “{name}” nặng {taken} MB, quá giới hạn {MAX_FILE_MB} MB."
    if not file.size:
        return f"Tệp “{name}” rỗng."
    return ""


def media_type_of(name: str) -> str:
    """What a file of that name is served as."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
