"""Pages of link holders: report, confirm, vote, and all that is theirs to do."""
