"""Events and webhooks for other systems."""
