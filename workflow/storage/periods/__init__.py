"""Periods: opening, watching, planned ones, the organisation's schedule."""
