"""Posted forms as plain values: fields and files, within limits."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from workflow.domain.errors import NotAllowed
from workflow.domain.plain_text import file_name
from workflow.domain.typed import sent_day, whole_number
from workflow.domain.words import Words

MAX_FIELDS = 20_000
MAX_BODY_MB = 100
MAX_TEXT = 20_000
"""Characters of one text field."""
MAX_LONG = 2_000_000
"""Bytes of one field of long texts, as they are posted."""


async def _posted(request: Request) -> FormData:
    return _storable(await request.form(max_files=50, max_fields=MAX_FIELDS, max_part_size=4 * MAX_TEXT))


async def _posted_long(request: Request) -> FormData:
    return _storable(await request.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=MAX_LONG))


def _storable(form: FormData) -> FormData:
    """The form without characters databases refuse: NUL, and lone surrogates from a forged charset."""

    def plain(value: str) -> str:
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")

    return FormData(
        [(plain(name), plain(one) if isinstance(one, str) else one) for name, one in form.multi_items()]
    )


Posted = Annotated[FormData, Depends(_posted)]
"""The fields of the posted form."""
PostedLong = Annotated[FormData, Depends(_posted_long)]
"""The fields of a form of long texts and no files: the code that stores a text reports one that is too long,
beside what was typed."""


def text_of(form: FormData, name: str) -> str:
    """A text field, with plain line ends and no space around; empty where the form has none."""
    value = form.get(name)
    return plain_text(value) if isinstance(value, str) else ""


def plain_text(value: str, most: int | None = MAX_TEXT) -> str:
    """A typed text as it is stored: NFC, `\\n` line ends, stripped, cut to `most` characters."""
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\x00", "").strip()[:most]


def count_of(request: Request, name: str) -> int | None:
    """A small number in the query string that says how much an act did; None where there is none."""
    return whole_number(request.query_params.get(name, ""))


def is_sure(form: FormData) -> bool:
    """Whether the box below what would follow was ticked."""
    return text_of(form, "sure") == "1"


def day_of(typed: str, what: Words, cure: Words) -> date:
    """The ISO date of a browser's field; raises NotAllowed with these words where there is none."""
    day = sent_day(typed)
    if day is None:
        raise NotAllowed(what, cure=cure)
    return day


def ids_of(form: FormData, name: str) -> set[int]:
    """The ids among the values of a field that may be repeated; other values are ignored."""
    return {one for value in texts_of(form, name) if (one := whole_number(value)) is not None}


def texts_of(form: FormData, name: str) -> list[str]:
    """Every value of a field that may be repeated."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def files_of(form: FormData, name: str) -> list[UploadFile]:
    """The files uploaded in a field; none for a field left empty."""
    return [file for file in form.getlist(name) if isinstance(file, UploadFile) and file.filename]


def name_of(file: UploadFile) -> str:
    """The file's own name, as `plain_text.file_name` makes it safe."""
    return file_name(file.filename or "")
