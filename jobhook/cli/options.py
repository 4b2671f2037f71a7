"""Options that several commands share."""

from pathlib import Path

DEFAULT_DATA = Path(".jobhook")
"""The data directory, in the working directory, where none is named."""
