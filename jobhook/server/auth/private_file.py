"""A file that only its owner may read: private, replaced as a whole, changed by one process at a time."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def is_open_to_others(status: os.stat_result) -> bool:
    """Whether group or others may read, write or execute it."""
    return bool(status.st_mode & _OTHERS)


def replace(path: Path, content: bytes) -> None:
    """Replace the file by `content`, mode 0600: after a crash at any moment it is the old or the new, whole.

    The caller holds the lock: all writers share the name that the new content is written to first. So what a crash
    leaves behind is overwritten by the next change, and copies of secrets never pile up.
    """
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(_open_private(fresh, os.O_TRUNC), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_directory(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file's lock, waiting for who has it; its directory is made (0700) where there is none.

    The lock is a file beside it, since the file itself is replaced with every change. It ends with its holder.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = _open_private(path.with_name(f"{path.name}.lock"))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open_private(path: Path, flags: int = 0) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
