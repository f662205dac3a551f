"""A person's page as the player reads it: the same forms a person fills, fetched and posted over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from bs4 import BeautifulSoup, Tag

from workflow.cli.demo.playing_words import REASON
from workflow.domain.errors import TiendoError


@dataclass(frozen=True, slots=True)
class PlayedChoice:
    """One decision: the value of the item's radio, and the reason typed."""

    value: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AskedItem:
    """An item a form asks about. `key` names its fields; `version` is the report it shows."""

    key: str
    code: str
    version: int

    @property
    def cycle_id(self) -> int:
        """The id of the key's cycle."""
        return int(self.key.split("-")[0])


@dataclass(slots=True)
class PersonPage:
    """What one link shows: items to report (code by cycle id), to confirm, to vote on."""

    link: str
    to_report: dict[int, str] = field(default_factory=dict)
    to_confirm: list[AskedItem] = field(default_factory=list)
    to_vote: list[AskedItem] = field(default_factory=list)
    _stamps: dict[str, str] = field(default_factory=dict)
    _hidden: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the person owes nothing."""
        return not (self.to_report or self.to_confirm or self.to_vote)


def read_page(http: httpx.Client, link: str) -> PersonPage:
    """The person's page at that link."""
    soup = _soup(http.get(link))
    found = PersonPage(link)
    for anchor in soup.select("#bao-cao a[href*='/report/']"):
        row = anchor.find_parent(["article", "li"])
        code = row.select_one(".code") if row else None
        found.to_report[int(str(anchor["href"]).rsplit("/", 1)[1])] = (
            code.get_text(strip=True) if code else ""
        )
    for name, asked in (("confirm", found.to_confirm), ("vote", found.to_vote)):
        form = soup.select_one(f"form[action$='/{name}']")
        if form is None:
            continue
        found._stamps[name] = _value(form, "stamp")
        found._hidden[name] = {
            str(one["name"]): str(one.get("value", ""))
            for one in form.select("input[type=hidden]")
            if one.get("name") != "stamp"
        }
        for version in form.select("input[name^='version-']"):
            if version.find_parent(class_="given"):
                continue
            card = version.find_parent("article")
            code = card.select_one(".code") if card else None
            key = str(version["name"]).removeprefix("version-")
            asked.append(
                AskedItem(key, code.get_text(strip=True) if code else "", int(str(version["value"])))
            )
    return found


def decide(http: httpx.Client, page: PersonPage, form: str, choices: dict[str, PlayedChoice]) -> None:
    """Posts the confirm or vote form with the given choices by key; the other items stay undecided."""
    data = {"stamp": page._stamps[form], "sure": "1", "rest": "none", **page._hidden[form]}
    for key, choice in choices.items():
        data[f"choice-{key}"] = choice.value
        data[f"reason-{key}"] = choice.reason
    _expect_recorded(http.post(f"{page.link}/{form}", data=data))


@dataclass(frozen=True, slots=True)
class PlayedForm:
    """An item's report form: its title, what it wants, and its hidden fields."""

    cycle_id: int
    code: str
    content: str
    targets: dict[str, str]
    """The planned value by the field's name."""
    parts: tuple[str, ...]
    hidden: dict[str, str]
    """The hidden fields, and the box to tick where the form came filled in."""


def read_sheet(http: httpx.Client, link: str, cycle_id: int) -> PlayedForm:
    """The report form of an item."""
    soup = _soup(http.get(f"{link}/report/{cycle_id}"))
    form = soup.select_one("form.report")
    title = soup.select_one("h1")
    if form is None or title is None:
        raise TiendoError("Trang báo cáo không có biểu mẫu.", where=f"{link}/report/{cycle_id}")
    code = title.select_one(".code")
    hidden = {str(one["name"]): str(one.get("value", "")) for one in form.select("input[type=hidden]")}
    if form.select_one("input[name=sure]") is not None:
        hidden["sure"] = "1"
    choice = form.select_one("select[name=unit] option")
    if choice is not None:
        hidden["unit"] = str(choice["value"])
    return PlayedForm(
        cycle_id,
        code.get_text(strip=True) if code else "",
        title.get_text(" ", strip=True),
        {str(one["name"]): str(one["data-target"]) for one in form.select("input[name^='figure-']")},
        tuple(
            str(one["name"]).removeprefix("part-progress-")
            for one in form.select("input[name^='part-progress-']")
        ),
        hidden,
    )


def send_report(
    http: httpx.Client,
    link: str,
    sheet: PlayedForm,
    fields: dict[str, str],
    evidence: tuple[str, bytes, str] | None = None,
) -> None:
    """Fills the report form and sends it, with one file of evidence if given (name, bytes, kind); where the
    page asks about something odd, sends it again with a reason."""
    files: dict[str, Any] = {"evidence": evidence} if evidence else {}

    def post(reasons: dict[str, str]) -> httpx.Response:
        return http.post(
            f"{link}/report/{sheet.cycle_id}",
            data={**sheet.hidden, **fields, **reasons},
            # An empty file field keeps the form multipart, as a browser sends it.
            files=files or {"evidence": ("", b"", "application/octet-stream")},
        )

    answer = post({})
    asked = (
        BeautifulSoup(answer.text, "html.parser").select(".odd textarea") if answer.status_code == 422 else []
    )
    _expect_recorded(post({str(one["name"]): REASON for one in asked}) if asked else answer)


@dataclass(frozen=True, slots=True)
class Raised:
    """A difficulty that waits for the person: `act` is opinion or done, `units` may be made responsible."""

    difficulty_id: int
    act: str
    stamp: str
    units: tuple[str, ...]


def read_difficulties(http: httpx.Client, link: str) -> list[Raised]:
    """The difficulties that wait for the person at that link."""
    found = []
    for card in _soup(http.get(f"{link}/difficulties")).select("article[id^=kk-]"):
        for act in ("opinion", "done"):
            form = card.select_one(f"form[action$='/{act}']")
            if form is not None:
                units = tuple(str(one["value"]) for one in form.select("select[name=unit] option[value]"))
                named = tuple(unit for unit in units if unit)
                found.append(Raised(int(str(card["id"])[3:]), act, _value(form, "stamp"), named))
    return found


def settle(http: httpx.Client, link: str, raised: Raised, text: str, unit: str, due_on: str) -> None:
    """Posts the opinion on a difficulty, or what was done about it."""
    data = {"stamp": raised.stamp, "sure": "1", "text": text, "unit": unit, "due_on": due_on}
    _expect_recorded(http.post(f"{link}/difficulties/{raised.difficulty_id}/{raised.act}", data=data))


def _expect_recorded(answer: httpx.Response) -> None:
    if answer.status_code == 303:
        return
    soup = BeautifulSoup(answer.text, "html.parser")
    messages = [one.get_text(" ", strip=True) for one in soup.select(".callout.danger, .wrong, main p")][:4]
    raise TiendoError(
        f"Trang không ghi nhận ({answer.status_code}): {'; '.join(messages)}", where=answer.request.url.path
    )


def _soup(answer: httpx.Response) -> BeautifulSoup:
    if answer.status_code != 200:
        raise TiendoError(f"Trang trả lời {answer.status_code}.", where=answer.request.url.path)
    return BeautifulSoup(answer.text, "html.parser")


def _value(form: Tag, name: str) -> str:
    found = form.select_one(f"input[name='{name}']")
    return str(found.get("value", "")) if found else ""
