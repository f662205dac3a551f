"""Posted forms as plain values: fields and files, within limits."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from workflow.domain.errors import NotAllowed
from workflow.domain.plain_text import file_name
from workflow.domain.words import Words

MAX_FIELDS = 20_000
MAX_BODY_MB = 100
MAX_TEXT = 20_000
"""Characters of one text field."""
MAX_LONG = 2_000_000
"""Bytes of one field of long texts, as they are posted."""


async def _posted(request: Request) -> FormData:
    return await request.form(max_files=50, max_fields=MAX_FIELDS, max_part_size=4 * MAX_TEXT)


async def _posted_long(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=MAX_LONG)


Posted = Annotated[FormData, Depends(_posted)]
"""The fields of the posted form."""
PostedLong = Annotated[FormData, Depends(_posted_long)]
"""The fields of a form of long texts and no files: what is too long is told by whoever keeps it, beside what
was typed."""


def text_of(form: FormData, name: str) -> str:
    """A text field, with plain line ends and no space around; empty where the form has none."""
    value = form.get(name)
    return plain_text(value) if isinstance(value, str) else ""


def plain_text(value: str, most: int | None = MAX_TEXT) -> str:
    """A typed text as it is kept: composed letters, plain line ends, no space around, not beyond `most`."""
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\x00", "").strip()[:most]


def count_of(request: Request, name: str) -> int | None:
    """A small number in the query string that says how much an act did; None where there is none."""
    said = request.query_params.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else None


def is_sure(form: FormData) -> bool:
    """Whether the box below what would follow was ticked."""
    return text_of(form, "sure") == "1"


def day_of(typed: str, what: Words, cure: Words) -> date:
    """A day as a browser's field gives it; raises NotAllowed with these words where there is none."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise NotAllowed(what, cure=cure) from None


def points_of(typed: str) -> Decimal:
    """A number of points as people type it; nothing typed is 0."""
    try:
        value = Decimal((typed or "0").replace(",", ".").replace("−", "-"))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise NotAllowed(
            Words("“%(typed)s” không phải là số điểm.", typed=typed), cure=Words("Ghi như 2 hoặc −1,5.")
        )
    return value


def texts_of(form: FormData, name: str) -> list[str]:
    """Every value of a field that may stand more than once."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def files_of(form: FormData, name: str) -> list[UploadFile]:
    """The files put into a field; a field left empty holds none."""
    return [file for file in form.getlist(name) if isinstance(file, UploadFile) and file.filename]


def name_of(file: UploadFile) -> str:
    """The file's own name, as `plain_text.file_name` makes it safe."""
    return file_name(file.filename or "")
