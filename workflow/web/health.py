"""The health check for a supervisor."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from workflow.web.site import AtSite

router = APIRouter()


@router.api_route("/healthz", methods=["GET", "HEAD"])
def health(site: AtSite) -> JSONResponse:
    """Whether the database answers and its tables are this version's: 200, else 503."""
    try:
        migration = "current" if site.store.is_current() else "behind"
    except SQLAlchemyError:
        return JSONResponse({"database": "unreachable", "migration": "unknown"}, 503)
    return JSONResponse({"database": "ok", "migration": migration}, 200 if migration == "current" else 503)
