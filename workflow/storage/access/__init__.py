"""Links, codes, sessions and API keys: who may come in, and for how long."""
