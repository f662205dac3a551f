"""tiendo: an annual plan, reported, confirmed, approved, rolled up and scored."""
