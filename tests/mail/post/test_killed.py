"""SIGKILL in the middle of sending, for real: a mailer in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.builders import a_plan, an_open_period
from tests.mail.post_office import Sending, a_post_office
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.post import intents

PROGRAM = """
import asyncio, sys
from pathlib import Path
from workflow.clock import Clock
from workflow.mail.post.sending import Mailer
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.files import Files

url, folder, port = sys.argv[1:]
store = Store(url)
settings = Settings(data=Path(folder), smtp_host="127.0.0.1", smtp_port=int(port), smtp_security="none",
                    mail_per_second=1000)
mailer = Mailer(store, settings, Clock(store), Files(settings.where_files), is_alone=True)
asyncio.run(mailer.run(asyncio.Event()))
"""


@pytest.mark.slow
async def test_mailers_killed_in_the_middle_lose_no_mail_unshown_and_repeat_at_most_those_under_way(
    sqlite_store: Store, tmp_path: Path
) -> None:
    opened = an_open_period(sqlite_store, plan=a_plan(1))
    n_rounds, n_kills = 4, 3
    with sqlite_store.begin() as tx:
        for number in range(n_rounds):
            intents.intend(
                tx,
                intents.NOTICE,
                opened.organisation_id,
                opened.period_id,
                opened.persons.values(),
                {"title": f"Thông báo {number}", "paragraphs": ["Họp lúc 14 giờ."]},
                datetime.now(timezone.utc),
            )
    expected = n_rounds * len(opened.persons) + 1
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)

        def is_done() -> bool:
            return {row.state for row in sending.rows("notice") + sending.rows()} <= {"sent", "failed"}

        async with asyncio.timeout(120):  # four starts of a process, on a busy machine
            for life in range(n_kills + 1):
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", PROGRAM, sqlite_store.url, str(tmp_path), str(office.port)
                )
                enough = len(office.accepted) + 7
                while len(office.accepted) < enough if life < n_kills else not is_done():
                    await asyncio.sleep(0.001 if life < n_kills else 0.1)
                process.kill()
                await process.wait()
        # Two senders died over the same mail: it may have gone twice already, so the office is asked.
        shown = [row for row in sending.rows("notice") + sending.rows() if row.state == "failed"]
    assert len(shown) <= (n_kills - 1) * Settings().mail_connections
    assert all(row.error.startswith("Máy gửi dừng giữa chừng hai lần") for row in shown)
    times = Counter(office.seen)
    assert len(times.keys() | {f"<{row.message_id}@localhost>" for row in shown}) == expected
    assert max(times.values()) <= 2
    # Each connection may have had one mail accepted that the store had not noted yet.
    assert sum(times.values()) <= expected + n_kills * Settings().mail_connections
