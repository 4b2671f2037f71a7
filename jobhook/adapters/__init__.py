"""Adapters that both backends use: the clock, random ids, address look-ups, time limits."""
