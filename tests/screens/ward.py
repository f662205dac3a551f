"""The sample ward played in this process: pages, mailer and mail catcher are the real ones; what Prefect
would run by its schedule is called when the played day asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import select

from workflow.cli.demo.loading import load
from workflow.cli.demo.playing import Player
from workflow.cli.running import mail_settings, open_store, pages_of
from workflow.clock import Clock
from workflow.domain.periods.period import Span, timetable
from workflow.importing.files.rules_file import read_routing, read_scoring
from workflow.mail.post.catcher import Catcher
from workflow.mail.post.sending import Mailer
from workflow.sample import LETTERHEAD, directory_path, plan_path, routing_path, scoring_path
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.access import links
from workflow.storage.files import Files
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, latest_periods
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.rules import save_rules
from workflow.storage.tables import persons
from workflow.web.office.catcher_pages import router as mailbox_router


class ByHand:
    """Stands where Prefect's API is asked to run a deployment: runs what that flow calls, at once."""

    def run(self, deployment: str, parameters: dict[str, Any]) -> str:
        """Runs the flow's own work."""
        from flows import work

        acts = {
            "sweep/sweep": work.sweep,
            "open-period/open-period": work.open_period,
            "close-period/close-period": work.close_period,
        }
        given = {"code" if name == "period" else name: value for name, value in parameters.items()}
        # In a thread of its own: Playwright keeps a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, acts[deployment](**given)).result().label  # type: ignore[operator]


@dataclass
class Ward:
    """The ward while it is played. `url` is where its pages are."""

    store: Store
    clock: Clock
    catcher: Catcher
    url: str

    @property
    def period(self) -> Period:
        """The quarter that is played."""
        with self.store.reading() as tx:
            found = next(iter(latest_periods(tx)), None)
        assert found is not None
        return found

    def link(self, box: str, purpose: links.Purpose = links.Purpose.DUTIES) -> str:
        """A new link of the person whose address begins so."""
        with self.store.begin() as tx:
            person = tx.execute(
                select(persons.c.id).where(persons.c.email.startswith(f"{box}@"))
            ).scalar_one()
            token = links.make(tx, person, purpose, self.period.id, self.clock.now())
        return f"{self.url}/{'o' if purpose is links.Purpose.OFFICE else 'l'}/{token}"

    def play(self, after: Callable[[date], None], drafted: Callable[[], None]) -> None:
        """Plays the quarter to its end; `after` is called when a day's work is done, `drafted` when the
        period is closed and its report waits to be edited."""

        def tell(day: date, done: Counter[str], mails: int) -> None:
            after(day)

        player = Player(self.store, self.clock, self.url, ByHand(), self.period.id)  # type: ignore[arg-type]
        player.play(tell)
        drafted()
        player.issue(lambda said: None)


@contextmanager
def a_ward(folder: Path, language: str = "vi") -> Iterator[Ward]:
    """The sample ward on the first morning of its first quarter, open and served while the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {"TIENDO_DATA": str(folder), "TIENDO_PORT": str(port), "TIENDO_LANGUAGE": language}
    settings = Settings(mail_per_second=1000)
    store = open_store(settings)
    clock, catcher = Clock(store), Catcher(folder / "mail")
    with store.begin() as tx:
        loaded = load(tx, plan_path(), directory_path(), clock.now())
        set_letterhead(tx, loaded.organisation_id, clock.now(), **LETTERHEAD)
        rules = read_routing(routing_path())
        save_rules(tx, loaded.organisation_id, rules, read_scoring(scoring_path()), clock.now())
        calendar = organisation_calendar(tx, loaded.organisation_id)
    span = Span.parse("2026-Q1")
    clock.set(calendar.moment(timetable(span, rules.period, calendar).opens_on, 8))
    ByHand().run("open-period/open-period", {"plan_id": loaded.plan_id, "period": span.code})
    catcher.start()
    with _serving(store, settings, clock, catcher), _sending(store, settings, clock, catcher):
        yield Ward(store, clock, catcher, f"http://127.0.0.1:{port}")
    catcher.stop()
    store.close()


@contextmanager
def _serving(store: Store, settings: Settings, clock: Clock, catcher: Catcher) -> Iterator[None]:
    app = pages_of(store, settings, clock)
    app.include_router(mailbox_router(catcher, settings))
    server = uvicorn.Server(uvicorn.Config(app, port=settings.port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _sending(store: Store, settings: Settings, clock: Clock, catcher: Catcher) -> Iterator[None]:
    files = Files(settings.where_files)
    mailer = Mailer(store, mail_settings(settings, catcher), clock, files, is_alone=True)
    loop, enough = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=[mailer.run(enough)], daemon=True)
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(enough.set)
        thread.join()
