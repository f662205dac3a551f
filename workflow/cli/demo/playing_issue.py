"""The player at the end of a quarter: the office submits the report, the chair approves it by the mailed
link, the office assigns a number and issues it."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from bs4 import BeautifulSoup, Tag

from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import TiendoError
from workflow.domain.reports.report_issue import Phase
from workflow.storage import Store
from workflow.storage.reports.approvals import asked_of, phase_of
from workflow.storage.reports.issues import Issue, issues_of

_OFFICE = re.compile(r"https?://\S+/o/[\w-]{20,}/reports")
_APPROVE = re.compile(r"https?://\S+/l/[\w-]{20,}/approve")

ShowStep = Callable[[str], None]


def play_issuing(
    http: httpx.Client, store: Store, period_id: int, wait_for_mail: Callable[[], int], show_step: ShowStep
) -> None:
    """From the draft to the issued report; the next step is read from the report's stage, so it can
    be stopped anywhere and continues."""
    for _ in range(8):
        wait_for_mail()
        issue, phase = _standing(store, period_id)
        match phase:
            case Phase.DRAFT | Phase.RETURNED:
                _post(http, _link(http, _OFFICE), "/act/ask")
                show_step("Văn phòng trình phê duyệt bản thảo báo cáo")
            case Phase.ASKED:
                links = _links(http, _APPROVE)
                for link in links.values():
                    _post(http, link, "/approve", choice=Choice.APPROVE.value)
                show_step(f"{len(links)} người phê duyệt báo cáo qua đường dẫn trong thư")
            case Phase.APPROVED:
                _post(http, _link(http, _OFFICE), "/act/issue")
                show_step("Văn phòng ghi số và phát hành báo cáo")
            case _:
                show_step(f"báo cáo số {issue.number or '…'} đã phát hành")
                wait_for_mail()
                return
    raise TiendoError("Báo cáo chưa phát hành được.", where=phase.label)


def _standing(store: Store, period_id: int) -> tuple[Issue, Phase]:
    with store.reading() as tx:
        found = issues_of(tx, period_id)
        if not found:
            raise TiendoError("Kỳ đã khóa mà chưa có bản thảo báo cáo.")
        return found[0], phase_of(tx, found[0], asked_of(tx, found[0]))


def _links(http: httpx.Client, form: re.Pattern[str]) -> dict[str, str]:
    """Each receiver's latest link of that form."""
    found = {}
    for mail in reversed(http.get("/mail.json").raise_for_status().json()):
        if link := form.search(mail["text"]):
            found[mail["recipient"]] = link.group()
    return found


def _link(http: httpx.Client, form: re.Pattern[str]) -> str:
    links = _links(http, form)
    if not links:
        raise TiendoError("Không có thư nào có đường dẫn cần tìm.")
    return next(iter(links.values()))


def _post(http: httpx.Client, link: str, ending: str, **fields: str) -> None:
    """Fills the form of the page that goes there as a person would, and expects the page that follows."""
    page = BeautifulSoup(http.get(link).raise_for_status().text, "html.parser")
    form = page.select_one(f"form[action$='{ending}']")
    if form is None:
        # Another of the office, or an earlier try, was first.
        return
    filled = {str(one["name"]): str(one.get("value", "")) for one in form.select("input") if _is_sent(one)}
    answer = http.post(str(form["action"]), data={**filled, "sure": "1", **fields})
    if answer.status_code != 303:
        raise TiendoError("Trang không nhận.", where=f"{ending}: {answer.status_code}")


def _is_sent(field: Tag) -> bool:
    return bool(field.get("name")) and field.get("type") not in ("radio", "checkbox")
