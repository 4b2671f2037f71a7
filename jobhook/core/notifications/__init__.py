"""Notifications: messages to people about how executions ended."""
