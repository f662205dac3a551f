"""`tiendo demo`: a whole quarter, from an empty folder to the signed report, played or left to a person."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from workflow.cli.demo.loading import Loaded, load
from workflow.cli.demo.playing import Player
from workflow.cli.office import who_asks
from workflow.cli.periods.period import say_result
from workflow.cli.prefect_api import PrefectApi, prefect_auth, where_prefect_auth
from workflow.cli.running import RunningDeployment
from workflow.cli.text import out
from workflow.cli.up import Data, office_command, run_until_stopped, settings_of
from workflow.clock import Clock
from workflow.domain.errors import TiendoError
from workflow.domain.periods.period import Span, timetable
from workflow.domain.rules.routing_rules import MailRule
from workflow.importing.files.rules_file import read_routing, read_scoring
from workflow.importing.findings.findings import Severity
from workflow.private_files import make_private_folder
from workflow.sample import LETTERHEAD, directory_path, plan_path, routing_path, scoring_path
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.access.links_on_request import make_office_link, officers
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, latest_periods, period_of
from workflow.storage.plans.plans import plan_head
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.played import mails_by_state
from workflow.storage.sweeps.prefect_picture import count_to_show

DEMO_DATA = Path("tiendo-demo")
PICTURE_LIMIT_SECONDS = 240


def demo(
    plan: Annotated[
        Path | None, typer.Option("--plan", help="A plan document of yours instead of the sample.")
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option("--directory", help="Its directory (YAML); proposed from the plan if left out."),
    ] = None,
    routing: Annotated[
        Path | None, typer.Option("--routing", help="Routing rules (TOML) instead of the ready ones.")
    ] = None,
    manual: Annotated[
        bool, typer.Option("--manual", help="Play nobody: click the links in the mail catcher yourself.")
    ] = False,
    period: Annotated[
        str | None, typer.Option("--period", help="Which period; the plan year's first quarter by default.")
    ] = None,
    stay: Annotated[
        bool | None,
        typer.Option("--stay/--exit", help="Stay up afterwards, or end; by default stays on a terminal."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin again: empty the demo's data folder.")
    ] = False,
    data: Data = None,
) -> None:
    """Chạy thử trọn một quý của kế hoạch mẫu. / Play a whole quarter of the sample plan (or of yours)."""
    settings = settings_of(data or DEMO_DATA)
    if fresh and settings.data.exists():
        _check_is_demo(settings.data)
        shutil.rmtree(settings.data)
    make_private_folder(settings.data)
    (settings.data / "demo").touch()
    stays = sys.stdin.isatty() if stay is None else stay
    started = time.monotonic()

    async def then(found: RunningDeployment, stop: asyncio.Event) -> None:
        doing = asyncio.create_task(
            asyncio.to_thread(
                _prepare_and_play, found, Given(plan, directory, routing, period, manual), started
            )
        )
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            out.print("Dừng giữa chừng; chạy lại lệnh này sẽ chơi tiếp từ đây.")
            # The thread stops at its next look at the pages, which are going down.
            doing.add_done_callback(lambda task: task.exception())
            return
        await doing
        if stays or manual:
            out.print("\nNhấn Ctrl-C để dừng.")
            await waiting
        waiting.cancel()

    asyncio.run(run_until_stopped(settings, then))


def play(data: Data = None, pages: str = "http://127.0.0.1:8480") -> None:
    """Play the people of the latest period against a deployment that is up (for tests)."""
    settings = settings_of(data)
    store = Store(settings.where_database, settings.where_signing_key)
    with store.reading() as tx:
        period = _played(tx)
    if period is None:
        raise TiendoError("Chưa có kỳ nào để chơi.")
    _play(settings, store, pages, period)


def _played(tx: Connection) -> Period | None:
    """The period that is played: a demo's folder holds one organisation."""
    return next(iter(latest_periods(tx)), None)


def _check_is_demo(folder: Path) -> None:
    if not (folder / "demo").exists():
        raise TiendoError(
            "Thư mục này không phải của bản chạy thử nên không xóa.",
            where=str(folder),
            cure="Chọn thư mục khác bằng --data.",
        )


@dataclass(frozen=True, slots=True)
class Given:
    """The command's options."""

    plan: Path | None
    directory: Path | None
    routing: Path | None
    period: str | None
    manual: bool


def _prepare_and_play(found: RunningDeployment, given: Given, started: float) -> None:
    prefect = PrefectApi(found.prefect_url, prefect_auth(found.settings))
    with found.store.reading() as tx:
        period = _played(tx)
    if period is None:
        directory = given.directory or (None if given.plan else directory_path())
        loaded = _load(found, given.plan or plan_path(), directory)
        period = _open(found, loaded, given, prefect)
    out.print(
        f"[bold]{period.label}[/] · {escape(period.organisation)}: hạn báo cáo {period.due_on:%d/%m/%Y}."
    )
    if given.manual:
        out.print(
            "Không có ai được đóng vai. Mở hộp thư thử, đọc thư và bấm vào đường dẫn như người nhận:\n"
            f"  {found.settings.where_pages}/mail"
        )
    else:
        _play(found.settings, found.store, found.settings.where_pages, period)
        _say_end(found, period.id, started)
    _say_way_in(found, period)
    out.print(f"Hộp thư thử (mọi thư):         {found.settings.where_pages}/mail")
    out.print(f"Prefect:                       {found.prefect_pages}/runs")
    out.print(f"  (hỏi mật khẩu: lấy trong {where_prefect_auth(found.settings)})", highlight=False)


def _say_way_in(found: RunningDeployment, period: Period) -> None:
    pages, command = found.settings.where_pages, office_command(found.settings)
    with found.store.begin() as tx:
        # Any person of the demo's office will do.
        first = next(iter(officers(tx, period.organisation_id)), None)
        made = make_office_link(tx, first, who_asks(), found.clock.now()) if first else None
    out.print(f"\nBảng điều hành của Văn phòng:  {pages}{made.path if made else '/sign-in'}")
    if first:
        out.print(
            f"  (dùng một lần, trong một giờ; cần nữa thì chạy: {command} {first.email})", highlight=False
        )


def _load(found: RunningDeployment, plan: Path, directory: Path | None) -> Loaded:
    out.print(f"Đọc kế hoạch [bold]{escape(plan.name)}[/] …")
    with found.store.begin() as tx:
        loaded = load(tx, plan, directory, found.clock.now())
        if directory == directory_path():
            set_letterhead(tx, loaded.organisation_id, found.clock.now(), **LETTERHEAD)
    items = loaded.reading.plan.items
    warnings = [one for one in loaded.reading.findings if one.severity is Severity.WARNING]
    out.print(
        f"  {len(items)} nội dung, {sum(len(item.parts) for item in items)} phần, "
        f"{len(loaded.directory.units)} đơn vị, {len(loaded.directory.persons)} người; "
        f"{len(warnings)} điểm cần xem lại."
    )
    for finding in warnings[:5]:
        out.print(f"  [yellow]•[/] {escape(finding.message)}", highlight=False)
    if len(warnings) > 5:
        out.print(f"  … xem đủ: tiendo plan import {plan}")
    if loaded.is_directory_proposed:
        out.print("  Chưa có danh bạ: dùng danh bạ đề xuất từ kế hoạch, địa chỉ thư .example.")
    return loaded


def _open(found: RunningDeployment, loaded: Loaded, given: Given, prefect: PrefectApi) -> Period:
    """Sets the clock to the period's first morning, pins the rules, and has Prefect open the period."""
    rules = read_routing(given.routing or routing_path())
    if given.manual:
        # A person clicking through in one sitting must not wait a day for the next mail.
        rules = replace(
            rules, mail=MailRule(settle_minutes=0, gap_hours=0, from_hour=0, to_hour=24, on_days_off=True)
        )
    with found.store.begin() as tx:
        year = plan_head(tx, loaded.plan_id).year
        span = Span.parse(given.period or f"{year}-Q1")
        calendar = organisation_calendar(tx, loaded.organisation_id)
        save_rules(tx, loaded.organisation_id, rules, read_scoring(scoring_path()), found.clock.now())
    found.clock.set(calendar.moment(timetable(span, rules.period, calendar).opens_on, 8))
    out.print(f"Mở kỳ {span.label} …")
    prefect.run("open-period/open-period", {"plan_id": loaded.plan_id, "period": span.code})
    with found.store.reading() as tx:
        period = _played(tx)
    assert period is not None
    return period


def _play(settings: Settings, store: Store, pages: str, period: Period) -> None:
    prefect = PrefectApi(settings.where_prefect, prefect_auth(settings))
    player = Player(store, Clock(store), pages, prefect, period.id)

    def show_day(day: date, done: Counter[str], mails: int) -> None:
        summary = ", ".join(f"{count} {what}" for what, count in done.items() if count) or "không ai có việc"
        out.print(f"  {day:%d/%m/%Y}  {summary}; đã gửi {mails} thư.", highlight=False)

    if period.closed_at is None:
        player.play(show_day)
    else:
        # Killed between the close and the draft, the flow is run again.
        player.prefect.run("close-period/close-period", {"period_id": period.id})
    player.issue(lambda said: out.print(f"  {said}.", highlight=False))


def _say_end(found: RunningDeployment, period_id: int, started: float) -> None:
    _wait_for_picture(found, period_id)
    with found.store.reading() as tx:
        period = period_of(tx, period_id)
        mails = mails_by_state(tx)
    say_result(found.store, period)
    table = Table.grid(padding=(0, 2))
    table.add_row("Thư đã gửi", str(mails.get("sent", 0)))
    table.add_row("Thư không gửi được", str(mails.get("failed", 0)))
    table.add_row("Thời gian", f"{time.monotonic() - started:.0f} giây")
    out.print(table)


def _wait_for_picture(found: RunningDeployment, period_id: int) -> None:
    """Waits until Prefect shows every cycle's end, so that its page is worth opening."""
    deadline = time.monotonic() + PICTURE_LIMIT_SECONDS
    with out.status("Chờ Prefect hiện đủ trạng thái …"), suppress(KeyboardInterrupt):
        while time.monotonic() < deadline:
            with found.store.reading() as tx:
                behind = count_to_show(tx, period_id)
            if not behind:
                return
            time.sleep(0.5)
    out.print(f"[yellow]Prefect còn {behind} lượt chưa hiện trạng thái cuối; sẽ tự theo kịp.[/]")
