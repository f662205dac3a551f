"""Closing a period: records, figures, rollups, the lock."""
