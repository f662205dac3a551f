"""What time brings: announcements, deadlines, schedules, Prefect's picture."""
