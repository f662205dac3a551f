"""Uploaded plans that nobody accepted are taken away in the end, accepted ones stay; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import NOW, Opened, an_open_period
from workflow.domain.errors import NotFound
from workflow.storage import Store
from workflow.storage.files import Files
from workflow.storage.plans.offers import (
    Upload,
    accept_offer,
    add_offer,
    drop_old_offers,
    mend_offer,
    offer_of,
)

OLD, NEW = NOW - timedelta(days=61), NOW - timedelta(days=59)
BEFORE = NOW - timedelta(days=60)


def offered(opened: Opened, files: Files, form: bytes, at: datetime) -> int:
    upload = Upload("kế hoạch.docx", "0" * 64, files.put(form), True, "")
    with opened.store.begin() as tx:
        return add_offer(tx, opened.organisation_id, opened.person("van-phong"), upload, at)


def is_there(opened: Opened, files: Files, offer_id: int) -> bool:
    with opened.store.reading() as tx:
        try:
            return bool(files.get(offer_of(tx, opened.organisation_id, offer_id).form_sha256))
        except NotFound:
            return False


def test_an_old_upload_goes_with_its_form_unless_it_was_accepted(store: Store, tmp_path: Path) -> None:
    opened, files = an_open_period(store), Files(f"file://{tmp_path}/files")
    old, new, accepted = (
        offered(opened, files, form, at) for form, at in ((b"old", OLD), (b"new", NEW), (b"accepted", OLD))
    )
    with store.begin() as tx:
        accept_offer(tx, offer_of(tx, opened.organisation_id, accepted), OLD)
        form = offer_of(tx, opened.organisation_id, old).form_sha256
    assert drop_old_offers(store, files, BEFORE) == 1
    assert [is_there(opened, files, one) for one in (old, new, accepted)] == [False, True, True]
    with pytest.raises(NotFound):
        files.get(form)
    assert drop_old_offers(store, files, BEFORE) == 0


def test_a_form_that_another_upload_shares_stays(store: Store, tmp_path: Path) -> None:
    opened, files = an_open_period(store), Files(f"file://{tmp_path}/files")
    offered(opened, files, b"same", OLD)
    new = offered(opened, files, b"same", NEW)
    assert drop_old_offers(store, files, BEFORE) == 1
    assert is_there(opened, files, new)


def test_a_stop_while_forms_are_dropped_leaves_the_uploads_to_the_next_night(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, files = an_open_period(store), Files(f"file://{tmp_path}/files")
    offered(opened, files, b"one", OLD)
    offered(opened, files, b"two", OLD)
    drop, dropped = files.drop, []

    def stopped(digest: str) -> None:
        if dropped:
            raise KeyboardInterrupt
        dropped.append(digest)
        drop(digest)

    with monkeypatch.context() as stopping, pytest.raises(KeyboardInterrupt):
        stopping.setattr(files, "drop", stopped)
        drop_old_offers(store, files, BEFORE)
    assert n_files(tmp_path) == 1
    assert drop_old_offers(store, files, BEFORE) == 2
    assert n_files(tmp_path) == 0


def n_files(folder: Path) -> int:
    return sum(one.is_file() for one in (folder / "files").rglob("*"))


def mended(opened: Opened, files: Files, offer_id: int, form: bytes) -> int:
    """Puts that form in its place; says how many files are to go."""
    with opened.store.begin() as tx:
        offer = offer_of(tx, opened.organisation_id, offer_id)
        return len(mend_offer(tx, offer, files.put(form)))


def test_mending_leaves_a_form_to_go_only_where_no_upload_has_it(store: Store, tmp_path: Path) -> None:
    opened, files = an_open_period(store), Files(f"file://{tmp_path}/files")
    first = offered(opened, files, b"same", NEW)
    offered(opened, files, b"same", NEW)
    assert mended(opened, files, first, b"mended") == 0
    assert mended(opened, files, first, b"mended") == 0
    assert mended(opened, files, first, b"mended again") == 1
