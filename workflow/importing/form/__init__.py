"""The form that a read plan is mended in: on a page, as a workbook, as JSON."""
