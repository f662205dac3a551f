"""The directory: units, people, roles, absences, who stands in for whom."""
