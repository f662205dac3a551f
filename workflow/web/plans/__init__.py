"""Pages of a plan: upload, preview, mending."""
