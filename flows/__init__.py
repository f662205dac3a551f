"""Prefect flows: thin sentences that call `workflow`."""
