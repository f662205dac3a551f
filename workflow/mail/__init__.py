"""Mail: from an intent in the outbox (`workflow.storage.outbox`) to a message a server accepted."""
