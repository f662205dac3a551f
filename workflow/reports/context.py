"""Builds a `Report`, from which the DOCX, the XLSX and the page are all rendered.

Figures come from the rollup and the scores; wording of whole sentences is `workflow.reports.narrative`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflow.domain.cycles.cycle import Stage
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.sections import printed_code
from workflow.domain.results.evaluation import Evaluation
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import CycleRecord, Status, plan_order
from workflow.domain.results.rollup import Rollup, Tally
from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.vietnamese import day, day_in_words, name_in_text, number, percent, quantity, unbroken
from workflow.reports import narrative
from workflow.reports.values import (
    AppendixRow,
    Cluster,
    FigureRow,
    PrintedReport,
    RankRow,
    ReportHeading,
    SectionText,
    TotalRow,
)


@dataclass(frozen=True, slots=True)
class SpanText:
    """What the report of an evaluated half-year or year is written from besides its figures: what it is made
    from, every report of its periods summed, and (unit, answer) to its question."""

    made: Evaluation
    reports: Rollup
    said: tuple[tuple[str, str], ...] = ()


def build_report(
    heading: ReportHeading,
    span: Span,
    records: Sequence[CycleRecord],
    rollup: Rollup,
    scores: Sequence[UnitScore] = (),
    before: Tally | None = None,
    over: SpanText | None = None,
) -> PrintedReport:
    """The report of a period from its records, their rollup and scores; `before` is the period just before
    as a whole, where there was one; `over` is what an evaluated half-year or year says besides."""
    live = sorted(
        (record for record in records if record.stage is not Stage.WITHDRAWN),
        key=plan_order,
    )
    return PrintedReport(
        heading=heading,
        span=span,
        is_draft=any(not record.stage.is_final for record in live),
        superior_head=_in_head(heading.superior),
        organisation_head=_in_head(heading.organisation),
        number_line=_number_line(heading),
        place_and_date=_place_and_date(heading, span),
        span_text=narrative.in_sentence(span),
        appendix_note=_appendix_note(heading, span),
        subject=f"kết quả thực hiện {heading.plan_title or 'kế hoạch'} trong "
        # The title is not broken inside the period's name.
        + narrative.in_sentence(span).replace(" ", "\N{NO-BREAK SPACE}"),
        opening=_opening(heading, span),
        discipline=narrative.span_discipline(over.reports, over.made)
        if over
        else narrative.discipline(rollup, live),
        overview=(
            *narrative.overview(rollup, span, live),
            *(narrative.change(rollup.whole, before, span) if before else ()),
            *(narrative.unit_summaries(over.said) if over else ()),
        ),
        section_texts=_section_texts(rollup, live),
        sections=tuple(
            total_row(printed_code(section.code), section.title, section.depth, section.tally)
            for section in rollup.sections
        ),
        leads=tuple(total_row("", lead.unit.name, 1, lead.tally) for lead in rollup.leads),
        whole=total_row("", "Tổng số", 1, rollup.whole),
        figures=tuple(
            _figure_row(record, figure) for record in live if record.counts for figure in record.figures
        ),
        shortfalls=narrative.shortfalls(live),
        difficulties=narrative.difficulties(live),
        clusters=_clusters(scores),
        next_work=narrative.next_work(live, span),
        proposals=narrative.proposals(live),
        appendix=_appendix(live),
        rollup=rollup,
        records=tuple(live),
        scores=tuple(scores),
    )


def total_row(code: str, name: str, depth: int, tally: Tally) -> TotalRow:
    """A tally as a row of a table."""
    by_status = tally.by_status
    on_time = tally.reports_on_time_share
    return TotalRow(
        code=code,
        name=name or "Nội dung ngoài các mục",
        depth=depth,
        total=tally.total,
        done_on_time=by_status[Status.DONE_ON_TIME],
        done_late=by_status[Status.DONE_LATE],
        # Reported as done with a target missed, an item is still under way.
        under_way=by_status[Status.UNDER_WAY] + by_status[Status.DONE_SHORT],
        overdue=by_status[Status.OVERDUE],
        not_started=by_status[Status.NOT_STARTED],
        ongoing=by_status[Status.ONGOING],
        not_arisen=by_status[Status.NOT_ARISEN],
        no_report=by_status[Status.NO_REPORT] + by_status[Status.PENDING],
        progress="–" if tally.mean_progress is None else number(tally.mean_progress, 1),
        reports_on_time="–" if on_time is None else percent(on_time),
    )


def result_text(record: CycleRecord) -> str:
    """What was achieved: the unit's text, then its figures against their targets."""
    if record.status is Status.NO_REPORT:
        return "Không có báo cáo được duyệt."
    named = [_figure_text(figure) for figure in record.figures if not _is_bare(figure)]
    bare = "; ".join(_figure_text(figure) for figure in record.figures if _is_bare(figure))
    lines = [record.text.strip(), *named, f"Đạt/chỉ tiêu: {bare}" if bare else ""]
    return "\n".join(line for line in lines if line) or (record.reported.label if record.reported else "")


def status_text(record: CycleRecord) -> str:
    """The official status; where by rule the unit's word holds against its targets, both."""
    if record.status in (Status.DONE_ON_TIME, Status.DONE_LATE) and record.contradiction:
        return f"{record.status.label} theo đơn vị báo; chỉ tiêu chưa đạt"
    return record.status.label


def decision_text(record: CycleRecord) -> str:
    """The committee's decision with its count: `Đã duyệt 24/03/2026 (3/5)`; where there is none although the
    unit reported, who did not answer."""
    if record.is_undecided and record.note:
        return record.note
    if record.vote is None or not record.is_approved:
        return record.stage.label
    on = f" {day(record.vote.on)}" if record.vote.on else ""
    found = f"{record.stage.label}{on} ({record.vote.approve}/{record.vote.base})"
    return f"{found}; {record.reopened}" if record.reopened else found


def start_text(record: CycleRecord) -> str:
    """When the item begins, as the plan prints it or from its day. A lone time column stands in both cells: a
    deadline or a rhythm in it is no beginning."""
    is_lone = record.start_text == record.deadline_text
    if is_lone and (record.start is None or record.start == record.due):
        return ""
    return record.start_text or (day(record.start) if record.start else "")


def deadline_text(record: CycleRecord) -> str:
    """When the item ends, as the plan prints it or from its due day."""
    return record.deadline_text or (day(record.due) if record.due else "")


def content_text(record: CycleRecord) -> str:
    """The item's content, with the expected product where the plan has it in a separate column."""
    return "\n".join(filter(None, (record.content, record.product and f"Sản phẩm: {record.product}")))


def coordinating_text(record: CycleRecord) -> str:
    """The coordinating units, as the plan prints them or those asked."""
    return record.coordinating_text or ", ".join(word.unit.name for word in record.words)


_PLACE = re.compile(r"(?<=\s)(PHƯỜNG|XÃ|ĐẶC KHU|THỊ TRẤN|THÀNH PHỐ|TỈNH|QUẬN|HUYỆN|THỊ XÃ)\s.+$")


def _in_head(name: str) -> str:
    """A body's name in capitals; where it takes two lines, the place it is of begins the second."""
    return _PLACE.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), name.upper())


def _number_line(heading: ReportHeading) -> str:
    # Guidance 36-HD/VPTW writes "Số 12-BC/ĐU", Decree 30/2020 "Số: 12/BC-UBND".
    mark = "Số" if heading.is_party else "Số:"
    return f"{mark} {heading.number or '…………'}"


def _place_and_date(heading: ReportHeading, span: Span) -> str:
    # The day is not broken over two lines; the place may be on the line above.
    on = _date(heading, span).replace(" ", "\N{NO-BREAK SPACE}")
    return f"{heading.place or '…………'}, {on}"


def _date(heading: ReportHeading, span: Span) -> str:
    return day_in_words(heading.on) if heading.on else f"ngày … tháng … năm {span.last_day.year}"


def _appendix_note(heading: ReportHeading, span: Span) -> str:
    # Party documents set a comma before the day, state ones don't.
    comma = "," if heading.is_party else ""
    number = heading.number or "…………"
    return f"Kèm theo Báo cáo số {number}{comma} {_date(heading, span)} của {heading.organisation}"


def _opening(heading: ReportHeading, span: Span) -> str:
    issued = [f"số {heading.plan_number}"] if heading.plan_number else []
    if heading.plan_issued_on:
        issued.append(f"ngày {day(heading.plan_issued_on)}")
    plan = heading.plan_title or "kế hoạch"
    if issued:
        plan += f" ({', '.join(issued)})"
    return f"Thực hiện {plan}, {heading.organisation} báo cáo kết quả {narrative.in_sentence(span)} như sau:"


def _section_texts(rollup: Rollup, live: Sequence[CycleRecord]) -> tuple[SectionText, ...]:
    """A paragraph for each section that holds items itself."""
    by_section: dict[str, list[CycleRecord]] = {}
    for record in live:
        code = record.section_codes[-1] if record.section_codes else ""
        by_section.setdefault(code, []).append(record)
    return tuple(
        SectionText(
            section.code,
            section.title or "Nội dung ngoài các mục",
            narrative.of_section(by_section[section.code]),
        )
        for section in rollup.sections
        if section.code in by_section
    )


def _figure_row(record: CycleRecord, figure: Figure) -> FigureRow:
    if figure.is_reached:
        verdict = "Đạt"
    else:
        is_in_time = record.status in (Status.UNDER_WAY, Status.DONE_SHORT)
        verdict = "Còn trong hạn" if is_in_time else "Chưa đạt"
    return FigureRow(
        record.code,
        narrative.brief(record.content) + ("" if _is_bare(figure) else f" – {figure.text}"),
        _target_text(figure),
        "–" if figure.so_far is None else quantity(figure.so_far, figure.measure),
        verdict,
        figure.is_reached,
    )


def _figure_text(figure: Figure) -> str:
    reached = "chưa có số liệu" if figure.so_far is None else number(figure.so_far)
    name = "" if _is_bare(figure) else f"{figure.text}: "
    return f"{name}{reached}/{quantity(figure.expected, figure.measure)}"


def _target_text(figure: Figure) -> str:
    if figure.text and _is_bare(figure):
        return figure.text
    wanted = quantity(figure.expected, figure.measure)
    is_plain = figure.comparison in (Comparison.EXACTLY, Comparison.RANK)
    return wanted if is_plain else f"{figure.comparison.label} {wanted}"


def _is_bare(figure: Figure) -> bool:
    """Whether a target has no name of its own: no text, or one that only says its value (`trên 95%`)."""
    numbers = re.findall(r"\d[\d.,]*\d|\d", figure.text)
    return not figure.text or number(figure.expected) in [found.lstrip("0") for found in numbers]


def _clusters(scores: Sequence[UnitScore]) -> tuple[Cluster, ...]:
    by_cluster: dict[str, list[RankRow]] = {}
    places = Counter((score.unit.cluster, score.rank) for score in scores)
    for score in scores:
        by_cluster.setdefault(score.unit.cluster, []).append(
            RankRow(
                rank="–" if score.rank is None else str(score.rank),
                unit=score.unit.name,
                points=_points(score.points),
                maximum=number(score.maximum),
                extras=_signed(score),
                total=_points(score.total),
                grade=score.grade or "Không xếp loại",
                note=score.rank_reason,
                is_ranked=score.rank is not None,
                is_shared=places[score.unit.cluster, score.rank] > 1,
            )
        )
    return tuple(
        Cluster(name, tuple(rows), narrative.unranked([row for row in rows if not row.is_ranked]))
        for name, rows in by_cluster.items()
    )


def _points(points: Decimal) -> str:
    # Points keep the places they were rounded to, so that a column of them lines up.
    return f"{points:f}".replace(".", ",")


def _signed(score: UnitScore) -> str:
    if not score.extras:
        return "–"
    points = sum((extra.points for extra in score.extras), Decimal(0))
    return f"{points:+f}".replace(".", ",").replace("-", "–")


def _appendix(live: Sequence[CycleRecord]) -> tuple[AppendixRow, ...]:
    rows: list[AppendixRow] = []
    above: tuple[str, ...] = ()
    for record in live:
        for depth, title in enumerate(record.section_titles, 1):
            if record.section_codes[:depth] != above[:depth]:
                rows.append(AppendixRow(True, printed_code(record.section_codes[depth - 1]), title))
        above = record.section_codes
        rows.append(
            AppendixRow(
                is_heading=False,
                code=record.code,
                content=content_text(record),
                leaders="\n".join(map(name_in_text, record.leaders_shown)),
                leads="\n".join(unit.name for unit in record.leads),
                coordinating=coordinating_text(record),
                start=unbroken(start_text(record)),
                deadline=unbroken(deadline_text(record)),
                result=result_text(record),
                progress="–" if record.progress is None else f"{number(record.progress)}%",
                status=status_text(record),
                decision=decision_text(record),
            )
        )
    return tuple(rows)
