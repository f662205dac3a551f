"""From an intent to a message: the current facts, in the person's language, with one link.

`letter_for` reads the live database; `compose` renders and builds. What a kind needs in the outbox row's
`context`:

- digest: nothing; it lists what the person owes at that moment.
- escalation: nothing; it lists what is late then and is reported to the person.
- office: nothing; it lists what waits for the office then.
- opened, closed: nothing; they describe the period at that moment.
- schedule: nothing; it lists what the schedules have for the office then.
- receipt: `number`; `acts`, each with `code`, `content`, what was `said` and perhaps its own `number`;
  `until`, where they were sent one after another.
- code: `code`, the row its digits are drawn for.
- report: `lines` of the summary; `files`, each with `sha256`, `name` and `media_type`; of an issued one its
  `number`, `dated_on`, `kind`, what it replaces (`before_number`, `before_day`) and why (`because`), and
  the `lock`, the line of `workflow.storage.mailed` that carries the manifest's hash and signature.
- notice: `title` and `paragraphs`, or `about` where the words are known here; `purpose`, one of
  `storage.access.links.Purpose`, where it carries a link, and `path`, the page below that it leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection

from workflow.domain.vietnamese import letter_day
from workflow.domain.words import Words, restored
from workflow.i18n import said, speak
from workflow.mail.letters.announcements import closed, opened
from workflow.mail.letters.deadlines import Deadline, calendar_file, is_news
from workflow.mail.letters.gathered import Void, desk, digest, escalation
from workflow.mail.letters.message import Attachment, Mailbox, build
from workflow.mail.letters.moved_days import days_moved
from workflow.mail.letters.order_notices import order_notice
from workflow.mail.letters.report_notices import NOTICES, report_facts, report_notice
from workflow.mail.letters.review_notices import REVIEW_NOTICES, review_notice
from workflow.mail.letters.schedule_news import schedule_news
from workflow.mail.letters.wording import Wording, shortened, size_of, wording, wrapped
from workflow.paths import templates_dir
from workflow.settings import Settings
from workflow.storage.access import codes
from workflow.storage.access.links import NEW_LINK, SIGN_IN, SIGN_IN_LASTS, Purpose
from workflow.storage.access.links_on_request import officers
from workflow.storage.files import Files
from workflow.storage.mailed import anchor_line
from workflow.storage.post import claims, intents
from workflow.storage.post.circumstances import circumstances_of
from workflow.storage.post.claims import Claimed
from workflow.storage.post.order_news import ORDERED
from workflow.storage.proof.anchors import ANCHORED, anchor_of
from workflow.storage.scores.sittings import COMMENDATIONS, SCORES
from workflow.storage.sweeps.moved_days import DAYS_MOVED

MOST_RECEIPTED = 120
"""Acts a receipt lists by name: it is the person's own record, so mostly all."""

SITTING_NOTICES = tuple(f"sitting-{one}" for one in (SCORES, COMMENDATIONS))
"""`about` of the notice that a sitting of the emulation council is closed, by its matter."""

SIGN_IN_AWAITED = timedelta(hours=1)
"""Who asked to sign in longer ago no longer waits for the mail."""

MOST_ATTACHED = 15 << 20
"""The most bytes of attachments in a mail; larger files are on the page only."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's facts, read at one moment. `purpose` is what its link is for, None where it has none;
    `tells_too` are the outbox rows whose news it includes, so that they need no mail."""

    kind: str
    subject: str
    facts: Mapping[str, Any]
    organisation: str
    zone: str
    reply_to: Mailbox | None
    as_of: datetime
    purpose: Purpose | None = None
    path: str = ""
    """The page below the purpose's own that the link leads to."""
    files: tuple[Mapping[str, str], ...] = ()
    tells_too: tuple[int, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    """The deadlines of its calendar file; none where the receiver has been sent all of them."""
    n_calendars: int = 0
    """How many calendar files the person was sent before in the period."""

    @property
    def deadlines_sent(self) -> dict[str, str]:
        """The day the mail names for each task, to be stored with the mail."""
        return {one.task: one.on.isoformat() for one in self.deadlines}


_PAGES = {
    Purpose.DUTIES: "/l/{token}",
    Purpose.OFFICE: "/o/{token}",
    Purpose.REPORT: "/l/{token}/report-of-period",
    Purpose.APPROVAL: "/l/{token}/approve",
    Purpose.SIGN_IN: "/sign-in/{token}",
}


def letter_for(tx: Connection, claimed: Claimed, language: str, now: datetime) -> Letter | Void:
    """The mail's facts at `now`, or Void where there is nothing to send."""
    words = wording(language)
    tells_too = claims.covered_by(tx, claimed)
    found = circumstances_of(tx, claimed)
    if not found.is_active:
        return Void(Words("Người nhận không còn trong danh bạ."))
    # An answer of the office's own goes to a colleague.
    colleagues = (one for one in officers(tx, found.organisation_id) if one.id != claimed.person_id)
    office = next(colleagues, None)
    plan = found.plan
    common: dict[str, Any] = {
        "organisation": found.organisation,
        "person": found.person,
        "you": words.you(found.kind),
        "period": plan.period if plan else "",
        "plan": words.plan_name(plan.number, plan.title, plan.issued_on) if plan else "",
        "office": Mailbox(office.name, office.email) if office else None,
    }
    parts = _of_kind(tx, claimed, common, words, now)
    if isinstance(parts, Void):
        return parts
    subject, facts, purpose = parts
    path = "/late" if claimed.kind == intents.ESCALATION else facts.get("path", "")
    deadlines, n_calendars = _news(tx, claimed, facts)
    return Letter(
        kind=claimed.kind,
        subject=f"[{said(plan.period, language)}] {subject}" if plan else subject,
        facts=common | facts,
        organisation=found.organisation,
        zone=found.zone,
        reply_to=common["office"],
        as_of=now,
        purpose=purpose,
        path=path,
        files=tuple(claimed.context.get("files", ())),
        tells_too=tuple(tells_too),
        deadlines=deadlines,
        n_calendars=n_calendars,
    )


def _news(tx: Connection, claimed: Claimed, facts: Mapping[str, Any]) -> tuple[tuple[Deadline, ...], int]:
    """The deadlines the mail brings, if the receiver's calendar lacks one of them or has it on another."""
    deadlines = tuple(facts.get("deadlines", ()))
    if not deadlines:
        return (), 0
    sent, n_calendars = claims.deadlines_mailed(tx, claimed)
    return (deadlines if is_news(deadlines, sent) else ()), n_calendars


def _of_kind(
    tx: Connection, claimed: Claimed, common: dict[str, Any], words: Wording, now: datetime
) -> tuple[str, dict[str, Any], Purpose | None] | Void:
    context = claimed.context
    match claimed.kind:
        case intents.DIGEST:
            return digest(tx, claimed, common, words, now)
        case intents.ESCALATION:
            return escalation(tx, claimed, common, words, now)
        case intents.OFFICE:
            return desk(tx, claimed, words, now)
        case intents.OPENED:
            return opened(tx, claimed, words, now)
        case intents.CLOSED:
            return closed(tx, claimed, words, now)
        case intents.SCHEDULE:
            return schedule_news(tx, claimed, words, now)
        case intents.RECEIPT:
            acts = context["acts"]
            numbers = {act.get("number", context["number"]) for act in acts}
            number = context["number"] if len(numbers) == 1 else ""
            facts = {
                "number": number,
                "acts": [
                    {"number": "", **act, "said": restored(act["said"])} for act in acts[:MOST_RECEIPTED]
                ],
                "more": max(0, len(acts) - MOST_RECEIPTED),
                "count": len(acts),
                "at": claimed.made_at,
                "until": _until(claimed),
            }
            return words.receipt_subject(len(acts), number), facts, Purpose.DUTIES
        case intents.CODE:
            return words.code_subject(), {"minutes": int(codes.LASTS.total_seconds() // 60)}, None
        case intents.REPORT:
            facts = report_facts(context)
            return words.report_subject(context.get("files", ()), facts["number"]), facts, Purpose.REPORT
        case intents.NOTICE:
            if context.get("about") in NOTICES:
                return report_notice(tx, claimed, common, words)
            if context.get("about") == DAYS_MOVED:
                return days_moved(context, common, words)
            if context.get("about") == ORDERED:
                return order_notice(tx, claimed, common, words)
            if context.get("about") in REVIEW_NOTICES:
                return review_notice(tx, claimed, common, words)
            title, paragraphs = context.get("title", ""), context.get("paragraphs", [])
            if context.get("about") == NEW_LINK:
                title, paragraphs = words.new_link(common["you"], is_by_office=context.get("by") == "office")
            if context.get("about") == SIGN_IN:
                if now - claimed.made_at > SIGN_IN_AWAITED:
                    return Void(Words("Không còn ai chờ thư đăng nhập này."))
                title, paragraphs = words.sign_in(common["you"], int(SIGN_IN_LASTS.total_seconds() // 60))
            purpose = Purpose(context["purpose"]) if context.get("purpose") else None
            if context.get("about") == ANCHORED:
                anchor = anchor_of(tx, context["anchor"])
                line = anchor_line(anchor.organisation, anchor.number, anchor.sha256)
                title, paragraphs = words.anchored(anchor.number, anchor.at.date(), line)
            if context.get("about") in SITTING_NOTICES:
                title, paragraphs = words.sitting_closed(common["you"], context)
            facts = {
                "call": purpose.value if purpose else "",
                "title": title,
                "paragraphs": paragraphs,
                "path": context.get("path", ""),
            }
            return title, facts, purpose
    raise ValueError(f"no such kind of mail: {claimed.kind!r}")


def _until(claimed: Claimed) -> datetime | None:
    """When the last of a receipt's forms was sent; None where that is within a minute of the first."""
    if "until" not in claimed.context:
        return None
    until = datetime.fromisoformat(claimed.context["until"])
    return until if until - claimed.made_at >= timedelta(minutes=1) else None


def compose(
    letter: Letter,
    claimed: Claimed,
    settings: Settings,
    files: Files,
    token: str | None,
    digits: str = "",
) -> EmailMessage:
    """The message of a letter, with the link of that token and the one-time code it brings."""
    attachments, left_out = _attachments(letter, files)
    at = letter.as_of.astimezone(ZoneInfo(letter.zone))
    facts = {
        **letter.facts,
        "subject": letter.subject,
        "link": _link(letter, settings, token),
        "digits": digits,
        "attachments": attachments,
        "left_out": left_out,
        "has_calendar": bool(letter.deadlines),
        "zone": ZoneInfo(letter.zone),
    }
    thread = f"thread.{claimed.period_id}.{claimed.person_id}" if claimed.period_id is not None else ""
    sender = Mailbox(settings.mail_from_name or letter.organisation, settings.mail_from)
    calendar = ""
    if letter.deadlines:
        calendar = calendar_file(
            letter.deadlines,
            thread=thread,
            domain=sender.domain,
            name=f"{letter.facts['period']} – {letter.organisation}",
            zone=letter.zone,
            sequence=letter.n_calendars,
            at=letter.as_of,
        )
    return build(
        message_id=claimed.message_id,
        thread=thread,
        sender=sender,
        to=Mailbox(claimed.name, claimed.address),
        reply_to=letter.reply_to,
        subject=letter.subject,
        date=at,
        text=_templates(settings.language).get_template(f"{letter.kind}.txt").render(facts),
        html=_templates(settings.language).get_template(f"{letter.kind}.html").render(facts),
        attachments=attachments,
        calendar=calendar,
    )


def _link(letter: Letter, settings: Settings, token: str | None) -> str:
    if letter.purpose is None:
        return ""
    return settings.where_pages + _PAGES[letter.purpose].format(token=token) + letter.path


def _attachments(letter: Letter, files: Files) -> tuple[list[Attachment], list[str]]:
    """The files that fit into one mail, and the names of those that do not."""
    found: list[Attachment] = []
    left_out: list[str] = []
    room = MOST_ATTACHED
    for listed in letter.files:
        body = files.get(listed["sha256"])
        if len(body) > room:
            left_out.append(listed["name"])
            continue
        room -= len(body)
        found.append(Attachment(listed["name"], listed.get("media_type", "application/octet-stream"), body))
    return found, left_out


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_dir() / "mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    speak(environment, language)
    environment.filters |= {"shortened": shortened, "wrapped": wrapped, "size": size_of, "day": letter_day}
    return environment
