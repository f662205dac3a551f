"""Where the database speaks of a person, what is handed out, what is forgotten and when."""
