"""Whether a closed period is still what it was locked as: its facts, rules, results, files and signatures.

Additions since then that are in the audit log (a cycle reopened, a score entered) are distinguished from
alterations: the first are sealed by the next manifest, the second break the lock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage import audit
from workflow.storage.canonical import canonical_bytes
from workflow.storage.files import Files
from workflow.storage.key_files import PublicKey, algorithm_of, pem_of
from workflow.storage.mailed import KeptManifest
from workflow.storage.results.locking import (
    CYCLE_SETS,
    ENTRY_SETS,
    SEALED,
    Manifest,
    facts_of,
    manifests_of,
)
from workflow.storage.signing_keys import Trust, present_key, trust_in
from workflow.storage.tables import attachments, cycles, motions, score_reviews, sittings, submissions
from workflow.storage.tables import audit as audit_table

NAMES = {
    "seats": Words("Đơn vị chủ trì, phối hợp"),
    "submissions": Words("Báo cáo kết quả"),
    "attachments": Words("Minh chứng"),
    "confirmations": Words("Xác nhận phối hợp"),
    "ballots": Words("Phiếu biểu quyết"),
    "paper_ballots": Words("Phiếu giấy"),
    "countersigns": Words("Đối chiếu phiếu giấy"),
    "orders": Words("Lệnh về lượt báo cáo"),
    "score_entries": Words("Mục nhập về điểm"),
    "score_reviews": Words("Đề nghị xem lại điểm"),
    "commendation_entries": Words("Đề nghị khen thưởng"),
    "nominations": Words("Đề nghị khen thưởng đột xuất, mô hình hay"),
    "award_requests": Words("Tờ trình đề nghị khen thưởng"),
    "score_decisions": Words("Quyết định của hội đồng"),
    "score_ballots": Words("Phiếu của hội đồng"),
    "sittings": Words("Lần lấy phiếu của hội đồng"),
    "sitting_turnouts": Words("Việc bỏ phiếu của thành viên hội đồng"),
    "motions": Words("Nội dung hội đồng biểu quyết"),
    "motion_ballots": Words("Phiếu biểu quyết của hội đồng"),
    "motion_counts": Words("Số phiếu kín của hội đồng"),
    "unit_summaries": Words("Tự đánh giá của đơn vị"),
}


@dataclass(frozen=True, slots=True)
class LockDifference:
    """Something that is no longer as it was locked. `place` is the code of the item, the file, or empty."""

    what: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class LockState:
    """The result of checking a period's lock. `faults` break it; `later` are acts on record that the next
    manifest will hold; `checked` counts the facts compared."""

    manifests: tuple[Manifest, ...]
    faults: tuple[LockDifference, ...]
    later: tuple[LockDifference, ...]
    checked: int

    @property
    def holds(self) -> bool:
        """Whether nothing was altered."""
        return not self.faults

    @property
    def latest(self) -> Manifest:
        """The manifest the period was compared with."""
        return self.manifests[-1]


def check_lock(
    tx: Connection,
    files: Files,
    period_id: int,
    *,
    key: PublicKey | None = None,
    kept: KeptManifest | None = None,
    with_evidence: bool = True,
) -> LockState:
    """Compares the closed period with what it was locked as. `key` is a public key saved elsewhere; without
    it, that of the key file. `kept` is a manifest that was mailed or exported, with which the stored one must
    agree. Raises NotFound where the period was never locked."""
    made = manifests_of(tx, period_id)
    key = key or (present_key(tx) if made else None)
    if not made or key is None:
        raise NotFound(Words("Kỳ này chưa khóa nên chưa có bản kê."), cure=Words("Khóa kỳ trước."))
    sealed = made[-1].body
    found = facts_of(tx, period_id, columns=sealed.get("columns"))
    trusted = trust_in(tx, key)
    later = _Later(tx, sealed)
    faults = [*_signatures(made, trusted), *_on_record(tx, made, period_id), *_log(tx, sealed)]
    acts: list[LockDifference] = []
    for difference, is_later in (*_cycles(tx, sealed, found, later), *_entries(tx, sealed, found, later)):
        (acts if is_later else faults).append(difference)
    faults += _rest(sealed, found)
    faults += _files(tx, files, found, period_id, with_evidence=with_evidence)
    if kept is not None:
        faults += _against(tx, period_id, kept, made, trusted)
    return LockState(made, tuple(faults), tuple(acts), _count(sealed))


def _signatures(made: tuple[Manifest, ...], trusted: Trust) -> Iterator[LockDifference]:
    previous: str | None = None
    for place, one in enumerate(made, 1):
        at = Words("bản kê số %(n)s", n=one.number)
        signed = canonical_bytes(one.body)
        if hashlib.sha256(signed).hexdigest() != one.sha256:
            yield LockDifference(Words("Nội dung bản kê đã bị sửa."), at)
        if not trusted.has_signed(one.sha256, one.signature, signed):
            yield LockDifference(Words("Chữ ký không đúng."), at)
        if one.number != place or one.body.get("previous") != previous:
            yield LockDifference(Words("Không nối với bản kê trước."), at)
        previous = one.sha256


def _against(
    tx: Connection, period_id: int, kept: KeptManifest, made: tuple[Manifest, ...], trusted: Trust
) -> Iterator[LockDifference]:
    """How the stored manifest differs from one that was saved elsewhere."""
    at = Words("bản kê số %(n)s giữ ở nơi khác", n=kept.number)
    if kept.body is not None:
        signed = canonical_bytes(kept.body)
        if hashlib.sha256(signed).hexdigest() != kept.sha256:
            yield LockDifference(Words("Tệp đã bị sửa: mã SHA-256 không phải của nội dung."), at)
        elif not trusted.has_signed(kept.sha256, kept.signature, signed):
            yield LockDifference(Words("Chữ ký không đúng."), at)
    here = next((one for one in made if one.number == kept.number), None)
    if here is None:
        yield LockDifference(Words("Bản kê ấy không còn ở đây."), at)
    elif here.sha256 != kept.sha256:
        yield LockDifference(Words("Bản kê ở đây là bản khác."), at)
    elif kept.signature and not trusted.has_signed(kept.sha256, kept.signature, canonical_bytes(here.body)):
        yield LockDifference(Words("Chữ ký không đúng."), at)
    if kept.body is not None and (here is None or here.sha256 != kept.sha256):
        yield from _no_longer(kept.body, facts_of(tx, period_id, columns=kept.body.get("columns")))


def _no_longer(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[LockDifference]:
    """What an earlier manifest holds and is altered or gone; additions are compared with the newest alone."""
    for cycle_id, cycle in was["cycles"].items():
        there = now["cycles"].get(cycle_id, {})
        for name in CYCLE_SETS:
            yield from _altered(name, cycle.get(name, {}), there.get(name, {}), cycle["code"])
    for name, rows in was["entries"].items():
        yield from _altered(name, rows, now["entries"].get(name, {}), "")
    for name, digest in was["results"].items():
        if now["results"].get(name) != digest:
            yield LockDifference(Words("Kết quả đã khóa bị sửa hoặc mất."), name)


def _altered(
    name: str, was: Mapping[str, str], now: Mapping[str, str], place: str
) -> Iterator[LockDifference]:
    for row, digest in was.items():
        if row not in now:
            yield LockDifference(Words("%(set)s số %(row)s đã mất.", set=NAMES[name], row=row), place)
        elif now[row] != digest:
            yield LockDifference(Words("%(set)s số %(row)s đã bị sửa.", set=NAMES[name], row=row), place)


def _on_record(tx: Connection, made: tuple[Manifest, ...], period_id: int) -> Iterator[LockDifference]:
    """Each manifest has an audit entry, so that one removed or inserted is noticed."""
    chain = made[-1].body["audit"]["chain"]
    rows = tx.scalars(
        select(audit_table.c.details)
        .where(audit_table.c.chain == chain, audit_table.c.verb == SEALED)
        .order_by(audit_table.c.seq)
    )
    logged = [row["sha256"] for row in rows if row["period"] == period_id]
    if logged != [one.sha256 for one in made]:
        yield LockDifference(Words("Các bản kê không khớp với nhật ký: có bản bị bớt, thêm hoặc thay."))


def _log(tx: Connection, sealed: Mapping[str, Any]) -> Iterator[LockDifference]:
    """The audit log of the period holds, and still has the heads that were sealed."""
    heads = [(sealed["audit"], "")] + [(one["audit"], one["code"]) for one in sealed["cycles"].values()]
    chains = {head["chain"] for head, _ in heads}
    for fault in audit.verify(tx, chains)[1]:
        yield LockDifference(
            Words("Nhật ký: %(what)s (mục %(n)s).", what=fault.what, n=fault.seq), fault.chain
        )
    kept = {
        (row.chain, row.seq): row.hash
        for row in tx.execute(
            select(audit_table.c.chain, audit_table.c.seq, audit_table.c.hash).where(
                audit_table.c.chain.in_(chains)
            )
        )
    }
    for head, code in heads:
        if head["seq"] and kept.get((head["chain"], head["seq"])) != head["hash"]:
            yield LockDifference(Words("Nhật ký không còn mục đã ghi khi khóa."), code or head["chain"])


class _Later:
    """The moments of what the audit log has had since the seal, by chain."""

    def __init__(self, tx: Connection, sealed: Mapping[str, Any]) -> None:
        heads = [sealed["audit"], *(one["audit"] for one in sealed["cycles"].values())]
        self._at: dict[str, set[datetime]] = {}
        seqs = {head["chain"]: head["seq"] for head in heads}
        for row in tx.execute(select(audit_table).where(audit_table.c.chain.in_(seqs))):
            if row.seq > seqs[row.chain]:
                self._at.setdefault(row.chain, set()).add(row.at)

    def has(self, chain: str, at: datetime | None) -> bool:
        """Whether the log has an act of that moment since, or of any moment where none is given."""
        return at in self._at.get(chain, ()) if at else chain in self._at


Found = Iterator[tuple[LockDifference, bool]]


def _cycles(tx: Connection, sealed: Mapping[str, Any], found: Mapping[str, Any], later: _Later) -> Found:
    for cycle_id, was in sealed["cycles"].items():
        now, chain, code = found["cycles"].get(cycle_id), f"c{cycle_id}", was["code"]
        if now is None:
            yield LockDifference(Words("Lượt báo cáo đã mất."), code), False
            continue
        if (was["stage"], was["version"]) != (now["stage"], now["version"]):
            yield (
                LockDifference(Words("Giai đoạn hoặc lần báo cáo khác khi khóa."), code),
                later.has(chain, None),
            )
        for name in CYCLE_SETS:
            yield from _set(tx, name, was.get(name, {}), now.get(name, {}), later, chain, code)
    for cycle_id, now in found["cycles"].items():
        if cycle_id not in sealed["cycles"]:
            yield LockDifference(Words("Lượt báo cáo được thêm sau khi khóa."), now["code"]), False


def _entries(tx: Connection, sealed: Mapping[str, Any], found: Mapping[str, Any], later: _Later) -> Found:
    chain = sealed["audit"]["chain"]
    for name, was in sealed["entries"].items():
        yield from _set(tx, name, was, found["entries"][name], later, chain, "")


def _set(
    tx: Connection,
    name: str,
    was: Mapping[str, str],
    now: Mapping[str, str],
    later: _Later,
    chain: str,
    place: str,
) -> Found:
    """How one set of facts differs, row by row."""
    for difference in _altered(name, was, now, place):
        yield difference, False
    for row in now.keys() - was.keys():
        is_later = later.has(chain, _moment_of(tx, name, row))
        what = (
            Words("%(set)s số %(row)s ghi sau khi khóa, có trong nhật ký.", set=NAMES[name], row=row)
            if is_later
            else Words("%(set)s số %(row)s được thêm ngoài nhật ký.", set=NAMES[name], row=row)
        )
        yield LockDifference(what, place), is_later


def _moment_of(tx: Connection, name: str, row: str) -> datetime | None:
    """When a fact that is new was recorded; None for what has no moment of its own."""
    table = (CYCLE_SETS | ENTRY_SETS)[name][0]
    if "at" not in table.c:
        if name in ("sittings", "motions", "motion_counts"):
            return _decided_at(tx, name, int(row.split("-")[0]))
        if name != "attachments":
            return None
        return tx.scalar(
            select(submissions.c.at)
            .join(attachments, attachments.c.submission_id == submissions.c.id)
            .where(attachments.c.id == int(row))
        )
    keys = zip(table.primary_key, row.split("-"), strict=True)
    return tx.scalar(select(table.c.at).where(*(column == int(value) for column, value in keys)))


def _decided_at(tx: Connection, name: str, row: int) -> datetime | None:
    """When the council decided: a sitting's row, or that of a motion of it."""
    own = sittings.c.id == row
    if name != "sittings":
        own = sittings.c.id == select(motions.c.sitting_id).where(motions.c.id == row).scalar_subquery()
    return tx.scalar(select(sittings.c.closed_at).where(own))


def _rest(sealed: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[LockDifference]:
    if sealed["timetable"] != found["timetable"]:
        yield LockDifference(Words("Kỳ báo cáo (mốc thời gian, ban biểu quyết) đã bị sửa."))
    if sealed["rules"] != found["rules"]:
        yield LockDifference(Words("Quy tắc ghim cho kỳ đã bị sửa."))
    for name, digest in sealed["results"].items():
        if found["results"].get(name) != digest:
            yield LockDifference(Words("Kết quả đã khóa bị sửa hoặc mất."), name)
    for name in found["results"].keys() - sealed["results"].keys():
        yield LockDifference(Words("Kết quả được thêm ngoài bản kê."), name)
    now = {one["sequence"]: one for one in found["outputs"]}
    for was in sealed["outputs"]:
        if now.pop(was["sequence"], None) != was:
            yield LockDifference(
                Words("Báo cáo đã phát hành bị sửa: số, ngày, lời văn, phiếu phê duyệt hoặc danh sách tệp."),
                was["number"],
            )
    for extra in now.values():
        yield LockDifference(Words("Báo cáo phát hành ngoài bản kê."), extra["number"])


def _files(
    tx: Connection, files: Files, found: Mapping[str, Any], period_id: int, *, with_evidence: bool
) -> Iterator[LockDifference]:
    """The issued files, and the evidence, are there and still what their name says."""
    asked = {name: sha for one in found["outputs"] for name, sha in one["files"].items()}
    if with_evidence:
        rows = tx.execute(
            select(attachments.c.name, attachments.c.sha256)
            .join(submissions, submissions.c.id == attachments.c.submission_id)
            .join(cycles, cycles.c.id == submissions.c.cycle_id)
            .where(cycles.c.period_id == period_id)
        )
        asked |= {f"{row.name} ({row.sha256[:8]})": row.sha256 for row in rows}
        of_reviews = select(score_reviews.c.evidence).where(score_reviews.c.period_id == period_id)
        for kept in tx.scalars(of_reviews):
            asked |= {f"{one['name']} ({one['sha256'][:8]})": one["sha256"] for one in kept}
    for name, sha in asked.items():
        try:
            is_same = hashlib.sha256(files.get(sha)).hexdigest() == sha
        except NotFound:
            yield LockDifference(Words("Tệp không còn trong kho lưu trữ."), name)
            continue
        if not is_same:
            yield LockDifference(Words("Tệp đã bị sửa."), name)


def _count(sealed: Mapping[str, Any]) -> int:
    of_cycles = sum(len(one.get(name, ())) for one in sealed["cycles"].values() for name in CYCLE_SETS)
    return of_cycles + sum(map(len, sealed["entries"].values())) + len(sealed["results"])


def exported(tx: Connection, manifest: Manifest) -> dict[str, Any]:
    """A manifest to be saved elsewhere: its body, hash, signature, and the key to check it with. What is
    signed is the body in UTF-8, its keys sorted, without spaces."""
    key = present_key(tx)
    return {
        "manifest": manifest.body,
        "sha256": manifest.sha256,
        "signature": manifest.signature,
        "algorithm": algorithm_of(key) if key else "",
        "public_key": pem_of(key) if key else "",
    }
