"""Plans uploaded on the office's pages while they are mended: a row each, its form among the files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from workflow.domain.errors import Conflict, NotFound
from workflow.domain.words import Words
from workflow.storage.files import Files
from workflow.storage.plans.plans import load_plan, running_plan
from workflow.storage.store import Store
from workflow.storage.tables import persons, plan_offers

OPEN_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """What is stored of an uploaded file: its name and SHA-256, that of its form, and of the running plan.

    `amending` says how an amendment was laid over that plan, as JSON; None for a whole plan.
    """

    name: str
    source_sha256: str
    form_sha256: str
    is_document: bool
    running_sha256: str
    amending: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PlanOffer(Upload):
    """An uploaded plan, its form as it is mended so far."""

    id: int = 0
    made_at: datetime | None = None
    accepted_at: datetime | None = None
    by: str = ""


_OFFERS: Select[Any] = select(
    plan_offers.c.name,
    plan_offers.c.source_sha256,
    plan_offers.c.form_sha256,
    plan_offers.c.is_document,
    plan_offers.c.running_sha256,
    plan_offers.c.amending,
    plan_offers.c.id,
    plan_offers.c.made_at,
    plan_offers.c.accepted_at,
    persons.c.name.label("by"),
).join(persons, persons.c.id == plan_offers.c.person_id)


def add_offer(tx: Connection, organisation_id: int, person_id: int, upload: Upload, now: datetime) -> int:
    """Stores an uploaded plan and returns its id."""
    values = {
        "organisation_id": organisation_id,
        "person_id": person_id,
        "name": upload.name,
        "source_sha256": upload.source_sha256,
        "form_sha256": upload.form_sha256,
        "is_document": upload.is_document,
        "running_sha256": upload.running_sha256,
        "amending": upload.amending,
        "made_at": now,
    }
    offer_id: int = tx.execute(insert(plan_offers).values(values).returning(plan_offers.c.id)).scalar_one()
    return offer_id


def offer_of(tx: Connection, organisation_id: int, offer_id: int) -> PlanOffer:
    """The organisation's offer of that id; raises NotFound where it is another's."""
    row = tx.execute(
        _OFFERS.where(plan_offers.c.id == offer_id, plan_offers.c.organisation_id == organisation_id)
    ).first()
    if row is None:
        raise NotFound(Words("Không có bản kế hoạch này."), cure=Words("Tải tệp lên lại ở trang Kế hoạch."))
    return PlanOffer(*row)


def open_offers(tx: Connection, organisation_id: int) -> tuple[PlanOffer, ...]:
    """The organisation's latest offers that nobody accepted, the newest first."""
    rows = tx.execute(
        _OFFERS.where(plan_offers.c.organisation_id == organisation_id, plan_offers.c.accepted_at.is_(None))
        .order_by(plan_offers.c.id.desc())
        .limit(OPEN_SHOWN)
    )
    return tuple(PlanOffer(*row) for row in rows)


def mend_offer(tx: Connection, offer: PlanOffer, form_sha256: str) -> set[str]:
    """Replaces the form that was shown by a mended one; raises Conflict where another came between. Returns
    the files that no offer has any more, to be deleted after the commit: deleted before a rollback, the
    upload would be lost."""
    _change(tx, offer, form_sha256=form_sha256)
    return _without_offer(tx, {offer.form_sha256})


def accept_offer(tx: Connection, offer: PlanOffer, now: datetime) -> None:
    """Marks the offer as accepted; raises Conflict where it was accepted or mended meanwhile."""
    _change(tx, offer, accepted_at=now)


def drop_old_offers(store: Store, files: Files, before: datetime) -> int:
    """Deletes the offers uploaded before that moment that nobody accepted, and their forms; returns how many.
    What was accepted stays with its form: it is where a plan came from."""
    with store.begin() as tx:
        gone = tx.scalars(
            delete(plan_offers)
            .where(plan_offers.c.accepted_at.is_(None), plan_offers.c.made_at < before)
            .returning(plan_offers.c.form_sha256)
        ).all()
        # Before the rows are gone for good: after a stop in between, the next night finds them and ends it.
        for digest in _without_offer(tx, set(gone)):
            files.drop(digest)
    return len(gone)


def _without_offer(tx: Connection, digests: set[str]) -> set[str]:
    """Those forms that no offer has. The same bytes may be the form of several; nothing else is stored as
    such a file."""
    kept = tx.scalars(select(plan_offers.c.form_sha256).where(plan_offers.c.form_sha256.in_(digests)))
    return digests - set(kept)


def _change(tx: Connection, offer: PlanOffer, **values: Any) -> None:
    done = tx.execute(
        update(plan_offers)
        .where(
            plan_offers.c.id == offer.id,
            plan_offers.c.form_sha256 == offer.form_sha256,
            plan_offers.c.accepted_at.is_(None),
        )
        .values(values)
    )
    if done.rowcount == 1:
        return
    if tx.scalar(select(plan_offers.c.accepted_at).where(plan_offers.c.id == offer.id)):
        raise already_accepted()
    raise changed_meanwhile()


def already_accepted() -> Conflict:
    """The error where an offer was accepted before."""
    return Conflict(
        Words("Bản kế hoạch này đã được chấp nhận rồi; lần này không ghi thêm gì."),
        cure=Words("Xem kế hoạch đang theo dõi ở trang Kế hoạch; muốn sửa tiếp thì tải tệp lên lại."),
    )


def changed_meanwhile() -> Conflict:
    """The error where the page that was posted is out of date: the offer or the running plan has changed."""
    return Conflict(
        Words("Trang đã gửi không còn đúng: bản kế hoạch này hoặc kế hoạch đang chạy vừa thay đổi."),
        cure=Words("Mở lại trang xem trước, xem phần khác nhau rồi bấm lại."),
    )


def running_sha256(tx: Connection, organisation_id: int) -> str:
    """A hash of the running plan's content, to see whether it changed; empty where there is none."""
    head = running_plan(tx, organisation_id)
    if head is None:
        return ""
    return hashlib.sha256(repr((head.id, load_plan(tx, head.id))).encode()).hexdigest()
