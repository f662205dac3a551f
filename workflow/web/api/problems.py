"""The API's errors: `application/problem+json` (RFC 9457), one shape for all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from workflow.domain.errors import Conflict, NotAllowed, NotFound, TiendoError
from workflow.domain.words import Words
from workflow.i18n import languages, said
from workflow.web.limiting import TooMany
from workflow.webhooks.addresses import WrongAddress

MEDIA_TYPE = "application/problem+json"


class RequestFault(BaseModel):
    """One place of the request that is wrong."""

    where: str = Field(description="as `query.limit` or `body.events.0`")
    what: str


class RequestProblem(BaseModel):
    """Why a request was refused."""

    type: str = Field(description="always `about:blank`: `status` says what kind it is")
    title: str
    status: int
    detail: str = Field(description="what happened, for the person who runs the other system")
    cure: str = Field(description="what to do about it; may be empty")
    faults: list[RequestFault]


class NoKey(TiendoError):
    """The request brings no key that may be used."""


class OutOfScope(NotAllowed):
    """The key may not be used for this."""


_STATUS: Mapping[type[TiendoError], int] = {
    NoKey: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    WrongAddress: 422,
    TooMany: 429,
}

_MEANINGS = {
    400: "The request can't be read, for example because its body isn't JSON.",
    401: "No key, or one that is unknown, expired or revoked.",
    403: "The key lacks the scope.",
    404: "There is nothing of that id in the key's organisation.",
    409: "What was asked for doesn't fit how things stand.",
    413: "The body is too long.",
    422: "A parameter or a field of the body can't stand.",
    429: "Too many requests; `Retry-After` says when to come again.",
}


def answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The problems an operation may answer with, for its OpenAPI description."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in sorted({401, 403, 422, 429, *codes}):
        schema = {"$ref": "#/components/schemas/Problem"}
        found[code] = {"description": _MEANINGS[code], "content": {MEDIA_TYPE: {"schema": schema}}}
    found[429]["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return found


def language_asked(request: Request) -> str:
    """The language of an answer to a machine: the first one of `Accept-Language` that there is, else the
    deployment's."""
    # Weights (`q=`) are ignored: who sends the header by hand names one, and browsers write them in order.
    asked = (one.partition(";")[0].strip() for one in request.headers.get("accept-language", "").split(","))
    known = (one.lower().partition("-")[0] for one in asked)
    return next((one for one in known if one in languages()), request.app.state.site.settings.language)


def problem(
    request: Request,
    status: int,
    detail: str = "",
    *,
    cure: str = "",
    faults: list[RequestFault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error answer with its reason, in the requested language."""
    title = HTTPStatus(status).phrase
    language = language_asked(request)
    body = RequestProblem(
        type="about:blank",
        title=title,
        status=status,
        detail=said(detail, language) or title,
        cure=said(cure, language),
        faults=faults or [],
    )
    content = json.dumps(body.model_dump(), ensure_ascii=False).encode("utf-8", "replace")
    given = {**(headers or {}), "Content-Language": language, "Vary": "Accept-Language"}
    return Response(content, status, headers=given, media_type=MEDIA_TYPE)


async def refused_act(request: Request, error: Exception) -> Response:
    """Answers a TiendoError with the status of its kind."""
    assert isinstance(error, TiendoError)
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 422)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if isinstance(error, TooMany):
        headers = {"Retry-After": str(error.seconds)}
        return problem(request, status, Words("Có quá nhiều yêu cầu trong thời gian ngắn."), headers=headers)
    return problem(request, status, error.what, cure=error.cure, headers=headers)


async def wrong_request(request: Request, error: Exception) -> Response:
    """Answers a request with an invalid parameter or body."""
    assert isinstance(error, RequestValidationError)
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return problem(request, 400, Words("Nội dung gửi lên không phải JSON."))
    faults = [
        RequestFault(where=".".join(map(str, one["loc"])), what=str(one["msg"])) for one in error.errors()
    ]
    return problem(request, 422, Words("Yêu cầu có chỗ chưa đúng."), faults=faults)


async def http_error(request: Request, error: Exception) -> Response:
    """What Starlette refuses: an unknown address, a wrong method, too long a body."""
    assert isinstance(error, HTTPException)
    return problem(request, error.status_code, headers=error.headers)


async def broken(request: Request, _error: Exception) -> Response:
    """A failure of ours."""
    return problem(request, 500, Words("Hệ thống gặp lỗi, yêu cầu chưa được ghi nhận."))
