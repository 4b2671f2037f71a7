"""How long a test waits for what must come."""

PATIENCE_SECONDS = 60.0
"""No test waits that long unless it fails: a machine may be slow and busy, but what never comes must not hang a run."""
