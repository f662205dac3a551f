"""Reports sent as one spreadsheet: written, read back, shown."""
