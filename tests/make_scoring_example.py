"""Makes `tests/data/scoring-example.xlsx`: a quarter of six units scored by spreadsheet formulas alone.

`python -m tests.make_scoring_example` writes the facts and formulas and has LibreOffice compute them; nothing
of tiendo is imported, so that the sheet is a second opinion. What each column means: docs/scoring-example.md.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

FILE = Path(__file__).parent / "data" / "scoring-example.xlsx"

UNITS = [("A", "Cơ quan"), ("B", "Cơ quan"), ("C", "Cơ quan"), ("D", "Cơ quan"), ("E", "Tổ"), ("F", "Tổ")]
ITEM_HEADS = (
    "unit", "code", "target", "reached", "progress", "status", "days late", "objections", "returns",
    "start", "due", "critical", "on time", "weight", "gone", "completion", "deadline", "counts", "missed",
)  # fmt: skip
_YEAR, _SPRING, _NOVEMBER = 46023, 46097, 46356
"""1 January, 16 March and 30 November 2026, as spreadsheets count days."""
_PAST = 46081
"""28 February 2026."""
ITEMS: list[tuple[Any, ...]] = [
    ("A", "I.1.1", 200, 150, 100, "ongoing", 0, 0, 1, _YEAR, _PAST, 0),
    ("A", "I.1.2", None, None, 100, "done-on-time", 0, 0, 0, _YEAR, _PAST, 0),
    ("B", "I.1.3", None, None, 80, "overdue", 0, 0, 0, _YEAR, _PAST, 1),
    ("B", "I.1.4", 100, 100, 100, "done-on-time", 0, 0, 0, _YEAR, _PAST, 0),
    ("C", "I.2.1", None, None, 100, "done-on-time", 2, 0, 0, _YEAR, _PAST, 0),
    ("C", "I.2.2", None, None, 20, "under-way", 3, 0, 0, _YEAR, _NOVEMBER, 0),
    ("D", "I.2.3", None, None, 100, "done-on-time", 0, 1, 1, _YEAR, _PAST, 0),
    ("D", "I.2.4", None, None, 20, "under-way", 0, 0, 0, _YEAR, _NOVEMBER, 0),
    ("E", "I.3.1", None, None, 100, "done-late", 4, 0, 0, _YEAR, _PAST, 0),
    ("E", "I.3.2", None, None, 0, "not-arisen", 0, 0, 0, _YEAR, _NOVEMBER, 0),
    ("F", "I.3.3", None, None, 100, "done-late", 4, 0, 0, _YEAR, _PAST, 0),
    ("F", "I.3.4", None, None, 0, "not-arisen", 0, 0, 0, _YEAR, _NOVEMBER, 0),
]
WORDS = [
    ("A", "I.1.3", "silent"),
    ("A", "I.1.4", "on time"),
    ("C", "I.1.1", "on time"),
    ("D", "I.1.2", "on time"),
    ("E", "I.1.1", "late"),
    ("F", "I.1.2", "late"),
]
ENTRIES: list[tuple[Any, ...]] = [
    ("A", "sang-kien", 1.5, 3),
    ("A", "sang-kien", 1.5, 2),
    ("B", "sang-kien", 1.5, 5),
    ("B", "sang-kien", 1.5, 3),
    ("A", "chat-luong", 0.5, 4),
    ("A", "thanh-tich", 5, 5),
    ("A", "thanh-tich", 5, 5),
    ("A", "thanh-tich", 5, 4),
    ("B", "thanh-tich", 5, 3),
    ("E", "phe-binh", -5, 5),
    ("F", "phe-binh", -5, 5),
]
SCORE_HEADS = (
    "unit", "cluster", "bao-cao", "chat-luong", "phoi-hop", "sang-kien", "ket-qua", "tien-do", "points",
    "maximum", "converted", "bonus", "deduction", "total", "rank", "missed", "fit", "before", "grade",
)  # fmt: skip


def _item_formulas(row: int) -> list[str]:
    r = str(row)
    attained = f'IF(C{r}="",E{r}/100,MIN(1,D{r}/C{r}))'
    shares = (
        ("done-on-time", "1"), ("done-late", "0.6"), ("under-way", "1"), ("ongoing", "1"), ("overdue", "0")
    )  # fmt: skip
    deadline = "".join(f'IF(F{r}="{status}",{share},' for status, share in shares) + "0" + ")" * len(shares)
    return [
        f"=IF(G{r}<=0,1,IF(G{r}<=3,0.8,IF(G{r}<=5,0.6,0)))",
        f'=IF(C{r}="",1,2)',
        f'=IF(F{r}="under-way",({_SPRING}-J{r})/(K{r}-J{r}),1)',
        f"=MIN(1,{attained}/O{r})",
        f"={deadline}",
        f'=IF(F{r}="not-arisen",0,1)',
        f'=L{r}*(F{r}="overdue")',
    ]


def _score_formulas(row: int) -> list[str]:
    r = str(row)
    mine, weight, counts = f"(items!$A$2:$A$13=A{r})", "items!$N$2:$N$13", "items!$R$2:$R$13"
    carried = f"(entries!$A$2:$A$12=A{r})*(entries!$E$2:$E$12=1)"
    asked = f"COUNTIF(words!$A$2:$A$7,A{r})"

    def mean(column: str, most: int, of: str = "1") -> str:
        share = f"items!${column}$2:${column}$13"
        return f"=ROUND(SUMPRODUCT({mine}*{weight}*{of}*{share})/SUMPRODUCT({mine}*{weight}*{of})*{most},2)"

    def entered(code: str) -> str:
        return f'SUMPRODUCT({carried}*(entries!$B$2:$B$12="{code}")*entries!$C$2:$C$12)'

    def ahead(*columns: str) -> str:
        equal, terms = "(B$2:B$7=B{r})".replace("{r}", r), []
        for column in columns:
            terms.append(f"{equal}*({column}$2:{column}$7>{column}{r})")
            equal += f"*({column}$2:{column}$7={column}{r})"
        return "+".join(terms)

    faults = f"SUMPRODUCT({mine}*(items!$H$2:$H$13+items!$I$2:$I$13))"
    ranked = f"COUNTIF(B$2:B$7,B{r})"
    return [
        mean("M", 10),
        f"=MAX(0,MIN(10,MAX(0,10-{faults})+{entered('chat-luong')}))",
        f"=IF({asked}=0,0,ROUND(SUMPRODUCT((words!$A$2:$A$7=A{r})*words!$D$2:$D$7)/MAX(1,{asked})*7,2))",
        f"=MIN(3,{entered('sang-kien')})",
        mean("P", 50, counts),
        mean("Q", 20, counts),
        f"=SUM(C{r}:H{r})",
        f"=100-IF({asked}=0,7,0)",
        f"=ROUND(I{r}/J{r}*100,2)",
        f"=MIN(10,{entered('thanh-tich')})",
        f"=MAX(-10,{entered('phe-binh')})",
        f"=ROUND(MAX(0,K{r}+L{r}+M{r}),2)",
        f"=1+SUMPRODUCT({ahead('N', 'G', 'H', 'C')})",
        f"=SUMPRODUCT({mine}*items!$S$2:$S$13)",
        f"=IF(AND(N{r}>=90,P{r}=0),1,0)",
        f"=SUMPRODUCT((B$2:B$7=B{r})*(Q$2:Q$7=1)*(O$2:O$7<=O{r}))",
        f'=IF(AND(Q{r}=1,R{r}<=MAX(1,INT({ranked}*0.2))),"xuất sắc",'
        f'IF(N{r}>=70,"tốt",IF(N{r}>=50,"hoàn thành","không hoàn thành")))',
    ]


def made() -> Workbook:
    """The workbook with its formulas, not yet computed."""
    book = Workbook()
    sheets = [book.active, *(book.create_sheet() for _ in range(3))]
    for sheet, title in zip(sheets, ("items", "words", "entries", "scores"), strict=True):
        sheet.title = title
    items, words, entries, scores = sheets
    items.append(ITEM_HEADS)
    for row, facts in enumerate(ITEMS, 2):
        items.append([*facts, *_item_formulas(row)])
    words.append(("unit", "item", "answer", "share"))
    for row, said in enumerate(WORDS, 2):
        words.append([*said, f'=IF(C{row}="on time",1,IF(C{row}="late",0.5,0))'])
    entries.append(("unit", "kind", "points", "votes of 5", "carried"))
    for row, entry in enumerate(ENTRIES, 2):
        entries.append([*entry, f"=IF(D{row}>5/2,1,0)"])
    scores.append(SCORE_HEADS)
    for row, unit in enumerate(UNITS, 2):
        scores.append([*unit, *_score_formulas(row)])
    for sheet in sheets:
        sheet.freeze_panes = "C2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    return book


def main() -> None:
    """Writes the file, computed by LibreOffice."""
    with TemporaryDirectory() as folder:
        raw = Path(folder, FILE.name)
        made().save(raw)
        command = ["soffice", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
        subprocess.run([*command, str(FILE.parent), str(raw)], check=True)


if __name__ == "__main__":
    main()
