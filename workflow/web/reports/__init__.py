"""Pages of reports: drafts, approval, issue, recipients, rollups."""
