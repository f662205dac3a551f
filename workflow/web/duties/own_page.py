"""A person's page: everything they owe in the period, what they have done, receipts, evidence.

`GET /l/{token}`                               the page
`GET /l/{token}/done?receipt=1B2C3D4E`         what one form recorded
`GET /l/{token}/evidence/{cycle_id}/{sha256}`  a file of a cycle the holder leads, confirms or votes on

The page's forms are `web.duties.decision_forms` (confirm, vote) and `web.duties.report_form`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.access.sessions import is_shown_turnout
from workflow.storage.cycles.held_votes import tallies
from workflow.storage.duties.changes_since import answered_before
from workflow.storage.duties.difficulty_lists import share_of
from workflow.storage.duties.late_list import late_for
from workflow.storage.duties.persons_page import ToConfirm, ToVote, acts_of, evidence_for, held_in, owed_by
from workflow.storage.duties.sheets import led_places
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.receipts import receipt_moment
from workflow.storage.reports.awaiting import awaited_from
from workflow.storage.results.unit_summaries import summaries_asked
from workflow.storage.scores.own_share import emulation_of
from workflow.web.asked import Id
from workflow.web.downloads import download
from workflow.web.duties.drafts import CONFIRM, VOTE, decision_draft
from workflow.web.duties.own_work import WorkState, counts, next_owed, own_work
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite, Holder, Site

router = APIRouter(include_in_schema=False)

T = TypeVar("T", ToConfirm, ToVote)


@dataclass(frozen=True, slots=True)
class RefusedAct:
    """An act that could not be recorded: on which item, why, and what was typed for it."""

    key: str
    code: str
    why: str
    typed: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form posted and not wholly recorded: what to show again beside the live page."""

    form: str
    message: str
    recorded: int = 0
    receipt: str = ""
    refused: tuple[RefusedAct, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def why(self) -> dict[str, str]:
        """The reason of each refusal by the item's key."""
        return {one.key: one.why for one in self.refused}


NO_ATTEMPT = Attempt("", "")


def keyed(asked: Sequence[T]) -> list[tuple[str, T]]:
    """Each decision asked for with the key its fields bear: the cycle's id, and for a further unit or member
    that the same person speaks for in the same cycle `{cycle_id}-{seat}`."""
    found: dict[str, T] = {}
    for one in asked:
        key = str(one.cycle.id)
        found[key if key not in found else f"{key}-{seat_of(one)}"] = one
    return list(found.items())


def seat_of(one: ToConfirm | ToVote) -> int:
    """Who the decision is for: the unit's id, or that of the absent member the person stands in for; 0 for
    their own vote."""
    return one.unit_id if isinstance(one, ToConfirm) else one.member_id or 0


def owed_page(
    request: Request,
    site: Site,
    holder: Holder,
    attempt: Attempt = NO_ATTEMPT,
    status: int = 200,
    *,
    other_draft: bool = False,
    show: WorkState | None = None,
) -> HTMLResponse:
    """The person's page, with what an attempt could not record, or a draft, shown again."""
    with site.store.reading() as tx:
        owed = owed_by(tx, holder.person_id, holder.period_id, now=site.clock.now())
        confirms = keyed(owed.to_confirm)
        votes = keyed(owed.to_vote)
        drafts = {
            name: decision_draft(
                tx,
                holder,
                name,
                [(key, one.cycle.version, one.given.at if one.given else None) for key, one in asked],
                other=other_draft,
            )
            for name, asked in ((CONFIRM, confirms), (VOTE, votes))
        }
        knows_who = is_shown_turnout(tx, holder.person_id)
        to_vote = [one.cycle.id for one in owed.to_vote]
        standing = tallies(tx, to_vote, site.clock.now(), knows_who=knows_who)
        back = answered_before(tx, owed, holder.person_id)
        work = own_work(tx, holder, site.clock.now())
        period = watched_period(tx, holder.period_id, site.clock.now())
        share = share_of(tx, holder.person_id, period)
        n_late = len(late_for(tx, holder.person_id, period))
        emulation = emulation_of(tx, holder.person_id, period)
        report = awaited_from(tx, holder.person_id, period)
        held = held_in(tx, holder.person_id, owed.period, site.clock.now())
        is_member = not owed.period.members.isdisjoint(held.votes_for)
        summaries = summaries_asked(tx, holder.person_id, period)
    on_page = {key for key, _ in confirms} | {key for key, _ in votes}
    return page(
        request,
        "duties/owed.html",
        status=status,
        owed=owed,
        work=work,
        counts=counts(work),
        states=WorkState,
        show=show,
        shown=[one for one in work if show is None or one.state is show],
        confirms=[(key, one) for key, one in confirms if one.given is None],
        confirmed=[(key, one) for key, one in confirms if one.given],
        disputed=[(key, one) for key, one in votes if one.given is None and one.has_objection],
        votes=[(key, one) for key, one in votes if one.given is None and not one.has_objection],
        voted=[(key, one) for key, one in votes if one.given],
        tallies=standing,
        back=back,
        member_id=holder.person_id,
        stamps={
            CONFIRM: _stamp(site, holder, CONFIRM, confirms),
            VOTE: _stamp(site, holder, VOTE, votes),
        },
        attempt=attempt,
        drafts=drafts,
        share=share,
        n_late=n_late,
        emulation=emulation,
        is_member=is_member,
        summaries=summaries,
        report=report,
        typed={name: attempt.typed if attempt.form == name else drafts[name].fields for name in drafts},
        gone=[one for one in attempt.refused if one.key not in on_page],
        **context_of(holder, owed.period, site.clock.now()),
    )


def _stamp(site: Site, holder: Holder, form: str, asked: Sequence[tuple[str, ToConfirm | ToVote]]) -> str:
    """Binds the form to what it shows: of each item its key, cycle, code, seat and version, and whether one
    button may decide it with the rest."""
    shown = []
    for key, one in asked:
        is_open = one.given is None and not (isinstance(one, ToVote) and one.has_objection)
        shown.append((key, one.cycle.id, one.cycle.code, seat_of(one), one.cycle.version, int(is_open)))
    return site.stamps.made(holder.link.id, form, shown)


@router.api_route("/l/{token}", methods=["GET", "HEAD"])
def owed_now(
    request: Request, site: AtSite, holder: AsPerson, draft: str = "", show: str = ""
) -> HTMLResponse:
    """Everything the person owes in the period; `?draft=other` shows the drafts another page replaced,
    `?show=begun` only the reports in that state."""
    state = next((one for one in WorkState if one.value == show), None)
    return owed_page(request, site, holder, other_draft=draft == "other", show=state)


def done(holder: Holder, receipt: str) -> RedirectResponse:
    """On to the page of what was recorded."""
    return RedirectResponse(f"{holder.base}/done?receipt={quote(receipt)}", 303)


@router.api_route("/l/{token}/done", methods=["GET", "HEAD"])
def done_page(request: Request, site: AtSite, holder: AsPerson, receipt: str = "") -> HTMLResponse:
    """What one form recorded: the receipt's number, the moment, each act."""
    person_id, period_id = holder.person_id, holder.period_id
    with site.store.reading() as tx:
        at = receipt_moment(tx, person_id, period_id, receipt)
        if at is None:
            raise NotFound(
                Words("Không có biên nhận này."),
                cure=Words("Mở lại đường dẫn trong thư để xem việc đã ghi nhận."),
            )
        acts = acts_of(tx, person_id, period_id, at=at)
        period = period_of(tx, period_id)
        left = owed_by(tx, person_id, period_id, now=site.clock.now())
        places = led_places(tx, person_id, period_id, now=site.clock.now())
    reported = [one.cycle_id for one in acts if one.what == "submitted"]
    return page(
        request,
        "duties/done.html",
        receipt=receipt,
        at=at,
        acts=acts,
        left=left,
        n_sent=sum(not one.is_owed for one in places),
        n_led=len(places),
        following=next_owed(places, reported[-1]) if reported else None,
        **context_of(holder, period, site.clock.now()),
    )


@router.api_route("/l/{token}/evidence/{cycle_id}/{sha256}", methods=["GET", "HEAD"])
def evidence(site: AtSite, holder: AsPerson, cycle_id: Id, sha256: str) -> Response:
    """An evidence file, if it belongs to what the person may see."""
    with site.store.reading() as tx:
        now = site.clock.now()
        file = evidence_for(tx, holder.person_id, holder.period_id, cycle_id, sha256, now=now)
    if file is None:
        raise NotFound(Words("Không có tệp này, hoặc tệp không thuộc phần việc của đường dẫn."))
    return download(site, file)
