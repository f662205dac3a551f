"""Charts as Office draws them itself: sharp in print, in the document's letters, open to editing.

openpyxl writes the chart's XML. In a workbook it refers to the sheet's cells; in a document to a small
workbook that goes with it, its values written into the chart too, as Word itself does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part, XmlPart
from docx.oxml import parse_xml
from docx.shared import Cm
from docxtpl import DocxTemplate
from lxml import etree
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RichTextProperties,
)
from openpyxl.utils import get_column_letter
from openpyxl.xml.functions import tostring

from workflow.domain.plain_text import printable
from workflow.reports.charts import StackedBars, TimelinessChart
from workflow.sheet_text import put_text

# The colours of tiendo.css on white paper; each two that meet differ in grey as well.
_TONES = {
    "status-done-on-time": "14653A",
    "status-done-late": "D9A441",
    "status-done-short": "B9A6D8",
    "status-under-way": "5B8CC9",
    "status-overdue": "9B1C1C",
    "status-not-started": "C9D0CC",
    "status-ongoing": "8FBF9F",
    "status-not-arisen": "E4E8E6",
    "status-no-report": "3A4440",
    "status-pending": "8A958F",
}
_DARK = frozenset({"status-done-on-time", "status-overdue", "status-no-report"})
_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_LABEL_LENGTH = 90
"""What three lines beside a bar hold."""

COUNT = "0;;;"
"""The number format of what is drawn: zero is not written."""


@dataclass(frozen=True, slots=True)
class ChartTable:
    """A chart as numbers: a series for each kind (CSS class and label), its counts by category. `words` is
    its text alternative."""

    name: str
    categories: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    counts: tuple[tuple[int, ...], ...]
    words: str
    is_lying: bool
    height_cm: float


def table_of_sections(chart: StackedBars) -> ChartTable | None:
    """Sections by the status of their items, a horizontal bar each; None where there is nothing to draw."""
    if not any(bar.total for bar in chart.bars):
        return None
    words = [
        f"{bar.label}: {', '.join(f'{label} {count}' for label, count in chart.told(bar))}."
        for bar in chart.bars
    ]
    return ChartTable(
        name="Kết quả theo nhóm nội dung",
        categories=tuple(_short(printable(bar.label)) for bar in chart.bars),
        kinds=chart.kinds,
        counts=tuple(tuple(bar.counts[place] for bar in chart.bars) for place in range(len(chart.kinds))),
        words=" ".join(words),
        is_lying=True,
        height_cm=min(3.2 + 1.1 * len(chart.bars), 16),
    )


def table_of_days(chart: TimelinessChart | None) -> ChartTable | None:
    """First reports by the day or the week they came, those in time apart from the late ones."""
    if chart is None:
        return None
    columns = chart.columns
    unit = "tuần" if chart.by_week else "ngày"
    return ChartTable(
        name=f"Báo cáo lần đầu theo {unit}",
        categories=tuple(f"{one.first:%d/%m}" for one in columns),
        kinds=(("status-done-on-time", "Đúng hạn"), ("status-overdue", "Chậm")),
        counts=(
            tuple(0 if one.is_late else one.count for one in columns),
            tuple(one.count if one.is_late else 0 for one in columns),
        ),
        words=f"Hạn báo cáo {chart.due_on:%d/%m/%Y}: {chart.on_time} báo cáo đúng hạn, {chart.late} báo cáo "
        f"chậm, {chart.missing} nội dung không có báo cáo.",
        is_lying=False,
        height_cm=6.5,
    )


class WordChart:
    """A table's chart for a tag of a docxtpl template: built only if the template uses it, drawn at the
    tag's place."""

    def __init__(self, template: DocxTemplate, table: ChartTable, width_cm: float = 16.3) -> None:
        self._template, self._table, self._width_cm = template, table, width_cm

    def __html__(self) -> str:
        part = self._template.current_rendering_part
        relation = part.relate_to(self._part(part.package), RELATIONSHIP_TYPE.CHART)
        return (
            '</w:t></w:r><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0" '
            'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
            f'<wp:extent cx="{Cm(self._width_cm)}" cy="{Cm(self._table.height_cm)}"/>'
            f'<wp:docPr id="1" name={quoteattr(self._table.name)} '
            f"descr={quoteattr(printable(self._table.words))}/>"
            "<wp:cNvGraphicFramePr/>"
            '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
            f'<a:graphicData uri="{_CHART}"><c:chart xmlns:c="{_CHART}" r:id="{relation}" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/></a:graphicData>'
            '</a:graphic></wp:inline></w:drawing></w:r><w:r><w:t xml:space="preserve">'
        )

    __str__ = __html__

    def _part(self, package: Any) -> XmlPart:
        space: Any = parse_xml(tostring(_drawn(self._table)._write()))
        # Otherwise a chart of one series gets the series' name as its title.
        untitled = etree.Element(f"{{{_CHART}}}autoTitleDeleted", val="1")
        chart_element = space.find(f"{{{_CHART}}}chart")
        assert chart_element is not None
        chart_element.insert(0, untitled)
        name = package.next_partname("/word/charts/chart%d.xml")
        chart = XmlPart(name, CONTENT_TYPE.DML_CHART, space, package)
        number = "".join(filter(str.isdecimal, name.filename))
        book_name = PackURI(f"/word/embeddings/Microsoft_Excel_Sheet{number}.xlsx")
        book = Part(book_name, CONTENT_TYPE.SML_SHEET, _book_of(self._table), package)
        data = etree.SubElement(space, f"{{{_CHART}}}externalData")
        relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        data.set(f"{{{relations}}}id", chart.relate_to(book, RELATIONSHIP_TYPE.PACKAGE))
        etree.SubElement(data, f"{{{_CHART}}}autoUpdate").set("val", "0")
        return chart


def a_bar_chart(kinds: Sequence[tuple[str, str]], series: Sequence[Series], *, is_lying: bool) -> BarChart:
    """Stacked bars (`is_lying`) with counts in them, or columns with counts over them, a series for each kind
    in its colour. Columns of two kinds overlap: only one of them has a height there."""
    chart = BarChart()
    chart.type, chart.overlap = ("bar" if is_lying else "col"), 100
    chart.grouping = "stacked" if is_lying else "clustered"
    chart.gapWidth = 45 if is_lying else 30
    chart.roundedCorners = False
    chart.graphical_properties = GraphicalProperties(noFill=True)
    chart.graphical_properties.line.noFill = True
    chart.legend.position = "b"
    chart.legend.txPr = _letters()
    chart.x_axis.delete, chart.y_axis.delete = False, True
    chart.x_axis.txPr = _letters()
    chart.x_axis.txPr.bodyPr = RichTextProperties(rot=0)
    chart.x_axis.majorTickMark = "none"
    chart.y_axis.majorGridlines = None
    if is_lying:
        chart.x_axis.scaling.orientation = "maxMin"
    for (tone, _), one in zip(kinds, series, strict=True):
        one.graphicalProperties = GraphicalProperties(solidFill=_TONES[tone])
        one.graphicalProperties.line.solidFill = "FFFFFF"
        one.invertIfNegative = False
        one.dLbls = DataLabelList(showVal=True)
        one.dLbls.showSerName = one.dLbls.showCatName = one.dLbls.showLegendKey = False
        one.dLbls.showPercent = False
        one.dLbls.txPr = _letters("FFFFFF" if is_lying and tone in _DARK else "000000")
        one.dLbls.dLblPos = "ctr" if is_lying else "outEnd"
        chart.series.append(one)
    return chart


def _drawn(table: ChartTable) -> BarChart:
    last = len(table.categories) + 1
    points = [StrVal(idx=place, v=text) for place, text in enumerate(table.categories)]
    series = []
    for place, ((_, label), counts) in enumerate(zip(table.kinds, table.counts, strict=True)):
        column = get_column_letter(place + 2)
        numbers = [NumVal(idx=at, v=str(count)) for at, count in enumerate(counts)]
        series.append(
            Series(
                tx=SeriesLabel(
                    strRef=StrRef(
                        f"Sheet1!${column}$1", strCache=StrData(ptCount=1, pt=[StrVal(idx=0, v=label)])
                    )
                ),
                cat=AxDataSource(
                    strRef=StrRef(f"Sheet1!$A$2:$A${last}", strCache=StrData(ptCount=len(points), pt=points))
                ),
                val=NumDataSource(
                    numRef=NumRef(
                        f"Sheet1!${column}$2:${column}${last}",
                        numCache=NumData(formatCode=COUNT, ptCount=len(numbers), pt=numbers),
                    )
                ),
            )
        )
    return a_bar_chart(table.kinds, series, is_lying=table.is_lying)


def _book_of(table: ChartTable) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for column, (_, label) in enumerate(table.kinds, 2):
        put_text(sheet.cell(1, column), label)
    for row, (name, *counts) in enumerate(zip(table.categories, *table.counts, strict=True), 2):
        put_text(sheet.cell(row, 1), name)
        for column, count in enumerate(counts, 2):
            sheet.cell(row, column).value = count
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _letters(colour: str = "000000") -> RichText:
    form = CharacterProperties(sz=1000, solidFill=colour, latin=Font(typeface="Times New Roman"))
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=form), endParaRPr=form)])


def _short(label: str) -> str:
    """A label whole, or up to the end of a phrase, at worst of a word."""
    if len(label) <= _LABEL_LENGTH:
        return label
    head = label[:_LABEL_LENGTH]
    phrases = [head.rfind(mark) for mark in (",", ";", " - ", " – ", " (")]
    at = max(phrases) if max(phrases) > _LABEL_LENGTH // 3 else head.rfind(" ")
    return f"{head[: at if at > 0 else _LABEL_LENGTH - 1].rstrip()}…"
