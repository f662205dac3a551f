"""Routing rules: their values, layers, files' schema, and how they are told. Pure."""
