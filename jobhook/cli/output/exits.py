"""What the command line's exit codes mean."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The same for every command, and documented in docs/cli.md."""

    OK = 0
    FAILED = 1
    """Jobhook refused it, or what was asked for has failed."""
    USAGE = 2
    """The command line or a file is wrong; nothing was sent."""
    NOT_FOUND = 3
    UNREACHABLE = 4
    """No answer, or Jobhook is not available now; trying again may help."""
    DENIED = 5
    """Not signed, signed by somebody who may not, or no credentials to sign with."""
