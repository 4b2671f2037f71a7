"""Runs a command of a step, and turns its failure into the step's."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

REGION = "eu-west-1"
_PATIENCE_SECONDS = 3_600  # a download may be slow, and a machine too; what hangs must end all the same


class StepFailed(Exception):
    """A step found something; the text says what and where."""


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """What the command printed. Raises StepFailed with it where the command failed."""
    try:
        done = subprocess.run(  # noqa: S603 - every command is a step's own
            [str(part) for part in command],
            env={**os.environ, "AWS_DEFAULT_REGION": REGION, **(environment or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StepFailed(f"{command[0]} did not end within {_PATIENCE_SECONDS} s") from None
    if done.returncode != 0:
        raise StepFailed(done.stdout.strip() or f"{command[0]} ended with {done.returncode}")
    return done.stdout
