"""Pages of periods, rules and the lock."""
