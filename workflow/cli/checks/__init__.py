"""`tiendo doctor` and what it plays against the running pages."""
