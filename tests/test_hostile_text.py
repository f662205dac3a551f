"""A quarter of people whose every word would act if anything let it: from the open period to the issued
report, all that goes out is looked at, and each word is found there as text.

One play serves all claims; where a field is added to the product, give it a hostile text here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from httpx import Response
from icalendar import Calendar
from sqlalchemy import select
from starlette.testclient import TestClient

from flows import work
from tests.builders import (
    NOW,
    Opened,
    StoppedClock,
    a_directory,
    a_link,
    a_part,
    a_plan,
    a_store,
    a_target,
    an_item,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from tests.hostile import Carried, fields_in, hostile, hostile_toml, made_hostile, pages_from, texts_filled
from tests.mail.post_office import LATER, PostOffice, Sending, a_post_office
from tests.web.visiting import _fields
from workflow.cli.running import pages_of
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.events import Event, WebhookFormat
from workflow.domain.people.directory import Person, Role
from workflow.domain.plain_text import one_line
from workflow.domain.rules.routing_rules import ApprovalRule, ReportApproval, ReportRule, Rules, Shows
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.settings import Settings
from workflow.storage.access.links import Purpose
from workflow.storage.cycles.acts import Evidence
from workflow.storage.outside.deliveries import take_due
from workflow.storage.outside.webhooks import WebhookSettings, add_webhook
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import attachments, report_issues, rules
from workflow.webhooks.wording import written

CLOSED = NOW + timedelta(days=60)
COLUMNS = (
    *("TT", "Nội dung thực hiện", "Lãnh đạo phụ trách", "Đơn vị chủ trì", "Đơn vị phối hợp"),
    *("Thời gian thực hiện", "Thời gian hoàn thành"),
)
EXTRA = (
    Person("Phạm Trung Kiên", "chu-tich@hoaxuan.example", "", (("ubnd", Role.HEAD),)),
    Person("Cao Thị Vân", "ubkt@hoaxuan.example", "Ủy viên", (("btv", Role.INSPECTOR),)),
    Person("Võ Thị Thu", "van-thu@hoaxuan.example", "Văn thư", (("van-phong", Role.OFFICE),)),
)
HEADERS = {
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version"),
    *("auto-submitted", "x-auto-response-suppress", "content-type", "content-transfer-encoding"),
    *("list-unsubscribe", "list-id", "feedback-id"),
}


@dataclass
class Play:
    """The quarter while it is played, and what was looked at."""

    opened: Opened
    client: TestClient
    clock: StoppedClock
    office: PostOffice
    sending: Sending
    carried: Carried = field(default_factory=Carried)
    refused: list[str] = field(default_factory=list)

    def at(self, box: str, purpose: Purpose = Purpose.DUTIES) -> str:
        """The first page of who has that mailbox."""
        token = a_link(self.opened, box, purpose, now=self.clock.now())
        return f"/{'o' if purpose is Purpose.OFFICE else 'l'}/{token}"

    def desk(self) -> str:
        """The first page of the office."""
        return self.at("van-phong", Purpose.OFFICE)

    def say(self, page: str, ending: str, files: Any = None, **fixed: str) -> Response:
        """Fills every text of the form that goes there with hostile text, and posts it."""
        answer = self.client.get(page)
        for tag in BeautifulSoup(answer.text, "html.parser").find_all("form"):
            action = str(tag.get("action") or answer.request.url.path)
            if action.split("?")[0].endswith(ending):
                where = f"form:{re.sub(r'/[0-9]+', '', ending)}"
                fields = _fields(tag) | texts_filled(tag, where) | {"sure": "1"}
                fields |= {name: "2" for name in fields if name.startswith("points-")}
                empty = [name for name, value in fields.items() if name.startswith("email-") and not value]
                fields |= {name: f"{name}@hoaxuan.example" for name in empty} | fixed
                said: Response = self.client.post(action, data=fields, files=files)
                self.carried.answer(said)
                if said.status_code >= 400:
                    told = BeautifulSoup(said.text, "html.parser").select("[role=alert], .wrong, h1")
                    self.refused.append(
                        f"{ending} {said.status_code} {[one.get_text()[:200] for one in told]}"
                    )
                return said
        self.refused.append(f"{ending}: no such form on {page.split('/', 3)[-1]} ({answer.status_code})")
        return answer

    def walk(self, *bases: str, also: tuple[str, ...] = ()) -> None:
        """Looks at every page and file these people come to."""
        for base in bases:
            for answer in pages_from(self.client, base, also):
                self.carried.answer(answer)

    def swept(self, at: datetime) -> None:
        """A sweep, and all mail goes out."""
        self.clock.set(at)
        with self.opened.store.begin() as tx:
            sweep(tx, at)
        self.send(at)

    def send(self, at: datetime) -> None:
        """All mail that is due some minutes after that moment goes out."""
        self.sending.clock.set(at + LATER)

        async def drained() -> None:
            mailer = self.sending.mailer()
            await mailer.drain()
            await mailer.close()

        asyncio.run(drained())

    def take_hooks(self) -> None:
        """What the webhooks would be sent by now."""
        while True:
            with self.opened.store.begin() as tx:
                due = take_due(tx, self.sending.wall + timedelta(days=400), 50)
            if not due:
                return
            for one in due:
                told = written(one.form, one.event, one.body, "https://tiendo.hoaxuan.example").decode()
                name = f"webhook {one.form.value} {one.event.value}"
                self.carried.text(name, told)
                if one.form is not WebhookFormat.TIENDO and re.search(
                    r"<!channel>|\[tdx\]\(|\*tdx\*|<x-tdx", told
                ):
                    self.carried.faults.append(f"{name}: markup of a chat")
                if one.form is WebhookFormat.TEXT and "\\nBcc:" in told:
                    self.carried.faults.append(f"{name}: a line out of a text")


@contextmanager
def _playing(folder: Path) -> Iterator[Play]:
    items = [
        an_item(1, parts=(a_part("I.1.1.a", "Đo đạc"),), note="Ghi chú", result="Biên bản"),
        an_item(2, targets=(a_target(),)),
        an_item(3, coordinating_ids=(), coordinating_units=()),
        an_item(4),
    ]
    plan = replace(made_hostile(a_plan(items=items)), number=hostile("Plan.number"))
    opened = an_open_period(
        a_store(folder),
        directory=made_hostile(a_directory(extra=EXTRA)),
        plan=plan,
        rules=Rules(
            name=hostile("Rules.name"),
            report=ReportRule(ReportApproval.CHAIR, 3),
            approval=ApprovalRule(shows=Shows.NAMES),
        ),
    )
    scoring = folder / "scoring.toml"
    scoring.write_text(hostile_toml(scoring_path().read_text(encoding="utf-8"), "scoring"), encoding="utf-8")
    names = ("superior", "place", "signs_for", "signs_as", "signer", "filed")
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring)))
        told = {name: hostile(f"Letterhead.{name}") for name in names}
        told["signs_for"] = f"T/M {told['signs_for']}"
        set_letterhead(tx, opened.organisation_id, NOW, **told, minutes_series="BB")
        for form in WebhookFormat:
            wanted = WebhookSettings(hostile("Webhook.name"), "https://chat.example/x", tuple(Event), form)
            add_webhook(tx, opened.organisation_id, wanted, NOW, by={})
    clock = StoppedClock(NOW)
    app = pages_of(opened.store, Settings(data=folder), clock)  # type: ignore[arg-type]
    with a_post_office() as office:
        client = TestClient(app, follow_redirects=True, raise_server_exceptions=False)
        yield Play(opened, client, clock, office, Sending(opened, folder, office.port))


def _mid_quarter(play: Play) -> None:
    """Reports, one with a file, objected to, returned and sent again; difficulties answered; entries made."""
    opened, lead = play.opened, play.at("ubnd")
    first, second, third, _ = opened.cycles
    play.swept(NOW)
    file = ("=1+1 <x-tdx tdx-a=1>\"' tdx-b='1' \u202efdp.{{7*7}}.pdf", b"%PDF-1.4\n", "application/pdf")
    play.say(f"{lead}/report/{first}", f"/report/{first}", files={"evidence": file}, progress="60")
    mine = Evidence("0" * 64, hostile("Evidence.name"), "application/pdf", 9)
    told = {name: hostile(f"Report.{name}") for name in ("body", "difficulties", "proposals")}
    for cycle in (second, third):
        submitted(opened, cycle, **told, evidence=(mine,))
    play.swept(NOW + timedelta(days=1))
    play.say(play.at("mttq"), "/confirm", rest="none", **{f"choice-{first}": "object"})
    confirmed(opened, second, "mttq", verdict=Verdict.PARTIAL, reason=hostile("Word.reason"))
    confirmed(opened, second, "cong-an")
    submitted(opened, first, version=1, **told, evidence=(mine,))
    confirmed(opened, first, "cong-an", version=2)
    play.walk(play.at("mttq"))
    confirmed(opened, first, "mttq", version=2)
    why = hostile("Vote.reason")
    voted(opened, second, "bi-thu", "pho-bi-thu", "uy-vien-1", choice=Choice.RETURN, reason=why)
    play.swept(NOW + timedelta(days=2))
    play.walk(
        lead, also=(f"/report/{second}", "/sheet", "/send", "/own-score", "/commendations", "/nominations")
    )
    submitted(opened, second, version=1, **told | {"body": hostile("Report.body") + "2"}, evidence=())
    confirmed(opened, second, "mttq", "cong-an", version=2)
    unit = str(opened.units["cong-an"])
    play.say(f"{play.at('bi-thu')}/difficulties", "/opinion", unit=unit, due_on="2026-03-12")
    play.say(f"{play.at('uy-vien-1')}/difficulties", "/comment")
    play.say(f"{play.at('cong-an')}/difficulties", "/done")
    play.say(f"{lead}/own-score", f"/own-score/{opened.units['ubnd']}")


def _uploads(play: Play) -> None:
    """Files with hostile names, and hostile words in them."""
    desk, name = play.desk(), "<x-tdx tdx-a=1>\"' &amp; \u202e{{7*7}}"
    texts = (one_line(hostile("upload.plan")), one_line(hostile("upload.leader")))
    row = "\t".join(("1.1", *texts, "UBND phường", "", "Quý I/2026", "Tháng 3/2026"))
    lines = ("KẾ HOẠCH", "Kế hoạch công tác năm 2026", "", "\t".join(COLUMNS))
    lines += ("I\tCHỈ TIÊU\t\t\t\t\t", "1\tCải cách hành chính\t\t\t\t\t", row)
    plan = "\n".join(lines).encode()
    play.say(f"{desk}/plan", "/plan", files={"file": (f"{name}.txt", plan, "text/plain")})
    directory = play.client.get(f"{desk}/directory/file.yaml").content
    play.say(f"{desk}/directory/file", "/file", files={"file": (f"{name}.yaml", directory, "text/yaml")})
    scoring = hostile_toml(scoring_path().read_text(encoding="utf-8"), "upload.scoring").encode()
    play.say(f"{desk}/rules/file", "/file", files={"scoring": (f"{name}.toml", scoring, "text/plain")})


def _to_the_issued_report(play: Play) -> None:
    """Late work is told of, the council votes, the period is closed, its report edited, approved, issued."""
    opened = play.opened
    for day in (18, 20, 23, 25):
        play.swept(NOW + timedelta(days=day - 2))
    play.walk(play.at("chu-tich"), also=("/late",))
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1", version=2)
    voted(opened, opened.cycles[1], "bi-thu", "pho-bi-thu", version=2)
    scores = f"{play.desk()}/scores/{opened.units['ubnd']}?period=2026-Q1"
    play.say(scores, "/enter", what="initiative:sang-kien")
    play.clock.set(CLOSED)
    closed = asyncio.run(work.close_period(opened.period_id))
    play.carried.markdown("artifact of the closed period", closed.summary)
    for cycle in opened.cycles:
        seen = asyncio.run(work.advance_cycle(cycle))
        play.carried.markdown(f"artifact of cycle {cycle}", seen.summary)
        assert one_line(seen.run_name) == seen.run_name
    desk, at = play.desk(), "?period=2026-Q1"
    play.say(f"{desk}/commendations{at}", "/enter", award="giay-khen-ca-nhan", unit=str(opened.units["doan"]))
    play.say(f"{desk}/reports/2026-Q1/edit", "/edit")
    above = f"{hostile('Recipient.superior')} (để báo cáo)"
    play.say(f"{desk}/reports/2026-Q1/recipients", "/recipients", **{"label-0": above, "printed-0": "1"})
    play.say(f"{desk}/reports{at}", "/act/ask")
    play.send(CLOSED)
    play.walk(play.at("bi-thu", Purpose.APPROVAL), also=("/approve", "/approve/docx"))
    play.say(f"{play.at('bi-thu', Purpose.APPROVAL)}/approve", "/approve", choice="approve")
    play.say(f"{desk}/reports{at}", "/act/issue", number="12-BC/ĐU", dated_on="2026-05-01")
    play.send(CLOSED)
    play.send(CLOSED + timedelta(days=1))


def _look_at_mails(play: Play) -> None:
    for to, raw in play.office.accepted:
        mail = message_from_bytes(raw, policy=default)
        pairs = [
            (name.lower(), str(make_header(decode_header(re.sub(r"\r?\n[ \t]", " ", str(value))))))
            for name, value in mail.raw_items()
        ]
        name = f"mail to {to}: {dict(pairs)['subject'][:50]}"
        if wrong := {one for one, _ in pairs} - HEADERS:
            play.carried.faults.append(f"{name}: headers {wrong}")
        for header, value in pairs:
            play.carried.text(f"header {header} of {name}", value)
            if re.search(r"[\x00-\x08\x0a-\x1f\u202a-\u202e]", value):
                play.carried.faults.append(f"{name}: a control character in {header}")
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        play.carried.text(f"text of {name}", str(text.get_content()))
        play.carried.html(f"html of {name}", str(html.get_content()))
        for part in mail.iter_attachments():
            kind, body = part.get_content_type(), part.get_payload(decode=True)
            if kind == "text/calendar":
                _look_at_calendar(play.carried, f"calendar of {name}", body)
            elif "wordprocessingml" in kind:
                play.carried.document(f"document of {name}", body)
            elif "spreadsheetml" in kind:
                play.carried.workbook(f"workbook of {name}", body)
            else:
                play.carried.faults.append(f"{name}: a file of kind {kind}")


def _look_at_calendar(carried: Carried, name: str, body: bytes) -> None:
    lines = body.decode().replace("\r\n ", "").split("\r\n")
    found = Calendar.from_ical(body)
    events = found.walk("VEVENT")
    carried.text(name, " ".join(str(found.get("x-wr-calname")) for _ in "1"))
    for event in events:
        carried.text(name, f"{event['summary']} {event['description']}")
    if sum(line == "BEGIN:VEVENT" for line in lines) != sum(line.startswith("UID:") for line in lines):
        carried.faults.append(f"{name}: an event out of a text")
    carried.faults += [f"{name}: {line}" for line in lines if re.match("(?i)bcc|attach|url", line)]
    carried.faults += [f"{name}: a bare line end" for line in lines if "\r" in line or "\n" in line]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    folder = tmp_path_factory.mktemp("hostile")
    with _playing(folder) as play, pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflow.reports.report_files.libreoffice", lambda: None)
        settings = Settings(data=folder)
        patch.setattr(work, "_deployment", lambda: (settings, play.opened.store, play.clock))
        _mid_quarter(play)
        _uploads(play)
        play.walk(play.desk(), play.at("bi-thu"), also=("/doc", "/difficulties", "/council"))
        _to_the_issued_report(play)
        play.walk(play.at("ubnd"))
        play.client.cookies.set("lang", "en")
        play.walk(play.desk())
        play.take_hooks()
        _look_at_mails(play)
        yield play


def test_the_quarter_was_played_to_the_issued_report(played: Play) -> None:
    with played.opened.store.reading() as tx:
        assert tx.scalar(select(report_issues.c.issued_at)) is not None
    assert played.refused == []


def test_no_text_acted_on_any_page_or_in_any_file_or_message(played: Play) -> None:
    assert played.carried.faults == []


def test_everything_that_goes_out_was_looked_at(played: Play) -> None:
    kinds = {
        kind: len(played.carried.of(kind))
        for kind in (
            *("page /o", "page /l", "document ", "workbook ", "table ", "text of mail", "html of mail"),
            *("header subject", "header from", "header to", "calendar of", "document of", "workbook of"),
            *("artifact", "webhook tiendo", "webhook teams", "webhook text"),
        )
    }
    assert [kind for kind, count in kinds.items() if not count] == []


def test_every_field_was_seen_as_text_somewhere(played: Play) -> None:
    of_the_plan = {f"PlanItem.{one}" for one in ("content", "leaders", "deadline_text")}
    acts = {
        "Report.body",
        "Report.difficulties",
        "Report.proposals",
        "Evidence.name",
        "Word.reason",
        "Vote.reason",
    }
    wanted = {
        "Directory.organisation",
        "Unit.name",
        "Person.name",
        "Person.title",
        "Section.title",
        "Rules.name",
    }
    assert (wanted | of_the_plan | acts) - played.carried.shown == set()


def test_a_file_is_kept_under_a_name_without_what_acts(played: Play) -> None:
    with played.opened.store.reading() as tx:
        names = set(tx.scalars(select(attachments.c.name))) - {hostile("Evidence.name")}
    assert names == {"=1+1 x-tdx tdx-a=1%22 tdx-b=1 fdp.{{7*7}}.pdf"}
    assert fields_in(" ".join(names)) == set()
