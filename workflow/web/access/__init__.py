"""Signing in, links that died, links of a person."""
