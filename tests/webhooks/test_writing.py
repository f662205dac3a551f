"""What chats are sent: Vietnamese words, an Adaptive Card, plain text; nothing that reads as markup."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflow.domain.events import Event, WebhookFormat
from workflow.webhooks.wording import notice_of, written

PAGES = "https://tiendo.example"
_CYCLE = {
    "organisation": {"id": 1, "name": "Đảng ủy phường Hòa Xuân"},
    "period": {
        "id": 2,
        "code": "2026-Q1",
        "label": "Quý I/2026",
        "due_on": "2026-03-16",
        "cut_off": "2026-03-27",
    },
    "cycle": {"id": 17, "code": "I.1.1", "content": "Lát gạch vỉa hè [đoạn 1]", "leads": ["UBND phường"]},
}


def _said(form: WebhookFormat, event: Event, **about: Any) -> Any:
    return json.loads(written(form, event, {"type": event.value, "data": _CYCLE | about}, PAGES))


def test_a_stage_is_told_in_words_with_the_way_to_its_record() -> None:
    told = {"from": "waiting-approval", "to": "approved", "version": 1}
    assert _said(WebhookFormat.TEXT, Event.STAGE_CHANGED, **told)["text"].split("\n") == [
        "I.1.1: Đã duyệt",
        "Nội dung: I.1.1 Lát gạch vỉa hè ［đoạn 1］",
        "Chủ trì: UBND phường",
        "Kỳ báo cáo: Quý I/2026",
        "Trước đó: Chờ phê duyệt",
        "https://tiendo.example/cycle/17",
    ]


def test_teams_is_sent_a_card_in_which_nothing_reads_as_markup() -> None:
    told = {"difficulty": {"id": 1, "text": "Xem [tại đây](https://xau.example) **ngay**", "proposal": ""}}
    message = _said(WebhookFormat.TEAMS, Event.DIFFICULTY_RAISED, **told)
    attachment = message["attachments"][0]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["body"][0]["text"] == "I.1.1: có khó khăn, vướng mắc"
    assert card["actions"][0]["url"] == "https://tiendo.example/cycle/17"
    assert "[tại đây]" not in json.dumps(card, ensure_ascii=False)
    assert "**" not in json.dumps(card, ensure_ascii=False)


@pytest.mark.parametrize("event", list(Event))
def test_every_event_has_words(event: Event) -> None:
    about: dict[str, Any] = {
        "from": "waiting-submission",
        "to": "lapsed",
        "version": 1,
        "progress": 40,
        "difficulty": {"id": 1, "text": "Thiếu vốn. " * 100, "proposal": "Bổ sung vốn"},
        "mail": {"id": 3, "kind": "digest", "error": "550 không có hộp thư"},
        "person": {"id": 4, "name": "Lê Quang Đạo", "email": "a@b.example"},
        "lines": ["12 nội dung: 8 hoàn thành."],
    }
    notice = notice_of(event, _CYCLE | about, PAGES)
    assert notice.title
    longest = max(len(line) for line in _said(WebhookFormat.TEXT, event, **about)["text"].split("\n"))
    assert longest < 330
