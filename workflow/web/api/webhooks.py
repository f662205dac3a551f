"""`/webhooks`: which addresses receive which events, their deliveries, a test delivery, retries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from workflow.domain.events import SUBSCRIBABLE, Event, WebhookFormat
from workflow.domain.words import Words
from workflow.storage.outside import webhooks as hooks
from workflow.storage.outside.deliveries import deliveries_of, event_of, events_waiting, ping, send_again
from workflow.storage.outside.webhooks import Hook, WebhookSettings
from workflow.web.api.keys import AsHookKey, Caller
from workflow.web.api.models import ApiAnswer, Cursor, Id, Limit, ListPage
from workflow.web.api.problems import OutOfScope, answers
from workflow.webhooks.addresses import MOST_LETTERS, checked

router = APIRouter(tags=["webhooks"])

EventName = Literal[
    "period.opened",
    "period.closed",
    "report.issued",
    "cycle.stage_changed",
    "submission.received",
    "difficulty.raised",
    "mail.undeliverable",
]
assert set(EventName.__args__) == set(SUBSCRIBABLE)  # type: ignore[attr-defined]

Name = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[^\s\x00-\x1f][^\x00-\x1f]*$")
]
Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MOST_LETTERS,
        description="https and public, unless the deployment lets webhooks go inside",
    ),
]
Events = Annotated[list[EventName], Field(min_length=1, max_length=20)]


class ToMake(BaseModel):
    """A webhook to make."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    url: Url
    events: Events
    form: WebhookFormat = WebhookFormat.TIENDO


class ToChange(BaseModel):
    """The fields of a webhook to change; fields left out are unchanged."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    url: Url | None = None
    events: Events | None = None
    form: WebhookFormat | None = None


class Webhook(BaseModel):
    """A webhook."""

    id: int
    name: str
    url: str
    events: list[EventName]
    form: WebhookFormat
    made_at: datetime
    waiting: int = Field(description="deliveries still to be tried")
    failed: int = Field(description="deliveries given up")
    last_sent_at: datetime | None


class WebhookMade(Webhook):
    """A new webhook with its secret, which is returned only here."""

    secret: str = Field(description="`whsec_` and the key in base64, for `webhook-signature`")


class DeliveryAnswer(ApiAnswer):
    """An event on its way to a webhook."""

    id: int
    message_id: str = Field(description="the header `webhook-id`, the same at each try")
    event: Event
    state: Literal["waiting", "sent", "failed"]
    made_at: datetime
    next_at: datetime | None
    attempts: int
    status: int | None = Field(description="the receiver's last answer")
    error: str
    sent_at: datetime | None


class Pinged(BaseModel):
    """A trial on its way."""

    message_id: str


def _fields(hook: Hook) -> dict[str, Any]:
    wanted = hook.wanted
    return {
        "id": hook.id,
        "name": wanted.name,
        "url": wanted.url,
        "events": [event.value for event in wanted.events],
        "form": wanted.form,
        "made_at": hook.made_at,
        "waiting": hook.waiting,
        "failed": hook.failed,
        "last_sent_at": hook.last_sent_at,
    }


def _check(caller: Caller, url: str) -> None:
    checked(url, may_be_private=caller.site.settings.webhook_private_hosts)


def _check_scopes(caller: Caller, events: Iterable[Event]) -> None:
    """Raises OutOfScope unless the key may read the data of each of the events."""
    lacking = sorted({event.scope.value for event in events if not caller.may(event.scope)})
    if lacking:
        raise OutOfScope(
            Words("Khóa API này không có quyền “%(scope)s”.", scope=", ".join(lacking)),
            cure=Words("Bỏ bớt sự kiện, hoặc xin khóa có thêm quyền ấy."),
        )


@router.get("/webhooks", responses=answers())
def webhooks(caller: AsHookKey) -> list[Webhook]:
    """The organisation's webhooks, the oldest first."""
    with caller.site.store.reading() as tx:
        return [Webhook(**_fields(hook)) for hook in hooks.webhooks_of(tx, caller.organisation_id)]


@router.post("/webhooks", status_code=201, responses=answers(400, 409, 413))
def make_webhook(caller: AsHookKey, given: ToMake) -> WebhookMade:
    """Creates a webhook. The secret its deliveries are signed with is returned here and never again."""
    _check(caller, given.url)
    wanted = WebhookSettings(given.name, given.url, hooks.events_of(given.events), given.form)
    _check_scopes(caller, wanted.events)
    now = caller.site.clock.now()
    with caller.site.store.begin() as tx:
        hook, secret = hooks.add_webhook(tx, caller.organisation_id, wanted, now, by=caller.by)
    return WebhookMade(**_fields(hook), secret=secret)


@router.get("/webhooks/{webhook_id}", responses=answers(404))
def webhook(caller: AsHookKey, webhook_id: Id) -> Webhook:
    """One webhook."""
    with caller.site.store.reading() as tx:
        return Webhook(**_fields(hooks.webhook_of(tx, caller.organisation_id, webhook_id)))


@router.patch("/webhooks/{webhook_id}", responses=answers(400, 404, 413))
def change_webhook(caller: AsHookKey, webhook_id: Id, given: ToChange) -> Webhook:
    """Changes a webhook; deliveries already queued use the new values."""
    changes: dict[str, Any] = given.model_dump(exclude_none=True)
    if "url" in changes:
        _check(caller, changes["url"])
    if "events" in changes:
        changes["events"] = hooks.events_of(changes["events"])
    with caller.site.store.begin() as tx:
        now = caller.site.clock.now()
        # Deliveries already queued go to the changed address too.
        before = hooks.webhook_of(tx, caller.organisation_id, webhook_id).wanted.events
        waiting = events_waiting(tx, webhook_id)
        _check_scopes(caller, {*before, *waiting, *changes.get("events", ())})
        hook = hooks.change_webhook(tx, caller.organisation_id, webhook_id, now, by=caller.by, **changes)
    return Webhook(**_fields(hook))


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=answers(404))
def remove_webhook(caller: AsHookKey, webhook_id: Id) -> Response:
    """Removes a webhook; what waits for it is not sent any more."""
    with caller.site.store.begin() as tx:
        now = caller.site.clock.now()
        hooks.remove_webhook(tx, caller.organisation_id, webhook_id, now, by=caller.by)
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/ping", status_code=202, responses=answers(404))
def ping_webhook(caller: AsHookKey, webhook_id: Id) -> Pinged:
    """Sends a trial, event `ping`, whatever the webhook subscribed to."""
    with caller.site.store.begin() as tx:
        hooks.webhook_of(tx, caller.organisation_id, webhook_id)
        return Pinged(message_id=ping(tx, webhook_id, caller.site.clock.now()))


@router.get("/webhooks/{webhook_id}/deliveries", responses=answers(404))
def webhook_deliveries(
    caller: AsHookKey, webhook_id: Id, limit: Limit = 50, cursor: Cursor = None
) -> ListPage[DeliveryAnswer]:
    """The webhook's deliveries, the newest first."""
    with caller.site.store.reading() as tx:
        hooks.webhook_of(tx, caller.organisation_id, webhook_id)
        found = deliveries_of(tx, webhook_id, before=cursor, limit=limit + 1)
    shown = [DeliveryAnswer.model_validate(row) for row in found[:limit]]
    return ListPage(entries=shown, next=shown[-1].id if len(found) > limit else None)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/resend",
    status_code=202,
    responses=answers(404, 409),
)
def resend(caller: AsHookKey, webhook_id: Id, delivery_id: Id) -> Pinged:
    """Sends a delivery again, under its own id, whether it had failed or was accepted."""
    with caller.site.store.begin() as tx:
        hooks.webhook_of(tx, caller.organisation_id, webhook_id)
        _check_scopes(caller, event_of(tx, webhook_id, delivery_id))
        return Pinged(message_id=send_again(tx, webhook_id, delivery_id))
