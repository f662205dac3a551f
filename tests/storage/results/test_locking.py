"""The lock of a closed period: whatever is altered by hand is found and named; on both databases."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import delete, select, update

from tests.reports.issuing import Ended, ended, reopen, report_anew
from workflow.storage import Store
from workflow.storage.canonical import canonical
from workflow.storage.results import locking
from workflow.storage.results.lock_checks import LockState, check_lock, exported
from workflow.storage.results.locking import latest_manifest
from workflow.storage.tables import (
    audit,
    ballots,
    cycles,
    manifests,
    periods,
    report_ballots,
    report_issues,
    results,
    rules,
    submissions,
)


def checked(found: Ended, **more: Any) -> LockState:
    with found.store.reading() as tx:
        return check_lock(tx, found.files, found.period_id, **more)


def issued(store: Store, folder: Path) -> Ended:
    found = ended(store, folder)
    found.say("bi-thu")
    found.send_out()
    return found


def test_an_untouched_period_holds_and_each_step_seals_it_anew(store: Store, tmp_path: Path) -> None:
    state = checked(issued(store, tmp_path))
    assert (state.faults, state.later) == ((), ())
    assert [one.body["because"] for one in state.manifests] == ["khóa kỳ", "phát hành báo cáo số 12-BC/ĐU"]
    assert state.latest.body["previous"] == state.manifests[0].sha256


ALTERATIONS: tuple[tuple[Any, str, str], ...] = (
    (
        update(ballots).values(choice="return").where(ballots.c.id == 1),
        "Phiếu biểu quyết số 1 đã bị sửa",
        "I.1.1",
    ),
    (delete(ballots).where(ballots.c.id == 2), "Phiếu biểu quyết số 2 đã mất", "I.1.1"),
    (update(submissions).values(progress=100), "Báo cáo kết quả số 1 đã bị sửa", "I.1.1"),
    (update(cycles).values(stage="approved").where(cycles.c.id == 2), "Giai đoạn", "I.3.1"),
    (update(rules).values(name="khác", routing={}), "Quy tắc ghim cho kỳ đã bị sửa", ""),
    (update(periods).values(label="Quý II"), "Kỳ báo cáo", ""),
    (update(results).values(body=[]).where(results.c.kind == "scores"), "Kết quả đã khóa", "1.scores"),
    (delete(results).where(results.c.kind == "rollup"), "Kết quả đã khóa", "1.rollup"),
    (update(report_issues).values(number="13-BC/ĐU"), "Báo cáo đã phát hành bị sửa", "12-BC/ĐU"),
    (update(report_ballots).values(reason="khác"), "Báo cáo đã phát hành bị sửa", "12-BC/ĐU"),
    (update(audit).values(details={}).where(audit.c.chain == "c1", audit.c.seq == 1), "đã bị sửa", "c1"),
)


def test_whatever_is_altered_in_the_database_is_named(store: Store, tmp_path: Path) -> None:
    found = issued(store, tmp_path)
    for statement, told, place in ALTERATIONS:
        with store.begin() as tx, tx.begin_nested() as trial:
            tx.execute(statement)
            faults = check_lock(tx, found.files, found.period_id).faults
            trial.rollback()
        assert any(told in one.what and one.place == place for one in faults), (told, faults)
    assert checked(found).holds


def test_a_ballot_put_in_beside_the_log_is_named(store: Store, tmp_path: Path) -> None:
    found = issued(store, tmp_path)
    with store.begin() as tx:
        row = tx.execute(select(ballots).where(ballots.c.id == 1)).one()._asdict()
        tx.execute(ballots.insert().values(row | {"id": 99, "person_id": found.opened.person("uy-vien-2")}))
    assert [str(one.what) for one in checked(found).faults] == [
        "Phiếu biểu quyết số 99 được thêm ngoài nhật ký."
    ]


def test_an_issued_file_that_is_altered_or_gone_is_named(sqlite_store: Store, tmp_path: Path) -> None:
    found = issued(sqlite_store, tmp_path)
    docx, xlsx = found.issue().files
    for file, told in ((docx, "Tệp đã bị sửa."), (xlsx, "Tệp không còn trong kho lưu trữ.")):
        path = tmp_path / "files" / file.sha256[:2] / file.sha256
        path.write_bytes(b"x") if file is docx else path.unlink()
        assert (told, file.name) in [(str(one.what), one.place) for one in checked(found).faults]


def test_an_altered_signature_body_or_a_manifest_taken_away_is_found(store: Store, tmp_path: Path) -> None:
    found = issued(store, tmp_path)
    with store.begin() as tx:
        kept = latest_manifest(tx, found.period_id)
        assert kept is not None
        other = "A" + kept.signature[1:] if kept.signature[0] != "A" else "B" + kept.signature[1:]
        tx.execute(update(manifests).where(manifests.c.number == 2).values(signature=other))
    assert [str(one.what) for one in checked(found).faults] == ["Chữ ký không đúng."]
    with store.begin() as tx:
        tx.execute(
            update(manifests)
            .where(manifests.c.number == 2)
            .values(signature=kept.signature, body=kept.body | {"because": "khác"})
        )
    assert [str(one.what) for one in checked(found).faults] == [
        "Nội dung bản kê đã bị sửa.",
        "Chữ ký không đúng.",
    ]
    with store.begin() as tx:
        tx.execute(delete(manifests).where(manifests.c.number == 2))
    assert any("không khớp với nhật ký" in one.what for one in checked(found).faults)


def test_a_manifest_signed_with_another_key_fails_against_the_key_kept_elsewhere(
    sqlite_store: Store, tmp_path: Path
) -> None:
    found = issued(sqlite_store, tmp_path)
    stranger = Ed25519PrivateKey.generate().public_key()
    assert {str(one.what) for one in checked(found, key=stranger).faults} == {"Chữ ký không đúng."}


def test_what_is_exported_can_be_checked_without_tiendo(sqlite_store: Store, tmp_path: Path) -> None:
    found = issued(sqlite_store, tmp_path)
    with sqlite_store.reading() as tx:
        manifest = latest_manifest(tx, found.period_id)
        assert manifest is not None
        told = json.loads(json.dumps(exported(tx, manifest)))
    key = load_pem_public_key(told["public_key"].encode())
    assert isinstance(key, Ed25519PublicKey)
    key.verify(base64.b64decode(told["signature"]), canonical(told["manifest"]).encode())


def test_a_manifest_of_an_earlier_version_with_fewer_columns_and_sets_still_verifies(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = locking.hashed_columns()
    columns["ballots"].remove("acted_for")
    columns["timetable"].remove("approve_by")
    del columns["submissions"], columns["motions"]
    with monkeypatch.context() as earlier:
        earlier.setattr(locking, "hashed_columns", lambda: columns)
        found = issued(store, tmp_path)
    assert (checked(found).faults, checked(found).later) == ((), ())
    with store.begin() as tx:
        tx.execute(update(ballots).values(choice="return").where(ballots.c.id == 1))
    assert [str(one.what) for one in checked(found).faults] == ["Phiếu biểu quyết số 1 đã bị sửa."]


def test_a_reopened_cycle_is_told_as_later_and_its_recompute_is_sealed_after_the_one_before(
    store: Store, tmp_path: Path
) -> None:
    found = issued(store, tmp_path)
    reopen(found)
    state = checked(found)
    assert state.holds
    assert any("Lệnh về lượt báo cáo số 1 ghi sau khi khóa" in one.what for one in state.later)
    report_anew(found)
    state = checked(found)
    assert (state.faults, state.later) == ((), ())
    third = state.manifests[2]
    assert "Gửi nhầm hộp thư" in third.body["because"]
    assert third.body["previous"] == state.manifests[1].sha256
