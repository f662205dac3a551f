"""An issued report's passages, approval and number. Pure."""
