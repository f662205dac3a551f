"""Emulation scores, ranking and commendations. Pure."""
