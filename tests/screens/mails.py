"""One mail of each kind the quarter sent, as its receiver sees it."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.screens.camera import Camera
from tests.screens.ward import Ward
from workflow.storage.tables import outbox

MOST = 6
"""Pictures of one kind of mail."""


def of_each_kind(ward: Ward, camera: Camera) -> None:
    """The first mail of each kind and, within a kind, of each subject line, its figures left aside."""
    with ward.store.reading() as tx:
        kinds = dict(tx.execute(select(outbox.c.message_id, outbox.c.kind)).all())
    seen: set[tuple[str, str]] = set()
    for mail in reversed(ward.catcher.messages()):
        kind = kinds[mail.message_id.strip("<>").partition("@")[0]]
        pattern = re.sub(r"\d+(?:[./]\d+)*", "#", mail.subject)
        pattern = re.sub(r"[IVX]+(?:\.#)+|[IVX]+\.[\d.]+", "#", pattern)
        if (kind, pattern) in seen or sum(one == kind for one, _ in seen) >= MOST:
            continue
        seen.add((kind, pattern))
        n = sum(one == kind for one, _ in seen)
        camera.take(f"mail-{kind}-{n}", f"Thư: {mail.subject}", f"{ward.url}/mail/{mail.id}/html")
