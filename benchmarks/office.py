"""Server time of the office's pages where a city runs all its wards on one server: the board, an item,
search, scores, and the figures of every ward under one superior.

    python -m benchmarks.office                  126 wards (13,482 items, four quarters, three of them closed)
    python -m benchmarks.office --wards 6 --on postgresql

Over a real socket on the loopback, one server process; measured from a request's arrival in the app to its
answer's last byte; KB are those on the wire (gzip).
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import httpx
from sqlalchemy import insert, select, update

from benchmarks.pages import FREE, Timed
from benchmarks.rollup import a_postgresql, signing_key
from benchmarks.wards import N_ITEMS, N_UNITS, write
from tests.web.serving import served
from workflow.domain.calendar import Calendar
from workflow.domain.people.directory import Role
from workflow.storage import Store
from workflow.storage.access import links
from workflow.storage.results.closing import close_period
from workflow.storage.tables import cycles, organisations, periods, persons, roles, units
from workflow.web.limiting import Limit, Limits

CALENDAR = Calendar()
NOW = CALENDAR.moment(date(2026, 12, 10), 9)


def prepare(store: Store, wards: int) -> tuple[str, int, int]:
    """Writes the wards, closes their first three quarters, puts all under the first, and gives a link of its
    office, one of its items' cycles and one of its units."""
    write(store, range(1, wards + 1))
    with store.begin() as tx:
        tx.execute(update(organisations).where(organisations.c.id > 1).values(superior_id=1))
        unit = tx.scalars(select(units.c.id).where(units.c.organisation_id == 1).order_by(units.c.id)).first()
        assert unit is not None
        tx.execute(
            insert(persons).values(
                id=1, organisation_id=1, name="Văn phòng", email="vp@p1.example", title="", is_active=True
            )
        )
        tx.execute(insert(roles).values(person_id=1, unit_id=unit, role=Role.OFFICE.value))
    with store.reading() as tx:
        known = tx.execute(
            select(periods.c.id, periods.c.code, periods.c.cut_off).order_by(periods.c.code, periods.c.id)
        ).all()
    for place, period in enumerate(known):
        if sys.stderr.isatty() and not place % 20:
            print(f"  closing quarters: {place} of {len(known) * 3 // 4}", end="\r", file=sys.stderr)
        if not period.code.endswith("4"):
            with store.begin() as tx:
                close_period(tx, period.id, CALENDAR.moment(period.cut_off, 9) + timedelta(days=3))
    with store.begin() as tx:
        last = known[-wards].id
        cycle = tx.scalars(select(cycles.c.id).where(cycles.c.period_id == last)).first()
        assert cycle is not None
        return links.make(tx, 1, links.Purpose.OFFICE, last, NOW), cycle, unit


def measure(name: str, store: Store, wards: int, rounds: int) -> None:
    """Prints the percentiles of each page."""
    store.migrate()
    token, cycle, unit = prepare(store, wards)
    gc.freeze()  # as `tiendo` itself does
    seconds: list[float] = []
    pages = {
        "board": "",
        "board, late ones": "?late=1",
        "item": f"/item/{cycle}",
        "search": "/search?q=chinh+trang",
        "search, nothing found": "/search?q=khong+co+gi+the+nay",
        "scores": "/scores",
        "a unit's score": f"/scores/{unit}",
        "rollup of the year": "/rollup?span=2026",
        "rollup, all wards": "/rollup?span=2026&of=below&by=organisation",
    }
    print(f"\n{name}: {wards} wards, {wards * N_ITEMS} items, {N_UNITS} units each; server time in ms")
    print(f"  {'':<22} {'n':>5} {'p50':>7} {'p90':>7} {'max':>7} {'KB':>6}")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(
            store,
            Path(folder),
            NOW,
            Limits(Limit(FREE), Limit(FREE), Limit(FREE)),
            lambda app: Timed(app, seconds),
        ) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=120) as http,
    ):
        for page, path in pages.items():
            http.get(f"/o/{token}{path}")  # the first look composes questions and templates
            seconds.clear()
            size = 0
            for _ in range(rounds):
                answer = http.get(f"/o/{token}{path}")
                if answer.status_code != 200:
                    raise SystemExit(f"{path}: {answer.status_code}")
                size = int(answer.headers["content-length"])
            p90 = statistics.quantiles(seconds, n=10, method="inclusive")[8]
            told = " ".join(f"{1000 * one:7.1f}" for one in (statistics.median(seconds), p90, max(seconds)))
            print(f"  {page:<22} {rounds:>5} {told} {size / 1000:6.1f}", flush=True)
    store.close()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--wards", type=int, default=126)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], default="sqlite")
    given = parser.parse_args()
    if given.on == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            measure("SQLite", Store(f"sqlite:///{folder}/wards.db"), given.wards, given.rounds)
    else:
        with a_postgresql() as url:
            measure("PostgreSQL", Store(url, signing_key()), given.wards, given.rounds)


if __name__ == "__main__":
    main()
