"""Pages of scores, the council and commendations."""
