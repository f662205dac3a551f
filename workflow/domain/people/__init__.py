"""Units, people, their roles and stand-ins, and what a change of the directory changes. Pure."""
