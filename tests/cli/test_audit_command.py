"""`tiendo audit` and `tiendo period verify` as an office uses them: with the mails it kept, as files."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from tests.builders import a_store
from tests.cli.test_rollup_command import run
from tests.mail.post_office import Sending, a_post_office, words_of
from tests.reports.issuing import CLOSED, Ended, ended
from tests.storage.proof.test_rewritten_history import rewrite
from workflow.cli.running import check_shares_key
from workflow.domain.errors import WrongSetting
from workflow.settings import load_settings
from workflow.storage.proof.audit_checks import last_checks
from workflow.storage.signing_keys import key_file
from workflow.storage.tables import ballots


@pytest.fixture
def found(tmp_path: Path) -> Ended:
    made = ended(a_store(tmp_path), tmp_path)
    made.say("bi-thu")
    made.send_out()
    return made


async def kept_mails(found: Ended, folder: Path) -> tuple[EmailMessage, EmailMessage]:
    """The mails with the anchor and with the report, as they reached the office."""
    run(folder, "audit", "anchor")
    with a_post_office() as office:
        sending = Sending(found.opened, folder, office.port)
        sending.clock.set(CLOSED.replace(year=CLOSED.year + 5))
        await sending.mailer().drain(500)
        mails = office.mails_to("van-phong")
    anchor = next(one for one in mails if "Mốc nhật ký" in one["Subject"])
    report = next(one for one in mails if "tiendo-manifest/1" in words_of(one))
    (folder / "moc.eml").write_bytes(anchor.as_bytes())
    (folder / "bao-cao.eml").write_bytes(report.as_bytes())
    return anchor, report


async def test_the_mails_that_were_kept_agree_until_history_is_rewritten_with_the_key_itself(
    found: Ended, tmp_path: Path
) -> None:
    await kept_mails(found, tmp_path)
    with_anchor = ("audit", "verify", "--anchor", str(tmp_path / "moc.eml"))
    with_manifest = ("period", "verify", "2026-Q1", "--manifest", str(tmp_path / "bao-cao.eml"))
    assert "nguyên vẹn" in run(tmp_path, *with_anchor)
    assert "còn nguyên" in run(tmp_path, *with_manifest)
    with found.store.begin() as tx:
        assert last_checks(tx).anchor_verified_at is not None
        rewrite(tx, found, key_file(tx).private())
    assert "nguyên vẹn" in run(tmp_path, "audit", "verify")
    assert "Mốc ở đây là bản khác." in run(tmp_path, *with_anchor, fails=True)
    assert "Bản kê ở đây là bản khác." in run(tmp_path, *with_manifest, fails=True)


async def test_the_anchor_may_also_be_given_as_the_line_itself(found: Ended, tmp_path: Path) -> None:
    anchor, _ = await kept_mails(found, tmp_path)
    text = words_of(anchor)
    line = text[text.index("tiendo-anchor/1") :].split(" Cách đối chiếu")[0]
    assert "nguyên vẹn" in run(tmp_path, "audit", "verify", "--anchor", line)
    other = line[:-1] + ("0" if line[-1] != "0" else "1")
    assert "bản khác" in run(tmp_path, "audit", "verify", "--anchor", other, fails=True)
    with pytest.raises(WrongSetting, match="Không thấy mốc nhật ký nào"):
        run(tmp_path, "audit", "verify", "--anchor", "một câu khác")


def test_a_ballot_altered_in_its_table_is_told_with_its_item_and_the_check_does_not_count(
    found: Ended, tmp_path: Path
) -> None:
    with found.store.begin() as tx:
        tx.execute(update(ballots).values(choice="abstain").where(ballots.c.id == 1))
    told = json.loads(run(tmp_path, "audit", "verify", "--json", fails=True))
    assert [one["place"] for one in told["faults"]] == ["2026-Q1 I.1.1"]
    with found.store.reading() as tx:
        assert last_checks(tx).verified_at is None


def test_the_public_key_kept_elsewhere_checks_a_copy_without_the_key_file(
    found: Ended, tmp_path: Path
) -> None:
    public = tmp_path / "khoa.pem"
    run(tmp_path, "period", "key", "--out", str(public))
    with found.store.reading() as tx:
        key_file(tx).path.unlink()
    for command in (("audit", "verify"), ("period", "verify", "2026-Q1")):
        assert "nguyên" in run(tmp_path, *command, "--key", str(public))
    with found.store.begin() as tx:
        rewrite(tx, found, Ed25519PrivateKey.generate())
    assert "Chữ ký không đúng." in run(
        tmp_path, "period", "verify", "2026-Q1", "--key", str(public), fails=True
    )


def test_an_exported_manifest_is_of_one_period_only(found: Ended, tmp_path: Path) -> None:
    file = tmp_path / "ban-ke.json"
    run(tmp_path, "period", "manifest", "2026-Q1", "--out", str(file))
    assert "còn nguyên" in run(tmp_path, "period", "verify", "2026-Q1", "--manifest", str(file))
    file.write_text(file.read_text("utf-8").replace('"2026-Q1"', '"2026-Q2"'), "utf-8")
    with pytest.raises(WrongSetting, match="của kỳ 2026-Q2"):
        run(tmp_path, "period", "verify", "2026-Q1", "--manifest", str(file))


def test_parts_on_many_machines_do_not_start_without_a_key_they_share(tmp_path: Path) -> None:
    url = "postgresql://tiendo@may-khac/tiendo"
    with pytest.raises(WrongSetting, match="tệp khóa ký dùng chung"):
        check_shares_key(load_settings(data=tmp_path, database_url=url))
    check_shares_key(load_settings(data=tmp_path, database_url=url, signing_key="/run/khoa.p12"))
    check_shares_key(load_settings(data=tmp_path))


def test_the_anchor_goes_only_to_addresses(tmp_path: Path) -> None:
    assert load_settings(data=tmp_path, anchor_to="a@b.vn, c@d.vn").anchor_addresses == ("a@b.vn", "c@d.vn")
    with pytest.raises(WrongSetting, match="anchor_to"):
        load_settings(data=tmp_path, anchor_to="a@b.vn; c@d.vn")
