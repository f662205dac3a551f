"""Who a report goes to, and what became of each mail: the list stored per organisation, edited per report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from workflow.domain.addresses import ascii_address
from workflow.domain.delivery import Trouble, trouble_of
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.directory import Role
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.canonical import plain, revived
from workflow.storage.people.addressees import persons_at
from workflow.storage.people.directory import holders
from workflow.storage.post.intents import NOTICE, REPORT, intend
from workflow.storage.post.office_mails import UNDELIVERED, put_back
from workflow.storage.private_values import sealed
from workflow.storage.reports.issues import Issue, Recipient
from workflow.storage.tables import organisations, outbox, persons, report_issues

RECALLED = "report-recalled"
"""`about` of the notice that an issued report is recalled."""
MOST = 200
"""Lines a list may have."""


def usual_recipients(tx: Connection, organisation_id: int, printed: Sequence[str]) -> tuple[Recipient, ...]:
    """The organisation's list as the office saved it last; else the lines a report of its kind prints, and
    mail to whoever receives reports and to the office."""
    kept = tx.scalar(select(organisations.c.report_recipients).where(organisations.c.id == organisation_id))
    if kept:
        return revived(tuple[Recipient, ...], kept)
    people = holders(tx, organisation_id, Role.RECIPIENT, Role.OFFICE)
    named = tx.execute(
        select(persons.c.name, persons.c.email).where(persons.c.id.in_(people)).order_by(persons.c.id)
    )
    return (
        *(Recipient(line) for line in printed),
        *(Recipient(row.name, row.email, is_printed=False) for row in named),
    )


def save_recipients(
    tx: Connection,
    issue: Issue,
    recipients: Sequence[Recipient],
    person_id: int,
    now: datetime,
    *,
    as_usual: bool = False,
) -> None:
    """Stores the list of a locked report not issued yet and, with `as_usual`, as the organisation's own."""
    if not issue.is_open:
        raise Conflict(
            Words("Báo cáo đã phát hành nên nơi nhận không sửa được."),
            cure=Words("Dùng “Gửi lại” cho từng người."),
        )
    _check(recipients)
    kept = plain(tuple(recipients))
    tx.execute(update(report_issues).where(report_issues.c.id == issue.id).values(recipients=kept))
    if as_usual:
        tx.execute(
            update(organisations)
            .where(organisations.c.id == issue.organisation_id)
            .values(report_recipients=kept)
        )
    in_log = [{**one, "email": sealed(tx, None, one["email"])} if one["email"] else one for one in kept]
    details = {"period": issue.period_id, "issue": issue.id, "recipients": in_log, "as_usual": as_usual}
    record(tx, issue.organisation_id, now, AuditEntry("report-recipients", person_id, details))


def _check(recipients: Sequence[Recipient]) -> None:
    if len(recipients) > MOST:
        raise NotAllowed(Words("Danh sách nơi nhận nhiều nhất %(n)s dòng.", n=MOST))
    seen: dict[str, str] = {}
    for one in recipients:
        if not one.label:
            raise NotAllowed(
                Words("Dòng có địa chỉ %(email)s chưa ghi tên nơi nhận.", email=one.email),
                cure=Words("Ghi tên nơi nhận."),
            )
        if not one.email:
            continue
        try:
            ascii_address(one.email)
        except ValueError:
            raise NotAllowed(
                Words("“%(email)s” không phải là một địa chỉ thư.", email=one.email),
                cure=Words("Viết như ten@donvi.vn."),
            ) from None
        if one.email.lower() in seen:
            raise NotAllowed(
                Words(
                    "Địa chỉ %(email)s ghi hai lần: %(first)s và %(second)s.",
                    email=one.email,
                    first=seen[one.email.lower()],
                    second=one.label,
                ),
                cure=Words("Bỏ bớt một dòng, hoặc để trống địa chỉ ở dòng chỉ để in."),
            )
        seen[one.email.lower()] = one.label


def send_report(tx: Connection, issue: Issue, context: dict[str, Any], now: datetime) -> int:
    """Puts the mail with the report to each address of its list into the outbox; returns how many."""
    named = {one.email: one.label for one in issue.recipients if one.email}
    people = persons_at(tx, issue.organisation_id, named)
    intend(tx, REPORT, issue.organisation_id, issue.period_id, people, {**context, "issue": issue.id}, now)
    return len(people)


def send_recall(tx: Connection, issue: Issue, now: datetime) -> int:
    """Puts the mail that the report is recalled into the outbox, for everyone it was sent to; returns how
    many they are."""
    people = {row.person_id for row in _mails(tx, issue)}
    context = {"about": RECALLED, "issue": issue.id}
    intend(tx, NOTICE, issue.organisation_id, issue.period_id, sorted(people), context, now)
    return len(people)


@dataclass(frozen=True, slots=True)
class ReportDelivery:
    """A mail of a report to one address. `n_again` counts the times it was sent again."""

    outbox_id: int
    person_id: int
    label: str
    email: str
    kind: str
    state: str
    made_at: datetime
    sent_at: datetime | None
    undelivered_at: datetime | None
    error: str
    n_again: int

    @property
    def is_undelivered(self) -> bool:
        """Whether it did not arrive."""
        return self.state in UNDELIVERED

    @property
    def trouble(self) -> Trouble:
        """Why it did not arrive."""
        return trouble_of(self.error)


def deliveries_of(tx: Connection, issue: Issue) -> tuple[ReportDelivery, ...]:
    """Every mail of the report, in the order of its list, those not arrived first."""
    labels = {one.email.lower(): (place, one.label) for place, one in enumerate(issue.recipients)}
    found = []
    for row in _mails(tx, issue):
        place, label = labels.get(row.email.lower(), (MOST, row.name))
        state = ReportDelivery(
            row.id,
            row.person_id,
            label,
            row.address or row.email,
            row.kind if row.kind == REPORT else RECALLED,
            row.state,
            row.made_at,
            row.sent_at,
            row.undelivered_at,
            row.error,
            int(row.context.get("again", 0)),
        )
        found.append(((not state.is_undelivered, place, row.id), state))
    return tuple(state for _, state in sorted(found, key=lambda one: one[0]))


def resend(tx: Connection, issue: Issue, outbox_id: int, person_id: int, now: datetime) -> None:
    """Sends one mail of the report again: one that did not arrive under its own Message-ID, one that was
    accepted as a new mail."""
    row = next((one for one in _mails(tx, issue) if one.id == outbox_id), None)
    if row is None:
        raise NotAllowed(Words("Thư này không thuộc báo cáo."))
    if row.state not in (*UNDELIVERED, "sent"):
        raise Conflict(Words("Thư này còn đang chờ gửi."), cure=Words("Xem lại sau ít phút."))
    context = {**row.context, "again": int(row.context.get("again", 0)) + 1}
    if row.state in UNDELIVERED:
        tx.execute(update(outbox).where(outbox.c.id == row.id).values(**put_back(now), context=context))
    else:
        intend(tx, row.kind, issue.organisation_id, issue.period_id, [row.person_id], context, now)
    details = {"period": issue.period_id, "issue": issue.id, "person": row.person_id, "was": row.state}
    record(tx, issue.organisation_id, now, AuditEntry("report-resent", person_id, details))


def _mails(tx: Connection, issue: Issue) -> list[Row[Any]]:
    """The outbox rows of the report: sent out, and recalled."""
    rows = tx.execute(
        select(outbox, persons.c.name, persons.c.email)
        .join(persons, persons.c.id == outbox.c.person_id)
        .where(outbox.c.period_id == issue.period_id, outbox.c.kind.in_((REPORT, NOTICE)))
        .order_by(outbox.c.id)
    )
    return [
        row
        for row in rows
        if row.context.get("issue") == issue.id and (row.kind == REPORT or row.context["about"] == RECALLED)
    ]
