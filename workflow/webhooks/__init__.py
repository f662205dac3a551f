"""Sending events to other systems, over HTTP."""
