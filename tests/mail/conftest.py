"""A catcher that listens while a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workflow.mail.post.catcher import Catcher


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    found = Catcher(tmp_path / "mail")
    found.start()
    yield found
    found.stop()
