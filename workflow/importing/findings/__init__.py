"""What a reader doubts, refuses or found odd, and how well it read a gold."""
