"""One item in one period: routing, confirmations, ballots, voting, lateness, the ladder. Pure."""
