"""Reading plan documents: what it must get right, on plans made up here."""
