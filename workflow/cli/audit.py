"""`tiendo audit verify` checks the log and the facts; `tiendo audit anchor` mails an anchor of the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from workflow.cli.periods.lock import read_file
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.storage.key_files import public_key_of
from workflow.storage.mailed import anchor_line, read_anchor
from workflow.storage.proof.anchors import anchor_every
from workflow.storage.proof.audit_checks import check_audit, note_checked

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """Sổ ghi nối chuỗi. / The hash-chained log."""


@app.command("verify")
def verify_(
    anchor: Annotated[
        str | None,
        typer.Option(
            "--anchor", help="An anchor that was mailed: the saved mail's file, or its line as text."
        ),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="The public key kept elsewhere, instead of the one here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Kiểm tra sổ ghi và dữ liệu còn nguyên. / Check the log, the facts and the anchors (exit 0 or 1)."""
    settings = settings_of(data)
    kept = None if anchor is None else read_anchor(_file_or_text(anchor))
    public = None if key is None else public_key_of(read_file(key).decode("utf-8", "replace"))
    store = open_store(settings)
    with store.reading() as tx:
        state = check_audit(tx, key=public, kept=kept)
    if state.holds:
        now = Clock(store).now()
        with store.begin() as tx:
            note_checked(tx, now, with_anchor=kept is not None)
    if as_json:
        say_json(
            {
                "holds": state.holds,
                "entries": state.entries,
                "facts": state.facts,
                "anchored": state.anchored,
                "faults": [{"what": str(one.what), "place": str(one.place)} for one in state.faults],
            }
        )
    else:
        for one in state.faults:
            out.print(f"[red]✗[/] {escape(str(one.place))}: {escape(str(one.what))}", highlight=False)
        verdict = "nguyên vẹn" if state.holds else f"{len(state.faults)} chỗ sai"
        out.print(
            f"Đã kiểm tra {state.entries} mục nhật ký, {state.facts} dữ kiện, "
            f"{state.anchored} điểm neo: {verdict}."
        )
    if not state.holds:
        raise typer.Exit(1)


@app.command("anchor")
def anchor_(data: Data = None) -> None:
    """Lập mốc nhật ký ngay và gửi thư; hằng ngày tự lập sau 17 giờ. / Take an anchor now and mail it."""
    settings = settings_of(data)
    store = open_store(settings)
    now = Clock(store).now()
    with store.begin() as tx:
        taken = anchor_every(tx, now, settings.anchor_addresses)
    for anchor in taken:
        typer.echo(anchor_line(anchor.organisation, anchor.number, anchor.sha256))
    if not taken:
        out.print("Nhật ký không đổi từ mốc gần nhất.")


def _file_or_text(given: str) -> bytes:
    """The content of the file of that name, or the text itself where there is no such file."""
    try:
        return Path(given).read_bytes()
    except (OSError, ValueError):
        return given.encode()
