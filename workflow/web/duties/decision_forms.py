"""Confirming and voting: two forms on the person's page, each for many cycles in one transaction.

`POST /l/{token}/confirm` and `POST /l/{token}/vote`, both with, for each item by its key (the cycle's id; a
second unit or absent member the person speaks for in one cycle has the key `{cycle_id}-{seat}`):

    stamp            hidden, once: binds the form to the link and to what the page showed
    version-{key}    hidden: the version shown
    unit-{key}       hidden, confirm only: the unit that speaks
    choice-{key}     confirm: confirm | partial | object; vote: approve | return | abstain | recuse;
                     empty: not decided now (an earlier answer is left as it is)
    reason-{key}     needed for partial, object and return
    rest             the button pressed: `none`, or `confirm` / `approve` for every item left undecided.
                     It never covers an item answered before, or since then in another tab, nor, in a
                     vote, one that a unit objects to: those take a choice of their own.
    sure             a box to tick: without it nothing is recorded, so that no blind click decides
    code             the one-time code, where the rule asks for one (`workflow.web.duties.vote_codes`)

Answer: 303 to `/l/{token}/done?receipt=...`. What is refused is shown again, typed words and all (409),
while the rest is recorded. A form posted again leads to its first receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.errors import NotAllowed
from workflow.domain.words import Words
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, Receipt, UnitWord
from workflow.storage.cycles.drafts import drop
from workflow.storage.cycles.said import ballots_of, confirmations_of
from workflow.storage.post.receipts import given_before, intend_receipt
from workflow.web.duties.drafts import CONFIRM, VOTE
from workflow.web.duties.own_page import Attempt, RefusedAct, done, owed_page
from workflow.web.duties.record_each import record_each
from workflow.web.duties.vote_codes import ask_for_code
from workflow.web.forms import Posted, text_of
from workflow.web.site import AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage, Stamp

router = APIRouter(include_in_schema=False)

Act = Callable[[Connection, int, Sequence[Any], datetime], Receipt]
S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Decided:
    """One item's decision as posted, and the act it asks for; `is_rest` where a button decided it with the
    rest."""

    key: str
    code: str
    reason: str
    act: UnitWord | CastVote
    is_rest: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The form's fields about it."""
        return f"choice-{self.key}", f"reason-{self.key}", f"version-{self.key}"

    @property
    def said(self) -> str:
        """The decision in words, as the receipt shows it."""
        chosen = self.act.verdict if isinstance(self.act, UnitWord) else self.act.choice
        return Words.joined((_WORDS[chosen], self.reason), by=": ")


_WORDS: dict[Verdict | Choice, str] = {
    Verdict.CONFIRM: Words("Đồng ý"),
    Verdict.PARTIAL: Words("Đồng ý một phần"),
    Verdict.OBJECT: Words("Không đồng ý"),
    Choice.APPROVE: Words("Tán thành"),
    Choice.RETURN: Words("Trả lại"),
    Choice.ABSTAIN: Words("Không biểu quyết"),
    Choice.RECUSE: Words("Không tham gia"),
}


@router.post("/l/{token}/confirm")
def confirm(request: Request, site: AtSite, holder: AsPerson, form: Posted) -> Response:
    """Records the confirmations of a person's units."""

    def word(cycle_id: int, unit_id: int, version: int, choice: str, reason: str) -> UnitWord:
        return UnitWord(cycle_id, unit_id, version, _of(Verdict, choice), reason)

    stamp, decided = _decided(site, holder, form, CONFIRM, Verdict.CONFIRM, word)
    return _recorded(request, site, holder, form, CONFIRM, stamp, decided, acts.confirm)


@router.post("/l/{token}/vote")
def vote(request: Request, site: AtSite, holder: AsPerson, form: Posted) -> Response:
    """Records a member's ballots."""

    def cast(cycle_id: int, member_id: int, version: int, choice: str, reason: str) -> CastVote:
        return CastVote(cycle_id, version, _of(Choice, choice), reason, member_id or None)

    stamp, decided = _decided(site, holder, form, VOTE, Choice.APPROVE, cast)
    return _recorded(request, site, holder, form, VOTE, stamp, decided, acts.vote)


def _of(kind: type[S], value: str) -> S:
    try:
        return kind(value)
    except ValueError:
        raise NotAllowed(Words("Lựa chọn “%(value)s” không có trên trang.", value=value)) from None


def _decided(
    site: Site,
    holder: Holder,
    form: FormData,
    name: str,
    rest: StrEnum,
    act: Callable[[int, int, int, str, str], UnitWord | CastVote],
) -> tuple[Stamp, list[Decided]]:
    """The form's decisions, checked against what the page showed according to its stamp."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, name)
    takes_rest = text_of(form, "rest") == rest.value
    decided = []
    for key, cycle_id, code, seat, version, is_open in stamp.shown:
        if text_of(form, f"version-{key}") != str(version) or (
            name == CONFIRM and text_of(form, f"unit-{key}") != str(seat)
        ):
            raise NotFromThePage
        chosen = text_of(form, f"choice-{key}")
        choice = chosen or (rest.value if takes_rest and is_open else "")
        if choice:
            reason = text_of(form, f"reason-{key}")
            word = act(int(cycle_id), int(seat), int(version), choice, reason)
            decided.append(Decided(str(key), str(code), reason, word, is_rest=not chosen))
    return stamp, sorted(decided, key=lambda one: one.act.cycle_id)


def _recorded(
    request: Request,
    site: Site,
    holder: Holder,
    form: FormData,
    name: str,
    stamp: Stamp,
    decided: list[Decided],
    act: Act,
) -> Response:
    now = site.clock.now()
    person_id, period_id = holder.person_id, holder.period_id
    if decided and text_of(form, "sure") != "1":
        return _not_sure(request, site, holder, form, name)
    if name == VOTE and decided and (asked := ask_for_code(request, site, holder, form, len(decided))):
        return asked
    with site.store.begin() as tx:
        before = given_before(tx, holder.link.id, stamp.mark)
        if before:
            return done(holder, before)

        n_chosen = len(decided)
        decided = _without_answered(tx, person_id, decided)

        def recording(entries: Sequence[Decided]) -> Receipt:
            return act(tx, person_id, [entry.act for entry in entries], now)

        recorded = record_each(tx, recording, decided)
        number = recorded.receipt.number if recorded.receipt else ""
        refused = {entry.key for entry, _ in recorded.refused}
        stands = [one for one in decided if one.key not in refused]
        drop(tx, person_id, period_id, name, (field for one in stands for field in one.fields))
        said: dict[int, str] = {}
        for one in stands:
            # A person who confirms for two units of one item decides twice.
            said[one.act.cycle_id] = Words.joined((said.get(one.act.cycle_id, ""), one.said), by="; ")
        intend_receipt(tx, holder.link.organisation_id, person_id, period_id, said, number, now)
        holder.note(tx, f"{stamp.mark} {number}" if number else f"{name} refused", now)
    if recorded.receipt and not recorded.refused:
        return done(holder, number)
    attempt = Attempt(
        name,
        "" if decided else _NOTHING[bool(n_chosen)],
        recorded.count,
        number,
        tuple(
            RefusedAct(entry.key, entry.code, error.told, entry.reason) for entry, error in recorded.refused
        ),
        _typed(form, {one.key for one in stands}),
    )
    return owed_page(request, site, holder, attempt, status=409 if decided else 400)


_NOTHING = {
    False: Words("Chưa ghi nhận gì: chưa có nội dung nào được chọn."),
    True: Words("Chưa ghi nhận gì thêm: các nội dung còn lại đã có ý kiến, gửi từ một trang khác."),
}


def _without_answered(tx: Connection, person_id: int, decided: list[Decided]) -> list[Decided]:
    """The decisions but for those a button made for the rest on items answered since the page was shown."""
    rest = {one.act.cycle_id for one in decided if one.is_rest}
    if not rest:
        return decided
    given: set[tuple[int, int, int]] = set()
    if isinstance(decided[0].act, UnitWord):
        for words in confirmations_of(tx, rest).values():
            given |= {(word.cycle_id, word.version, word.unit_id) for word in words}
    else:
        for cast in ballots_of(tx, rest).values():
            given |= {(ballot.cycle_id, ballot.version, ballot.person_id) for ballot in cast}
    return [one for one in decided if not (one.is_rest and _place(one.act, person_id) in given)]


def _place(act: UnitWord | CastVote, person_id: int) -> tuple[int, int, int]:
    seat = act.unit_id if isinstance(act, UnitWord) else act.member_id or person_id
    return act.cycle_id, act.version, seat


def _not_sure(request: Request, site: Site, holder: Holder, form: FormData, name: str) -> Response:
    """The box was not ticked: nothing is recorded, and the choices come back."""
    with site.store.begin() as tx:
        holder.note(tx, f"{name} not sure", site.clock.now())
    message = Words("Chưa ghi nhận gì: xin đánh dấu vào ô xác nhận ở cuối biểu mẫu rồi gửi.")
    return owed_page(request, site, holder, Attempt(name, message, typed=_typed(form, set())), status=400)


def _typed(form: FormData, recorded: set[str]) -> dict[str, str]:
    """The fields to show again: all but those of the decisions already recorded."""
    return {
        name: value
        for name, value in form.items()
        if isinstance(value, str) and name.partition("-")[2] not in recorded
    }
