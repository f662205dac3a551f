"""The events another system may subscribe to, and the scopes of the API keys it subscribes with."""

from __future__ import annotations

from enum import StrEnum

from workflow.domain.words import Words


class KeyScope(StrEnum):
    """What a key of the API may be used for."""

    READ = "read"
    """Plans, periods, cycles, figures, reports, the directory without e-mail addresses."""
    READ_PEOPLE = "read:people"
    """E-mail addresses beside the names."""
    READ_BALLOTS = "read:ballots"
    """How each member voted, once the vote on that version has ended."""
    URGE = "urge"
    """Sending reminders to people who owe work."""
    ORDERS = "orders"
    """Orders of the office about an item in a period, in an officer's name."""
    WEBHOOKS = "webhooks"
    """Creating, changing and removing webhooks."""


class Event(StrEnum):
    """Something that happened. No event reveals how anybody voted."""

    PERIOD_OPENED = "period.opened"
    PERIOD_CLOSED = "period.closed"
    REPORT_ISSUED = "report.issued"
    STAGE_CHANGED = "cycle.stage_changed"
    SUBMISSION_RECEIVED = "submission.received"
    DIFFICULTY_RAISED = "difficulty.raised"
    MAIL_UNDELIVERABLE = "mail.undeliverable"
    PING = "ping"
    """A test event, sent on request; delivered to a webhook whatever it subscribed to."""

    @property
    def label(self) -> Words:
        """The event in Vietnamese."""
        return _LABELS[self]

    @property
    def scope(self) -> KeyScope:
        """What a key must be allowed to read before it may have the event sent anywhere."""
        return _SCOPES[self]


_LABELS = {
    Event.PERIOD_OPENED: Words("Mở kỳ báo cáo"),
    Event.PERIOD_CLOSED: Words("Khóa kỳ báo cáo"),
    Event.REPORT_ISSUED: Words("Phát hành báo cáo"),
    Event.STAGE_CHANGED: Words("Lượt báo cáo chuyển giai đoạn"),
    Event.SUBMISSION_RECEIVED: Words("Nhận báo cáo kết quả"),
    Event.DIFFICULTY_RAISED: Words("Có khó khăn, vướng mắc mới"),
    Event.MAIL_UNDELIVERABLE: Words("Thư không gửi được"),
    Event.PING: Words("Thử đường truyền"),
}

_SCOPES = {
    Event.PERIOD_OPENED: KeyScope.READ,
    Event.PERIOD_CLOSED: KeyScope.READ,
    Event.REPORT_ISSUED: KeyScope.READ,
    Event.STAGE_CHANGED: KeyScope.READ,
    Event.SUBMISSION_RECEIVED: KeyScope.READ,
    Event.DIFFICULTY_RAISED: KeyScope.READ,
    # It names the address that failed.
    Event.MAIL_UNDELIVERABLE: KeyScope.READ_PEOPLE,
    Event.PING: KeyScope.WEBHOOKS,
}

SUBSCRIBABLE = tuple(event for event in Event if event is not Event.PING)


class WebhookFormat(StrEnum):
    """How a webhook's message is written."""

    TIENDO = "tiendo"
    """The event as JSON."""
    TEAMS = "teams"
    """An Adaptive Card in Vietnamese, as Microsoft Teams' incoming webhooks take it."""
    TEXT = "text"
    """`{"text": ...}` in Vietnamese, as Slack, Mattermost, Google Chat and bridges to Zalo take it."""
