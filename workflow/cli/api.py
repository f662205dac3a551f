"""`tiendo api`: keys of other systems, and the webhooks that receive events."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from workflow.cli.choosing import OrganisationName, organisation_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.events import SUBSCRIBABLE, KeyScope, WebhookFormat
from workflow.storage.access.api_keys import Key, keys_of, make_key, revoke_key
from workflow.storage.canonical import plain
from workflow.storage.outside.deliveries import deliveries_of, ping, send_again
from workflow.storage.outside.webhooks import (
    Hook,
    WebhookSettings,
    add_webhook,
    events_of,
    remove_webhook,
    webhook_of,
    webhooks_of,
)
from workflow.webhooks.addresses import checked

app = typer.Typer(no_args_is_help=True)
token_app = typer.Typer(no_args_is_help=True)
webhook_app = typer.Typer(no_args_is_help=True)
app.add_typer(token_app, name="token", help="Khóa của hệ thống khác. / Keys of other systems.")
app.add_typer(webhook_app, name="webhook", help="Nơi nhận tin về sự kiện. / Addresses told of events.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, for the people who read the list.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER")]
BY = {"by": "command-line"}


@token_app.command("create")
def token_create(
    name: Name,
    scope: Annotated[
        list[KeyScope], typer.Option("--scope", help="May be given several times; read by default.")
    ] = [KeyScope.READ],  # noqa: B006  (typer copies it)
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days it lives.")] = 365,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Tạo khóa; khóa chỉ hiện một lần. / Make a key; it is shown this once."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    organisation_id = organisation_for(store, organisation).id
    with store.begin() as tx:
        key, token = make_key(tx, organisation_id, name, scope, now, timedelta(days=days))
    if as_json:
        say_json(_key(key) | {"token": token})
        return
    out.print(f"Khóa số {key.id} cho {escape(key.organisation)}, quyền: {', '.join(sorted(key.scopes))}.")
    out.print(f"Hết hạn ngày {key.expires_at:%d/%m/%Y}. Khóa chỉ hiện một lần này:")
    print(token)


@token_app.command("list")
def token_list(as_json: AsJson = False, data: Data = None) -> None:
    """Các khóa và lần dùng cuối. / The keys and their last use."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    with store.reading() as tx:
        found = keys_of(tx)
    if as_json:
        say_json([_key(key) | {"is_live": key.is_live(now)} for key in found])
        return
    table = Table()
    for title in ("Số", "Tên", "Đơn vị", "Quyền", "Trạng thái", "Dùng lần cuối"):
        table.add_column(title)
    for key in found:
        state = "đã thu hồi" if key.revoked_at else f"đến {key.expires_at:%d/%m/%Y}"
        if not key.revoked_at and not key.is_live(now):
            state = "hết hạn"
        used = f"{key.last_used_at:%d/%m/%Y} {key.last_used_from}" if key.last_used_at else "chưa dùng"
        scopes = ", ".join(sorted(key.scopes))
        table.add_row(str(key.id), escape(key.name), escape(key.organisation), scopes, state, used)
    out.print(table)


@token_app.command("revoke")
def token_revoke(number: Number, as_json: AsJson = False, data: Data = None) -> None:
    """Thu hồi một khóa. / Revoke a key."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    with store.begin() as tx:
        key = revoke_key(tx, number, now)
    if as_json:
        say_json(_key(key))
    else:
        out.print(f"Đã thu hồi khóa số {key.id} ({escape(key.name)}).")


def _key(key: Key) -> dict[str, Any]:
    entry: dict[str, Any] = plain(key)
    return entry | {"scopes": sorted(key.scopes)}


@webhook_app.command("add")
def webhook_add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to tell; https.")],
    event: Annotated[
        list[str] | None, typer.Option("--event", help="May be given several times; all by default.")
    ] = None,
    form: Annotated[WebhookFormat, typer.Option("--form", help="How it is written.")] = WebhookFormat.TIENDO,
    organisation: OrganisationName = "",
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Thêm nơi nhận tin; khóa ký chỉ hiện một lần. / Add a webhook; its secret is shown this once."""
    settings = settings_of(data)
    checked(url, may_be_private=settings.webhook_private_hosts)
    store = open_store(settings)
    now = Clock(store).now()
    wanted = WebhookSettings(name, url, events_of(event or SUBSCRIBABLE), form)
    organisation_id = organisation_for(store, organisation).id
    with store.begin() as tx:
        hook, secret = add_webhook(tx, organisation_id, wanted, now, by=BY)
    if as_json:
        say_json(_hook(hook) | {"secret": secret})
        return
    out.print(f"Webhook số {hook.id}. Khóa ký chỉ hiện một lần này:")
    print(secret)


@webhook_app.command("list")
def webhook_list(as_json: AsJson = False, data: Data = None) -> None:
    """Các nơi nhận tin, còn chờ và đã bỏ bao nhiêu lần gửi. / The webhooks and their deliveries counted."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        found = webhooks_of(tx)
    if as_json:
        say_json([_hook(hook) for hook in found])
        return
    table = Table()
    for title in ("Số", "Tên", "Địa chỉ", "Dạng", "Sự kiện", "Chờ", "Đã bỏ"):
        table.add_column(title)
    for hook in found:
        wanted = hook.wanted
        given_up = f"[red]{hook.failed}[/]" if hook.failed else "0"
        events = "tất cả" if set(wanted.events) == set(SUBSCRIBABLE) else ", ".join(wanted.events)
        where = escape(wanted.url)
        table.add_row(
            str(hook.id), escape(wanted.name), where, wanted.form, events, str(hook.waiting), given_up
        )
    out.print(table)


@webhook_app.command("remove")
def webhook_remove(number: Number, data: Data = None) -> None:
    """Gỡ một nơi nhận tin. / Remove a webhook; what waits for it is not sent."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    with store.begin() as tx:
        hook = webhook_of(tx, None, number)
        remove_webhook(tx, hook.organisation_id, number, now, by=BY)
    out.print(f"Đã gỡ webhook số {number} ({escape(hook.wanted.name)}).")


@webhook_app.command("deliveries")
def webhook_deliveries(
    number: Number,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Các lần gửi, mới nhất trước. / Its deliveries, the newest first."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        webhook_of(tx, None, number)
        found = deliveries_of(tx, number, limit=limit)
    if as_json:
        say_json(plain(found))
        return
    states = {"waiting": "chờ gửi", "sent": "đã nhận", "failed": "[red]đã bỏ[/]"}
    table = Table()
    for title in ("Số", "Sự kiện", "Trạng thái", "Lần thử", "Trả lời", "Lỗi"):
        table.add_column(title)
    for one in found:
        answer = str(one.status or "")
        table.add_row(str(one.id), one.event, states[one.state], str(one.attempts), answer, escape(one.error))
    out.print(table)


@webhook_app.command("resend")
def webhook_resend(
    number: Number,
    delivery: Annotated[int, typer.Argument(metavar="DELIVERY")],
    data: Data = None,
) -> None:
    """Gửi lại một lần gửi, với số cũ. / Send a delivery again, under its own id."""
    store = open_store(settings_of(data))
    with store.begin() as tx:
        webhook_of(tx, None, number)
        message_id = send_again(tx, number, delivery)
    out.print(f"Sẽ gửi lại {message_id}.")


@webhook_app.command("ping")
def webhook_ping(number: Number, data: Data = None) -> None:
    """Gửi một tin thử. / Send a trial."""
    store = open_store(settings_of(data))
    now = Clock(store).now()
    with store.begin() as tx:
        webhook_of(tx, None, number)
        message_id = ping(tx, number, now)
    out.print(f"Sẽ gửi tin thử {message_id}; xem: tiendo api webhook deliveries {number}.")


def _hook(hook: Hook) -> dict[str, Any]:
    entry: dict[str, Any] = plain(hook)
    wanted: dict[str, Any] = entry.pop("wanted")
    return entry | wanted
