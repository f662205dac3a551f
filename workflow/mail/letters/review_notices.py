"""The notices about a unit's request to look again at its score: to the office that one is made, to the unit
what the council answered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from workflow.domain.scores.reviews import ReviewState
from workflow.domain.words import Words
from workflow.i18n import said
from workflow.mail.letters.gathered import Void
from workflow.mail.letters.wording import Wording, shortened
from workflow.storage.access.links import Purpose
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.claims import Claimed
from workflow.storage.rules import pinned_scoring
from workflow.storage.scores.reviews import REVIEW_ANSWERED, REVIEW_ASKED, answer_term, review_in
from workflow.storage.scores.votes import titles_of

REVIEW_NOTICES = frozenset({REVIEW_ASKED, REVIEW_ANSWERED})


def review_notice(
    tx: Connection, claimed: Claimed, common: Mapping[str, Any], words: Wording
) -> tuple[str, dict[str, Any], Purpose] | Void:
    """The subject, the paragraphs and the link's purpose of the notice, by the request's current state."""
    assert claimed.period_id is not None
    review = review_in(tx, claimed.period_id, claimed.context["review"])
    rules = pinned_scoring(tx, claimed.period_id)
    state = review.state(rules.council)
    what = titles_of(rules).get(review.code, Words("toàn bộ điểm"))
    values = {"unit": review.unit.name, "what": what, "period": common["period"], "you": common["you"]}
    if claimed.context["about"] == REVIEW_ASKED:
        if state is not ReviewState.WAITING:
            return Void(Words("Đề nghị xem lại điểm đã được trình hội đồng."))
        term = answer_term(watched_period(tx, claimed.period_id, claimed.made_at), rules, review)
        title = Words("%(unit)s đề nghị xem lại điểm thi đua", **values)
        paragraphs: list[str] = [
            Words("%(unit)s đề nghị hội đồng xem lại điểm thi đua %(period)s: %(what)s.", **values),
            Words("Lý do: “%(reason)s”", reason=shortened(review.text, 600)),
            Words("Xin %(you)s mở trang, ghi phương án trả lời rồi đưa ra hội đồng.", **values),
        ]
        if term:
            due = words.day_of_week(term.last_day)
            paragraphs.append(Words("Hội đồng cần trả lời trước hết %(due)s.", due=due))
    else:
        if not state.is_answered:
            return Void(Words("Hội đồng chưa trả lời đề nghị xem lại điểm."))
        title = Words("Hội đồng đã trả lời đề nghị xem lại điểm thi đua")
        result = (
            Words("Hội đồng điều chỉnh điểm thi đua %(period)s của %(unit)s: %(what)s.", **values)
            if state is ReviewState.CHANGED
            else Words("Hội đồng giữ nguyên điểm thi đua %(period)s của %(unit)s: %(what)s.", **values)
        )
        reasons = [
            Words("Lý do: “%(reason)s”", reason=shortened(one.text, 600))
            for one in review.entries
            if one.decided_on
        ]
        paragraphs = [result, *reasons, Words("Điểm, xếp loại và lý do từng dòng có trên trang của đơn vị.")]
    say = partial(said, language=words.language)
    purpose = Purpose(claimed.context["purpose"])
    facts = {
        "call": purpose.value,
        "title": say(title),
        "paragraphs": [say(one) for one in paragraphs],
        "path": claimed.context["path"],
    }
    return facts["title"], facts, purpose
