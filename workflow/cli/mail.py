"""`tiendo mail`: the mailbox of mails that came back."""

from __future__ import annotations

import imaplib

import typer
from rich.markup import escape

from workflow.cli.running import open_store
from workflow.cli.text import out
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import TiendoError, WrongSetting
from workflow.mail.post.bounces import imap_mailbox, read_bounces

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _mail() -> None:
    """Thư gửi đi và thư trả về. / Mails sent, and mails that came back."""


@app.command()
def bounces(data: Data = None) -> None:
    """Đọc hộp thư trả về một lần. / Look into the mailbox of bounces once; `up` and `mailer` do so by
    themselves."""
    settings = settings_of(data)
    if not settings.reads_bounces:
        raise WrongSetting(
            "Chưa đặt hộp thư trả về.",
            where="TIENDO_IMAP_HOST",
            cure="Đặt TIENDO_IMAP_HOST, TIENDO_IMAP_USER, TIENDO_IMAP_PASSWORD của hộp thư gửi đi.",
        )
    store = open_store(settings)
    try:
        with imap_mailbox(settings) as mailbox:
            found = read_bounces(store, mailbox, Clock(store).now())
    except (OSError, imaplib.IMAP4.error) as error:
        raise TiendoError(
            f"Không đọc được hộp thư: {error}.", where=f"{settings.imap_host}:{settings.imap_port}"
        ) from None
    finally:
        store.close()
    for one in found:
        out.print(f"[red]✗[/] {escape(one.person)} <{escape(one.address)}>", highlight=False)
    out.print(f"{len(found)} thư bị trả về." if found else "Không có thư nào bị trả về.")
