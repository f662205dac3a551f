"""Drawing up a closed period's reports and mailing them: once, whoever asks and however often."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.directory import Role
from workflow.domain.errors import Conflict
from workflow.domain.events import Event
from workflow.domain.period import Span
from workflow.domain.rollup import rollup
from workflow.domain.score_lines import UnitScore
from workflow.domain.scoring import score
from workflow.reports.context import build_report
from workflow.reports.report_files import files_of
from workflow.reports.values import Heading, Report
from workflow.storage import Store, events, outbox
from workflow.storage.closing import scoring_of
from workflow.storage.directories import holders
from workflow.storage.figures import whole_of_previous
from workflow.storage.files import Files
from workflow.storage.letterheads import letterhead_of
from workflow.storage.opening import organisation_calendar
from workflow.storage.queries import period_of
from workflow.storage.records import load_records
from workflow.storage.score_entries import entries_of
from workflow.storage.tables import organisations, periods, persons, plans, reports, roles, rules, units


def period_report(tx: Connection, period_id: int, now: datetime) -> Report:
    """All a report on the period shows, as its facts stand: of an open period, a draft."""
    period = period_of(tx, period_id)
    today = organisation_calendar(tx, period.organisation_id).day_of(now)
    records = load_records(tx, period_id, today)
    kept = tx.execute(
        select(rules.c.scoring)
        .join(periods, periods.c.rules_id == rules.c.id)
        .where(periods.c.id == period_id)
    ).scalar_one()
    scores: tuple[UnitScore, ...] = (
        score(records, scoring_of(kept), entries_of(tx, period_id)) if kept else ()
    )
    before = whole_of_previous(tx, period_id)
    span = Span.parse(period.code)
    return build_report(heading_of(tx, period_id), span, records, rollup(records), scores, before)


def issue_reports(store: Store, files: Files, period_id: int, now: datetime) -> int:
    """Draws up the closed period's files, keeps them, and intends the mail to the recipients.

    Says how many files were made: 0 where they were there already.
    """
    with store.reading() as tx:
        period = period_of(tx, period_id)
        if period.closed_at is None:
            raise Conflict(f"{period.label} chưa khóa nên chưa phát hành báo cáo.")
        if _is_issued(tx, period_id):
            return 0
        report = period_report(tx, period_id, now)
        template = template_of(tx, files, period.organisation_id)
    name = f"bao-cao-{period.code.lower()}"
    made = [
        {"name": f"{name}.{one.ending}", "media_type": one.media_type, "sha256": files.put(one.content)}
        for one in files_of(report, template)
    ]
    with store.begin() as tx:
        tx.execute(select(periods.c.id).where(periods.c.id == period_id).with_for_update())
        if _is_issued(tx, period_id):
            return 0
        tx.execute(reports.insert(), [{**one, "period_id": period_id, "made_at": now} for one in made])
        people = holders(tx, period.organisation_id, Role.RECIPIENT, Role.OFFICE)
        context = {"lines": list(summary(report)), "files": made}
        outbox.intend(tx, outbox.REPORT, period.organisation_id, period_id, people, context, now)
        told = {"lines": context["lines"], "files": made}
        events.period_told(tx, Event.REPORT_ISSUED, period_id, now, **told)
    return len(made)


def template_of(tx: Connection, files: Files, organisation_id: int) -> bytes | None:
    """The organisation's own Word template, None where it uses the ready one."""
    digest = letterhead_of(tx, organisation_id).template
    return files.get(digest) if digest else None


def summary(report: Report) -> tuple[str, ...]:
    """The report in a few lines, for a mail and the terminal."""
    whole = report.rollup.whole
    lines = [
        f"{whole.total} nội dung: {report.whole.done_on_time + report.whole.done_late} hoàn thành, "
        f"{report.whole.under_way} đang thực hiện trong hạn, {report.whole.ongoing} thường xuyên, "
        f"{report.whole.overdue} quá hạn, {report.whole.no_report} không có báo cáo được duyệt.",
        f"Báo cáo đúng hạn: {report.whole.reports_on_time}.",
    ]
    first = [row for cluster in report.clusters for row in cluster.rows if row.rank == "1"]
    lines += [f"Dẫn đầu: {row.unit}, {row.total} điểm ({row.grade})." for row in first[:4]]
    return tuple(lines)


def _is_issued(tx: Connection, period_id: int) -> bool:
    return tx.scalar(select(reports.c.id).where(reports.c.period_id == period_id).limit(1)) is not None


def heading_of(tx: Connection, period_id: int) -> Heading:
    """The heading and signature of a period's documents, by the directory and the plan."""
    row = tx.execute(
        select(plans, organisations.c.name, organisations.c.is_party)
        .join(periods, periods.c.plan_id == plans.c.id)
        .join(organisations, organisations.c.id == plans.c.organisation_id)
        .where(periods.c.id == period_id)
    ).one()
    chair = tx.execute(
        select(persons.c.name)
        .join(roles, roles.c.person_id == persons.c.id)
        .join(units, units.c.id == roles.c.unit_id)
        .where(units.c.organisation_id == row.organisation_id, roles.c.role == Role.CHAIR.value)
    ).first()
    own = letterhead_of(tx, row.organisation_id)
    return Heading(
        organisation=row.name,
        superior=own.superior,
        place=own.place,
        is_party=row.is_party,
        plan_title=_in_sentence(row.title),
        plan_number=row.number,
        plan_issued_on=row.issued_on,
        signs_for=own.signs_for or ("T/M BAN THƯỜNG VỤ" if row.is_party else "TM. ỦY BAN NHÂN DÂN"),
        signs_as=own.signs_as or ("BÍ THƯ" if row.is_party else "CHỦ TỊCH"),
        signer=own.signer or (chair.name if chair else ""),
        recipients=("Ban Thường vụ Đảng ủy", "Các đơn vị chủ trì", "Các chi bộ trực thuộc")
        if row.is_party
        else ("Thường trực HĐND", "Các đơn vị chủ trì"),
        filed=own.filed or ("Lưu Văn phòng" if row.is_party else "Lưu: VT, VP"),
    )


def _in_sentence(title: str) -> str:
    """A plan's title as it stands inside a sentence: `Kế hoạch ...` becomes `kế hoạch ...`."""
    return title[:1].lower() + title[1:] if title.startswith(("Kế hoạch", "Chương trình")) else title
