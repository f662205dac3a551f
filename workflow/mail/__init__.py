"""Mail: from an intent in the outbox (`workflow.storage.post.intents`) to a message a server accepted."""
