"""`tiendo doctor` and the checks it runs against the running pages."""
