"""The spreadsheets of a report."""
