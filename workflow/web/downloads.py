"""Answers that are files to be saved, not pages of ours."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import Response

from workflow.domain.plain_text import file_name


def saved_as(
    name: str, content: bytes | str, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A file to be saved under that name, whatever letters it has (RFC 6266, RFC 8187)."""
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name(name))}"}
    return Response(content, media_type=media_type, headers=disposition | dict(headers or {}))
