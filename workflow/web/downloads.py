"""Answers that are files to be saved, not pages of ours."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import Response

from workflow.domain.plain_text import file_name
from workflow.storage.cycles.said import EvidenceFile
from workflow.web.site import Site


def saved_as(
    name: str, content: bytes | str, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A file to be saved under that name, whatever letters it has (RFC 6266, RFC 8187)."""
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name(name))}"}
    return Response(content, media_type=media_type, headers=disposition | dict(headers or {}))


def download(site: Site, file: EvidenceFile) -> Response:
    """The file, to be saved and never shown as a page of ours."""
    harmless = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return saved_as(file.name, site.files.get(file.sha256), file.media_type, harmless)
