"""What each mail says: from an intent to a composed message."""
