"""Who holds a data directory: one server at a time, and its death frees it whatever killed it."""

import asyncio
import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import IO


class Held(Exception):
    """Another server works on this data; the text says which."""


class DataDirLock:
    """An exclusive lock on `<data>/holder`, whose content says who holds it.

    The operating system frees the lock when the process ends, so nothing ever has to expire.
    """

    def __init__(self, data: Path, address: str) -> None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = data / "holder"
        self._address = address
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Hold the data. Raises Held where another server does."""
        file = self._open()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Held(f"{self._path.parent} is in use by {self.holder()}; use --standby to wait for its end") from None
        self._hold(file)

    async def wait(self) -> None:
        """Hold the data once nobody else does: sleeps in the operating system, and polls nothing."""
        file = self._open()
        loop, held = asyncio.get_running_loop(), asyncio.Event()

        def sleep_until_free() -> None:
            fcntl.flock(file, fcntl.LOCK_EX)
            loop.call_soon_threadsafe(held.set)

        # A daemon: it must not keep a server alive that is stopped while it stands by.
        threading.Thread(target=sleep_until_free, daemon=True).start()
        await held.wait()
        self._hold(file)

    def holder(self) -> str:
        """Who wrote its name last: `process 4711 at http://127.0.0.1:8080`."""
        try:
            return self._path.read_text().strip() or "another server"
        except OSError:
            return "another server"

    def release(self) -> None:
        """Let another server have the data."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> "DataDirLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> IO[str]:
        return self._path.open("a+")

    def _hold(self, file: IO[str]) -> None:
        file.truncate(0)
        file.write(f"process {os.getpid()} at {self._address}\n")
        file.flush()
        self._file = file
