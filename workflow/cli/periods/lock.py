"""`tiendo period verify`, `manifest` and `key`: checking a closed period against its lock, and exporting the
manifest and the public key to be stored elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from workflow.cli.choosing import OrganisationName, PlanOfPeriod, period_for
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.domain.errors import NotFound, WrongSetting
from workflow.storage.files import Files
from workflow.storage.key_files import PublicKey, pem_of, public_key_of
from workflow.storage.mailed import KeptManifest, read_manifest
from workflow.storage.results.lock_checks import LockDifference, LockState, check_lock, exported
from workflow.storage.results.locking import latest_manifest
from workflow.storage.signing_keys import present_key

Code = Annotated[str, typer.Argument(metavar="PERIOD", help="As 2026-Q1, 2026-M03, 2026-H1 or 2026.")]
Out = Annotated[Path | None, typer.Option("--out", help="The file to write; the screen by default.")]


def verify(
    code: Code,
    plan: PlanOfPeriod = None,
    organisation: OrganisationName = "",
    key: Annotated[
        Path | None, typer.Option("--key", help="The public key kept elsewhere, instead of the one here.")
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest", help="A manifest kept elsewhere: the exported file, or a saved report mail."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = None,
) -> None:
    """Kiểm tra kỳ đã khóa còn nguyên không; lệch ở đâu. / Check a closed period's lock (exit 0 or 1)."""
    settings = settings_of(data)
    store = open_store(settings)
    period = period_for(store, code, organisation, plan)
    kept = _manifest(manifest, period.code)
    with store.reading() as tx:
        state = check_lock(tx, Files(settings.where_files), period.id, key=_key(key), kept=kept)
    if as_json:
        say_json(_as_json(period.code, state))
    else:
        _say(period.label, state)
    if not state.holds:
        raise typer.Exit(1)


def manifest(
    code: Code,
    plan: PlanOfPeriod = None,
    organisation: OrganisationName = "",
    to: Out = None,
    data: Data = None,
) -> None:
    """Xuất bản kê đã ký mới nhất của kỳ (JSON). / Write a closed period's latest signed manifest."""
    store = open_store(settings_of(data))
    period = period_for(store, code, organisation, plan)
    with store.reading() as tx:
        found = latest_manifest(tx, period.id)
        if found is None:
            raise NotFound(f"{period.label} chưa khóa nên chưa có bản kê.", cure="Khóa kỳ trước.")
        body = json.dumps(exported(tx, found), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    _write(to, body, f"bản kê số {found.number} của {period.label}, SHA-256 {found.sha256}")


def key(to: Out = None, data: Data = None) -> None:
    """Xuất khóa công khai để kiểm tra bản kê (PEM). / Write the public key manifests are checked with."""
    store = open_store(settings_of(data))
    with store.reading() as tx:
        found = present_key(tx)
    if found is None:
        raise NotFound("Chưa có kỳ nào khóa nên chưa có khóa ký.", cure="Khóa một kỳ trước.")
    _write(to, pem_of(found), "khóa công khai")


def _key(path: Path | None) -> PublicKey | None:
    return None if path is None else public_key_of(read_file(path).decode("utf-8", "replace"))


def _manifest(path: Path | None, code: str) -> KeptManifest | None:
    if path is None:
        return None
    found = read_manifest(read_file(path))
    if found.period != code:
        raise WrongSetting(f"Bản kê này của kỳ {found.period}, không phải {code}.", where=str(path))
    return found


def read_file(path: Path) -> bytes:
    """A file's content; raises WrongSetting where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongSetting(f"Không đọc được tệp: {error.strerror}.", where=str(path)) from error


def _as_json(code: str, state: LockState) -> dict[str, object]:
    latest = state.latest
    return {
        "period": code,
        "holds": state.holds,
        "checked": state.checked,
        "manifest": {
            "number": latest.number,
            "sha256": latest.sha256,
            "made_at": latest.made_at.isoformat(),
            "because": latest.body["because"],
        },
        "faults": [_difference(one) for one in state.faults],
        "later": [_difference(one) for one in state.later],
    }


def _difference(one: LockDifference) -> dict[str, str]:
    return {"what": str(one.what), "place": str(one.place)}


def _say(label: str, state: LockState) -> None:
    latest = state.latest
    if state.holds:
        out.print(f"[green]{label}: khóa còn nguyên.[/] {state.checked} dữ kiện và kết quả khớp.")
    else:
        out.print(f"[red]{label}: có {len(state.faults)} điểm không còn như khi khóa.[/]")
    for one in state.faults:
        out.print(f"  [red]•[/] {escape(_line(one))}", highlight=False)
    for one in state.later:
        out.print(f"  [yellow]•[/] {escape(_line(one))}", highlight=False)
    out.print(f"Bản kê số {latest.number} ({escape(str(latest.body['because']))}), SHA-256 {latest.sha256}")


def _line(one: LockDifference) -> str:
    return f"{one.place}: {one.what}" if one.place else str(one.what)


def _write(to: Path | None, body: str, what: str) -> None:
    if to is None:
        typer.echo(body, nl=False)
        return
    to.write_text(body, encoding="utf-8")
    out.print(f"Đã ghi {to}: {what}.")
