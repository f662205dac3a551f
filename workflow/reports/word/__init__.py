"""The Word documents of a report, and their templates."""
