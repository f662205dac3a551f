"""Commands that read, show, load and amend a plan document."""
