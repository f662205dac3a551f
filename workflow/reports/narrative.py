"""Sentences of a report written from the figures, in the language of administrative documents.

Drafts for the office to edit before the report is approved; the tables are `workflow.reports.context`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from workflow.domain.periods.period import Span
from workflow.domain.results.evaluation import Evaluation
from workflow.domain.results.record import CycleRecord, Status
from workflow.domain.results.rollup import Rollup, Tally, tally
from workflow.domain.results.sentences import FactSentence
from workflow.domain.vietnamese import count, day, fold, joined, number, percent
from workflow.reports.values import RankRow

_LISTED = 5
"""How many items a sentence names before it counts the others."""

_OPEN = frozenset({Status.UNDER_WAY, Status.NOT_STARTED, Status.DONE_SHORT})
_LATE = frozenset({Status.OVERDUE, Status.DONE_LATE})


def in_sentence(span: Span) -> str:
    """A period's label inside a sentence: `quý I/2026`."""
    return span.label[:1].lower() + span.label[1:]


def brief(content: str, words: int = 24) -> str:
    """An item's content short enough for a sentence, on one line."""
    found = content.lstrip("-+ ").split()
    short = " ".join(found[:words]).rstrip(".;,–- ")
    if len(found) > words:
        short += "…"
    return short + "”" * max(short.count("“") - short.count("”"), 0)


def discipline(rollup: Rollup, records: Sequence[CycleRecord]) -> tuple[str, ...]:
    """How reporting, confirming and approving went."""
    whole = rollup.whole
    if not whole.total:
        return (FactSentence("Trong kỳ không có nội dung nào đến kỳ báo cáo."),)
    sent = f"Hạn báo cáo của kỳ là ngày {day(_report_day(records))}. {_sent(whole)}"
    asked = [record for record in records if record.words]
    return (
        FactSentence(sent, records),
        *(FactSentence(text, asked) for text in _coordination(rollup)),
        FactSentence(_approval(whole), records),
        *_undecided(records),
    )


def _report_day(records: Sequence[CycleRecord]) -> date:
    """The period's last day to report: that of most items. One item's longer time is not it."""
    days = Counter(record.report_due_on for record in records)
    return min(days, key=lambda one: (-days[one], one))


def span_discipline(reports: Rollup, made: Evaluation) -> tuple[str, ...]:
    """What an evaluated half-year or year is made from, what it lacks, and how reporting went in its
    periods; `reports` counts every report that was owed."""
    labels = joined([one.label for one in made.sources])
    found = [
        f"Báo cáo lấy từ kết quả đã khóa của {count(len(made.sources))} kỳ: {labels}; các đơn vị không phải "
        "báo cáo lại từng nội dung."
    ]
    if made.lacking:
        missing = joined([str(one.shown) for one in made.lacking])
        found.append(f"Khi đánh giá còn thiếu: {missing}. {_sentence(made.because)}".rstrip())
    if reports.whole.total:
        found += [
            f"Trong các kỳ ấy: {_sent(reports.whole)}",
            *_coordination(reports),
            _approval(reports.whole),
        ]
    return tuple(found)


def unit_summaries(said: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What the units said of an evaluated half-year or year, each under its name; nothing where none did."""
    if not said:
        return ()
    return ("Các đơn vị tự đánh giá:", *(f"{unit}: {_sentence(text)}" for unit, text in said))


def _sent(whole: Tally) -> str:
    """How many reports were sent in time, late, and not at all."""
    late = whole.submitted - whole.reports_on_time
    parts = [f"{count(whole.reports_on_time)}/{count(whole.total)} báo cáo được nộp đúng hạn"]
    if whole.reports_on_time_share is not None:
        parts[0] += f" ({percent(whole.reports_on_time_share)})"
    if late:
        parts.append(f"{count(late)} báo cáo nộp chậm")
    if missing := whole.total - whole.submitted:
        parts.append(f"{count(missing)} nội dung không có báo cáo")
    return f"Có {'; '.join(parts)}."


def overview(rollup: Rollup, span: Span, records: Sequence[CycleRecord]) -> tuple[str, ...]:
    """The period's results as a whole."""
    whole = rollup.whole
    counted = [record for record in records if record.counts]
    found = [
        FactSentence(
            f"Trong {in_sentence(span)} có {count(whole.total)} nội dung được theo dõi, do "
            f"{count(len(rollup.leads))} đơn vị chủ trì. Kết quả: {by_status(whole)}.",
            records,
        )
    ]
    progress = ""
    if whole.mean_progress is not None:
        progress = (
            f"Tiến độ bình quân của các nội dung có báo cáo được duyệt là {number(whole.mean_progress, 1)}%."
        )
    if whole.done_on_time_share is not None:
        reached = whole.done + whole.by_status[Status.OVERDUE]
        progress += (
            f" Trong {count(reached)} nội dung đã hoàn thành hoặc đã quá hạn, "
            f"{count(whole.by_status[Status.DONE_ON_TIME])} nội dung hoàn thành đúng hạn, "
            f"đạt {percent(whole.done_on_time_share)}."
        )
    if progress:
        found.append(FactSentence(progress.strip(), counted))
    if whole.figures:
        found.append(
            FactSentence(
                f"Về chỉ tiêu định lượng, {count(whole.figures_reached)}/{count(whole.figures)} chỉ tiêu đã "
                "đạt hoặc vượt mức đề ra.",
                [record for record in counted if record.figures],
            )
        )
    return tuple(found)


def change(whole: Tally, before: Tally, span: Span) -> tuple[str, ...]:
    """The period against the one just before, as a whole."""
    changes = [
        _counted("số nội dung được theo dõi", before.total, whole.total),
        _counted("số nội dung đã hoàn thành", before.done, whole.done),
        _counted("số nội dung quá hạn", before.by_status[Status.OVERDUE], whole.by_status[Status.OVERDUE]),
    ]
    for name, earlier, now in (
        ("tỷ lệ báo cáo đúng hạn", before.reports_on_time_share, whole.reports_on_time_share),
        ("tỷ lệ hoàn thành đúng hạn", before.done_on_time_share, whole.done_on_time_share),
    ):
        if earlier is not None and now is not None:
            changes.append(_moved(name, earlier < now, percent(earlier), percent(now)))
    return (f"So với {in_sentence(span.previous)}: {'; '.join(changes)}.",)


def of_section(records: Sequence[CycleRecord]) -> FactSentence:
    """One section's own items summed up, with the finished ones named."""
    own = tally(records)
    said = [record for record in records if record.status in (Status.DONE_ON_TIME, Status.DONE_LATE)]
    done = [record for record in said if not record.contradiction]
    found = f"{count(own.total)} nội dung: {by_status(own)}."
    if own.mean_progress is not None:
        found += f" Tiến độ bình quân {number(own.mean_progress, 1)}%."
    if done:
        found += f" Đã hoàn thành: {_named(done)}."
    if by_word := [record for record in said if record.contradiction]:
        found += f" Tính hoàn thành theo đơn vị báo, chỉ tiêu chưa đạt: {_named(by_word)}."
    if short := [record for record in records if record.status is Status.DONE_SHORT]:
        found += f" Báo hoàn thành, chỉ tiêu chưa đạt: {_named(short)}."
    if overdue := [record for record in records if record.status is Status.OVERDUE]:
        found += f" Quá hạn chưa hoàn thành: {_named(overdue)}."
    return FactSentence(found, records)


def by_status(of: Tally) -> str:
    """The counts by status in a row, without the empty ones: `05 hoàn thành đúng hạn, 02 thường xuyên`."""
    return (
        joined(
            [
                f"{count(of.by_status[status])} {status.label[:1].lower()}{status.label[1:]}"
                for status in Status
                if of.by_status[status] and status is not Status.WITHDRAWN
            ]
        )
        or "không có nội dung nào"
    )


def shortfalls(records: Sequence[CycleRecord]) -> tuple[str, ...]:
    """What is late or missing, item by item, with the unit's reason."""
    found = [
        FactSentence(
            f"{_item(record)}: thời hạn {day(record.due)}, {_so_far(record)} "
            + (_cause(record) or "Đơn vị chưa nêu nguyên nhân."),
            [record],
        )
        for record in records
        if record.status is Status.OVERDUE and record.due
    ]
    found += [
        FactSentence(
            f"{_item(record)}: đơn vị báo hoàn thành, chỉ tiêu chưa đạt ({record.contradiction}). "
            f"{_cause(record)}".rstrip(),
            [record],
        )
        for record in records
        if record.contradiction and record.status in (Status.DONE_SHORT, Status.DONE_ON_TIME)
    ]
    found += [
        FactSentence(
            f"{_item(record)}: {_done_late(record)} ({_due(record)}). {_cause(record)}".rstrip(),
            [record],
        )
        for record in records
        if record.status is Status.DONE_LATE
    ]
    found += [
        FactSentence(
            f"{_item(record)}: "
            + ("báo cáo chưa được duyệt khi khóa kỳ." if record.first_submitted_on else "không có báo cáo."),
            [record],
        )
        for record in records
        if record.status is Status.NO_REPORT
    ]
    return tuple(found) or (FactSentence("Không có nội dung quá hạn hoặc thiếu báo cáo."),)


def _so_far(record: CycleRecord) -> str:
    """How far an overdue item came. What its unit calls done is not printed as if it were."""
    if record.contradiction:
        return f"đơn vị báo hoàn thành, chỉ tiêu chưa đạt ({record.contradiction})."
    return f"đến nay đạt {number(record.progress or 0)}%."


def _done_late(record: CycleRecord) -> str:
    if record.contradiction:
        return f"đơn vị báo hoàn thành, chỉ tiêu chưa đạt ({record.contradiction}), và đã quá hạn"
    return "đã hoàn thành nhưng quá hạn"


def difficulties(records: Sequence[CycleRecord]) -> tuple[str, ...]:
    """The difficulties the units wrote of, but for those already given as the reason of a late item."""
    others = [record for record in records if record.status not in _LATE]
    late = [record for record in records if record.status in _LATE and _cause(record)]
    more = " khác" if late else ""
    return _said(others, lambda record: record.difficulties) or (
        FactSentence(f"Các đơn vị không báo cáo khó khăn, vướng mắc{more}.", late),
    )


def proposals(records: Sequence[CycleRecord]) -> tuple[str, ...]:
    """What the units propose."""
    return _said(records, lambda record: record.proposals) or (
        FactSentence("Các đơn vị không có kiến nghị, đề xuất."),
    )


def _said(records: Sequence[CycleRecord], of: Callable[[CycleRecord], str]) -> tuple[str, ...]:
    """What the units wrote under one head, each with its item; the same words of several items once."""
    same: dict[str, list[CycleRecord]] = {}
    for record in records:
        if text := fold(of(record)).rstrip(" .;"):
            same.setdefault(text, []).append(record)
    found = []
    for alike in same.values():
        text = _sentence(of(alike[0]))
        if len(alike) == 1:
            found.append(FactSentence(f"{_item(alike[0])}: {text}", alike))
            continue
        leads = dict.fromkeys(record.leads[0].name for record in alike if record.leads)
        codes = ", ".join(record.code for record in alike)
        found.append(FactSentence(f"{text} (Các mục {codes}; {joined(list(leads))}.)", alike))
    return tuple(found)


def unranked(rows: Sequence[RankRow]) -> str:
    """The units that are not ranked, by the reason; empty where all are."""
    by_note: dict[str, list[str]] = {}
    for row in rows:
        by_note.setdefault(row.note, []).append(row.unit)
    return " ".join(
        f"Không xếp hạng {count(len(units))} đơn vị: {joined(units)}. {note}".rstrip()
        for note, units in by_note.items()
    )


def next_work(records: Sequence[CycleRecord], span: Span) -> tuple[str, ...]:
    """What the next period must do."""
    following = span.following
    overdue = [r for r in records if r.status is Status.OVERDUE]
    missing = [r for r in records if r.status is Status.NO_REPORT]
    coming = [r for r in records if r.status in _OPEN and r.due and r.due <= following.last_day]
    ongoing = [record for record in records if record.status is Status.ONGOING]
    later = [record for record in records if record.status in _OPEN and record not in coming]
    found = []
    if overdue:
        text = f"Hoàn thành dứt điểm {count(len(overdue))} nội dung đã quá hạn: {_named(overdue)}."
        found.append(FactSentence(text, overdue))
    if coming:
        # Each with its own deadline: the period's end is none of theirs.
        named = joined(
            [f"{brief(one.content, 18)} ({one.code}, hạn {day(one.due)})" for one in coming if one.due],
            _LISTED,
        )
        text = f"Hoàn thành {count(len(coming))} nội dung có hạn đến hết {in_sentence(following)}: {named}."
        found.append(FactSentence(text, coming))
    if missing:
        text = f"Báo cáo bổ sung {count(len(missing))} nội dung chưa có kết quả được duyệt."
        found.append(FactSentence(text, missing))
    if later:
        text = f"Tiếp tục thực hiện {count(len(later))} nội dung còn lại theo thời hạn của kế hoạch."
        found.append(FactSentence(text, later))
    if ongoing:
        found.append(FactSentence(f"Duy trì {count(len(ongoing))} nội dung thực hiện thường xuyên.", ongoing))
    return tuple(found) or (FactSentence("Không còn nội dung phải thực hiện trong kỳ tới."),)


def _coordination(rollup: Rollup) -> tuple[str, ...]:
    answers = [total.answers for total in rollup.coordinating]
    asked = sum(one.asked for one in answers)
    if not asked:
        return ()
    counts = (
        (sum(one.confirmed for one in answers), "xác nhận"),
        (sum(one.partial for one in answers), "xác nhận một phần"),
        (sum(one.objected for one in answers), "không đồng ý"),
        (sum(one.deemed for one in answers), "không trả lời, được coi là đồng ý theo quy tắc của kỳ"),
        (sum(one.silent for one in answers), "không trả lời"),
    )
    on_time = sum(one.on_time for one in answers)
    listed = "; ".join(f"{count(times)} lượt {text}" for times, text in counts if times)
    return (
        f"Các đơn vị phối hợp được đề nghị xác nhận {count(asked)} lượt, trả lời đúng hạn "
        f"{count(on_time)} lượt. Trong đó: {listed}.",
    )


def _approval(whole: Tally) -> str:
    returned = []
    if whole.returns_by_objection:
        returned.append(f"{count(whole.returns_by_objection)} lượt do đơn vị phối hợp phản đối")
    if whole.returns_by_committee:
        returned.append(f"{count(whole.returns_by_committee)} lượt do cấp có thẩm quyền trả lại")
    sent_back = f" Số lượt phải báo cáo lại: {joined(returned)}." if returned else ""
    return f"Đã phê duyệt {count(whole.approved)}/{count(whole.total)} báo cáo.{sent_back}"


def _undecided(records: Sequence[CycleRecord]) -> tuple[str, ...]:
    """The reports that others did not answer, and who; what becomes of their figures."""
    found = []
    for is_left_out, treated in ((False, "được tính theo báo cáo đã gửi"), (True, "không được tính")):
        own = [one for one in records if one.unheard is not None and one.is_left_out is is_left_out]
        if own:
            named = "; ".join(f"{one.code}: {one.unheard.said}" for one in own if one.unheard)
            found.append(
                FactSentence(
                    f"Có {count(len(own))} nội dung đã báo cáo mà chưa được quyết định ({named}); "
                    f"số liệu của các nội dung này {treated}.",
                    own,
                )
            )
    return tuple(found)


def _named(records: Sequence[CycleRecord]) -> str:
    return joined([f"{brief(record.content, 18)} ({record.code})" for record in records], _LISTED)


def _item(record: CycleRecord) -> str:
    lead = f" – {record.leads[0].name}" if record.leads else ""
    return f"{brief(record.content)} ({record.code}{lead})"


def _cause(record: CycleRecord) -> str:
    """The unit's own reason; empty where it gave none."""
    text = _sentence(record.difficulties)
    return f"Nguyên nhân đơn vị báo cáo: {text}" if text else ""


def _sentence(text: str) -> str:
    """What a unit wrote as one line that ends as a sentence does."""
    line = " ".join(text.split())
    return line if not line or line[-1] in ".!?…" else f"{line.rstrip(';,')}."


def _counted(name: str, before: int, now: int) -> str:
    return _moved(name, before < now, count(before), count(now))


def _moved(name: str, is_more: bool, before: str, now: str) -> str:
    if before == now:
        return f"{name} giữ nguyên {now}"
    return f"{name} tăng từ {before} lên {now}" if is_more else f"{name} giảm từ {before} xuống {now}"


def _due(record: CycleRecord) -> str:
    done = f", hoàn thành ngày {day(record.done_on)}" if record.done_on else ""
    return f"thời hạn {day(record.due)}{done}" if record.due else done
