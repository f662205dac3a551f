"""The stylesheet and the script, named by their content, so that a browser may keep them for good."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words

_FOLDER = Path(__file__).resolve().parent / "static"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_KEPT = "public, max-age=31536000, immutable"

router = APIRouter()


def _read() -> tuple[dict[str, str], dict[str, tuple[bytes, str]]]:
    addresses, bodies = {}, {}
    for path in sorted(_FOLDER.iterdir()):
        body = path.read_bytes()
        name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:10]}{path.suffix}"
        addresses[path.name] = f"/static/{name}"
        bodies[name] = (body, _MEDIA_TYPES[path.suffix])
    return addresses, bodies


_ADDRESSES, _BODIES = _read()


def static(name: str) -> str:
    """The address of a static file, with its content's hash."""
    return _ADDRESSES[name]


@router.api_route("/static/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def static_file(name: str) -> Response:
    """A static file under its hashed name."""
    if name not in _BODIES:
        raise NotFound(Words("Không có tệp này."), where=name)
    body, media_type = _BODIES[name]
    return Response(body, media_type=media_type, headers={"Cache-Control": _KEPT})
