"""Answers about Jobhook's own state: why a job ran or did not run, and health."""
