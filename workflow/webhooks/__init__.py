"""Telling other systems of events, over HTTP."""
