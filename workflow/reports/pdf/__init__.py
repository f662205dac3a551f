"""The report as PDF: made by LibreOffice, signed, and shown page by page."""
