"""The files of a report: Word, Excel and, where LibreOffice is installed, PDF."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from workflow.domain.errors import TiendoError
from workflow.domain.plain_text import one_line
from workflow.domain.words import Words
from workflow.reports.pdf.libreoffice import PDF, as_pdf, libreoffice
from workflow.reports.pdf.signing import PdfSigner, SigningFailed
from workflow.reports.sheets.xlsx import write_xlsx
from workflow.reports.values import PrintedReport
from workflow.reports.word.docx import write_docx

log = logging.getLogger(__name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of a report; `ending` is its file name extension, without the dot."""

    ending: str
    media_type: str
    content: bytes


def files_of(
    report: PrintedReport, template: bytes | None = None, signer: PdfSigner | None = None
) -> tuple[ReportFile, ...]:
    """The report's files, by the office's own template or the ready one; the PDF signed where there is a
    signer. Raises SigningFailed where it cannot be: what must be signed does not go out without."""
    word = write_docx(report, template)
    files = [ReportFile("docx", DOCX, word), ReportFile("xlsx", XLSX, write_xlsx(report))]
    if signer is not None:
        try:
            pdf = as_pdf(word)
        except TiendoError as error:
            what = Words("Chưa ký số được vì chưa có bản PDF: %(why)s", why=error.what)
            raise SigningFailed(what, cure=error.cure) from error
        files.append(ReportFile("pdf", PDF, signer.signed(pdf)))
    elif libreoffice():
        try:
            files.append(ReportFile("pdf", PDF, as_pdf(word)))
        except TiendoError as error:
            # The report goes out without it: anyone can save the Word file as PDF.
            log.warning("no PDF of the report: %s", one_line(str(error)))
    return tuple(files)
