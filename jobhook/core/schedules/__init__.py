"""Schedules: what fires jobs, and the record of each fire."""
