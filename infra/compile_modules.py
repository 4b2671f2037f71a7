"""Runs alone, in a fresh interpreter: compiles the modules that standard input names, a line each, under a directory.

Alone, because bytecode tells which of its strings the process that made it already had: a fresh one makes the same
bytes of the same sources. The names that it carries for tracebacks are Lambda's.
"""

import py_compile
import sys
from importlib.util import cache_from_source
from pathlib import Path

TASK_ROOT = "/var/task"
"""Where Lambda unpacks a bundle."""


def main() -> None:
    """The directory is the only argument."""
    root = Path(sys.argv[1])
    for name in sys.stdin.read().splitlines():
        py_compile.compile(
            str(root / name),
            cfile=cache_from_source(str(root / name), optimization=""),
            dfile=f"{TASK_ROOT}/{name}",
            doraise=True,
            optimize=0,
            # Lambda knows no other sources than these, so that none is read only to be compared.
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    main()
