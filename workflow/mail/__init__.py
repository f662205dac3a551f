"""Mail: from an intent in the outbox (`workflow.storage.intents`) to a message a server accepted."""
