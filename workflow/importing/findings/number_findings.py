"""Findings about a plan's numbers: counts that differ, gaps, repeats, none at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from workflow.domain.vietnamese import joined
from workflow.domain.words import Words
from workflow.importing.findings.findings import Finding, FindingKind, Severity
from workflow.importing.tables.numbering import Rank
from workflow.importing.tables.structure import Outline, TableHeading
from workflow.importing.tables.table import Place


def number_findings(outline: Outline) -> tuple[Finding, ...]:
    """Every finding about the numbers of headings and items."""
    return (*counts_that_differ(outline), *missing_numbers(outline), *odd_numbers(outline))


def counts_that_differ(outline: Outline) -> Iterator[Finding]:
    """Reports headings whose promised number of items differs from the items under them.

    A row without a number may or may not have been counted by the author, so both sums are allowed.
    """
    for heading in outline.headings:
        items = [item for item in outline.items if heading in item.path]
        promised = sum(declared.count for declared in heading.declared)
        if heading.declared and promised not in (len(items), sum(item.number is not None for item in items)):
            said = ", ".join(f"{declared.count} {declared.of}" for declared in heading.declared)
            yield Finding(
                FindingKind.COUNT_DIFFERS,
                Severity.WARNING,
                str(heading.place),
                Words(
                    "Mục %(code)s ghi %(said)s, nhưng biểu có %(n)s.",
                    code=heading.code,
                    said=said,
                    n=len(items),
                ),
                Words(
                    "Đối chiếu với bản gốc: biểu thiếu hoặc thừa dòng, hay con số ở tiêu đề chưa được sửa."
                ),
            )


def missing_numbers(outline: Outline) -> Iterator[Finding]:
    """Reports numbers missing between the first and the last of a run: 1.9 between 1.8 and 1.10."""
    runs: dict[tuple[str, str], dict[int, Place]] = defaultdict(dict)
    labelled = [(heading.code, heading.label, heading.place) for heading in outline.headings]
    labelled += [(item.code, item.row.label, item.row.place) for item in outline.items]
    for code, label, place in labelled:
        if label.kind is Rank.DECIMAL and label.ordinal is not None:
            run = runs[code.rpartition(".")[0], label.text.rpartition(".")[0]]
            run.setdefault(label.ordinal, place)
    for (section, stem), run in runs.items():
        gaps = [number for number in range(min(run), max(run)) if number not in run]
        if not gaps:
            continue
        place = run[min(number for number in run if number > gaps[0])]
        names = joined([f"{stem}.{number}" if stem else str(number) for number in gaps])
        yield Finding(
            FindingKind.NUMBER_MISSING,
            Severity.WARNING,
            str(place),
            Words("Mục %(code)s không có số %(names)s.", code=section, names=names)
            if section
            else Words("Biểu không có số %(names)s.", names=names),
            Words("Đối chiếu với bản gốc: dòng bị sót khi quét, hay kế hoạch bỏ qua số này."),
        )


def odd_numbers(outline: Outline) -> Iterator[Finding]:
    """Reports rows without a number, and repeated numbers."""
    seen: dict[tuple[tuple[TableHeading, ...], str], str] = {}
    absent = [item for item in outline.items if item.number is None]
    if absent and len(absent) == len(outline.items):
        yield Finding(
            FindingKind.NUMBER_ABSENT,
            Severity.NOTE,
            str(absent[0].row.place.through(absent[-1].row.place)),
            Words("Biểu không đánh số: %(n)s nội dung được đánh số theo thứ tự dòng.", n=len(absent)),
            Words("Đánh số các dòng trong bản gốc nếu cần số khác."),
        )
    for item in outline.items:
        place = str(item.row.place)
        if item.number is None:
            if len(absent) < len(outline.items):
                yield Finding(
                    FindingKind.NUMBER_ABSENT,
                    Severity.NOTE,
                    place,
                    Words("Dòng không có số thứ tự, tạm mang mã %(code)s.", code=item.code),
                    Words("Xác nhận đây là một nội dung riêng, không phải phần tiếp của dòng trên."),
                    (item.code,),
                )
        elif first := seen.get((item.path, item.number)):
            yield Finding(
                FindingKind.NUMBER_REPEATED,
                Severity.WARNING,
                place,
                Words(
                    "Số %(number)s đã dùng cho %(first)s; dòng này tạm mang mã %(code)s.",
                    number=item.number,
                    first=first,
                    code=item.code,
                ),
                Words("Sửa lại số thứ tự theo bản gốc."),
                (first, item.code),
            )
        else:
            seen[item.path, item.number] = item.code
