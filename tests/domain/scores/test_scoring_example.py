"""The worked example: the program's scores equal a spreadsheet's, which shares no code with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.make_scoring_example import FILE, made
from tests.reports.quarter import a_record, ready_rules
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.plans.plan import Every
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import CycleRecord, RecordedWord, Reported, UnitRef
from workflow.domain.rules.routing_rules import PeriodKind
from workflow.domain.scores.commendations import CommendationFacts, propose
from workflow.domain.scores.score_entries import CouncilBallot, EntryKind, ScoreEntry
from workflow.domain.scores.score_lines import UnitScore
from workflow.domain.scores.scoring import score
from workflow.domain.scores.scoring_extras import Critical, ItemKind, Weight

RULES = replace(
    ready_rules(),
    critical=Critical(items=("I.1.3",)),
    weights=(Weight(Fraction(2), kind=ItemKind.TARGET),),
)
AS_OF = date(2026, 3, 26)
REPORTED = {
    "under-way": Reported.UNDER_WAY,
    "ongoing": Reported.UNDER_WAY,
    "overdue": Reported.UNDER_WAY,
    "not-arisen": Reported.NOT_ARISEN,
}
ANSWERS = {"on time": AS_OF, "late": AS_OF + timedelta(days=1), "silent": None}
KINDS = {"sang-kien": EntryKind.INITIATIVE, "chat-luong": EntryKind.ADJUSTMENT}
GRADES = {"xuất sắc": "Hoàn thành xuất sắc nhiệm vụ", "tốt": "Hoàn thành tốt nhiệm vụ"}


def table(name: str) -> list[dict[str, Any]]:
    heads, *rows = load_workbook(FILE, data_only=True)[name].values
    return [dict(zip(heads, row, strict=True)) for row in rows]


def day(serial: int) -> date:
    return date(1899, 12, 30) + timedelta(days=serial)


def scores_of_the_sheets_facts() -> dict[str, UnitScore]:
    records, entries = the_sheets_facts()
    return {one.unit.name: one for one in score(records, RULES, entries)}


def the_sheets_facts() -> tuple[list[CycleRecord], list[ScoreEntry]]:
    units = {
        row["unit"]: UnitRef(place, row["unit"], row["cluster"]) for place, row in enumerate(table("scores"))
    }
    words: dict[str, list[RecordedWord]] = {}
    for row in table("words"):
        on = ANSWERS[row["answer"]]
        word = RecordedWord(units[row["unit"]], Verdict.CONFIRM if on else None, on=on, due_on=AS_OF)
        words.setdefault(row["item"], []).append(word)
    records = [_record(row, units, tuple(words.get(row["code"], ()))) for row in table("items")]
    entries = [_entry(number, row, units) for number, row in enumerate(table("entries"), 1)]
    return records, entries


def test_the_commendations_are_those_found_by_hand() -> None:
    records, entries = the_sheets_facts()
    scores = score(records, RULES, entries)
    found = propose(RULES.awards[:1], CommendationFacts(PeriodKind.QUARTER, scores, records))
    lacking = {one.name: [ground.text for ground in one.grounds if not ground.is_met] for one in found}
    assert [one.name for one in found if one.is_proposed] == ["A"]
    assert lacking["B"] == [
        "Chưa đạt nội dung then chốt I.1.3.",
        "Còn 01 nội dung quá hạn hoặc không báo cáo: I.1.3.",
    ]
    assert lacking["C"] == ["Hạng 4 trên 04 đơn vị của cụm, chỉ xét đến hạng 3."]
    assert lacking["D"] == [
        "Quá mức 20% của 04 đơn vị trong cụm: nhiều nhất 01, xếp thứ 2 trong 02 trường hợp đủ điều kiện."
    ]
    assert (
        lacking["E"]
        == lacking["F"]
        == [
            "Quá mức 20% của 02 đơn vị trong cụm: nhiều nhất 01, xếp thứ 1 (đồng hạng 02 trường hợp) "
            "trong 02 trường hợp đủ điều kiện."
        ]
    )


def _record(row: dict[str, Any], units: dict[str, UnitRef], words: tuple[RecordedWord, ...]) -> CycleRecord:
    figure = Figure("", Decimal(row["target"]), Decimal(row["reached"])) if row["target"] else None
    is_late = row["status"] == "done-late"
    return replace(
        a_record(row["code"]),
        leads=(units[row["unit"]],),
        as_of=AS_OF,
        words=words,
        start=day(row["start"]),
        due=None if row["status"] == "ongoing" else day(row["due"]),
        cadence=Every.QUARTER if row["status"] == "ongoing" else None,
        days_late=row["days late"],
        reported=REPORTED.get(row["status"], Reported.DONE),
        done_on=day(row["due"]) + timedelta(days=is_late),
        progress=Decimal(row["progress"]),
        figures=(figure,) if figure else (),
        returns_by_objection=row["objections"],
        returns_by_committee=row["returns"],
    )


def _entry(number: int, row: dict[str, Any], units: dict[str, UnitRef]) -> ScoreEntry:
    ballots = tuple(
        CouncilBallot(str(member), Choice.APPROVE if member < row["votes of 5"] else Choice.RETURN)
        for member in range(5)
    )
    kind = KINDS.get(row["kind"], EntryKind.EXTRA)
    points = Decimal(str(row["points"])) if kind is EntryKind.ADJUSTMENT else Decimal(0)
    return ScoreEntry(number, units[row["unit"]], kind, row["kind"], "", points, ballots=ballots, members=5)


@pytest.mark.parametrize("row", table("scores"), ids=lambda row: row["unit"])
def test_the_program_equals_the_spreadsheet_to_the_last_digit(row: dict[str, Any]) -> None:
    one = scores_of_the_sheets_facts()[row["unit"]]
    points = {line.criterion.code: line.points for line in one.lines}
    assert points == {code: Decimal(str(row[code])) for code in points}
    for name in ("points", "maximum", "converted", "total"):
        assert getattr(one, name) == Decimal(str(row[name])), name
    assert sum(line.points for line in one.extras) == Decimal(str(row["bonus"])) + Decimal(
        str(row["deduction"])
    )
    assert (one.rank, len(one.missed), one.grade) == (row["rank"], row["missed"], GRADES[row["grade"]])


def test_the_example_has_each_status_the_sheet_says() -> None:
    units = {name: UnitRef(n, name) for n, name in enumerate("ABCDEF")}
    for row in table("items"):
        assert _record(row, units, ()).status.value == row["status"]


def test_the_computed_sheet_has_the_formulas_of_its_script() -> None:
    """Whoever changes the script has LibreOffice compute the file again."""
    for sheet in made():
        kept = load_workbook(FILE)[sheet.title]
        for line in sheet.iter_rows():
            for cell in line:
                assert _bare(kept[cell.coordinate].value) == _bare(cell.value), cell.coordinate


def _bare(value: Any) -> str:
    return str(value).replace(" ", "").replace("$items.", "items!")
