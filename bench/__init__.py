"""Measurements; nothing here is asserted in seconds."""
