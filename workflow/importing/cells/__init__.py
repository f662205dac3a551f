"""What a cell says: names, cadences, dates, targets, roles."""
