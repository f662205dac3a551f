"""`GET /cycle/{cycle_id}`: the lasting address of a cycle's record, as Prefect's artifacts give it.

The address carries no key. A browser that is signed in, or has opened the office's board lately, is
redirected to the record; any other gets a page that asks to open the board first.
"""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from workflow.domain.words import Words
from workflow.web.asked import Id
from workflow.web.pages import page
from workflow.web.site import ME, AtSite

router = APIRouter(include_in_schema=False)

COOKIE = "office"
LASTS_SECONDS = 12 * 3600


def remember_office(answer: Response, base: str, *, is_https: bool) -> None:
    """Lets this browser follow record addresses for half a day; the cookie goes to `/cycle` alone."""
    answer.set_cookie(
        COOKIE, base, max_age=LASTS_SECONDS, path="/cycle", httponly=True, samesite="lax", secure=is_https
    )


@router.api_route("/cycle/{cycle_id}", methods=["GET", "HEAD"])
def record(request: Request, site: AtSite, cycle_id: Id) -> Response:
    """Leads to the record on the office's pages."""
    base = request.cookies.get(COOKIE, "")
    if site.session_cookie in request.cookies:
        base = f"/o/{ME}"
    if re.fullmatch(rf"/o/([\w-]{{20,100}}|{ME})", base):
        return RedirectResponse(f"{base}/item/{cycle_id}", 303)
    return page(
        request,
        "error.html",
        status=403,
        what=Words("Hồ sơ này chỉ xem được từ bảng điều hành của Văn phòng."),
        where=Words("Lượt báo cáo %(cycle_id)s", cycle_id=cycle_id),
        cure=Words(
            "Mở đường dẫn bảng điều hành, hoặc đăng nhập, trong trình duyệt này rồi mở lại địa chỉ này."
        ),
    )
