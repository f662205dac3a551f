"""Somebody who writes to the database rewrites a vote and everything that follows from it, as well as the
tables let them: which check finds it, and which would not."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from sqlalchemy import Connection, select, update

from tests.reports.issuing import CLOSED, Ended, ended
from workflow.domain.errors import NotFound, WrongSetting
from workflow.storage import Store
from workflow.storage.audit import AuditEntry, entry_hash, record
from workflow.storage.canonical import canonical_bytes
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.key_files import KeyFile, PrivateKey, pem_of, sign
from workflow.storage.mailed import (
    KeptAnchor,
    KeptManifest,
    anchor_line,
    manifest_line,
    read_anchor,
    read_manifest,
)
from workflow.storage.proof.anchors import anchor_due, anchor_every
from workflow.storage.proof.audit_checks import AuditState, check_audit, last_checks, note_checked
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.results.lock_checks import LockState, check_lock, exported
from workflow.storage.results.locking import SEALED, facts_of, latest_manifest
from workflow.storage.signing_keys import FORMER_PLACE, key_file, present_key, signing_key
from workflow.storage.tables import (
    anchors,
    audit,
    ballots,
    cycles,
    deployment,
    manifests,
    metadata,
    organisations,
    outbox,
    persons,
    signing_keys,
)

EVENING = CLOSED.replace(hour=10, minute=30)
"""Half past five in the afternoon, the organisation's own time."""


@pytest.fixture
def found(store: Store, tmp_path: Path) -> Ended:
    """A period that was closed, its report issued, its log anchored."""
    made = ended(store, tmp_path)
    made.say("bi-thu")
    made.send_out()
    with store.begin() as tx:
        assert len(anchor_every(tx, CLOSED)) == 1
    return made


def rewrite(tx: Connection, found: Ended, key: PrivateKey) -> None:
    """Turns a vote around and makes the tables agree with it: entry, chain, heads, manifests, anchors. What
    has to be signed is, with the key at hand, which is put on record as if it were ours."""
    tx.execute(update(ballots).where(ballots.c.id == 1).values(choice="return", reason="x"))
    ballot = tx.execute(select(ballots).where(ballots.c.id == 1)).one()
    chain = f"c{ballot.cycle_id}"
    entry = tx.execute(
        select(audit).where(
            audit.c.chain == chain, audit.c.verb == "voted", audit.c.person_id == ballot.person_id
        )
    ).one()
    turned = {"choice": "return", "reason": "x", FACT: fact_hash(FactKind.BALLOT, ballot._mapping)}
    change_entry(tx, entry.id, entry.details | turned)
    rechain(tx, chain)
    pem = pem_of(key.public_key())
    tx.execute(update(signing_keys).values(public_key=pem, retired_at=None, statement=None, signature=None))
    previous = None
    for row in tx.execute(select(manifests).order_by(manifests.c.number)).all():
        head = row.body["audit"]
        at = tx.scalars(
            select(audit.c.hash).where(audit.c.chain == head["chain"], audit.c.seq == head["seq"])
        ).one()
        now = facts_of(tx, found.period_id)["cycles"]
        body = row.body | {"cycles": now, "previous": previous, "audit": head | {"hash": at}}
        previous = hashlib.sha256(canonical_bytes(body)).hexdigest()
        tx.execute(
            update(manifests)
            .where(manifests.c.id == row.id)
            .values(body=body, sha256=previous, signature=sign(key, canonical_bytes(body)))
        )
        seals = tx.execute(select(audit).where(audit.c.verb == SEALED)).all()
        seal = next(one for one in seals if one.details["number"] == row.number)
        change_entry(tx, seal.id, seal.details | {"sha256": previous, "previous": body["previous"]})
        rechain(tx, head["chain"])
    previous = None
    for row in tx.execute(select(anchors).order_by(anchors.c.number)).all():
        heads = {
            chain: [seq, tx.scalar(select(audit.c.hash).where(audit.c.chain == chain, audit.c.seq == seq))]
            for chain, (seq, _) in row.body["heads"].items()
        }
        body = row.body | {"heads": heads, "previous": previous}
        previous = hashlib.sha256(canonical_bytes(body)).hexdigest()
        tx.execute(
            update(anchors)
            .where(anchors.c.id == row.id)
            .values(body=body, sha256=previous, signature=sign(key, canonical_bytes(body)))
        )


def change_entry(tx: Connection, entry_id: int, details: dict[str, Any]) -> None:
    tx.execute(update(audit).where(audit.c.id == entry_id).values(details=details))


def rechain(tx: Connection, chain: str) -> None:
    previous, seq = "", 0
    for row in tx.execute(select(audit).where(audit.c.chain == chain).order_by(audit.c.seq)).all():
        seq = row.seq
        digest = entry_hash(chain, seq, row.at, row.person_id, row.verb, row.details, previous)
        tx.execute(update(audit).where(audit.c.id == row.id).values(previous=previous, hash=digest))
        previous = digest
    owner = cycles if chain[0] == "c" else organisations
    tx.execute(update(owner).where(owner.c.id == int(chain[1:])).values(audit_seq=seq, audit_hash=previous))


def audited(found: Ended, **more: Any) -> AuditState:
    with found.store.reading() as tx:
        return check_audit(tx, **more)


def locked(found: Ended, **more: Any) -> LockState:
    with found.store.reading() as tx:
        return check_lock(tx, found.files, found.period_id, **more)


def mailed_manifest(found: Ended) -> KeptManifest:
    with found.store.reading() as tx:
        context = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "report")).first()
    assert context is not None
    return read_manifest(f"Kính gửi\n> {context['lock']}\n".encode())


def mailed_anchor(found: Ended) -> KeptAnchor:
    with found.store.reading() as tx:
        row = tx.execute(
            select(anchors, organisations.c.slug).join(
                organisations, organisations.c.id == anchors.c.organisation_id
            )
        ).one()
    return read_anchor(anchor_line(row.slug, row.number, row.sha256).encode())


def words(faults: Any) -> set[str]:
    return {str(one.what) for one in faults}


def test_an_untouched_history_agrees_with_all_that_was_mailed(found: Ended) -> None:
    assert audited(found, kept=mailed_anchor(found)).faults == ()
    assert locked(found, kept=mailed_manifest(found)).faults == ()


def test_nothing_the_database_holds_is_the_key_that_signs(found: Ended) -> None:
    with found.store.reading() as tx:
        public = present_key(tx)
        texts = [
            value
            for table in metadata.sorted_tables
            for row in tx.execute(select(table))
            for value in row
            if isinstance(value, str)
        ]
    for text in texts:
        try:
            key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))
        except ValueError:
            continue
        assert key.public_key() != public
    assert not any("PRIVATE KEY" in text for text in texts)


def test_who_rewrites_it_with_all_that_the_database_holds_is_found_by_every_check(found: Ended) -> None:
    manifest, anchor = mailed_manifest(found), mailed_anchor(found)
    with found.store.begin() as tx:
        rewrite(tx, found, Ed25519PrivateKey.generate())
        assert check_facts(tx)[1] == []
    assert words(audited(found).faults) == {
        "Chữ ký không đúng.",
        "Bản kê số 1: chữ ký hoặc nội dung không đúng.",
        "Bản kê số 2: chữ ký hoặc nội dung không đúng.",
    }
    assert words(locked(found).faults) == {"Chữ ký không đúng."}
    assert "Bản kê ở đây là bản khác." in words(locked(found, kept=manifest).faults)
    assert "Mốc ở đây là bản khác." in words(audited(found, kept=anchor).faults)


def test_who_also_took_the_key_is_found_by_what_was_mailed_and_by_nothing_here(found: Ended) -> None:
    manifest, anchor = mailed_manifest(found), mailed_anchor(found)
    with found.store.begin() as tx:
        rewrite(tx, found, key_file(tx).private())
    assert audited(found).faults == ()
    assert locked(found).faults == ()
    assert words(locked(found, kept=manifest).faults) == {"Bản kê ở đây là bản khác."}
    assert words(audited(found, kept=anchor).faults) == {"Mốc ở đây là bản khác."}


def test_a_whole_manifest_kept_elsewhere_also_says_what_was_rewritten(found: Ended) -> None:
    with found.store.begin() as tx:
        manifest = latest_manifest(tx, found.period_id)
        assert manifest is not None
        kept = read_manifest(json.dumps(exported(tx, manifest)).encode())
        rewrite(tx, found, key_file(tx).private())
    faults = [(str(one.what), str(one.place)) for one in locked(found, kept=kept).faults]
    assert ("Phiếu biểu quyết số 1 đã bị sửa.", "I.1.1") in faults


def test_a_log_rewritten_beside_its_anchors_is_named_by_its_chain(found: Ended) -> None:
    with found.store.begin() as tx:
        entry = tx.execute(select(audit).where(audit.c.chain == "c1", audit.c.seq == 2)).one()
        change_entry(tx, entry.id, entry.details | {"note": "x"})
        rechain(tx, "c1")
    assert any("Nhật ký đã bị viết lại" in one.what and one.place == "c1" for one in audited(found).faults)


def test_an_anchor_taken_away_is_missed_by_who_was_mailed_it(found: Ended) -> None:
    anchor = mailed_anchor(found)
    with found.store.begin() as tx:
        tx.execute(anchors.delete())
    assert audited(found).faults == ()
    assert words(audited(found, kept=anchor).faults) == {"Mốc ấy không còn ở đây."}


def test_a_closed_period_whose_manifests_were_taken_away_with_their_entries_is_named(found: Ended) -> None:
    with found.store.begin() as tx:
        tx.execute(manifests.delete())
        differences = {str(one.what) for one in check_facts(tx)[1]}
    assert "Kỳ 2026-Q1 khóa mà không có bản kê." in differences


def test_an_anchor_is_taken_once_a_day_in_the_evening_and_not_where_nothing_happened(
    store: Store, tmp_path: Path
) -> None:
    made = ended(store, tmp_path)
    with store.begin() as tx:
        assert anchor_due(tx, EVENING - timedelta(hours=1)) == []
        first = anchor_due(tx, EVENING, ["luu-tru@thanhpho.example"])
        assert [one.number for one in first] == [1]
        assert anchor_due(tx, EVENING + timedelta(minutes=10)) == []
        assert anchor_due(tx, EVENING + timedelta(days=1)) == []
        told = set(
            tx.scalars(
                select(persons.c.email)
                .join(outbox, outbox.c.person_id == persons.c.id)
                .where(outbox.c.context["about"].as_string() == "anchored")
            )
        )
    assert told >= {"luu-tru@thanhpho.example", "van-phong@hoaxuan.example"}
    assert made.period_id


def test_an_anchor_holds_only_what_moved_since_the_one_before(found: Ended) -> None:
    with found.store.begin() as tx:
        signing_key(tx, CLOSED)
        record(tx, found.opened.organisation_id, CLOSED, AuditEntry("something"))
        anchor_every(tx, CLOSED + timedelta(days=1))
        last = tx.execute(select(anchors).order_by(anchors.c.number.desc())).first()
    assert last is not None
    assert list(last.body["heads"]) == [f"o{found.opened.organisation_id}"]
    assert audited(found).faults == ()


def test_when_it_was_last_anchored_and_last_found_in_order_is_known(found: Ended) -> None:
    with found.store.begin() as tx:
        assert last_checks(tx).verified_at is None
        note_checked(tx, EVENING)
        known = last_checks(tx)
    assert (known.anchored_at, known.verified_at, known.anchor_verified_at) == (CLOSED, EVENING, None)


def test_a_key_found_in_the_database_is_moved_out_and_what_it_signed_still_verifies(
    sqlite_store: Store, tmp_path: Path
) -> None:
    found = ended(sqlite_store, tmp_path)
    former = Ed25519PrivateKey.generate()
    with sqlite_store.begin() as tx:
        # As earlier versions left it: the key in the table, no file, no public key on record.
        row = tx.execute(select(manifests)).one()
        signature = sign(former, canonical_bytes(row.body))
        tx.execute(update(manifests).values(signature=signature))
        tx.execute(signing_keys.delete())
        raw = base64.b64encode(former.private_bytes_raw()).decode()
        tx.execute(deployment.insert().values(key=FORMER_PLACE, value=raw))
        key_file(tx).path.unlink()
    with sqlite_store.begin() as tx:
        now = signing_key(tx, CLOSED)
        assert tx.scalar(select(deployment.c.value).where(deployment.c.key == FORMER_PLACE)) is None
        assert key_file(tx).path.stat().st_mode & 0o777 == 0o600
    assert now.public_key() != former.public_key()
    assert locked(found).faults == ()
    # Whoever has the former key, of a copy of the database, still cannot sign anything else with it.
    with sqlite_store.begin() as tx:
        body = row.body | {"because": "khác"}
        digest = hashlib.sha256(canonical_bytes(body)).hexdigest()
        signature = sign(former, canonical_bytes(body))
        tx.execute(update(manifests).values(body=body, sha256=digest, signature=signature))
    assert "Chữ ký không đúng." in words(locked(found).faults)


def test_a_key_that_is_gone_is_never_replaced_silently(found: Ended) -> None:
    with found.store.begin() as tx:
        key_file(tx).path.unlink()
        with pytest.raises(NotFound, match="Không có tệp khóa ký"):
            signing_key(tx, CLOSED)
        with pytest.raises(NotFound, match="Không có tệp khóa ký"):
            present_key(tx)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "key.pem")
    file.make()
    file.path.chmod(0o644)
    with pytest.raises(WrongSetting, match="mở cho người khác"):
        file.private()


def test_making_a_key_that_is_there_leaves_it_as_it_is(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "key.pem")
    file.make()
    before = file.path.read_bytes()
    file.make()
    assert file.path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_an_office_may_sign_with_the_key_of_its_pkcs12(
    kind: str, sqlite_store: Store, tmp_path: Path
) -> None:
    made = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "van-phong.p12"
    path.write_bytes(
        serialize_key_and_certificates(b"van-phong", made, None, None, BestAvailableEncryption(b"mat-khau"))
    )
    path.chmod(0o600)
    with pytest.raises(WrongSetting, match="sai mật khẩu"):
        KeyFile(path, "khac").private()
    sqlite_store.close()
    store = Store(sqlite_store.url, KeyFile(path, "mat-khau"))
    found = ended(store, tmp_path)
    assert locked(found).faults == ()
    with store.reading() as tx:
        assert present_key(tx) == made.public_key()
    line = mailed_line(store, found)
    assert locked(found, kept=read_manifest(line.encode())).faults == ()


def mailed_line(store: Store, found: Ended) -> str:
    with store.reading() as tx:
        sealed = latest_manifest(tx, found.period_id)
        assert sealed is not None
        return manifest_line(sealed.body["period"], sealed.number, sealed.sha256, sealed.signature)
