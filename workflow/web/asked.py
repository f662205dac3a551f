"""Validates what an address carries: ids within a database's range, no characters a database refuses.

An address that names nothing gets an error page, in the reader's language: 404 where a place in the path
can't be, 422 where a field of the query can't.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Path
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from workflow.domain.typed import GREATEST

Id = Annotated[int, Path(ge=1, le=GREATEST)]
"""The id of a row, in a path."""
Place = Annotated[int, Path(ge=0, le=GREATEST)]
"""A place in a list, counted from 0, in a path."""


def storable_address(request: Request) -> None:
    """Refuses an address with a NUL in it, before any of it is looked up."""
    if "\x00" in request.scope["path"] or b"\x00" in unquote_to_bytes(request.scope["query_string"]):
        raise HTTPException(404)


def status_of(error: RequestValidationError) -> int:
    """404 where a part of the path names nothing that can be, else 422."""
    return 404 if any(one["loc"][:1] == ("path",) for one in error.errors()) else 422
