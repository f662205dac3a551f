"""What stands around a report's text (place, superior body, signature, recipients) and what of it is missing.

A report is not issued with a blank in it. The page, the command, the API and what issues by itself all ask
`missing_of`, so that they agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from workflow.domain.errors import Conflict
from workflow.domain.people.bodies import VotedMatter
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.reports.period_reports import heading_for
from workflow.reports.values import ReportHeading
from workflow.storage.names import person_names
from workflow.storage.people.rolls import chairs_now
from workflow.storage.periods.periods import period_of
from workflow.storage.reports.issues import Issue
from workflow.storage.reports.letterheads import letterhead_of

# Decree 30/2020, appendix I, part I, II.7: TM. (on behalf of a body), KT. (for its head), TL., TUQ., Q.; the
# Party's guidance writes T/M, K/T, T/L.
_AUTHORITY = re.compile(r"(?:t/?m|k/?t|t/?l|tuq|t/?uq|q)\.?\s")
# "để báo cáo", "để b/c", or "báo cáo" after the name, as offices shorten it.
_TO_REPORT = re.compile(r"de bao cao|de b/?c\b|\(b/?c\)")


class HeadingPart(StrEnum):
    """A place of the document that must not stay blank."""

    PLACE = "place"
    SUPERIOR = "superior"
    AUTHORITY = "authority"
    OFFICE = "office"
    SIGNER = "signer"
    RECIPIENTS = "recipients"
    TO_SUPERIOR = "to-superior"


@dataclass(frozen=True, slots=True)
class MissingPart:
    """What is missing, `what` and its `cure` in words. `page` leads to it below the office's address, with
    `{period}` for the period's code; `command` does the same on the command line, empty where none does."""

    part: HeadingPart
    what: Words
    cure: Words
    page: str
    command: str = ""


class IncompleteLetterhead(Conflict):
    """A report is not issued with blanks; `missing` are all of them."""

    def __init__(self, missing: Sequence[MissingPart]) -> None:
        self.missing = tuple(missing)
        super().__init__(
            Words(
                "Chưa phát hành: báo cáo còn thiếu %(what)s.",
                what=Words.joined([one.what for one in missing], by="; "),
            ),
            cure=Words.joined([one.cure for one in missing]),
        )


def missing_of(tx: Connection, issue: Issue) -> tuple[MissingPart, ...]:
    """What is missing for a report to be issued, in the order of the document; empty where it is complete."""
    period = period_of(tx, issue.period_id)
    chairs = chairs_now(tx, period.organisation_id, [period.body_of(VotedMatter.REPORT).id])
    return missing_in(
        heading_for(tx, issue, issue.draft),
        period.kind,
        tuple(person_names(tx, chairs).values()),
        has_no_superior=letterhead_of(tx, period.organisation_id).no_superior,
    )


def missing_in(
    heading: ReportHeading, kind: OrganisationKind, chairs: Sequence[str], *, has_no_superior: bool
) -> tuple[MissingPart, ...]:
    """What a heading lacks; `chairs` are the names of those who lead."""
    found = []
    if not heading.place:
        found.append(_set(HeadingPart.PLACE, Words("địa danh"), "--place"))
    if not heading.superior and not has_no_superior:
        found.append(_set(HeadingPart.SUPERIOR, Words("cơ quan cấp trên"), "--superior"))
    words = kind.words
    leads = not heading.signer or fold(heading.signer) in map(fold, chairs)
    signs = f"{heading.signs_for}\n{heading.signs_as}".splitlines()
    has_authority = any(_AUTHORITY.match(f"{fold(line)} ") for line in signs)
    if not has_authority and (words.signs_for or not leads):
        example = words.signs_for if leads or words.signs_for else words.deputy_as.splitlines()[0]
        what = Words("quyền hạn ký (như %(example)s)", example=example)
        found.append(_set(HeadingPart.AUTHORITY, what, "--signs-for"))
    if not heading.signs_as:
        found.append(_set(HeadingPart.OFFICE, Words("chức vụ của người ký"), "--signs-as"))
    elif not leads and fold(heading.signs_as) == fold(words.signs_as):
        # A deputy's name under the leader's office would be a false signature.
        what = Words(
            "chức vụ của %(name)s: người ký không phải người đứng đầu mà chức vụ ghi %(title)s",
            name=heading.signer,
            title=heading.signs_as,
        )
        found.append(_set(HeadingPart.OFFICE, what, "--signs-as"))
    if not heading.signer:
        found.append(_set(HeadingPart.SIGNER, Words("họ tên người ký"), "--signer"))
    page = "/reports/{period}/recipients"
    if not heading.recipients:
        cure = Words("Ghi ở trang Nơi nhận của báo cáo.")
        found.append(MissingPart(HeadingPart.RECIPIENTS, Words("nơi nhận"), cure, page))
    if heading.superior and not any(_TO_REPORT.search(fold(line)) for line in heading.recipients):
        cure = Words(
            "Ở trang Nơi nhận, thêm dòng như “%(line)s”.",
            line=heading.to_superior or f"{heading.superior} (để báo cáo)",
        )
        what = Words("nơi nhận “để báo cáo” của cơ quan cấp trên")
        found.append(MissingPart(HeadingPart.TO_SUPERIOR, what, cure, page))
    return tuple(found)


def _set(part: HeadingPart, what: Words, option: str) -> MissingPart:
    cure = Words("Đặt %(what)s ở trang Tiêu đề, chữ ký.", what=_LABELS[part])
    return MissingPart(part, what, cure, "/letterhead", f'tiendo report letterhead {option} "…"')


_LABELS = {
    HeadingPart.PLACE: Words("địa danh"),
    HeadingPart.SUPERIOR: Words("cơ quan cấp trên, hoặc chọn không có,"),
    HeadingPart.AUTHORITY: Words("quyền hạn ký"),
    HeadingPart.OFFICE: Words("chức vụ của người ký"),
    HeadingPart.SIGNER: Words("họ tên người ký"),
}
