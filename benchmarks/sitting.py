"""One unit's quarter in one sitting: its reporter sends all items through the page, one after another, and
those of the next quarter with the spreadsheet; on SQLite over a real socket on the loopback.

    python -m benchmarks.sitting                        80 made-up items
    python -m benchmarks.sitting --plan ke-hoach.docx   those that the busiest unit of a plan leads

Told are the requests, the server's time, and the heaviest page of each kind (before packing; style sheet and
script, which browsers keep, apart). A page over 100 KB, or an item not sent, is a failure.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import httpx
from openpyxl import load_workbook
from sqlalchemy import func, select

from benchmarks.journey import plan_of
from benchmarks.pages import FREE
from tests.builders import a_directory, a_store
from tests.web.serving import served
from workflow.cli.checks.link_checks import form_for
from workflow.domain.cycles.advance import Duty
from workflow.domain.people.directory import Directory, Role
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Plan
from workflow.domain.rules.routing_rules import Rules
from workflow.importing.offering import read_document
from workflow.storage import Store
from workflow.storage.access import links
from workflow.storage.opening.opening import open_period
from workflow.storage.people.directory import save_directory
from workflow.storage.plans.plans import save_plan
from workflow.storage.rules import save_rules
from workflow.storage.tables import cycles, duties, persons, roles
from workflow.web.limiting import Limit, Limits
from workflow.web.sheets.columns import COLUMNS, TITLES_ROW, Mark

MOST_BYTES = 100_000
BODY = "Đã hoàn thành đo đạc, phê duyệt dự toán; đang thi công đoạn 1, dự kiến xong trước ngày 15 tháng sau."


@dataclass
class Sitting:
    """A person's browser: what each kind of request took and weighed."""

    http: httpx.Client
    base: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    weights: dict[str, list[int]] = field(default_factory=dict)

    def ask(self, step: str, method: str, address: str, **given: object) -> httpx.Response:
        begun = time.perf_counter()
        answer = self.http.request(method, address, **given)  # type: ignore[arg-type]
        self.seconds.setdefault(step, []).append(time.perf_counter() - begun)
        if answer.status_code not in (200, 303):
            raise SystemExit(f"{method} {address}: {answer.status_code}")
        if answer.status_code == 200:
            self.weights.setdefault(step, []).append(len(answer.content))
        return answer

    def report_each(self, n_items: int) -> int:
        """Every item through its form, each sent with the button that goes on to the next."""
        page = self.ask("the list", "GET", self.base)
        place = page.text.partition(f"{self.base}/report/")[2].partition('"')[0]
        address = f"{self.base}/report/{place}"
        for sent in range(n_items):
            form = form_for(self.ask("a report's form", "GET", address), address.partition("?")[0])
            fields = form.fields | {"progress": "60", "body": BODY, "then": "next"}
            figures = [name for name in fields if name.startswith("figure-")]
            fields |= dict.fromkeys(figures, "12")
            # A clerk who knows that 12 of each is odd, and says why at once.
            fields |= {f"why-{name}": BODY for name in figures}
            address = self.ask("sending a report", "POST", form.action, data=fields).headers["location"]
            if "/done" in address:
                self.ask("the receipt", "GET", address)
                return sent + 1
        return n_items

    def fill_the_sheet(self) -> int:
        """The workbook downloaded, filled, uploaded, looked over and sent."""
        self.ask("the sheet's page", "GET", f"{self.base}/sheet")
        book = load_workbook(BytesIO(self.ask("the workbook", "GET", f"{self.base}/sheet.xlsx").content))
        filled = fill(book)
        form = form_for(self.ask("the sheet's page", "GET", f"{self.base}/sheet"), "/sheet")
        files = {"sheet": ("bao-cao.xlsx", filled, "application/octet-stream")}
        self.ask("uploading it", "POST", form.action, data=form.fields, files=files)
        look = self.ask("the look before sending", "GET", f"{self.base}/send")
        chosen = [part.partition('"')[0] for part in look.text.split('name="send" value="')[1:]]
        form = form_for(look, "/send")
        answer = self.ask(
            "sending them all", "POST", form.action, data=form.fields | {"send": chosen, "sure": "1"}
        )
        self.ask("the receipt", "GET", answer.headers["location"])
        return len(chosen)


def fill(book: object) -> bytes:
    """The workbook with every open cell filled as a clerk would."""
    page = book["Báo cáo"]  # type: ignore[index]
    at = {column.key: place for place, column in enumerate(COLUMNS, start=1)}
    for number in range(TITLES_ROW + 1, page.max_row + 1):
        mark = Mark.read(str(page.cell(number, at["mark"]).value or ""))
        if mark is None:
            continue
        for key, value in (
            ("figure", 12),
            ("why", BODY),
            ("progress", 75),
            ("body", BODY),
            ("reported", "Đang thực hiện"),
        ):
            if mark.field(key):
                page.cell(number, at[key]).value = value
    written = BytesIO()
    book.save(written)  # type: ignore[attr-defined]
    return written.getvalue()


def opened(
    store: Store, plan: Plan, directory: Directory, spans: list[str]
) -> list[tuple[int, int, datetime]]:
    """Opens the periods, each with the person who owes most in it and a moment before its end."""
    now = datetime(plan.year, 1, 4, 3, tzinfo=timezone.utc)
    with store.begin() as tx:
        organisation = save_directory(tx, directory)
        plan_id = save_plan(tx, organisation, plan, now)
        rules_id = save_rules(tx, organisation, Rules(), {}, now)
    found = []
    for code in spans:
        span = Span.parse(code)
        last = datetime.combine(span.last_day, datetime.min.time(), timezone.utc) - timedelta(days=20)
        with store.begin() as tx:
            period = open_period(tx, plan_id, span, rules_id, last)
            busiest = tx.execute(
                select(roles.c.person_id, func.count())
                .join(duties, duties.c.unit_id == roles.c.unit_id)
                .join(cycles, cycles.c.id == duties.c.cycle_id)
                .where(
                    duties.c.duty == Duty.SUBMIT.value,
                    cycles.c.period_id == period,
                    roles.c.role == Role.REPORTER.value,
                )
                .group_by(roles.c.person_id)
                .order_by(func.count().desc())
            ).first()
        assert busiest
        found.append((period, busiest[0], last))
    return found


def owed(store: Store, person: int, period: int) -> int:
    """How many reports the person owes."""
    with store.reading() as tx:
        count = select(func.count(cycles.c.id.distinct()))
        count = count.join(duties, duties.c.cycle_id == cycles.c.id).join(
            roles, roles.c.unit_id == duties.c.unit_id
        )
        return (
            tx.scalar(
                count.where(
                    cycles.c.period_id == period,
                    roles.c.person_id == person,
                    roles.c.role == Role.REPORTER.value,
                    duties.c.duty == Duty.SUBMIT.value,
                )
            )
            or 0
        )


def sit(plan: Plan, directory: Directory) -> bool:
    """Plays both quarters and prints what they took; whether all went and no page was too heavy."""
    fine = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = a_store(folder)
        limits = Limits(Limit(FREE), Limit(FREE), Limit(FREE))
        ways = ("through the page", "with the spreadsheet")
        spans = [f"{plan.year}-Q1", f"{plan.year}-Q2"]
        periods = opened(store, plan, directory, spans)
        for way, (period, person, now) in zip(ways, periods, strict=True):
            with store.begin() as tx:
                token = links.make(tx, person, links.Purpose.DUTIES, period, now)
                who = tx.scalar(select(persons.c.name).where(persons.c.id == person))
            before = owed(store, person, period)
            with served(store, folder, now, limits) as url, httpx.Client(base_url=url, timeout=60) as http:
                sitting = Sitting(http, f"/l/{token}")
                begun = time.perf_counter()
                by_page = way == ways[0]
                sent = sitting.report_each(before) if by_page else sitting.fill_the_sheet()
                spent = time.perf_counter() - begun
            left = owed(store, person, period)
            print(
                f"\n{way}: {who} sent {sent} of {before} items, {left} left, in {spent:.1f} s of the machine"
            )
            for step, seconds in sitting.seconds.items():
                weights = sitting.weights.get(step)
                told = f"{max(weights) / 1000:7.1f} KB at most" if weights else ""
                print(
                    f"  {step:<24} {len(seconds):>4} × {1000 * sum(seconds) / len(seconds):7.1f} ms  {told}"
                )
                is_page = weights and step != "the workbook"
                fine = fine and not (is_page and max(weights) > MOST_BYTES)
            fine = fine and left == 0
        store.close()
    static = Path(__file__).parent.parent / "workflow" / "web" / "static"
    kept = {file.name: file.stat().st_size for file in static.iterdir() if file.suffix in (".css", ".js")}
    print("\nkept by browsers:", ", ".join(f"{name} {size / 1000:.1f} KB" for name, size in kept.items()))
    return fine


def main() -> None:
    """Command line; fails where a page is too heavy or an item was not sent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--plan", type=Path)
    parser.add_argument("--items", type=int, default=80)
    given = parser.parse_args()
    if given.plan:
        read = read_document(given.plan)
        plan, directory = read.reading.plan, read.directory
    else:
        plan, directory = plan_of(given.items), a_directory()
    if not sit(plan, directory):
        raise SystemExit(f"an item was not sent, or a page weighs over {MOST_BYTES // 1000} KB")


if __name__ == "__main__":
    main()
