"""Plans, their items and uploaded offers."""
