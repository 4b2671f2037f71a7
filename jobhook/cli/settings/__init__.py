"""Profiles, credentials and the connection that they make."""
