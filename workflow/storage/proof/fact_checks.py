"""Whether the facts are what the audit log says of them, in open periods too: each row against the hash its
entry holds, each cycle's stage against its last entry, each manifest against its own.

A dozen statements, however many facts. Whether the log itself is whole is `workflow.storage.audit.verify`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.words import Words
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.proof.facts_kept import Fact, facts_kept
from workflow.storage.results.lock_checks import NAMES, LockDifference
from workflow.storage.results.locking import SEALED
from workflow.storage.scores.sittings import is_too_few
from workflow.storage.tables import (
    audit,
    cycles,
    items,
    manifests,
    motion_counts,
    motions,
    organisations,
    periods,
    plans,
    sitting_turnouts,
    sittings,
)

VERBS: dict[str, FactKind] = {
    "submitted": FactKind.SUBMISSION,
    "confirmed": FactKind.CONFIRMATION,
    "voted": FactKind.BALLOT,
    "paper-entered": FactKind.PAPER,
    "paper-countersigned": FactKind.COUNTERSIGN,
    "paper-struck": FactKind.STRIKE,
    "recalled": FactKind.ORDER,
    "withdrawn": FactKind.ORDER,
    "reopened": FactKind.ORDER,
    "reassigned": FactKind.ORDER,
    "extended": FactKind.ORDER,
    "vote-called-anew": FactKind.ORDER,
    "withdrawal-asked": FactKind.ORDER,
    "vote-anew-asked": FactKind.ORDER,
    "order-confirmed": FactKind.ORDER,
    "order-dropped": FactKind.ORDER,
    "score-entered": FactKind.SCORE_ENTRY,
    "review-asked": FactKind.SCORE_REVIEW,
    "score-decided": FactKind.SCORE_DECISION,
    "commendation-entered": FactKind.COMMENDATION,
    "nominated": FactKind.NOMINATION,
    "award-requested": FactKind.AWARD_REQUEST,
    "sitting-opened": FactKind.SITTING,
    "council-voted": FactKind.COUNCIL_VOTE,
    "sitting-closed": FactKind.SITTING_END,
    "report-voted": FactKind.REPORT_VOTE,
    "summary-given": FactKind.UNIT_SUMMARY,
}
"""The entries that are about one fact, by verb."""

_NAMES: dict[FactKind, str] = {
    FactKind.SUBMISSION: NAMES["submissions"],
    FactKind.CONFIRMATION: NAMES["confirmations"],
    FactKind.BALLOT: NAMES["ballots"],
    FactKind.PAPER: NAMES["paper_ballots"],
    FactKind.COUNTERSIGN: NAMES["countersigns"],
    FactKind.STRIKE: Words("Việc bỏ phiếu giấy nhập sai"),
    FactKind.ORDER: NAMES["orders"],
    FactKind.SCORE_ENTRY: NAMES["score_entries"],
    FactKind.SCORE_REVIEW: NAMES["score_reviews"],
    FactKind.SCORE_DECISION: NAMES["score_decisions"],
    FactKind.COMMENDATION: NAMES["commendation_entries"],
    FactKind.NOMINATION: NAMES["nominations"],
    FactKind.AWARD_REQUEST: NAMES["award_requests"],
    FactKind.SITTING: NAMES["sittings"],
    FactKind.COUNCIL_VOTE: NAMES["sitting_turnouts"],
    FactKind.SITTING_END: Words("Kết quả lấy phiếu của hội đồng"),
    FactKind.REPORT_VOTE: Words("Phiếu phê duyệt báo cáo"),
    FactKind.UNIT_SUMMARY: NAMES["unit_summaries"],
}

_SPELT = {"unit": "unit_id", "scan": "scan_sha256", "period": "period_id", "sitting": "sitting_id"}
"""What entries spell out under another name than the row's."""

_PARTS: dict[str, str] = {
    "choice": Words("lựa chọn"),
    "verdict": Words("ý kiến"),
    "reason": Words("lý do"),
    "version": Words("lần báo cáo"),
    "progress": Words("tiến độ"),
    "reported": Words("tình trạng"),
    "unit": Words("đơn vị"),
    "points": Words("số điểm"),
    "text": Words("nội dung"),
    "ballots": Words("các phiếu"),
    "minutes": Words("số biên bản"),
}
"""Parts of a fact in people's words. What somebody chose is never shown, only that it differs."""


@dataclass(frozen=True, slots=True)
class _LoggedFact:
    kind: FactKind
    chain: str
    seq: int
    person_id: int | None
    at: datetime
    details: Mapping[str, Any]


def check_facts(tx: Connection) -> tuple[int, list[LockDifference]]:
    """How many facts were compared with the log, and each that differs from it."""
    logged: dict[tuple[str, str], list[_LoggedFact]] = defaultdict(list)
    for entry in _entries(tx):
        logged[entry.chain, str(entry.details.get(FACT, ""))].append(entry)
    checked = 0
    odd: list[Fact] = []
    for fact in facts_kept(tx):
        checked += 1
        known = logged.get((fact.chain, fact_hash(fact.kind, fact.values)))
        if known and known[-1].kind is fact.kind:
            known.pop()
        else:
            odd.append(fact)
    left: dict[tuple[str, FactKind], list[_LoggedFact]] = defaultdict(list)
    for entries in logged.values():
        for entry in entries:
            left[entry.chain, entry.kind].append(entry)
    found = [(fact.chain, _how_odd(fact, left[fact.chain, fact.kind])) for fact in odd]
    for entries in left.values():
        for entry in entries:
            what = Words(
                "%(set)s: nhật ký có (mục %(n)s), dữ liệu không có.", set=_NAMES[entry.kind], n=entry.seq
            )
            found.append((entry.chain, what))
    stages, n_stages = _stages(tx)
    found += [*stages, *_closings(tx), *_secret_counts(tx), *_manifests(tx)]
    places = _places(tx, {chain for chain, _ in found})
    return checked + n_stages, [LockDifference(what, places.get(chain, chain)) for chain, what in found]


def _how_odd(fact: Fact, left: list[_LoggedFact]) -> str:
    """What is wrong with a fact no entry has the hash of; takes the entry that is most likely about it."""
    likely = max(left, key=lambda entry: _likeness(fact, entry), default=None)
    name = _NAMES[fact.kind]
    if likely is None or not _likeness(fact, likely):
        return Words("%(set)s số %(row)s không có trong nhật ký.", set=name, row=fact.key)
    left.remove(likely)
    parts = [_PARTS.get(one, one) for one in _differing(fact, likely)]
    if likely.person_id != fact.person_id:
        parts.append(Words("người ghi"))
    if likely.at != fact.at:
        parts.append(Words("thời điểm"))
    if not parts:
        parts.append(Words("phần mà nhật ký chỉ giữ mã băm"))
    return Words(
        "%(set)s số %(row)s khác nhật ký (mục %(n)s): %(parts)s.",
        set=name,
        row=fact.key,
        n=likely.seq,
        parts=Words.joined(parts, ", "),
    )


def _likeness(fact: Fact, entry: _LoggedFact) -> int:
    """0 where nothing ties the entry to the fact."""
    by_id = str(entry.details.get("entry", "")) == fact.key
    return 4 * by_id + 2 * (entry.at == fact.at) + (entry.person_id == fact.person_id)


def _differing(fact: Fact, entry: _LoggedFact) -> list[str]:
    """The parts that the entry spells out and the row has otherwise."""
    found = []
    for name in (*entry.details, "acted_for"):
        column = _SPELT.get(name, name)
        if column in fact.values and name != "evidence":
            was, now = entry.details.get(name), fact.values[column]
            if name == "points" and was is not None and now is not None:
                was, now = float(was), float(now)
            if str(was) != str(now) and name not in found:
                found.append(name)
    return found


def _entries(tx: Connection) -> Iterator[_LoggedFact]:
    for row in tx.execute(
        select(audit.c.chain, audit.c.seq, audit.c.verb, audit.c.person_id, audit.c.at, audit.c.details)
        .where(audit.c.verb.in_(VERBS))
        .order_by(audit.c.chain, audit.c.seq.desc())
    ):
        yield _LoggedFact(VERBS[row.verb], row.chain, row.seq, row.person_id, row.at, row.details)


Odd = tuple[str, str]
"""A chain, and what is wrong."""


def _stages(tx: Connection) -> tuple[list[Odd], int]:
    """Cycles whose stage or version is not what their entries came to, and how many cycles there are."""
    last = (
        select(audit.c.chain, func.max(audit.c.seq).label("seq"))
        .where(audit.c.verb == "stage")
        .group_by(audit.c.chain)
        .subquery()
    )
    of_last = (audit.c.chain == last.c.chain) & (audit.c.seq == last.c.seq)
    stages = {
        row.chain: row.details.get("to")
        for row in tx.execute(select(audit.c.chain, audit.c.details).join(last, of_last))
    }
    versions: dict[str, int] = {}
    for chain, details in tx.execute(
        select(audit.c.chain, audit.c.details).where(audit.c.verb == "submitted").order_by(audit.c.seq)
    ):
        versions[chain] = details.get("version", 0)
    rows = tx.execute(select(cycles.c.id, cycles.c.stage, cycles.c.version)).all()
    found: list[Odd] = []
    for row in rows:
        chain = f"c{row.id}"
        if row.stage != stages.get(chain, Stage.WAITING_SUBMISSION.value):
            found.append((chain, Words("Giai đoạn khác nhật ký.")))
        if row.version != versions.get(chain, 0):
            found.append((chain, Words("Lần báo cáo khác nhật ký.")))
    return found, len(rows)


def _closings(tx: Connection) -> Iterator[Odd]:
    """Periods closed without an entry, at another moment or without a manifest; or open again."""
    sealed = set(tx.scalars(select(manifests.c.period_id).distinct()))
    entries = tx.execute(select(audit.c.at, audit.c.details).where(audit.c.verb == "period-closed"))
    closed_at = {row.details.get("period"): row.at for row in entries}
    for row in tx.execute(
        select(periods.c.id, periods.c.code, periods.c.closed_at, plans.c.organisation_id).join(
            plans, plans.c.id == periods.c.plan_id
        )
    ):
        if row.closed_at != closed_at.get(row.id):
            what = Words("Việc khóa kỳ %(period)s khác nhật ký.", period=row.code)
            yield f"o{row.organisation_id}", what
        elif row.closed_at is not None and row.id not in sealed:
            yield f"o{row.organisation_id}", Words("Kỳ %(period)s khóa mà không có bản kê.", period=row.code)


def _secret_counts(tx: Connection) -> Iterator[Odd]:
    """Secret votes with another number of ballots than of members who voted. More than the sum cannot
    be logged: each step of the count would reveal how the last member voted. A vote that ended with too
    few ballots stores no number."""
    voted = (
        select(sitting_turnouts.c.sitting_id, func.count().label("n"))
        .group_by(sitting_turnouts.c.sitting_id)
        .subquery()
    )
    for row in tx.execute(
        select(
            plans.c.organisation_id,
            motions.c.id,
            sittings.c.closed_at,
            voted.c.n,
            func.coalesce(func.sum(motion_counts.c.n), 0).label("counted"),
        )
        .join(sittings, sittings.c.id == motions.c.sitting_id)
        .join(periods, periods.c.id == sittings.c.period_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .outerjoin(motion_counts, motion_counts.c.motion_id == motions.c.id)
        .outerjoin(voted, voted.c.sitting_id == sittings.c.id)
        .where(sittings.c.is_secret)
        .group_by(plans.c.organisation_id, motions.c.id, sittings.c.closed_at, voted.c.n)
    ):
        n_voted = row.n or 0
        is_lost = row.closed_at is not None and is_too_few(True, n_voted)
        if row.counted != (0 if is_lost else n_voted):
            what = Words(
                "%(set)s số %(row)s: số phiếu khác số người đã bỏ.", set=NAMES["motion_counts"], row=row.id
            )
            yield f"o{row.organisation_id}", what


def _manifests(tx: Connection) -> Iterator[Odd]:
    """Manifests put in, taken away or exchanged beside the log."""
    of_period: Select[Any] = (
        select(manifests.c.period_id, manifests.c.number, manifests.c.sha256, plans.c.organisation_id)
        .join(periods, periods.c.id == manifests.c.period_id)
        .join(plans, plans.c.id == periods.c.plan_id)
    )
    here = {
        (row.period_id, row.number, row.sha256): f"o{row.organisation_id}" for row in tx.execute(of_period)
    }
    logged = {
        (row.details.get("period"), row.details.get("number"), row.details.get("sha256")): row.chain
        for row in tx.execute(select(audit.c.chain, audit.c.details).where(audit.c.verb == SEALED))
    }
    for one in here.keys() ^ logged.keys():
        what = Words("Bản kê số %(n)s không khớp với nhật ký: bị bớt, thêm hoặc thay.", n=one[1])
        yield (here.get(one) or logged[one]), what


def _places(tx: Connection, chains: set[str]) -> dict[str, str]:
    """What people call the chains: an item in its period, or the organisation."""
    ids = [int(chain[1:]) for chain in chains if chain.startswith("c")]
    found = {
        f"c{row.id}": f"{row.period} {row.code}"
        for row in tx.execute(
            select(cycles.c.id, periods.c.code.label("period"), items.c.code)
            .join(periods, periods.c.id == cycles.c.period_id)
            .join(items, items.c.id == cycles.c.item_id)
            .where(cycles.c.id.in_(ids))
        )
    }
    named = select(organisations.c.id, organisations.c.name)
    return found | {f"o{row.id}": row.name for row in tx.execute(named)}
