"""The check of a closed period's lock, and its manifests to download.

`GET /o/{token}/reports/{period}/lock`                        the lock checked against the current data
`GET /o/{token}/reports/{period}/lock/manifest-{number}.json` one manifest with its signature and key
"""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.results.lock_checks import check_lock, exported
from workflow.storage.results.locking import manifests_of
from workflow.web.asked import Id
from workflow.web.downloads import saved_as
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)


@router.api_route("/o/{token}/reports/{period}/lock", methods=["GET", "HEAD"])
def lock_page(request: Request, site: AtSite, holder: AsOfficer, period: str) -> HTMLResponse:
    """The lock of a period, checked now: facts, rules, results, issued files and signatures."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        # The evidence may lie in a far store: the command checks it, a page does not wait for it.
        state = check_lock(tx, site.files, head.id, with_evidence=False)
    return page(
        request, "reports/report_lock.html", state=state, **office_frame(holder, head, known, "reports")
    )


@router.api_route("/o/{token}/reports/{period}/lock/manifest-{number}.json", methods=["GET", "HEAD"])
def manifest_file(site: AtSite, holder: AsOfficer, period: str, number: Id) -> Response:
    """A manifest as a file."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        found = next((one for one in manifests_of(tx, head.id) if one.number == number), None)
        if found is None:
            raise NotFound(Words("Kỳ này không có bản kê ấy."))
        body = exported(tx, found)
    text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)
    return saved_as(f"ban-ke-{head.code.lower()}-{number}.json", text, "application/json")
