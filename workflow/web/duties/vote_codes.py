"""The one-time code before ballots count, where the period's rule asks for it.

The vote form, posted from a browser in which no code was entered lately, is answered with a page that asks
for the code just mailed and carries the whole form on, with the fields

    code     the six digits
    again    the button that has another code mailed
"""

from __future__ import annotations

import secrets

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from workflow.domain.words import Words
from workflow.storage.access import codes
from workflow.storage.access.codes import CodeRequest, Entered
from workflow.storage.periods.periods import period_of
from workflow.storage.rules import rules_of
from workflow.web.forms import text_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import Holder, Site

BROWSER = "browser"
"""The cookie that identifies a browser; it is sent to people's pages only and ends with the browser's
session."""

_OWN = ("code", "again")
_TOLD = {
    CodeRequest.MAILED: "",
    CodeRequest.UNDER_WAY: Words("Mã gửi trước đó vẫn còn hiệu lực."),
    CodeRequest.TOO_OFTEN: Words(
        "Đã gửi quá nhiều mã trong một giờ qua. Xin dùng mã mới nhất, hoặc thử lại sau."
    ),
    Entered.WRONG: Words("Mã chưa đúng. Xin xem lại thư mới nhất."),
    Entered.NOT_YET: Words("Thư mang mã đang được gửi. Xin chờ thư đến rồi nhập mã trong thư."),
    Entered.DEAD: Words("Mã đã hết hạn hoặc đã nhập sai quá nhiều lần. Xin bấm “Gửi mã khác”."),
}


def ask_for_code(
    request: Request, site: Site, holder: Holder, form: FormData, n_votes: int
) -> Response | None:
    """The page that asks for the code, or None where the ballots may count."""
    now = site.clock.now()
    person_id, period_id = holder.person_id, holder.period_id
    with site.store.reading() as tx:
        if not rules_of(tx, period_id).approval.one_time_code:
            return None
    browser = request.cookies.get(BROWSER, "")
    digits = "".join(sign for sign in text_of(form, "code") if sign in "0123456789")
    is_again = bool(text_of(form, "again"))
    # A transaction of its own: a wrong try counts whatever becomes of the ballots.
    with site.store.begin() as tx:
        if codes.is_trusted(tx, person_id, period_id, browser, now):
            return None
        became: CodeRequest | Entered
        if browser and digits and not is_again:
            became = codes.enter(tx, person_id, period_id, browser, digits, now)
            holder.note(tx, f"code {became.value}", now)
            if became is Entered.RIGHT:
                return None
        else:
            browser = browser or secrets.token_urlsafe(32)
            organisation_id = holder.link.organisation_id
            became = codes.ask(tx, organisation_id, person_id, period_id, browser, now, anew=is_again)
            holder.note(tx, f"code {became.value}", now)
        period = period_of(tx, period_id)
    answer = page(
        request,
        "duties/code.html",
        status=200 if isinstance(became, CodeRequest) else 403,
        told=_TOLD[became],
        is_wrong=became in (Entered.WRONG, Entered.DEAD),
        n_votes=n_votes,
        action=request.url.path,
        email=holder.link.email,
        minutes=int(codes.LASTS.total_seconds() // 60),
        carried=[(name, text_of(form, name)) for name in form if name not in _OWN and text_of(form, name)],
        **context_of(holder, period, now),
    )
    answer.set_cookie(BROWSER, browser, path="/l/", httponly=True, samesite="strict", secure=site.is_https)
    return answer
