"""`jobhook serve` as a child process."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

_STOP_WITHIN_SECONDS = 15


class ServerProcess:
    """Start it, let `print_lines` run beside it, and stop it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, port: int, data: Path) -> "ServerProcess":
        """A server on the loopback address."""
        command = ("-m", "jobhook.cli.main", "serve", "--port", str(port), "--data", str(data))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        return cls(process)

    async def print_lines(self, print_line: Callable[[str], None]) -> int:
        """Hand on what the server prints until it ends; its exit code."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            print_line(line.decode(errors="replace").rstrip())
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask it to stop, and make sure that it does."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_WITHIN_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
