"""Uploaded plans that nobody accepted are taken away in the end, accepted ones stay; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import NOW, Opened, an_open_period
from workflow.domain.errors import NotFound
from workflow.storage import Store
from workflow.storage.files import Files
from workflow.storage.plan_offers import Upload, accept_offer, add_offer, drop_old_offers, offer_of

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
