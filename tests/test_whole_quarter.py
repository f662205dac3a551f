"""The whole chain as a person runs it: `tiendo demo`, with real mail, pages, database and Prefect; once in
one go, and once killed again and again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from workflow.clock import Clock
from workflow.domain.cycles.cycle import Choice, Stage
from workflow.sample import directory_path, routing_path
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.files import Files
from workflow.storage.reports.approvals import asked_of
from workflow.storage.reports.issues import issues_of
from workflow.storage.reports.recipients import deliveries_of
from workflow.storage.results.lock_checks import check_lock
from workflow.storage.tables import (
    ballots,
    confirmations,
    cycles,
    items,
    outbox,
    periods,
    reports,
    results,
    submissions,
)

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

PLAN = """\
KẾ HOẠCH
Kế hoạch công tác năm 2026
(Ban hành kèm Kế hoạch số 12-KH/ĐU ngày 08/01/2026 của Đảng ủy phường Hòa Xuân Đông)

TT\tNội dung thực hiện\tLãnh đạo phụ trách\tĐơn vị chủ trì\tĐơn vị phối hợp\tThời gian thực hiện\tThời gian hoàn thành
I\tCHỈ TIÊU\t\t\t\t\t
1\tCải cách hành chính\t\t\t\t\t
1.1\t98% hồ sơ được giải quyết đúng hạn\tĐ/c Phạm Hữu Lộc\tUBND phường\tCông an phường\tThường xuyên\tTháng 12/2026
1.2\tSố hóa hồ sơ hộ tịch\tĐ/c Phạm Hữu Lộc\tUBND phường\tHội CCB phường\tQuý I/2026\tTháng 3/2026
1.3\tTrồng mới 120 cây xanh\tĐ/c Phạm Hữu Lộc\tUBND phường\tCác tổ dân phố\tTháng 2/2026\tTháng 11/2026
1.4\tTổ chức 02 buổi đối thoại\tĐ/c Lê Thị Minh Nguyệt\tỦy ban MTTQ phường\tHội LHPN phường\t\tTháng 10/2026
1.5\tTuần tra đêm tại khu giáp ranh\tĐ/c Phạm Hữu Lộc\tCông an phường\t\tHàng tuần\t
1.6\tTặng quà gia đình chính sách\tĐ/c Lê Thị Minh Nguyệt\tHội LHPN phường\tUBND phường\t\tTháng 7/2026
"""


@dataclass
class Demo:
    """A demo in a folder of its own, on ports of its own."""

    folder: Path
    environment: dict[str, str]
    arguments: list[str]

    def start(self) -> subprocess.Popen[bytes]:
        log = (self.folder / "log").open("ab")
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from workflow.cli import main; main()",
                "demo",
                "--exit",
                *self.arguments,
            ],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def wait(self, child: subprocess.Popen[bytes]) -> str:
        code = child.wait(timeout=400)
        told = (self.folder / "log").read_text()
        assert code == 0, told[-3000:]
        return told

    @property
    def store(self) -> Store:
        return Store(f"sqlite:///{self.folder / 'data' / 'tiendo.db'}")

    @property
    def mails(self) -> list[Path]:
        return list((self.folder / "data" / "mail").glob("*.eml"))


def a_demo(folder: Path) -> Demo:
    folder.mkdir()
    plan = folder / "plan.txt"
    plan.write_text(PLAN, encoding="utf-8")
    # Four days before the due day instead of ten: the played days take a few seconds each.
    routing = folder / "routing.toml"
    ready = routing_path().read_text(encoding="utf-8")
    routing.write_text(ready.replace("open_working_days_before = 10", "open_working_days_before = 4"))
    ports = dict(zip(("PORT", "CATCHER_PORT", "PREFECT_PORT"), map(str, free_ports(3)), strict=True))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TIENDO_", "PREFECT_"))
    }
    environment |= {f"TIENDO_{name}": port for name, port in ports.items()}
    data = ["--data", str(folder / "data"), "--plan", str(plan), "--directory", str(directory_path())]
    data += ["--routing", str(routing)]
    return Demo(folder, environment, data)


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


@dataclass
class Played:
    whole: Demo
    killed: Demo
    told: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Two demos of the same plan side by side; one is killed three times: at the opening, while reports come
    in, and in the middle of a vote."""
    folder = tmp_path_factory.mktemp("quarter")
    whole, killed = a_demo(folder / "whole"), a_demo(folder / "killed")
    running = whole.start()
    for moment in (an_open_period, a_report, a_ballot):
        child = killed.start()
        until(killed, child, moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
    killed.wait(killed.start())
    return Played(whole, killed, whole.wait(running))


def until(demo: Demo, child: subprocess.Popen[bytes], happened) -> None:
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and child.poll() is None:
        if (demo.folder / "data" / "tiendo.db").exists() and happened(demo):
            return
        time.sleep(0.05)
    pytest.fail((demo.folder / "log").read_text()[-3000:])


def counted(demo: Demo, table) -> int:
    store = demo.store
    try:
        with store.reading() as tx:
            return tx.scalar(select(func.count()).select_from(table)) or 0
    except Exception:
        return 0  # the tables are not there yet
    finally:
        store.close()


def an_open_period(demo: Demo) -> bool:
    return counted(demo, periods) > 0


def a_report(demo: Demo) -> bool:
    return counted(demo, submissions) > 1


def a_ballot(demo: Demo) -> bool:
    return counted(demo, ballots) > 1


def ends(demo: Demo) -> dict[str, tuple[str, int]]:
    """Where each item ended, by code: its stage and version."""
    store = demo.store
    with store.reading() as tx:
        found = tx.execute(
            select(items.c.code, cycles.c.stage, cycles.c.version).join(items, items.c.id == cycles.c.item_id)
        ).all()
    store.close()
    return {row.code: (row.stage, row.version) for row in found}


def test_the_quarter_ends_with_every_cycle_approved_or_lapsed(played):
    stages = Counter(stage for stage, _ in ends(played.whole).values())
    assert stages == {Stage.APPROVED: 5, Stage.LAPSED: 1}


def test_one_objection_and_one_return_are_on_record(played):
    store = played.whole.store
    with store.reading() as tx:
        objections = tx.scalar(
            select(func.count(confirmations.c.cycle_id.distinct())).where(confirmations.c.verdict == "object")
        )
        returns = tx.scalar(
            select(func.count(ballots.c.cycle_id.distinct())).where(ballots.c.choice == "return")
        )
    store.close()
    assert (objections, returns) == (1, 1)


def test_report_and_ranking_are_on_screen_and_mailed_with_their_files(played):
    assert "Quý I/2026" in played.told
    assert "Hạng" in played.told
    store = played.whole.store
    with store.reading() as tx:
        endings = {name.rpartition(".")[2] for name in tx.scalars(select(reports.c.name))}
    store.close()
    assert {"docx", "xlsx"} <= endings <= {"docx", "xlsx", "pdf"}
    assert sum("bao-cao-so-01-bc-du-2026-q1.docx" in mail.read_text() for mail in played.whole.mails) >= 2


def test_the_report_was_approved_by_the_chair_numbered_and_sent_and_the_lock_holds(played):
    for demo in (played.whole, played.killed):
        store = demo.store
        with store.reading() as tx:
            period_id = tx.execute(select(periods.c.id)).scalar_one()
            (issue,) = issues_of(tx, period_id)
            asked = asked_of(tx, issue)
            mails = deliveries_of(tx, issue)
            state = check_lock(tx, Files(f"file://{demo.folder}/data/files"), period_id)
        store.close()
        assert issue.number == "01-BC/ĐU"
        assert [one.choice for one in asked.said] == [Choice.APPROVE]
        assert {one.state for one in mails} == {"sent"}
        assert (state.faults, state.later) == ((), ())


def test_killed_three_times_the_quarter_ends_the_same(played):
    assert ends(played.killed) == ends(played.whole)
    bodies = []
    for demo in (played.whole, played.killed):
        store = demo.store
        with store.reading() as tx:
            bodies.append(dict(tx.execute(select(results.c.kind, results.c.sha256)).all()))
        store.close()
    assert bodies[0] == bodies[1]


def test_killed_three_times_no_intent_is_in_the_catcher_twice(played):
    store = played.killed.store
    with store.reading() as tx:
        rows = tx.execute(select(outbox.c.state, outbox.c.not_before)).all()
        now = Clock(store).now()
    store.close()
    # A mail on late work may wait for the day after the digest that went this morning; nothing else waits.
    assert [row for row in rows if row.state not in ("sent", "void") and row.not_before <= now] == []
    sent = sum(row.state == "sent" for row in rows)
    ids = Counter(
        next(line for line in mail.read_text().splitlines() if line.lower().startswith("message-id"))
        for mail in played.killed.mails
    )
    assert len(ids) == sum(ids.values()) == sent


def test_the_log_holds_after_being_killed(played):
    store = played.killed.store
    with store.reading() as tx:
        checked, faults = verify(tx)
    store.close()
    assert checked > 40
    assert faults == []
