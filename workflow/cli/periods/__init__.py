"""Commands about periods and what comes of them: rules, scores, rollups, reports, the lock."""
