"""Server time of a page that decides: one member's vote, one unit's confirmation, one report, on SQLite over
a real socket on the loopback.

    python -m benchmarks.pages
    python -m benchmarks.pages --items 107 --rounds 300

Each round is what a person does: open the page, post one decision with the box ticked. What is measured is
the server's time, from the request's arrival in the app to its answer's last byte, transactions on disk
included. The target is a median under 20 ms for the posts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.journey import plan_of
from tests.builders import NOW, Opened, a_directory, a_link, a_store, an_open_period, confirmed, submitted
from tests.web.serving import served
from workflow.cli.checks.link_checks import form_for
from workflow.domain.rules.routing_rules import ApprovalRule, EarlyClose, Rules
from workflow.web.limiting import Limit, Limits, Rate

TARGET_MS = 20.0
FREE = Rate(1e9, 1e9)


class Timed:
    """Notes how long the app within takes from a request to the last byte of its answer."""

    def __init__(self, app: ASGIApp, seconds: list[float]) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._seconds.append(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, noting)


@dataclass
class Visitor:
    """A person at a browser; `spent` are the server's seconds of each step."""

    opened: Opened
    http: httpx.Client
    served: list[float]
    spent: dict[str, list[float]] = field(default_factory=dict)

    def ask(
        self, step: str, method: str, address: str, fields: dict[str, str] | None = None
    ) -> httpx.Response:
        before = len(self.served)
        answer = self.http.request(method, address, data=fields)
        while len(self.served) == before:
            time.sleep(0.0005)  # an answer without a body is whole for the client before it is for the app
        if answer.status_code != (200 if method == "GET" else 303):
            raise SystemExit(f"{method} {address}: {answer.status_code}")
        self.spent.setdefault(step, []).append(self.served[-1])
        return answer

    def report(self, rounds: int) -> None:
        base = f"/l/{a_link(self.opened, 'ubnd')}"
        for cycle in self.opened.cycles[:rounds]:
            form = form_for(self.ask("open report form", "GET", f"{base}/report/{cycle}"), f"/report/{cycle}")
            fields = form.fields | {"progress": "60", "body": "Đang thi công đoạn 1."}
            self.ask("send report", "POST", form.action, fields)

    def decide(self, name: str, box: str, choice: str, rounds: int) -> None:
        """One decision a round, over and over the items: a word given may be given anew."""
        base = f"/l/{a_link(self.opened, box)}"
        for turn in range(rounds):
            cycle = self.opened.cycles[turn % len(self.opened.cycles)]
            form = form_for(self.ask(f"open page to {name}", "GET", base), f"/{name}")
            fields = form.fields | {f"choice-{cycle}": choice, "rest": "none", "sure": "1"}
            self.ask(f"{name} one", "POST", form.action, fields)


def measure(n_items: int, rounds: int) -> bool:
    """Prints the percentiles of each step; whether the target is met."""
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = a_store(folder)
        # No vote is over early: every round finds its page as long as the one before.
        rules = replace(Rules(), approval=ApprovalRule(early_close=EarlyClose.NO))
        opened = an_open_period(store, directory=a_directory(), plan=plan_of(n_items), rules=rules)
        limits = Limits(Limit(FREE), Limit(FREE), Limit(FREE))
        with (
            served(store, folder, NOW, limits, lambda app: Timed(app, seconds)) as url,
            httpx.Client(base_url=url, trust_env=False) as http,
        ):
            visitor = Visitor(opened, http, seconds)
            visitor.report(rounds)
            for cycle in opened.cycles[rounds:]:
                submitted(opened, cycle)
            visitor.decide("confirm", "mttq", "confirm", rounds)
            for cycle in opened.cycles:
                confirmed(opened, cycle, "mttq", "cong-an")
            visitor.decide("vote", "bi-thu", "approve", rounds)
        store.close()
    print(f"{n_items} items on a page, SQLite, one server process; server time in ms")
    print(f"  {'':<22} {'n':>5} {'p50':>7} {'p90':>7} {'p99':>7} {'max':>7}")
    for step, found in visitor.spent.items():
        cuts = statistics.quantiles(found, n=100, method="inclusive")
        told = " ".join(f"{1000 * one:7.1f}" for one in (cuts[49], cuts[89], cuts[98], max(found)))
        print(f"  {step:<22} {len(found):>5} {told}")
    posts = ("send report", "confirm one", "vote one")
    return all(1000 * statistics.median(visitor.spent[step]) < TARGET_MS for step in posts)


def main() -> None:
    """Command line; fails where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args()
    if not measure(given.items, given.rounds):
        raise SystemExit(f"a decision's median is over {TARGET_MS:.0f} ms")


if __name__ == "__main__":
    main()
