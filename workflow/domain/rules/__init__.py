"""Routing rules: their values, overrides, files' schema, and their explanation in sentences. Pure."""
