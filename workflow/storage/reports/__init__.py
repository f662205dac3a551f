"""Issued reports: drafts, approval, numbers, recipients, letterheads."""
