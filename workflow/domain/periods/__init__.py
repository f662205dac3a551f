"""Periods, their dates, and when one is opened and closed. Pure."""
