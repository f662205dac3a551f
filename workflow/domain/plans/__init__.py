"""A plan's items and sections, and what another version of it changes. Pure."""
