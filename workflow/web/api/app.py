"""The API under `/api/v1`: an app of its own inside the pages', with its own errors and its own description.

`GET /api/v1/openapi.json` describes it; `docs/api.md` shows it in use. Each answer of a GET has an ETag, and
`If-None-Match` spares sending again what has not changed.
"""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workflow.domain.errors import TiendoError
from workflow.web.api import commendations, cycles, orders, periods, plans, webhooks
from workflow.web.api.problems import (
    RequestFault,
    RequestProblem,
    broken,
    http_error,
    refused_act,
    wrong_request,
)
from workflow.web.site import Site

BASE = "/api/v1"

_ABOUT = """\
Figures of annual plans for other systems. A key (`Authorization: Bearer tiendo_...`) belongs to one
organisation and sees no other. Lists come in pages: `next` is the `cursor` of the page after. Every error is
`application/problem+json`. Moments are UTC, days are the organisation's own.
"""


def create_api(site: Site) -> FastAPI:
    """The API over a site, to be mounted at `BASE`."""
    api = FastAPI(
        title="tiendo",
        version="1",
        description=_ABOUT,
        servers=[{"url": BASE}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        redirect_slashes=False,
    )
    api.state.site = site
    for module in (plans, periods, commendations, cycles, orders, webhooks):
        api.include_router(module.router)
    api.add_middleware(Fresh)
    api.add_exception_handler(TiendoError, refused_act)
    api.add_exception_handler(RequestValidationError, wrong_request)
    api.add_exception_handler(HTTPException, http_error)
    api.add_exception_handler(500, broken)
    api.openapi = lambda: _described(api)  # type: ignore[method-assign]
    return api


def _described(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the problem and what every GET may answer."""
    if api.openapi_schema is None:
        found = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            servers=api.servers,
        )
        schemas = found["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for model in (RequestProblem, RequestFault):
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schema.pop("$defs", None)
            schemas[model.__name__] = schema
        for path in found["paths"].values():
            if "get" in path:
                path["get"]["responses"]["304"] = {"description": "As `If-None-Match` says it is known."}
        api.openapi_schema = found
    return api.openapi_schema


class Fresh:
    """Gives each answer of a GET an ETag over its content, and answers 304 where the caller has that version.

    Weak, since the pages' app may compress it on the way.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves, holding back an answer until its content is known."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        start: Message = {}
        body = b""

        async def held(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body", False):
                return
            headers = MutableHeaders(scope=start)
            if start["status"] == 200:
                tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
                headers["ETag"] = tag
                headers["Cache-Control"] = "private, no-cache"
                if tag in (one.strip() for one in known.split(",")) or known.strip() == "*":
                    start["status"], body = 304, b""
                    for name in ("content-length", "content-type", "content-disposition"):
                        del headers[name]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, held)
