"""What came of a period: records, figures, rollups, comparisons. Pure."""
