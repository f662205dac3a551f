"""The outbox: what is to be told, what became of it, what came back."""
