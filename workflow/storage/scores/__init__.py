"""Score entries, own scores, sittings, votes of the council, commendations."""
