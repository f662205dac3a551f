"""The outbox: mails to be sent, what became of each, and bounces."""
