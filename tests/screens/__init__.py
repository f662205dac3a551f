"""Pictures of every page and mail, made by one command: `./run screens` (see `docs/screens`)."""
