"""Pictures of every page and mail, made by one command: `./run screens` (a few stay in `docs/screens`)."""
