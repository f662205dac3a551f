"""Plays what mail scanners, previews, thieves and accidental clicks do to a link, on a link of our own.

Each check passes when not one fact was recorded. They need nothing but HTTP; those of a real browser are
`workflow.cli.checks.browser_checks`. The same checks run in the tests and in `tiendo doctor links`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from bs4 import BeautifulSoup, Tag

from workflow.cli.checks.scratch import TESTER, Scratch

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
PREVIEWS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0 A",
    "TelegramBot (like TwitterBot)",
    "ZaloPC-win32-24v540",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "GoogleImageProxy",
)
PREFETCHES = (
    {"Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
)


@dataclass(frozen=True, slots=True)
class Kit:
    """Where the pages are, and what the checks play on."""

    url: str
    scratch: Scratch

    @contextmanager
    def client(self, agent: str = BROWSER) -> Iterator[httpx.Client]:
        """A browser of its own: no cookies of another."""
        with httpx.Client(
            base_url=self.url, headers={"User-Agent": agent}, timeout=30, trust_env=False
        ) as made:
            yield made

    def pages(self, token: str) -> list[str]:
        """Every page of a link, and the addresses that only take posts."""
        first, *_, last = self.scratch.cycles
        reports = (f"/report/{first}", f"/report/{last}")
        ends = ("", *reports, "/send", "/sheet", "/sheet.xlsx", "/done?receipt=1A2B3C4D")
        return [f"/l/{token}{end}" for end in (*ends, "/confirm", "/vote", "/draft")]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, and the function, which returns a problem other than recorded facts, or ""."""

    name: str
    play: Callable[[Kit], str]


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The result of a check; without a `problem` it passed."""

    name: str
    problem: str


def outcome(kit: Kit, check: Check) -> CheckOutcome:
    """Runs a check and counts the facts before and after."""
    before = kit.scratch.facts()
    try:
        problem = check.play(kit)
    except httpx.HTTPError as error:
        problem = f"trang không trả lời: {error}"
    recorded = kit.scratch.facts() - before
    return CheckOutcome(check.name, f"đã ghi nhận {recorded} sự việc" if recorded else problem)


@dataclass(slots=True)
class PageForm:
    """A form as a browser would send it untouched, and its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Where each button sends the form, and what it adds."""


def forms_of(answer: httpx.Response) -> list[PageForm]:
    """The forms of a page that are posted."""
    soup = BeautifulSoup(answer.text, "html.parser")
    return [
        _form(tag, answer.request.url.path) for tag in soup.find_all("form") if tag.get("method") == "post"
    ]


def _form(tag: Tag, here: str) -> PageForm:
    found = PageForm(str(tag.get("action") or here))
    for one in tag.find_all(["input", "textarea", "select"]):
        name, kind = one.get("name"), one.get("type")
        if name and kind != "file" and (kind not in ("radio", "checkbox") or one.has_attr("checked")):
            found.fields[str(name)] = one.text if one.name == "textarea" else str(one.get("value", ""))
    for one in tag.find_all("button"):
        adds = {str(one["name"]): str(one.get("value", ""))} if one.get("name") else {}
        found.buttons.append((str(one.get("formaction") or found.action), adds))
    return found


def form_for(answer: httpx.Response, ending: str) -> PageForm:
    """The page's form that goes there."""
    return next(form for form in forms_of(answer) if form.action.endswith(ending))


def _heads(kit: Kit) -> str:
    with kit.client() as http:
        found = [http.head(path) for path in kit.pages(kit.scratch.link())]
    return "" if found[0].status_code == 200 else f"HEAD trả lời {found[0].status_code}"


def _gets(kit: Kit) -> str:
    token = kit.scratch.link()
    with kit.client() as http:
        found = [http.get(path) for path in kit.pages(token) * 2]
    return "" if found[0].status_code == 200 else f"GET trả lời {found[0].status_code}"


def _prefetches(kit: Kit) -> str:
    token = kit.scratch.link()
    with kit.client() as http:
        for headers in PREFETCHES:
            for path in kit.pages(token):
                http.get(path, headers=headers)
    return ""


def _previews(kit: Kit) -> str:
    token = kit.scratch.link()
    for agent in PREVIEWS:
        with kit.client(agent) as http:
            for path in kit.pages(token):
                http.head(path)
                http.get(path)
    return ""


def _blind_clicks(kit: Kit) -> str:
    token = kit.scratch.link()
    with kit.client() as http:
        for path in kit.pages(token)[:3]:
            for form in forms_of(http.get(path)):
                for action, adds in form.buttons:
                    http.post(action, data=form.fields | adds)
    return ""


def _without_the_page(kit: Kit) -> str:
    first, second, third, _ = kit.scratch.cycles
    token = kit.scratch.link()
    fields = {"sure": "1", "rest": "approve", f"choice-{third}": "approve", f"version-{third}": "1"}
    confirm = {"sure": "1", "rest": "confirm", f"choice-{second}": "confirm", f"version-{second}": "1"}
    report = {"progress": "100", "body": "x", "version": "0", "sure": "1"}
    statuses = []
    with kit.client() as http:
        for stamp in ({}, {"stamp": ""}, {"stamp": "WzEsInZvdGUiXQ.c2ln"}):
            statuses += [
                http.post(f"/l/{token}/vote", data=fields | stamp).status_code,
                http.post(f"/l/{token}/confirm", data=confirm | stamp).status_code,
                http.post(f"/l/{token}/report/{first}", data=report | stamp).status_code,
                http.post(f"/l/{token}/draft", data={"form": "vote", **fields, **stamp}).status_code,
            ]
    return "" if set(statuses) == {403} else f"trả lời {sorted(set(statuses))}, phải là 403"


def _forwarded(kit: Kit) -> str:
    """Another browser with the same mail sees that link's person; another person's page refuses
    its forms."""
    token, other = kit.scratch.link(), kit.scratch.link(to_other=True)
    with kit.client() as mine, kit.client("Mozilla/5.0 (iPhone) Safari/604.1") as theirs:
        page = mine.get(f"/l/{token}")
        seen = theirs.get(f"/l/{token}")
        form = form_for(page, "/vote")
        taken = theirs.post(f"/l/{other}/vote", data=form.fields | {"rest": "approve", "sure": "1"})
    who = BeautifulSoup(seen.text, "html.parser").select_one(".who")
    if who is None or TESTER not in who.text:
        return "trang không phải của người được cấp đường dẫn"
    return "" if taken.status_code == 403 else f"biểu mẫu của người khác được nhận ({taken.status_code})"


def _dead(kit: Kit) -> str:
    expired, live = kit.scratch.link(), kit.scratch.link()
    kit.scratch.expire(expired)
    tampered = f"{live[:-1]}{'A' if live[-1] != 'A' else 'B'}"
    with kit.client() as http:
        form = form_for(http.get(f"/l/{live}"), "/vote")
        kit.scratch.revoke()
        statuses = set()
        for token in (expired, live, tampered, "x"):
            fields = form.fields | {"rest": "approve", "sure": "1"}
            statuses |= {
                http.get(f"/l/{token}").status_code,
                http.head(f"/l/{token}").status_code,
                http.post(f"/l/{token}/vote", data=fields).status_code,
            }
    return "" if statuses == {410} else f"trả lời {sorted(statuses)}, phải là 410"


def _drafts(kit: Kit) -> str:
    token = kit.scratch.link()
    with kit.client() as http:
        form = form_for(http.get(f"/l/{token}"), "/vote")
        key = kit.scratch.cycles[2]
        fields = form.fields | {f"choice-{key}": "approve", f"reason-{key}": "đang nghĩ", "sure": "1"}
        saved = http.post(f"/l/{token}/draft", data=fields, headers={"Accept": "application/json"})
        again = http.get(f"/l/{token}")
        # The form is filled in from the draft now; blind clicks must not send it.
        for shown in forms_of(again):
            for action, adds in shown.buttons:
                http.post(action, data=shown.fields | adds)
    return "" if saved.status_code == 200 and "đang nghĩ" in again.text else "bản nháp không hiện lại"


CHECKS = (
    Check("HEAD", _heads),
    Check("GET, hai lần", _gets),
    Check("Tải trước (Purpose, Sec-Purpose)", _prefetches),
    Check("Trình xem trước đường dẫn", _previews),
    Check("Bấm mù từng nút, không gõ gì", _blind_clicks),
    Check("POST không qua trang", _without_the_page),
    Check("Thư bị chuyển tiếp", _forwarded),
    Check("Bản nháp không phải là sự việc", _drafts),
    Check("Đường dẫn hết hạn, thu hồi, bị sửa", _dead),
)


def real_person(kit: Kit) -> CheckOutcome:
    """The person the link is for confirms from the first of two tabs and gets a receipt; the form sent
    again, and the second tab, record nothing more."""
    name = "Người thật xác nhận được; gửi lại và trang thứ hai không ghi thêm"
    before = kit.scratch.facts()
    token = kit.scratch.link()
    with kit.client() as http:
        first, second = (form_for(http.get(f"/l/{token}"), "/confirm") for _ in range(2))
        sent = first.fields | {"rest": "confirm", "sure": "1"}
        answers = [http.post(first.action, data=sent) for _ in range(2)]
        if {answer.status_code for answer in answers} != {303}:
            return CheckOutcome(name, f"không được ghi nhận ({answers[0].status_code})")
        if answers[0].headers["location"] != answers[1].headers["location"]:
            return CheckOutcome(name, "gửi lại cho số ghi nhận khác")
        recorded = kit.scratch.facts()
        http.post(second.action, data=second.fields | {"rest": "confirm", "sure": "1"})
    if recorded == before:
        return CheckOutcome(name, "không có sự việc nào được ghi nhận")
    return CheckOutcome(name, "trang thứ hai ghi thêm" if kit.scratch.facts() != recorded else "")
