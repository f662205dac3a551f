"""The `tiendo` command; one module a group of commands."""
