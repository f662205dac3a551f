"""From an intent to a message: what is so now, in the person's words, with one link.

`letter_for` reads the live database; `compose` renders and builds. What a kind needs in the outbox row's
`context`:

- digest: nothing; it is made of what the person owes at that moment.
- receipt: `number`; `acts`, each with `code`, `content` and what was `said`.
- report: `lines` of the summary; `files`, each with `sha256`, `name` and `media_type`.
- notice: `title` and `paragraphs`, or `about` where the words are known here; `purpose`, one of
  `workflow.storage.links.Purpose`, where it carries a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection, bindparam, select

from workflow.domain.advance import Duty
from workflow.domain.directory import Role
from workflow.i18n import catalogue
from workflow.mail.message import Attachment, Mailbox, build
from workflow.mail.owing import owing_of
from workflow.mail.wording import Wording, shortened, size_of, wording
from workflow.paths import templates_dir
from workflow.settings import Settings
from workflow.storage import outbox
from workflow.storage.files import Files
from workflow.storage.links import Purpose
from workflow.storage.outbox import Claimed
from workflow.storage.tables import organisations, periods, persons, plans, roles

NEW_LINK = "new-link"
"""`about` of the notice that brings a link asked for from a dead link's page."""

MOST_LISTED = 15
"""Items a digest or receipt lists by name; the others are counted."""

MOST_ATTACHED = 15 << 20
"""Bytes of attachments a mail carries; larger files are left to the page."""


@dataclass(frozen=True, slots=True)
class Void:
    """Nothing is left to tell."""

    why: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's facts, read at one moment. `purpose` is what its link is for, None where it has none;
    `tells_too` are the outbox rows it makes superfluous."""

    kind: str
    subject: str
    facts: Mapping[str, Any]
    organisation: str
    zone: str
    reply_to: Mailbox | None
    as_of: datetime
    purpose: Purpose | None = None
    files: tuple[Mapping[str, str], ...] = ()
    tells_too: tuple[int, ...] = ()


_PAGES = {
    Purpose.DUTIES: "/l/{token}",
    Purpose.OFFICE: "/o/{token}",
    Purpose.REPORT: "/l/{token}/report-of-period",
}
_CIRCUMSTANCES = (
    select(
        persons.c.is_active,
        persons.c.name.label("person"),
        organisations.c.id.label("organisation_id"),
        organisations.c.name.label("organisation"),
        organisations.c.is_party,
        organisations.c.zone,
        periods.c.label.label("period"),
        plans.c.number,
        plans.c.title,
        plans.c.issued_on,
    )
    .join(organisations, organisations.c.id == persons.c.organisation_id)
    .outerjoin(periods, periods.c.id == bindparam("period"))
    .outerjoin(plans, plans.c.id == periods.c.plan_id)
    .where(persons.c.id == bindparam("person"))
)
_OFFICE = (
    select(persons.c.name, persons.c.email)
    .join(roles, roles.c.person_id == persons.c.id)
    .where(
        persons.c.organisation_id == bindparam("organisation"),
        persons.c.is_active,
        roles.c.role == Role.OFFICE.value,
    )
    .order_by(persons.c.id)
    .limit(1)
)


def letter_for(tx: Connection, claimed: Claimed, language: str, now: datetime) -> Letter | Void:
    """What the mail has to say at `now`."""
    words = wording(language)
    tells_too = outbox.digests_told_by(tx, claimed) if claimed.kind == outbox.DIGEST else []
    found = tx.execute(_CIRCUMSTANCES, {"person": claimed.person_id, "period": claimed.period_id}).one()
    if not found.is_active:
        return Void("Người nhận không còn trong danh bạ.")
    office = tx.execute(_OFFICE, {"organisation": found.organisation_id}).first()
    common = {
        "organisation": found.organisation,
        "person": found.person,
        "you": words.you(found.is_party),
        "period": found.period or "",
        "plan": words.plan_name(found.number, found.title, found.issued_on) if found.period else "",
        "office": Mailbox(office.name, office.email) if office else None,
    }
    told = _of_kind(tx, claimed, common, words, now)
    if isinstance(told, Void):
        return told
    subject, facts, purpose = told
    return Letter(
        kind=claimed.kind,
        subject=f"[{found.period}] {subject}" if found.period else subject,
        facts=common | facts,
        organisation=found.organisation,
        zone=found.zone,
        reply_to=common["office"],
        as_of=now,
        purpose=purpose,
        files=tuple(claimed.context.get("files", ())),
        tells_too=tuple(tells_too),
    )


def _of_kind(
    tx: Connection, claimed: Claimed, common: dict[str, Any], words: Wording, now: datetime
) -> tuple[str, dict[str, Any], Purpose | None] | Void:
    context = claimed.context
    match claimed.kind:
        case outbox.DIGEST:
            return _digest(tx, claimed, common, words, now)
        case outbox.RECEIPT:
            acts = context["acts"]
            facts = {
                "number": context["number"],
                "acts": acts[:MOST_LISTED],
                "more": max(0, len(acts) - MOST_LISTED),
                "count": len(acts),
                "at": claimed.made_at,
            }
            return words.receipt_subject(len(acts), context["number"]), facts, Purpose.DUTIES
        case outbox.REPORT:
            facts = {"lines": context["lines"]}
            return words.report_subject(context.get("files", ())), facts, Purpose.REPORT
        case outbox.NOTICE:
            title, paragraphs = context.get("title", ""), context.get("paragraphs", [])
            if context.get("about") == NEW_LINK:
                title, paragraphs = words.new_link(common["you"])
            purpose = context.get("purpose")
            return title, {"title": title, "paragraphs": paragraphs}, Purpose(purpose) if purpose else None
    raise ValueError(f"no such kind of mail: {claimed.kind!r}")


def _digest(
    tx: Connection, claimed: Claimed, common: dict[str, Any], words: Wording, now: datetime
) -> tuple[str, dict[str, Any], Purpose] | Void:
    if claimed.period_id is None:
        raise ValueError("a digest is of a period")
    owing = owing_of(tx, claimed.person_id, claimed.period_id, now)
    if owing is None:
        return Void("Không còn việc nào phải nhắc.")
    is_first = outbox.is_first_digest(tx, claimed)
    opening = words.digest_opening(
        owing,
        common["organisation"],
        common["plan"],
        common["period"],
        common["you"],
        is_first=is_first,
    )
    facts = {
        "opening": opening,
        "groups": [
            {
                "title": words.group_title(group),
                "due": words.group_due(group, owing),
                "is_late": group.due < owing.today,
                "is_returned": group.is_returned,
                "shows_unit": group.duty is not Duty.SUBMIT,
                "note": words.group_note(group, owing),
                "count": group.count,
                "items": listed.items,
                "more": listed.more,
            }
            for group, listed in zip(owing.groups, owing.cut_to(MOST_LISTED).groups, strict=True)
        ],
    }
    return words.digest_subject(owing, is_first=is_first), facts, Purpose.DUTIES


def compose(
    letter: Letter, claimed: Claimed, settings: Settings, files: Files, token: str | None
) -> EmailMessage:
    """The message of a letter, with the link of that token."""
    attachments, left_out = _attachments(letter, files)
    at = letter.as_of.astimezone(ZoneInfo(letter.zone))
    facts = {
        **letter.facts,
        "subject": letter.subject,
        "link": settings.where_pages + _PAGES[letter.purpose].format(token=token) if letter.purpose else "",
        "attachments": attachments,
        "left_out": left_out,
        "zone": ZoneInfo(letter.zone),
    }
    thread = f"{claimed.period_id}.{claimed.person_id}" if claimed.period_id is not None else ""
    return build(
        message_id=claimed.message_id,
        thread=thread and f"thread.{thread}",
        sender=Mailbox(settings.mail_from_name or letter.organisation, settings.mail_from),
        to=Mailbox(claimed.name, claimed.address),
        reply_to=letter.reply_to,
        subject=letter.subject,
        date=at,
        text=_templates(settings.language).get_template(f"{letter.kind}.txt").render(facts),
        html=_templates(settings.language).get_template(f"{letter.kind}.html").render(facts),
        attachments=attachments,
    )


def _attachments(letter: Letter, files: Files) -> tuple[list[Attachment], list[str]]:
    """The files that fit into one mail, and the names of those that do not."""
    found: list[Attachment] = []
    left_out: list[str] = []
    room = MOST_ATTACHED
    for told in letter.files:
        body = files.get(told["sha256"])
        if len(body) > room:
            left_out.append(told["name"])
            continue
        room -= len(body)
        found.append(Attachment(told["name"], told.get("media_type", "application/octet-stream"), body))
    return found, left_out


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_dir() / "mail"),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words = catalogue(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    environment.filters |= {"shortened": shortened, "size": size_of}
    environment.globals["language"] = language
    return environment
