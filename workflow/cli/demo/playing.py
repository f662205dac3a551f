"""The player: goes through a quarter as its people would, each from the mail they got, on the real pages.

It keeps nothing in memory that matters: what to do next is read from the mails, the pages and the clock, so
it can be stopped anywhere, even killed, and continues from the quarter's state.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import httpx

from workflow.cli.demo.playing_issue import ShowStep, play_issuing
from workflow.cli.demo.playing_pages import (
    PersonPage,
    PlayedChoice,
    PlayedForm,
    decide,
    read_difficulties,
    read_page,
    read_sheet,
    send_report,
    settle,
)
from workflow.cli.demo.playing_words import (
    SOLVED,
    body_of,
    difficulty_of,
    objection_of,
    opinion_of,
    proposal_of,
    return_of,
)
from workflow.cli.prefect_api import PrefectApi
from workflow.clock import REFRESH_SECONDS, Clock
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Choice as Ballot
from workflow.domain.cycles.cycle import Verdict
from workflow.domain.errors import TiendoError
from workflow.storage import Store
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.sweeps.played import (
    difficulties_moved_since,
    mails_by_state,
    mails_due,
    played_cycles,
)

LINK = re.compile(r"https?://\S+/l/[\w-]{20,}")
MAIL_LIMIT_SECONDS = 120

ShowDay = Callable[[date, Counter[str], int], None]
"""Called for each day with the day, what was done (by name), and how many mails the catcher holds."""


@dataclass(frozen=True, slots=True)
class PlayScript:
    """The script's special cases, by cycle id; `fresh` cycles came to their stage today and wait for
    tomorrow, as do `fresh_difficulties`."""

    never: int
    objected: int | None
    returned: int | None
    fresh: frozenset[int]
    fresh_difficulties: frozenset[int]


@dataclass(slots=True)
class Player:
    """Plays one period. `pages` is the address of the pages and the mail catcher."""

    store: Store
    clock: Clock
    pages: str
    prefect: PrefectApi
    period_id: int
    http: httpx.Client = field(init=False)
    _read: set[str] = field(default_factory=set, init=False)
    _links: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.pages, timeout=60, follow_redirects=False)

    def play(self, show_day: ShowDay) -> None:
        """From the day the clock shows to the day after the cut-off; then closes the period."""
        with self.store.reading() as tx:
            period = period_of(tx, self.period_id)
            calendar = organisation_calendar(tx, period.organisation_id)
        for day in self._days(period, calendar):
            morning = calendar.moment(day, 8)
            if self.clock.now() < morning:
                self._set_clock(morning)
            self.prefect.run("sweep/sweep", {})
            # What was intended this morning goes out by nine: the rule lets it settle for some minutes.
            self._set_clock(max(self.clock.now(), calendar.moment(day, 9)))
            self._wait_for_mail()
            done: Counter[str] = Counter()
            if day <= period.cut_off:
                done = self._work(day, period, calendar)
            show_day(day, done, self._wait_for_mail())
        self.prefect.run("close-period/close-period", {"period_id": self.period_id})
        self._wait_for_mail()

    def issue(self, show_step: ShowStep) -> None:
        """The closed period's report, from its draft to the recipients."""
        play_issuing(self.http, self.store, self.period_id, self._wait_for_mail, show_step)
        self.http.close()

    def _set_clock(self, moment: datetime) -> None:
        """Moves the clock, and waits until every process goes by it: a sweep by yesterday's would skip
        today's deadlines."""
        self.clock.set(moment)
        time.sleep(2 * REFRESH_SECONDS)

    def _days(self, period: Period, calendar: Calendar) -> Iterator[date]:
        day = max(period.opens_on, calendar.day_of(self.clock.now()))
        while day <= period.cut_off:
            if calendar.is_working(day):
                yield day
            day += timedelta(days=1)
        yield max(day, period.cut_off + timedelta(days=1))

    def _work(self, day: date, period: Period, calendar: Calendar) -> Counter[str]:
        """Everyone who got mail opens the link and does what the script has for the day.

        What came up today waits for tomorrow, so that it makes no difference who comes first, or whether
        the day was begun twice.
        """
        done: Counter[str] = Counter()
        script = self._script(calendar.moment(day, 8))
        self._collect_links()
        for address, link in sorted(self._links.items()):
            page = read_page(self.http, link)
            done["vướng mắc"] += self._settle(link, script, day, calendar)
            if page.is_empty:
                continue
            done["báo cáo"] += self._report(page, script, day, period, calendar)
            self._confirm(page, script, address, done)
            self._vote(page, script, address, done)
        return done

    def _report(
        self, page: PersonPage, script: PlayScript, day: date, period: Period, calendar: Calendar
    ) -> int:
        sent = 0
        for cycle_id, code in page.to_report.items():
            if cycle_id == script.never or day < report_day(code, period, calendar):
                continue
            if cycle_id in script.fresh and day > period.opens_on:
                continue
            sheet = read_sheet(self.http, page.link, cycle_id)
            again = int(sheet.hidden["version"]) > 0
            send_report(self.http, page.link, sheet, *filled(sheet, period, again=again))
            sent += 1
        return sent

    def _settle(self, link: str, script: PlayScript, day: date, calendar: Calendar) -> int:
        """Gives the committee's opinion on difficulties, or reports done what a unit was asked for."""
        waiting = [
            one
            for one in read_difficulties(self.http, link)
            if one.difficulty_id not in script.fresh_difficulties
        ]
        for raised in waiting:
            dice = portion("vướng mắc", str(raised.difficulty_id))
            text = opinion_of(dice) if raised.act == "opinion" else SOLVED
            unit = raised.units[dice % len(raised.units)] if raised.units else ""
            due_on = calendar.add_working_days(day, 3 + dice % 5).isoformat()
            settle(self.http, link, raised, text, unit, due_on)
        return len(waiting)

    def _confirm(self, page: PersonPage, script: PlayScript, address: str, done: Counter[str]) -> None:
        if is_silent(address):
            return
        words: dict[str, PlayedChoice] = {}
        for asked in page.to_confirm:
            if asked.cycle_id in script.fresh:
                continue
            word = PlayedChoice(Verdict.CONFIRM.value)
            if asked.cycle_id == script.objected and asked.version == 1:
                word = PlayedChoice(Verdict.OBJECT.value, objection_of(asked.code))
            elif portion(address, asked.code) < 3:
                word = PlayedChoice(Verdict.PARTIAL.value, "Đề nghị bổ sung phần việc của đơn vị phối hợp.")
            words[asked.key] = word
        if words:
            decide(self.http, page, "confirm", words)
        done["xác nhận"] += len(words)
        done["không đồng ý"] += sum(word.value == Verdict.OBJECT.value for word in words.values())

    def _vote(self, page: PersonPage, script: PlayScript, address: str, done: Counter[str]) -> None:
        choices: dict[str, PlayedChoice] = {}
        for asked in page.to_vote:
            if asked.cycle_id in script.fresh:
                continue
            choice = PlayedChoice(Ballot.APPROVE.value)
            if asked.cycle_id == script.returned and asked.version == 1:
                choice = PlayedChoice(Ballot.RETURN.value, return_of(asked.code))
            elif portion(address, asked.code) < 3:
                choice = PlayedChoice(Ballot.ABSTAIN.value)
            choices[asked.key] = choice
        if choices:
            decide(self.http, page, "vote", choices)
        done["phiếu"] += len(choices)
        done["phiếu trả lại"] += sum(one.value == Ballot.RETURN.value for one in choices.values())

    def _script(self, morning: datetime) -> PlayScript:
        """What the plan's order decides: the first item with a coordinating unit is objected to, the next
        one returned, the last never reported; and which cycles came to their stage only today."""
        with self.store.reading() as tx:
            played = played_cycles(tx, self.period_id)
            fresh_difficulties = difficulties_moved_since(tx, self.period_id, morning)
        order = [one.id for one in played]
        objected = next((one.id for one in played if one.is_confirmed_by_others), None)
        return PlayScript(
            never=order[-1],
            objected=objected,
            returned=next((one for one in order[:-1] if one != objected), None),
            fresh=frozenset(one.id for one in played if one.stage_since >= morning),
            fresh_difficulties=frozenset(fresh_difficulties),
        )

    def _collect_links(self) -> None:
        """Each receiver's latest link, from the mails that came since the last look (oldest first)."""
        for mail in reversed(self.http.get("/mail.json").raise_for_status().json()):
            if mail["id"] not in self._read:
                self._read.add(mail["id"])
                found = LINK.search(mail["text"])
                if found:
                    self._links[mail["recipient"]] = found.group().rstrip(".,;)")

    def _wait_for_mail(self) -> int:
        """Waits until nothing due is left in the outbox; returns how many mails were sent."""
        deadline = time.monotonic() + MAIL_LIMIT_SECONDS
        while True:
            with self.store.reading() as tx:
                due = mails_due(tx, self.clock.now())
                sent = mails_by_state(tx).get("sent", 0)
            if not due:
                return sent
            if time.monotonic() > deadline:
                raise TiendoError(f"Còn {due} thư chưa gửi được sau {MAIL_LIMIT_SECONDS} giây.")
            time.sleep(0.1)


def portion(*texts: str) -> int:
    """A number from 0 to 99 that is always the same for the same texts: the script's dice."""
    return int(hashlib.sha256("\n".join(texts).encode()).hexdigest(), 16) % 100


def is_silent(address: str) -> bool:
    """Whether this person never answers as a coordinating unit: about one in twenty."""
    return portion("im lặng", address) < 5


def report_day(code: str, period: Period, calendar: Calendar) -> date:
    """When the item is reported: mostly in the four days up to the due day, one in eight late."""
    dice = portion("ngày", code)
    if dice < 12:
        return calendar.add_working_days(period.due_on, 1 + dice % 2)
    return calendar.add_working_days(period.due_on, -(dice % 4)) if dice % 4 else period.due_on


def filled(
    sheet: PlayedForm, period: Period, *, again: bool
) -> tuple[dict[str, str], tuple[str, bytes, str] | None]:
    """The report form filled in for the item, and evidence for one in six."""
    dice = portion("kết quả", sheet.code)
    is_done = dice < 20
    progress = 100 if is_done else 15 + dice // 2
    fields = {
        "progress": str(progress),
        "reported": "done" if is_done else ("not-started" if dice > 96 else "under-way"),
        "body": body_of(sheet.content, progress, again=again),
        "difficulties": difficulty_of(dice),
        "proposals": proposal_of(dice),
    }
    if is_done:
        fields["done-on"] = (period.due_on - timedelta(days=1 + dice)).isoformat()
    for name, target in sheet.targets.items():
        fields[name] = reached_of(target, is_met=portion(name, sheet.code) < 75)
    for part in sheet.parts:
        fields[f"part-progress-{part}"] = str(max(10, progress - 10))
        fields[f"part-body-{part}"] = "Đang triển khai theo kế hoạch."
    evidence = None
    if dice % 6 == 0:
        evidence = ("bien-ban.png", _PICTURE, "image/png")
    return fields, evidence


def reached_of(target: str, *, is_met: bool) -> str:
    """A result near the target, as a form takes it: of whole things a whole number."""
    value = float(target)
    found = value if is_met else value * 0.85
    if value.is_integer():
        found = round(found)
    return f"{found:.1f}".rstrip("0").rstrip(".").replace(".", ",")


_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
"""The smallest picture, in place of a photograph of the minutes."""
