"""Measurements, each run by one command; they print figures and assert nothing about time."""
