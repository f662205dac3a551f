"""Server time of a page that decides: one member's vote, one unit's confirmation, one report, on SQLite over
a real socket on the loopback.

    python -m benchmarks.pages
    python -m benchmarks.pages --items 107 --rounds 300

Each round is what a person does: open the page, post one decision (the box ticked), see the receipt's page.
The target is a median under 20 ms for the posts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx

from benchmarks.journey import plan_of
from tests.builders import NOW, Opened, a_directory, a_link, a_store, an_open_period, confirmed, submitted
from tests.web.serving import served
from workflow.cli.link_checks import form_for
from workflow.domain.rules import ApprovalRule, Rules
from workflow.web.limiting import Limit, Limits, Rate

TARGET_MS = 20.0
FREE = Rate(1e9, 1e9)


def measure(n_items: int, rounds: int) -> bool:
    """Prints the percentiles of each step; whether the target is met."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = a_store(folder)
        # No vote is over early: every round finds its page as long as the one before.
        rules = replace(Rules(), approval=ApprovalRule(early_close=False))
        opened = an_open_period(store, directory=a_directory(), plan=plan_of(n_items), rules=rules)
        limits = Limits(Limit(FREE), Limit(FREE), Limit(FREE))
        with served(store, folder, NOW, limits) as url, httpx.Client(base_url=url, trust_env=False) as http:
            steps = {
                "open report form": [],
                "send report": [],
                "open page to confirm": [],
                "confirm one": [],
                "open page to vote": [],
                "vote on one": [],
            }
            _report(opened, http, steps, min(rounds, n_items))
            _decide(opened, http, steps, "confirm", "mttq", rounds)
            for cycle in opened.cycles:
                confirmed(opened, cycle, "mttq", "cong-an")
            _decide(opened, http, steps, "vote", "bi-thu", rounds)
        store.close()
    print(f"{n_items} items on a page, SQLite, one server process; ms")
    print(f"  {'':<22} {'n':>5} {'p50':>7} {'p90':>7} {'p99':>7} {'max':>7}")
    for step, found in steps.items():
        cuts = statistics.quantiles(found, n=100, method="inclusive")
        told = " ".join(f"{1000 * one:7.1f}" for one in (cuts[49], cuts[89], cuts[98], max(found)))
        print(f"  {step:<22} {len(found):>5} {told}")
    posts = ("send report", "confirm one", "vote on one")
    return all(1000 * statistics.median(steps[step]) < TARGET_MS for step in posts)


def _report(opened: Opened, http: httpx.Client, steps: dict[str, list[float]], rounds: int) -> None:
    base = f"/l/{a_link(opened, 'ubnd')}"
    for cycle in opened.cycles[:rounds]:
        page = _timed(steps["open report form"], http, "GET", f"{base}/report/{cycle}")
        form = form_for(page, f"/report/{cycle}")
        fields = form.fields | {"progress": "60", "body": "Đang thi công đoạn 1."}
        _timed(steps["send report"], http, "POST", form.action, fields)
    for cycle in opened.cycles[rounds:]:
        submitted(opened, cycle)


def _decide(
    opened: Opened, http: httpx.Client, steps: dict[str, list[float]], name: str, box: str, rounds: int
) -> None:
    base = f"/l/{a_link(opened, box)}"
    verb, choices = ("confirm one", ("confirm",)) if name == "confirm" else ("vote on one", ("approve",))
    for cycle, choice in _turns(opened, choices, rounds):
        page = _timed(steps[f"open page to {name}"], http, "GET", base)
        form = form_for(page, f"/{name}")
        fields = form.fields | {f"choice-{cycle}": choice, "rest": "none", "sure": "1"}
        _timed(steps[verb], http, "POST", form.action, fields)


def _turns(opened: Opened, choices: tuple[str, ...], rounds: int) -> Iterator[tuple[int, str]]:
    """One decision a round, over and over the items: a word given may be given anew."""
    for turn in range(rounds):
        yield opened.cycles[turn % len(opened.cycles)], choices[turn % len(choices)]


def _timed(
    spent: list[float], http: httpx.Client, method: str, address: str, fields: dict[str, str] | None = None
) -> httpx.Response:
    begun = time.perf_counter()
    answer = http.request(method, address, data=fields)
    spent.append(time.perf_counter() - begun)
    expected = 200 if method == "GET" else 303
    if answer.status_code != expected:
        raise SystemExit(f"{method} {address}: {answer.status_code}")
    return answer


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
