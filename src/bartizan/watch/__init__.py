"""Schedules, differences between scans, alerts and where they go."""
