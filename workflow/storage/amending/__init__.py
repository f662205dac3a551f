"""A plan or a running cycle changed: what becomes of open work."""
