"""What every test may ask for: a store on SQLite, on PostgreSQL, or the same test on both."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.builders import a_store
from workflow.storage import Store
from workflow.storage.key_files import KeyFile

# CI tries the same examples every time: what a lucky draw finds is for the nightly run, not for a red build.
settings.register_profile(
    "ci", max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("nightly", max_examples=2000, deadline=None)
settings.register_profile("quick", max_examples=50, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_numbers = itertools.count(1)

_LATER = ("postgresql", "browser", "prefect", "slow", "nightly")


def _slowness(item: pytest.Item) -> int:
    return max((_LATER.index(m.name) + 1 for m in item.iter_markers() if m.name in _LATER), default=0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Fast tests first, but the files of the slowest where several workers share them, lest one be left with
    those at the end; what is marked nightly only where it is asked for."""
    items.sort(key=_slowness)
    if hasattr(config, "workerinput"):
        slowest = {item.path: _slowness(item) for item in items}
        items.sort(key=lambda item: -slowest[item.path])
    if "nightly" not in (config.option.markexpr or ""):
        left_out = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issued reports come without the PDF: LibreOffice takes seconds each time, and has tests of its own."""
    monkeypatch.setattr("workflow.reports.report_files.libreoffice", lambda: None)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server with an empty, migrated database to copy from."""
    if postgres.binaries() is None:
        told = "PostgreSQL is not on this machine: install Debian's `postgresql`; its tests DID NOT RUN"
        if os.environ.get(postgres.REQUIRE):
            pytest.fail(told)
        pytest.skip(told)
    with postgres.a_server() as server:
        postgres.run_sql(server, "CREATE DATABASE empty")
        first = Store(f"{server}/empty")
        first.migrate()
        first.close()
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of this version, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        opened = a_store(tmp_path)
    else:
        server = request.getfixturevalue("postgresql_server")
        name = f"t{os.getpid()}_{next(_numbers)}"
        postgres.run_sql(server, f"CREATE DATABASE {name} TEMPLATE empty")
        opened = Store(f"{server}/{name}", KeyFile(tmp_path / "signing-key.pem"))
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store, where the database is not what the test is about."""
    opened = a_store(tmp_path)
    yield opened
    opened.close()
