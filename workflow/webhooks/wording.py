"""The body sent to a webhook: the event as JSON, or as Vietnamese text for a chat."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow.domain.cycles.cycle import Stage
from workflow.domain.events import Event, WebhookFormat
from workflow.domain.plain_text import chat_line
from workflow.domain.vietnamese import day, joined

LONGEST = 300
"""The most characters of one line in a chat."""


@dataclass(frozen=True, slots=True)
class EventInWords:
    """An event in words: a title, facts by name, and where to look, if anywhere."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    link: str = ""


def written(form: WebhookFormat, event: Event, body: dict[str, Any], pages: str) -> bytes:
    """The message's bytes. `pages` is the address of tiendo's pages, for links."""
    match form:
        case WebhookFormat.TIENDO:
            payload: dict[str, Any] = body
        case WebhookFormat.TEAMS:
            payload = _card(notice_of(event, body["data"], pages))
        case WebhookFormat.TEXT:
            payload = {"text": _text(notice_of(event, body["data"], pages))}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def notice_of(event: Event, data: dict[str, Any], pages: str) -> EventInWords:
    """The event in Vietnamese, for the people of a chat."""
    period = data.get("period", {})
    cycle = data.get("cycle", {})
    of_period = (("Kỳ báo cáo", period.get("label", "")),)
    of_cycle = (
        ("Nội dung", f"{cycle.get('code', '')} {cycle.get('content', '')}".strip()),
        ("Chủ trì", joined(cycle.get("leads", []), 3, "đơn vị") or "chưa rõ đơn vị"),
        *of_period,
    )
    record = f"{pages}/cycle/{cycle['id']}" if cycle else ""
    match event:
        case Event.PERIOD_OPENED:
            due = day(date.fromisoformat(period["due_on"]))
            return EventInWords(f"Đã mở {period['label']}", (("Báo cáo đến hết ngày", due),))
        case Event.PERIOD_CLOSED:
            return EventInWords(f"Đã khóa {period['label']}", (), ("Số liệu của kỳ đã được chốt.",))
        case Event.REPORT_ISSUED:
            return EventInWords(f"Đã phát hành báo cáo {period['label']}", (), tuple(data.get("lines", ())))
        case Event.STAGE_CHANGED:
            before, after = Stage(data["from"]).label, Stage(data["to"]).label
            return EventInWords(f"{cycle['code']}: {after}", (*of_cycle, ("Trước đó", before)), (), record)
        case Event.SUBMISSION_RECEIVED:
            progress = (("Tiến độ", f"{data['progress']}%"), ("Lần báo cáo", str(data["version"])))
            return EventInWords(
                f"{cycle['code']}: đã nhận báo cáo kết quả", (*of_cycle, *progress), (), record
            )
        case Event.DIFFICULTY_RAISED:
            raised = data["difficulty"]
            said = (("Khó khăn, vướng mắc", raised["text"]), ("Đề xuất, kiến nghị", raised["proposal"]))
            found = tuple((name, text) for name, text in said if text)
            return EventInWords(f"{cycle['code']}: có khó khăn, vướng mắc", (*of_cycle, *found), (), record)
        case Event.MAIL_UNDELIVERABLE:
            person = data["person"]
            facts = (("Địa chỉ", person["email"]), ("Lý do", data["mail"]["error"]))
            return EventInWords(f"Không gửi được thư cho {person['name']}", facts)
        case Event.PING:
            whose = data["organisation"]["name"]
            return EventInWords(
                "Đường truyền hoạt động", (("Đơn vị", whose),), ("Đây là tin thử của tiendo.",)
            )


def _text(notice: EventInWords) -> str:
    facts = [f"{name}: {_short(value)}" for name, value in notice.facts]
    link = [notice.link] if notice.link else []
    return "\n".join([_short(notice.title), *facts, *map(_short, notice.lines), *link])


def _card(notice: EventInWords) -> dict[str, Any]:
    """An Adaptive Card in the envelope that Teams' webhooks take."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": _short(notice.title), "size": "Large", "weight": "Bolder", "wrap": True}
    ]
    if notice.facts:
        facts = [{"title": name, "value": _short(value)} for name, value in notice.facts]
        body.append({"type": "FactSet", "facts": facts})
    body += [{"type": "TextBlock", "text": _short(line), "wrap": True} for line in notice.lines]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _short(notice.title),
        "body": body,
    }
    if notice.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Mở hồ sơ", "url": notice.link}]
    content_type = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": content_type, "contentUrl": None, "content": card}],
    }


def _short(text: str) -> str:
    line = chat_line(text)
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
