"""Files that people name on the command line."""

import sys
from pathlib import Path

from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail


def text_of(file: Path) -> str:
    """The text of a file, or of standard input for `-`; leaves with a sentence where it cannot be read."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        fail(f"{file} cannot be read: {reason}", ExitCode.USAGE)
