"""Parses a cell: names, cadences, dates, targets, roles."""
